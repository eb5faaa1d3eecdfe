"""Where people we know were last reached: who is looked for there, and where nobody is."""

from ipaddress import ip_interface, ip_network

from lanchat.discovery.nearby import Interface
from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.node import Node
from tests.node.house import House, until

LO = (Interface("lo", 1, (ip_interface("127.0.0.1/8"),)),)
LAN = (Interface("eth0", 2, (ip_interface("203.0.113.5/24"),)),)


def somebody(number: int) -> PeerId:
    return Identity(number.to_bytes(32, "big")).peer_id


async def hold(node: Node, number: int, *addresses: str, trust: Trust = Trust.KNOWN) -> PeerId:
    peer = somebody(number)
    held = Contact(peer, f"nr {number}", trust=trust, last_seen=number, addresses=addresses)
    await node.people.change(peer, lambda _none: held)
    return peer


async def test_friends_are_looked_for_in_private_networks_and_our_own_only(
    house: House,
) -> None:
    ann = await house.lives("ann")
    node = ann.node
    good = [
        await hold(node, 1, "192.168.1.31:4000"),
        await hold(node, 2, "203.0.113.9:4000"),  # a network of ours
        await hold(node, 3, "8.8.8.8:53", "10.1.2.3:4000", trust=Trust.VERIFIED),
        await hold(node, 4, "[fd00::1]:4000"),
    ]
    for number, address in enumerate(
        ("8.8.8.8:53", "ann.example:4000", "0.0.0.0:4000", "224.0.0.1:5353", "nonsense",
         "[::ffff:10.0.0.1]:22", "198.51.100.7:4000", "127.0.0.1:631", "203.0.113.255:9"), 10,
    ):  # fmt: skip
        await hold(node, number, address)
    await hold(node, 20, "192.168.1.32:4000", trust=Trust.NEW)
    await hold(node, 21, "192.168.1.33:4000", trust=Trust.BLOCKED)
    await hold(node, 22)
    sought = dict(node._standing.remembered(LAN))
    assert list(sought) == good[::-1]  # the last seen first
    assert list(node._standing.remembered(())) == []  # no network, nobody to look for
    places = sought[good[2]].args[1]  # type: ignore[attr-defined]  # a partial
    assert [str(place) for place in places] == ["10.1.2.3:4000"]


async def test_and_in_networks_that_the_user_named(house: House) -> None:
    ann = await house.lives("ann", networks=(ip_network("198.51.100.0/24"),))
    peer = await hold(ann.node, 1, "198.51.100.7:4000")
    await hold(ann.node, 2, "198.51.101.7:4000")
    assert [one for one, _dial in ann.node._standing.remembered(LAN)] == [peer]


async def test_who_is_here_is_not_looked_for_and_a_dial_reaches_a_friend(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await until(lambda: ann.node.people.find(bob.me).addresses)  # type: ignore[union-attr]
    assert list(ann.node._standing.remembered(LO)) == []
    ann.link(bob).abort("TEST")
    await until(lambda: ann.node.sessions.current(bob.me) is None)
    assert list(ann.node._standing.remembered(LAN)) == []  # loopback leads nowhere else
    ((peer, dial),) = ann.node._standing.remembered(LO)
    assert peer == bob.me
    await dial()
    assert ann.node.sessions.current(bob.me) is not None


async def test_who_only_looks_around_looks_for_nobody(house: House) -> None:
    ann = await house.lives("ann", listening=False)
    await hold(ann.node, 1, "192.168.1.31:4000")
    assert list(ann.node._standing.remembered(LAN)) == []


async def test_who_is_invisible_looks_for_nobody(house: House) -> None:
    ann = await house.lives("ann")
    peer = await hold(ann.node, 1, "192.168.1.31:4000")
    assert [one for one, _dial in ann.node._standing.remembered(LAN)] == [peer]
    await ann.ask("attend", availability="invisible")
    assert list(ann.node._standing.remembered(LAN)) == []
    await until(lambda: not ann.node.doors.port)
