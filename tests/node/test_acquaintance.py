"""What sessions teach us of those we know, and which secrets we tell whom."""

import asyncio
import os
from dataclasses import replace

import pytest

from lanchat.discovery.advert import label_of
from lanchat.errors import StoreFull
from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import Contact, Trust, fold
from lanchat.node import acquaintance
from lanchat.node.events import MessageAdded, SessionOpened, Warned
from lanchat.node.people import People
from lanchat.wire.payloads import NO_KEY, Info, ReceiptState
from tests.node.byhand import READY, ByHand, a_text
from tests.node.house import House, Resident, until


async def holds(one: Resident, peer: ByHand, action: str) -> None:
    await one.ask("trust", peer=str(peer.me), action=action)


def held(one: Resident, peer: PeerId) -> Contact:
    found = one.node.people.find(peer)
    assert found is not None
    return found


async def test_a_stranger_is_told_no_secret(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        assert (bob.link.ready.reach, bob.link.ready.beacon_key) == (NO_KEY, NO_KEY)


@pytest.mark.parametrize("action", ["known", "verified"])
async def test_a_friend_is_told_at_once_and_from_then_on(house: House, action: str) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        await holds(ann, bob, action)
        info = await bob.hears(Info)
        assert info.reach != NO_KEY
        assert info.beacon_key != NO_KEY
        assert info.name == "ann"
    async with ByHand(ann, bob.identity) as bob:
        ready = bob.link.ready
        assert (ready.reach, ready.beacon_key) == (info.reach, info.beacon_key)


async def test_each_friend_has_a_way_of_its_own_to_reach_us(house: House) -> None:
    ann = await house.lives("ann")
    told: list[tuple[bytes, bytes]] = []
    for _ in range(2):
        friend = Identity(os.urandom(32))
        await ann.ask("trust", peer=str(friend.peer_id), action="known")
        async with ByHand(ann, friend) as peer:
            told.append((peer.link.ready.reach, peer.link.ready.beacon_key))
    assert told[0][0] != told[1][0]
    assert told[0][1] == told[1][1]


@pytest.mark.parametrize("action", ["block", "forget"])
async def test_who_is_no_friend_any_more_is_told_nothing_new(
    house: House, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquaintance, "INFO_EVERY", 0.1)
    ann = await house.lives("ann")
    async with ByHand(ann) as bob, ByHand(ann) as friend:
        for peer in (bob, friend):
            await until(lambda peer=peer: ann.node.sessions.current(peer.me))  # type: ignore[misc]
            await holds(ann, peer, "known")
        before = (await friend.hears(Info)).beacon_key
        assert (await bob.hears(Info)).beacon_key == before
        await holds(ann, bob, action)
        after = (await friend.hears(Info, 2)).beacon_key
        assert after not in {before, NO_KEY}
        assert len(bob.got(Info)) == 1
    assert ann.node.people.secrets_for(bob.me) == (NO_KEY, NO_KEY)
    await house.leaves(ann)
    ann = await house.returns(ann)
    assert ann.node.people.secrets_for(friend.me)[1] == after


async def test_what_is_written_while_somebody_is_forgotten_leaves_nothing_of_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquaintance, "INFO_EVERY", 0.1)
    ann = await house.lives("ann")
    withdraw = ann.node.conversations.withdraw
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(peer: PeerId) -> None:
        reached.set()
        await go_on.wait()
        await withdraw(peer)

    monkeypatch.setattr(ann.node.conversations, "withdraw", slowly)
    async with ByHand(ann) as bob, ByHand(ann) as friend:
        for peer in (bob, friend):
            await until(lambda peer=peer: ann.node.sessions.current(peer.me))  # type: ignore[misc]
            await holds(ann, peer, "known")
        before = (await friend.hears(Info)).beacon_key
        forgetting = asyncio.ensure_future(holds(ann, bob, "forget"))
        await reached.wait()
        await bob.ends()  # before it is said by a stranger
        async with ByHand(ann, identity=bob.identity) as again:
            again.posts(text := a_text("who are you"))
            assert await again.receipt(text.id) is ReceiptState.STORED
            go_on.set()
            await forgetting
            await again.ends()
        assert (await friend.hears(Info, 2)).beacon_key not in {before, NO_KEY}
    assert held(ann, bob.me).trust is Trust.NEW


async def test_a_secret_that_could_not_be_kept_is_drawn_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquaintance, "INFO_EVERY", 0.1)
    monkeypatch.setattr(acquaintance, "TRY_AGAIN", 0.02)
    ann = await house.lives("ann")
    tried = asyncio.Event()

    async def full(*_arguments: object) -> None:
        tried.set()
        raise StoreFull("test")

    async with ByHand(ann) as bob, ByHand(ann) as friend:
        for peer in (bob, friend):
            await until(lambda peer=peer: ann.node.sessions.current(peer.me))  # type: ignore[misc]
            await holds(ann, peer, "known")
        before = (await friend.hears(Info)).beacon_key
        with monkeypatch.context() as moment:
            moment.setattr(ann.opened.database, "put", full)
            await holds(ann, bob, "block")  # which is stored, and says so
            await tried.wait()
            await bob.ends()
        after = (await friend.hears(Info, 2)).beacon_key
        assert after not in {before, NO_KEY}
    await house.leaves(ann)
    ann = await house.returns(ann)
    assert ann.node.people.secrets_for(friend.me)[1] == after


async def test_what_a_friend_says_of_itself_is_kept(house: House) -> None:
    ann = await house.lives("ann")
    bob = Identity(os.urandom(32))
    said = replace(READY, reach=b"r" * 32, beacon_key=b"q" * 32, port=4321, name="bob")
    await ann.ask("trust", peer=str(bob.peer_id), action="known")
    async with ByHand(ann, bob, said) as peer:
        await until(lambda: held(ann, bob.peer_id).reach)
        assert held(ann, bob.peer_id).beacon_key == b"q" * 32
        assert held(ann, bob.peer_id).addresses == ("127.0.0.1:4321",)
        peer.posts(Info(0, NO_KEY, b"p" * 32, "robert"))
        await until(lambda: not held(ann, bob.peer_id).reach)
        assert held(ann, bob.peer_id).beacon_key == b"p" * 32
        assert held(ann, bob.peer_id).claimed_name == "robert"


async def test_what_a_stranger_says_of_itself_is_not_kept(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        bob.posts(Info(0, b"r" * 32, b"q" * 32, "bob"))
        bob.posts(a_text("hello"))
        await until(lambda: ann.node.people.all())
        assert held(ann, bob.me).reach == b""
        assert held(ann, bob.me).trust is Trust.NEW


async def test_the_four_last_addresses_are_remembered_the_newest_first(house: House) -> None:
    ann = await house.lives("ann")
    bob = Identity(os.urandom(32))
    await ann.ask("trust", peer=str(bob.peer_id), action="known")
    for port in (4001, 4002, 4003, 4004, 4005, 4003):
        async with ByHand(ann, bob, replace(READY, port=port)):
            await until(
                lambda port=port: (
                    held(ann, bob.peer_id).addresses[:1]  # type: ignore[misc]
                    == (f"127.0.0.1:{port}",)
                )
            )
    ports = [address.rpartition(":")[2] for address in held(ann, bob.peer_id).addresses]
    assert ports == ["4003", "4005", "4004", "4002"]
    assert ann.node.acquaintance.last_known() == ("127.0.0.1",)


async def test_a_label_is_a_contacts_as_long_as_it_is_one(house: House) -> None:
    ann = await house.lives("ann")
    bob, cy = (Identity(os.urandom(32)).peer_id for _ in range(2))
    is_label = ann.node.people.holds
    await ann.ask("trust", peer=str(bob), action="known")
    assert is_label(label_of(bob))
    await ann.ask("trust", peer=str(bob), action="forget")
    await ann.ask("trust", peer=str(cy), action="known")  # as many as before
    assert not is_label(label_of(bob))
    assert is_label(label_of(cy))
    ann = await house.returns(await _left(house, ann))
    assert ann.node.people.holds(label_of(cy))


async def test_each_advert_that_is_heard_costs_no_look_at_all_contacts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")
    bob = Identity(os.urandom(32)).peer_id
    await ann.ask("trust", peer=str(bob), action="known")
    monkeypatch.delattr(People, "all")
    for source in (ann.node.doors.mdns._intake, ann.node.doors.mdns._funnel._intake):
        assert source.is_contact(label_of(bob))
        assert not source.is_contact("a" * 26)


async def _left(house: House, one: Resident) -> Resident:
    await house.leaves(one)
    return one


# --- the book -----------------------------------------------------------------------------


class SlowBook:
    """A store that takes its time."""

    def __init__(self) -> None:
        self.stored: dict[PeerId, Contact] = {}

    async def all(self) -> tuple[Contact, ...]:
        return tuple(self.stored.values())

    async def save(self, contact: Contact) -> None:
        await asyncio.sleep(0.001)
        self.stored[contact.peer_id] = contact

    async def forget(self, peer: PeerId) -> None:
        await asyncio.sleep(0.001)
        self.stored.pop(peer, None)


def people(book: SlowBook) -> People:
    return People(book, PeerId(b"\1" * 32), "me", reach=b"r" * 32, beacon=b"b" * 32)


async def test_changes_of_one_contact_do_not_undo_each_other() -> None:
    book = SlowBook()
    everybody, bob = people(book), PeerId(b"\2" * 32)
    await everybody.pin(bob, "bob", 1)

    await asyncio.gather(
        everybody.change(bob, lambda now: now and replace(now, trust=Trust.BLOCKED)),
        everybody.change(bob, lambda now: now and replace(now, last_seen=77)),
        everybody.change(bob, lambda now: now and replace(now, claimed_name="robert")),
    )
    for kept in (book.stored[bob], everybody.find(bob)):
        assert kept is not None
        assert (kept.trust, kept.last_seen) == (Trust.BLOCKED, 77)
        assert kept.claimed_name == "robert"


async def test_who_is_forgotten_meanwhile_does_not_come_back() -> None:
    book = SlowBook()
    everybody, bob = people(book), PeerId(b"\2" * 32)
    await everybody.pin(bob, "bob", 1)
    await asyncio.gather(
        everybody.forget(bob),
        everybody.change(bob, lambda now: now and replace(now, last_seen=77)),
    )
    assert everybody.find(bob) is None
    assert book.stored == {}


async def test_only_the_first_act_makes_somebody_known() -> None:
    everybody, bob = people(SlowBook()), PeerId(b"\2" * 32)
    assert await everybody.pin(bob, "bob", 1)
    assert not await everybody.pin(bob, "robert", 2)
    assert everybody.name(bob) == "bob"
    await everybody.meet(bob, "robert", 3)
    assert everybody.trusted(bob)


async def test_what_the_store_refused_is_not_gone_by() -> None:
    class Full(SlowBook):
        async def save(self, contact: Contact) -> None:
            raise OSError(28, "full")

    everybody, bob = people(Full()), PeerId(b"\2" * 32)
    with pytest.raises(OSError, match="full"):
        await everybody.pin(bob, "bob", 1)
    assert everybody.find(bob) is None


@pytest.mark.parametrize("claimed", ["bob", "Bob \u2713", "bob (verified)", "lanchat: Bob"])
async def test_a_stranger_who_is_shown_by_the_name_of_a_friend_is_in_conflict(
    house: House, claimed: str
) -> None:
    ann, bob = await house.friends()
    await bob.meet(ann)
    await until(lambda: fold("bob") in ann.node.people.taken(), "Ann learns his name")
    async with ByHand(ann, ready=replace(READY, name=claimed)) as mallory:
        opened = await ann.hears(SessionOpened, lambda one: one.peer_id == mallory.me)
        assert (opened.name.lower(), opened.trust) == ("bob", Trust.CONFLICT)


async def test_a_stranger_who_takes_the_name_of_a_friend_later_is_in_conflict_from_then_on(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await bob.meet(ann)
    async with ByHand(ann) as mallory:
        mallory.posts(first := a_text("hello"))
        await mallory.receipt(first.id)
        mallory.posts(Info(0, NO_KEY, NO_KEY, "Bob"))
        await until(lambda: ann.node.people.name(mallory.me) == "Bob")
        mallory.posts(second := a_text("it is me"))
        await mallory.receipt(second.id)
        said = [one.trust for one in ann.told(MessageAdded)]
        assert said == [Trust.NEW, Trust.CONFLICT]
        warned = await ann.hears(Warned, lambda one: one.code == "identity-conflict")
        assert warned.peer_id == mallory.me
