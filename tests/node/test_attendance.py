"""What we say of being there: who is told, what others see of it, and being invisible."""

import asyncio

import pytest

from lanchat.discovery import liveness
from lanchat.discovery.advert import label_of
from lanchat.errors import BadRequest
from lanchat.identity.trust import Trust
from lanchat.node import acquaintance, acts, dialler, hiding
from lanchat.node.attendance import Attendance
from lanchat.node.events import (
    Availability,
    MessageAdded,
    PeerAppeared,
    PeerLeft,
    SessionClosed,
    SessionOpened,
    ShowingChanged,
)
from lanchat.node.presence import Said, Showing
from lanchat.session.address import Address
from lanchat.session.knock import Knock, knock
from lanchat.wire import payloads as wire
from lanchat.wire.payloads import NO_KEY, Info
from tests.node.byhand import READY, ByHand
from tests.node.house import PATIENCE, House, Resident, failure, until

BUSY = Said(Availability.BUSY, "in a meeting")


def said(one: Resident, other: Resident) -> Said | None:
    """What somebody sees of somebody else."""
    view = one.node.neighbours.view(other.me)
    return view.said if view else None


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """INFO may be said again at once, and counts."""
    monkeypatch.setattr(acquaintance, "INFO_EVERY", 0.05)
    monkeypatch.setattr("lanchat.node.quotas.INFOS_AT_ONCE", 100)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hides looks after it all the time, and has nobody wait for long."""
    monkeypatch.setattr(hiding, "LOOK", 0.05)
    monkeypatch.setattr(hiding, "CLOSED_FOR", 0.3)
    monkeypatch.setattr(hiding, "SILENCE", 0.3)


@pytest.mark.usefixtures("often")
async def test_friends_see_what_we_say_of_being_there(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await until(lambda: said(bob, ann) == Said())
    await acts.attend(ann.node, Availability.BUSY, "in a meeting")
    await until(lambda: said(bob, ann) == BUSY)
    (row,) = [one for one in await bob.ask("peers") if one["peer_id"] == str(ann.me)]
    assert (row["presence"], row["availability"], row["status"]) == (
        "online", "busy", "in a meeting",
    )  # fmt: skip
    await acts.attend(ann.node, status="")
    await until(lambda: said(bob, ann) == Said(Availability.BUSY))
    await acts.attend(ann.node, Availability.AVAILABLE)
    await until(lambda: said(bob, ann) == Said())


async def test_it_is_said_again_on_each_session_and_outlives_a_restart(house: House) -> None:
    ann, bob = await house.friends()
    await acts.attend(ann.node, Availability.BUSY, "in a meeting")
    await ann.meet(bob)
    await until(lambda: said(bob, ann) == BUSY)
    await house.leaves(ann)
    await until(lambda: said(bob, ann) is None)
    ann = await house.returns(ann)
    assert ann.node.attendance.showing == Showing(Availability.BUSY, "in a meeting")
    (row,) = await ann.ask("whoami")
    assert (row["availability"], row["status"]) == ("busy", "in a meeting")
    await ann.meet(bob)
    await until(lambda: said(bob, ann) == BUSY)


@pytest.mark.usefixtures("often")
async def test_a_renewed_session_says_nothing_else_meanwhile(house: House) -> None:
    ann, bob = await house.friends()
    await acts.attend(ann.node, Availability.BUSY, "in a meeting")
    await ann.meet(bob)
    await until(lambda: said(bob, ann) == BUSY)
    bob.events.clear()
    before = bob.link(ann)
    await ann.node.sessions.renew(bob.me)
    await until(lambda: bob.link(ann) is not before)
    assert said(bob, ann) == BUSY


@pytest.mark.usefixtures("often")
async def test_strangers_are_told_nothing_and_their_line_is_not_shown(house: House) -> None:
    ann = await house.lives("ann")
    await acts.attend(ann.node, Availability.BUSY, "in a meeting")
    async with ByHand(ann) as hand:
        hand.posts(Info(0, NO_KEY, NO_KEY, "hand", wire.Availability.AWAY, "buy my things"))
        await acts.rename(ann.node, "Anna")
        told = await hand.hears(Info)
        assert (told.name, told.availability, told.status) == (
            "Anna", wire.Availability.AVAILABLE, "",
        )  # fmt: skip
        view = ann.node.neighbours.view(hand.me)
        assert view is not None
        assert view.said is None
        await ann.ask("trust", peer=str(hand.me), action="known")
        told = await hand.hears(Info, 2)
        assert (told.availability, told.status) == (wire.Availability.BUSY, "in a meeting")
        view = ann.node.neighbours.view(hand.me)
        assert view is not None
        assert view.said == Said(Availability.AWAY, "buy my things")


async def test_a_line_made_to_deceive_is_cleaned_before_anybody_sees_it(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as hand:
        await ann.ask("trust", peer=str(hand.me), action="known")
        line = "\u202ebob\u2705\x1b[31m\n verified \U0001f512\u200b"
        hand.posts(Info(0, NO_KEY, NO_KEY, "hand", wire.Availability.BUSY, line))
        await until(lambda: (view := ann.node.neighbours.view(hand.me)) and view.said != Said())
        view = ann.node.neighbours.view(hand.me)
        assert view is not None
        assert view.said is not None
        assert view.said.status == "bob\ufffd[31m verified"


async def test_a_process_that_begins_anew_does_not_say_what_the_one_before_said(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as hand:
        await ann.ask("trust", peer=str(hand.me), action="known")
        hand.posts(Info(0, NO_KEY, NO_KEY, "hand", wire.Availability.BUSY, "old"))
        await until(
            lambda: (
                (view := ann.node.neighbours.view(hand.me))
                and view.said == Said(Availability.BUSY, "old")
            )
        )
        later = ByHand(ann, hand.identity, READY.__class__(0, 2, *_rest()))
        async with later:
            await until(
                lambda: (view := ann.node.neighbours.view(hand.me)) and view.said == Said()
            )
            hand.link.abort("DONE")


def _rest() -> tuple[int, int, int, int, int, bytes, bytes, str]:
    """READY behind its epoch."""
    return (
        READY.dial, READY.port, READY.caps, READY.max_text, READY.max_stream, READY.reach,
        READY.beacon_key, READY.name,
    )  # fmt: skip


async def test_what_changes_together_is_told_as_one(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await until(lambda: said(bob, ann) == Said())
    await ann.ask("attend", availability="busy", status="in a meeting")
    (told,) = ann.told(ShowingChanged)
    assert told.showing == Showing(Availability.BUSY, "in a meeting")
    await until(lambda: said(bob, ann) == BUSY)  # in one INFO: a second one would have to wait


async def test_a_line_that_is_too_long_changes_nothing(house: House) -> None:
    ann = await house.lives("ann")
    await acts.attend(ann.node, status="  in\na   meeting ")
    assert ann.node.attendance.showing.status == "in a meeting"
    for line in ("x" * 141, "\u20ac" * 47, "x" * 1_000_000):
        assert isinstance(await failure(acts.attend(ann.node, status=line)), BadRequest)
    assert ann.node.attendance.showing.status == "in a meeting"
    assert len(ann.told(ShowingChanged)) == 1
    assert isinstance(await failure(ann.ask("attend", availability="asleep")), BadRequest)


@pytest.mark.usefixtures("often")
async def test_who_touches_nothing_is_away_and_comes_back_by_itself(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await acts.rest(ann.node, idle=True)
    await until(lambda: said(bob, ann) == Said(Availability.AWAY))
    assert ann.node.attendance.showing.chosen is Availability.AVAILABLE
    await acts.attend(ann.node, Availability.BUSY)
    await until(lambda: said(bob, ann) == Said(Availability.BUSY))
    await acts.rest(ann.node, idle=False)
    await acts.attend(ann.node, Availability.AVAILABLE)
    await until(lambda: said(bob, ann) == Said())


async def test_what_is_kept_and_makes_no_sense_counts_as_not_chosen(house: House) -> None:
    ann = await house.lives("ann")
    await ann.opened.database.put("availability", b"\xff")
    again = Attendance(ann.opened.database, publish=lambda _: None, told=lambda: None)
    await again.load()
    assert again.showing == Showing()


# --- invisible ----------------------------------------------------------------------------


@pytest.mark.multicast
async def test_who_becomes_invisible_is_offline_to_everybody_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "AGAIN", 0.1)
    cat = await house.lives("cat", 2, interfaces=("lo",))
    ann, bob = await house.friends(interfaces=("lo",))
    await until(lambda: ann.node.sessions.current(bob.me))
    await until(lambda: cat.node.neighbours.view(ann.me))
    port = ann.node.doors.port
    await acts.attend(ann.node, Availability.INVISIBLE, "hush")
    for one in (bob, cat):
        await one.hears(PeerLeft, lambda left: left.peer.peer_id == ann.me)
    closed = await bob.hears(SessionClosed)
    assert closed.reason == "GOODBYE"
    assert await knock([Address("127.0.0.1", port)], timeout=5) is Knock.REFUSED
    assert ann.node.neighbours.view(bob.me)  # who hides sees the others
    assert ann.node.sessions.current(bob.me) is None
    await ann.node.doors.announce()  # as once an hour
    await bob.node.doors.mdns.ask_now()
    async with asyncio.timeout(PATIENCE):  # nobody answers for ann any more
        while await bob.node.doors.mdns.verify(label_of(ann.me)):
            pass
    await acts.attend(ann.node, Availability.AVAILABLE)
    bob.events.clear()
    await bob.hears(PeerAppeared, lambda one: one.peer.peer_id == ann.me)
    await until(lambda: said(bob, ann) == Said(status="hush"))
    assert ann.node.doors.port == port


@pytest.mark.multicast
async def test_who_starts_invisible_is_not_announced_and_dials_nobody(house: House) -> None:
    ann, bob = await house.friends(interfaces=("lo",))
    await acts.attend(ann.node, Availability.INVISIBLE)
    await house.leaves(ann)
    bob.events.clear()
    ann = await house.returns(ann)
    await until(lambda: ann.node.neighbours.view(bob.me))
    assert ann.node.doors.port == 0
    assert bob.told(PeerAppeared) == []
    assert ann.node.attendance.said() == Said()


@pytest.mark.multicast
@pytest.mark.usefixtures("soon")
async def test_whoever_is_written_to_sees_us_until_all_is_said(house: House) -> None:
    ann, bob = await house.friends(interfaces=("lo",))
    await acts.attend(ann.node, Availability.INVISIBLE, "hush")
    await until(lambda: ann.node.doors.port == 0 and ann.node.neighbours.view(bob.me))
    await until(lambda: bob.node.neighbours.view(ann.me) is None)
    bob.events.clear()
    await acts.write(ann.node, bob.me, "between us")
    await bob.hears(MessageAdded)
    seen = await bob.hears(PeerAppeared)
    assert seen.peer.peer_id == ann.me
    assert said(bob, ann) in (Said(), None)  # and no word of hiding
    await bob.hears(PeerLeft, lambda left: left.peer.peer_id == ann.me)
    assert bob.told(SessionClosed)[-1].reason == "IDLE"


@pytest.mark.usefixtures("soon")
async def test_who_remembers_us_can_still_bring_something(house: House) -> None:
    ann, bob = await house.friends()
    await bob.meet(ann)
    await until(lambda: bob.node.people.find(ann.me).addresses)  # type: ignore[union-attr]
    port = ann.node.doors.port
    await acts.attend(ann.node, Availability.INVISIBLE)
    await until(lambda: ann.node.doors.port == 0)
    await until(lambda: ann.node.doors.port == port)
    await acts.write(bob.node, ann.me, "are you there?")
    assert (await ann.hears(MessageAdded)).message.text == "are you there?"


@pytest.mark.multicast
@pytest.mark.usefixtures("soon")
async def test_friends_who_only_look_for_us_find_nobody_and_those_who_bring_something_do(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in (("SILENCE", 0.05), ("LOOK_AGAIN", 0.1), ("LONGEST_LOOK", 0.1)):
        monkeypatch.setattr(dialler, name, value)
    ann, bob = await house.friends(interfaces=("lo",))
    await until(lambda: ann.node.sessions.current(bob.me))
    await until(lambda: bob.node.neighbours.remembered(ann.me))
    await acts.attend(ann.node, Availability.INVISIBLE)
    await until(lambda: ann.node.doors.port == 0)
    await until(lambda: not bob.node.sessions.online())
    bob.events.clear()
    with caplog.at_level("INFO", "lanchat.session.listen"):
        await until(lambda: caplog.text.count("a call ended before READY: LIMIT") > 2)
    assert bob.told(SessionOpened) == []
    assert bob.node.neighbours.view(ann.me) is None
    await acts.write(bob.node, ann.me, "are you there?")
    assert (await ann.hears(MessageAdded)).message.text == "are you there?"


@pytest.mark.usefixtures("soon")
async def test_who_calls_by_chance_is_not_told_who_is_invisible(house: House) -> None:
    ann, bob = await house.friends()
    await acts.attend(ann.node, Availability.INVISIBLE)
    await until(lambda: ann.node.doors.port == 0)
    await until(lambda: ann.node.doors.port)
    async with ByHand(ann) as eve:
        assert eve.link.ready.name == ""
        await ann.node.be_called("annabel")
        assert (await eve.hears(Info)).name == ""
    assert (await bob.meet(ann)).ready.name == "annabel"


@pytest.mark.multicast
async def test_who_hides_while_an_announcement_is_made_is_not_announced(house: House) -> None:
    ann = await house.lives("ann", interfaces=("lo",))
    await asyncio.gather(
        acts.attend(ann.node, Availability.INVISIBLE), ann.node.doors.announce()
    )
    await until(lambda: ann.node.doors.port == 0)
    assert ann.node.doors.mdns._hidden


@pytest.mark.usefixtures("soon")
async def test_a_port_that_was_taken_meanwhile_is_another_one(house: House) -> None:
    ann = await house.lives("ann")
    port = ann.node.doors.port
    await acts.attend(ann.node, Availability.INVISIBLE)
    await until(lambda: ann.node.doors.port == 0)
    server = await asyncio.start_server(lambda *_: None, "0.0.0.0", port)
    async with server:
        await until(lambda: ann.node.doors.port not in (0, port))


async def test_what_was_chosen_last_counts_however_quickly(house: House) -> None:
    ann, bob = await house.friends()
    for one in (*Availability, Availability.INVISIBLE, Availability.BUSY):
        await acts.attend(ann.node, one)
    await until(lambda: ann.node.doors.port and not ann.node.doors._hidden)
    await ann.meet(bob)
    await until(lambda: said(bob, ann) == Said(Availability.BUSY))
    assert ann.trusts(bob) is Trust.KNOWN


async def test_who_leaves_opens_no_port_that_was_closed_to_hide(house: House) -> None:
    ann = await house.lives("ann")
    await acts.attend(ann.node, Availability.INVISIBLE)
    await until(lambda: ann.node.doors.port == 0)
    await house.leaves(ann)
    await ann.node.doors.reopen(hidden=False)
    assert ann.node.doors.port == 0
