"""Invites: they name a key and say where it may be; neither makes anybody trusted."""

import asyncio
import socket
from ipaddress import ip_interface
from pathlib import Path

import pytest

from lanchat.discovery.nearby import Interface
from lanchat.errors import (
    BadInvite,
    BadPlace,
    NobodyThere,
    NotReached,
    PeerBlocked,
    ReachedOurselves,
    UnconfirmedPeer,
    WrongPeer,
)
from lanchat.identity.fingerprint import Invite, invite
from lanchat.identity.keys import Identity
from lanchat.identity.trust import Trust
from lanchat.node import acts, inviting, neighbours
from lanchat.node.events import Availability, MessageAdded, SessionOpened
from lanchat.node.presence import Showing
from lanchat.session.address import Address
from tests.node.house import House, Resident, failure, until

LAN = Interface("eth0", 2, (ip_interface("10.0.0.5/24"),))


def of(one: Resident, *addresses: str) -> str:
    """Somebody's invite, with an address that leads to them unless others are given."""
    return invite(one.me, addresses or [str(one.address)])


async def test_by_an_invite_somebody_is_reached_and_known_but_not_verified(
    house: House,
) -> None:
    ann, bob = await house.couple()
    (row,) = await ann.ask("say", peer=of(bob).upper(), text="hello")
    assert row["state"] == "delivered"
    assert ann.trusts(bob) is Trust.KNOWN
    assert bob.trusts(ann) is Trust.NEW
    assert len(await ann.ask("history", peer=of(bob))) == 1


async def test_what_waits_goes_where_the_invite_leads(house: House) -> None:
    ann = await house.lives("ann", 0)
    bob = await house.lives("bob", 1)
    silent = of(bob, "127.0.0.1:1024", str(bob.address))
    (row,) = await ann.ask("say", peer=silent, text="hello", queue=True)
    await bob.hears(MessageAdded)
    assert row["state"] in {"delivered", "queued"}


async def test_another_key_at_that_address_is_refused_and_learns_nothing(house: House) -> None:
    ann, bob = await house.couple()
    eve = await house.lives("eve", 2)
    for verb in ("say", "verify"):
        error = await failure(ann.ask(verb, peer=of(bob, str(eve.address)), text="secret"))
        assert isinstance(error, WrongPeer)
    assert isinstance(await failure(acts.add(ann.node, of(bob, str(eve.address)))), WrongPeer)
    assert eve.told(SessionOpened) == []
    assert ann.node.people.all() == ()
    assert await ann.history(bob) == ()


async def test_an_address_that_is_somebody_elses_by_now_is_left_for_the_next(
    house: House,
) -> None:
    ann, bob = await house.couple()
    eve = await house.lives("eve", 2)
    (row,) = await ann.ask("say", peer=of(bob, str(eve.address), str(bob.address)), text="x")
    assert row["state"] == "delivered"
    assert eve.told(SessionOpened) == []
    await ann.ask("trust", peer=str(bob.me), action="forget")
    await house.leaves(bob)
    gone = await failure(
        ann.ask("say", peer=of(bob, "127.0.0.1:1024", str(eve.address)), text="x", wait=1)
    )
    assert isinstance(gone, WrongPeer)  # nobody else is there: that is told


async def test_in_the_window_who_answers_is_shown_before_anything_is_held(house: House) -> None:
    ann, bob = await house.couple()
    error = await failure(acts.add(ann.node, of(bob)))
    assert isinstance(error, UnconfirmedPeer)
    assert (error.peer_id, error.name) == (str(bob.me), "bob")
    assert ann.node.people.all() == ()
    assert await acts.add(ann.node, of(bob), bob.me) == bob.me
    assert ann.trusts(bob) is Trust.KNOWN
    assert await acts.add(ann.node, of(bob)) == bob.me


async def test_an_invite_does_not_get_past_a_block(house: House) -> None:
    ann, bob = await house.couple()
    await ann.holds(bob, Trust.BLOCKED)
    assert isinstance(await failure(ann.ask("say", peer=of(bob), text="x")), PeerBlocked)
    assert bob.told(SessionOpened) == []


async def test_a_damaged_invite_and_our_own_are_told_apart(house: House) -> None:
    ann, bob = await house.couple()
    whole = invite(bob.me)
    other = "b" if whole[20] == "a" else "a"
    for text in (whole[:-1], whole[:20] + other + whole[21:], "lanchat:2:x", "LANCHAT:1:"):
        for verb in ("say", "history", "trust", "doctor"):
            error = await failure(ann.ask(verb, peer=text, text="x"))
            assert isinstance(error, BadInvite), text
            assert ("another version" in error.hint) is (text == "lanchat:2:x")
    assert isinstance(await failure(ann.ask("say", peer=of(ann), text="x")), ReachedOurselves)
    gone = await failure(ann.ask("say", peer=whole, text="x", wait=0.1))
    assert isinstance(gone, NotReached)
    assert isinstance(await failure(ann.ask("doctor", peer=whole)), BadPlace)
    assert isinstance(await failure(ann.ask("doctor", peer=of(ann))), ReachedOurselves)


async def test_it_is_said_where_an_invite_led_in_vain(house: House) -> None:
    ann, bob = await house.couple()
    await house.leaves(bob)
    for addresses, said in {
        ("127.0.0.1:1025",): "nothing answered at 127.0.0.1:1025, where their invite leads",
        ("224.0.0.1:7", "255.255.255.255:9"): (
            "their invite leads to 224.0.0.1:7, 255.255.255.255:9, where nobody else can be,"
            " so nothing was tried"
        ),
        ("127.0.0.1:1025", "0.0.0.0:9"): "127.0.0.1:1025, and 0.0.0.0:9 was not tried",
        (): "their invite does not say where they are",
    }.items():
        given = invite(bob.me, addresses)
        error = await failure(ann.ask("say", peer=given, text="x", wait=0.1))
        assert isinstance(error, NotReached)
        assert said in error.hint
        assert "ask for a new" in error.hint


async def test_what_waits_says_where_it_was_tried_in_vain(house: House, tmp_path: Path) -> None:
    ann, cat = await house.couple()
    (tmp_path / "note").write_bytes(b"x")
    paths = [str(tmp_path / "note")]
    led = {
        ("127.0.0.1:1025",): "nothing answered at 127.0.0.1:1025, where their invite leads",
        ("224.0.0.1:7",): "their invite leads to 224.0.0.1:7, where nobody else can be",
        (): "their invite does not say where they are",
        (str(cat.address),): "Somebody else answered",
    }

    async def waits(number: int, *addresses: str) -> None:
        peer = invite(Identity(bytes([number] * 32)).peer_id, addresses)
        for verb, given in (("say", {"text": "x"}), ("send", {"paths": paths})):
            row = (await ann.ask(verb, peer=peer, queue=True, **given))[-1]
            assert row["state"] == "queued"
            assert led[addresses] in str(row["reason"])

    await asyncio.gather(*(waits(number, *one) for number, one in enumerate(led, 1)))
    (row,) = await ann.ask("say", peer=of(cat), text="x", queue=True)
    assert (row["state"], set(row)) == ("delivered", {"id", "state", "ms"})


async def test_what_answers_and_is_no_lanchat_is_told_apart(house: House) -> None:
    ann, bob = await house.couple()
    await house.leaves(bob)

    async def greet(_reader: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP, and more than eight bytes of it\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for peer, kind in ((invite(bob.me, [where]), NotReached), (where, NobodyThere)):
            error = await failure(ann.ask("say", peer=peer, text="x", wait=0.1))
            assert isinstance(error, kind)
            assert f"something answered at {where}" in error.hint


async def test_an_invite_leads_the_doctor_no_further_than_a_dial(house: House) -> None:
    ann, bob = await house.couple()
    everybody = of(bob, "224.0.0.251:5353", "255.255.255.255:9", "0.0.0.0:22")
    assert isinstance(await failure(ann.ask("doctor", peer=everybody)), BadPlace)


async def test_only_so_many_invites_are_kept_in_mind(house: House) -> None:
    ann = await house.lives("ann")
    list_of = ann.node.neighbours
    peers = [
        Identity(number.to_bytes(32, "big")).peer_id
        for number in range(neighbours.MOST_INVITED + 9)
    ]
    for peer in peers:
        list_of.invited(peer, [Address("10.0.0.7", 4000)])
    assert list_of.addresses(peers[8]) == []
    assert list_of.addresses(peers[9]) == [Address("10.0.0.7", 4000)]
    list_of.invited(peers[9], [])
    assert list_of.addresses(peers[9]) == []


async def test_our_own_names_us_and_where_we_listen(house: House) -> None:
    ann = await house.lives("ann", interfaces=("lo",))
    await until(lambda: ann.node.doors.addresses())
    (row,) = await ann.ask("invite")
    assert (row["peer_id"], row["name"]) == (str(ann.me), "ann")
    where = row["addresses"]
    assert isinstance(where, list)
    assert str(ann.address) in where
    assert row["invite"] == invite(ann.me, map(str, where))
    ann.node.attendance.showing = Showing(Availability.INVISIBLE)  # and the port is open again
    (row,) = await ann.ask("invite")
    assert (row["addresses"], row["invite"]) == ([], invite(ann.me))


def test_addresses_that_say_nothing_elsewhere_are_not_in_it() -> None:
    me = Identity(bytes(32)).peer_id
    hosts = ("10.0.0.5", "fe80::5", "2001:db8::5", "10.0.0.6", "10.0.0.7", "10.0.0.8")
    expected = ("10.0.0.5:4000", "[2001:db8::5]:4000", "10.0.0.6:4000", "10.0.0.7:4000")
    assert inviting.ours(me, hosts, 4000) == (invite(me, expected), expected)
    assert inviting.ours(me, hosts, 0) == (invite(me), ())


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0:4000", "224.0.0.251:5353", "255.255.255.255:4000", "127.0.0.1:4000",
     "localhost:4000", "[::]:4000", "[::1]:4000", "[ff02::1]:4000", "[::ffff:127.0.0.1]:4000",
     "127.1:4000", "0x7f.1:4000", "2130706433:4000", "0:4000", "LOCALHOST:4000",
     "192.168.1.1:80", "ann.example:443"],
)  # fmt: skip
async def test_an_invite_cannot_send_us_to_ourselves_to_everybody_or_to_the_system(
    address: str,
) -> None:
    hostile = Invite(Identity(bytes(32)).peer_id, (address, "10.0.0.7:4000"))
    assert (await inviting.leads(hostile, [LAN])).to == (Address("10.0.0.7", 4000),)


async def test_a_name_in_an_invite_is_where_it_leads_and_is_looked_up_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = {
        "ann.example": "10.0.0.8",
        "rebound.example": "127.0.0.1",
        "group.example": "224.0.0.1",
    }
    asked: list[str] = []

    async def system(host: str, port: int, **_options: object) -> object:
        asked.append(host)
        if host not in book:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (book[host], port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", system)
    given = Invite(
        Identity(bytes(32)).peer_id, tuple(f"{host}:4000" for host in [*book, "nobody.example"])
    )
    assert (await inviting.leads(given, [LAN])).to == (Address("10.0.0.8", 4000),)
    assert asked == [*book, "nobody.example"]
