"""Two people compare words, or try to: between real nodes, and with a peer that cheats."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final

import pytest

from lanchat.errors import (
    CheckOver,
    CheckUnderWay,
    StoreFull,
    TooManyChecks,
    VerificationFailed,
)
from lanchat.identity.fingerprint import fingerprint, invite
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import comparing, quotas, views
from lanchat.node.events import CheckChanged, CheckState, SessionClosed
from lanchat.session import sas
from lanchat.wire.payloads import (
    Sas,
    SasCode,
    SasCommit,
    SasNonce,
    SasResult,
    SasReveal,
)
from tests.node.byhand import ByHand
from tests.node.house import House, Resident, failure, until

FINAL: Final = {CheckState.MATCHED, CheckState.FAILED, CheckState.INTERRUPTED}


def held(one: Resident, peer: PeerId) -> Contact:
    contact = one.node.people.find(peer)
    assert contact is not None
    return contact


async def at(one: Resident, state: CheckState, *, run: int = 0) -> CheckChanged:
    """What somebody is told when a check comes so far."""
    return await one.hears(CheckChanged, lambda e: e.state is state and run in (0, e.run))


async def words(ann: Resident, bob: Resident) -> tuple[CheckChanged, CheckChanged]:
    """Ann asks, Bob agrees; the words on both screens."""
    await comparing.ask(ann.node, bob.me)
    await at(bob, CheckState.ASKED)
    await comparing.ask(bob.node, ann.me)
    return await at(ann, CheckState.WORDS), await at(bob, CheckState.WORDS)


async def says(one: Resident, other: Resident, *, match: bool) -> None:
    check = one.node.verification.now(other.me)
    assert check is not None
    await comparing.answer(one.node, other.me, check.run, match=match)


@pytest.fixture
async def friends(house: House) -> tuple[Resident, Resident]:
    """Ann and Bob know each other, and a session stands."""
    ann, bob = await house.friends()
    await ann.meet(bob)
    return ann, bob


# --- it works -----------------------------------------------------------------------------


async def test_both_say_that_the_words_match_and_it_is_kept(
    friends: tuple[Resident, Resident], house: House
) -> None:
    ann, bob = friends
    hers, his = await words(ann, bob)
    assert hers.words == his.words
    assert len(hers.words) == sas.WORDS
    assert (hers.run, hers.name, his.name) == (his.run, "bob", "ann")
    assert hers.until > 0
    await says(ann, bob, match=True)
    assert (await at(ann, CheckState.ANSWERED)).trust is Trust.VERIFIED
    assert bob.trusts(ann) is Trust.KNOWN  # what she says changes nothing here
    await says(bob, ann, match=True)
    for one, other in ((ann, bob), (bob, ann)):
        end = await at(one, CheckState.MATCHED)
        assert (end.trust, end.reason) == (Trust.VERIFIED, "")
        assert not one.node.verification.under_way(other.me)
    await house.leaves(ann)
    ann = await house.returns(ann)
    kept = held(ann, bob.me)
    assert (kept.trust, kept.verified_how, kept.failed_at) == (Trust.VERIFIED, "words", 0)
    assert kept.verified_at > 0
    (row,) = await ann.ask("trust", peer=str(bob.me))
    assert (row["verified_how"], row["failed_at"]) == ("words", None)
    (row,) = await ann.ask("trust", peer=str(bob.me), action="known")
    assert (row["trust"], row["verified_at"], row["verified_how"]) == ("known", None, None)


@pytest.mark.parametrize("run", range(4))
async def test_both_ask_at_once_and_there_is_one_check(
    friends: tuple[Resident, Resident], run: int
) -> None:
    ann, bob = friends if run % 2 else friends[::-1]
    await asyncio.gather(
        comparing.ask(ann.node, bob.me),
        comparing.ask(bob.node, ann.me),
    )
    hers, his = await at(ann, CheckState.WORDS), await at(bob, CheckState.WORDS)
    assert (hers.words, hers.run) == (his.words, his.run)
    assert ann.node.sessions.current(bob.me) is not None


async def test_each_check_has_other_words(friends: tuple[Resident, Resident]) -> None:
    ann, bob = friends
    seen = set()
    for _ in range(2):
        hers, _ = await words(ann, bob)
        seen.add(hers.words)
        comparing.leave(ann.node, bob.me)
        await at(bob, CheckState.INTERRUPTED, run=hers.run)
        ann.events.clear()
        bob.events.clear()
    assert len(seen) == 2


async def test_two_strangers_verify_each_other_whoever_types_first(house: House) -> None:
    ann, bob = await house.couple()

    async def verify(one: Resident, other: Resident) -> list[dict[str, Any]]:
        rows = []
        async for row in comparing.verify(
            one.node, {"peer": str(other.address), "confirmed": str(other.me), "wait": 5}
        ):
            rows.append(row)
            if "words" in row:
                await one.ask("answer", peer=str(other.me), run=row["run"], match=True)
        return rows

    first = asyncio.create_task(verify(ann, bob))
    end = await at(ann, CheckState.INTERRUPTED)
    assert end.reason == "nobody"  # Bob does not know her yet
    second = asyncio.create_task(verify(bob, ann))
    hers, his = await asyncio.gather(first, second)
    assert hers[0]["words"] == his[0]["words"]
    assert [row["trust"] for row in (hers[1], his[1])] == ["verified", "verified"]
    assert (len(hers), len(his)) == (2, 2)


# --- it does not --------------------------------------------------------------------------


async def test_one_says_no_and_it_has_failed_for_both(
    friends: tuple[Resident, Resident],
) -> None:
    ann, bob = friends
    await words(ann, bob)
    await says(bob, ann, match=False)
    told = [await at(one, CheckState.FAILED) for one in (ann, bob)]
    assert [end.reason for end in told] == ["they-differ", "different"]
    for one, other in ((ann, bob), (bob, ann)):
        kept = held(one, other.me)
        assert (kept.trust, kept.verified_at) == (Trust.KNOWN, 0)
        assert kept.failed_at > 0
        await one.hears(SessionClosed)


async def test_a_no_after_a_yes_is_told_and_kept_beside_it(
    friends: tuple[Resident, Resident],
) -> None:
    ann, bob = friends
    await words(ann, bob)
    await says(ann, bob, match=True)
    await says(bob, ann, match=False)
    assert (await at(ann, CheckState.FAILED)).reason == "they-differ"
    kept = held(ann, bob.me)
    assert kept.trust is Trust.VERIFIED  # by her own word, which is hers to take back
    assert kept.failed_at > 0


@pytest.mark.parametrize("who", ["asks", "is asked"])
@pytest.mark.parametrize("stage", ["asked", "words", "answered"])
async def test_a_link_that_is_cut_interrupts_and_fails_nothing(
    friends: tuple[Resident, Resident], stage: str, who: str
) -> None:
    ann, bob = friends if who == "asks" else friends[::-1]
    await comparing.ask(ann.node, bob.me)
    asked = await at(bob, CheckState.ASKED)
    begun = (await views.overview(bob.node)).asking  # of a window that was only opening
    assert [(one.peer_id, one.run) for one in begun] == [(ann.me, asked.run)]
    assert not (await views.overview(ann.node)).asking
    if stage != "asked":
        await comparing.ask(bob.node, ann.me)
        await at(ann, CheckState.WORDS)
        await at(bob, CheckState.WORDS)
        assert not (await views.overview(bob.node)).asking
    if stage == "answered":
        await says(bob, ann, match=True)
    ann.link(bob).abort("TEST")
    assert (await at(ann, CheckState.INTERRUPTED)).reason == "lost"
    assert held(ann, bob.me).trust is Trust.KNOWN
    after = await bob.hears(CheckChanged, lambda event: event.state in FINAL)
    verified = stage == "answered"
    assert after.state is (CheckState.MATCHED if verified else CheckState.INTERRUPTED)
    assert after.reason == "lost"
    assert held(bob, ann.me).trust is (Trust.VERIFIED if verified else Trust.KNOWN)
    assert [held(one, other.me).failed_at for one, other in ((ann, bob), (bob, ann))] == [0, 0]
    with pytest.raises(CheckOver):
        await comparing.answer(ann.node, bob.me, after.run, match=True)


@pytest.mark.parametrize("stage", ["asked", "words"])
async def test_a_check_ends_when_its_time_is_up(
    friends: tuple[Resident, Resident], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sas, "LASTS", 0.5)
    ann, bob = friends
    await comparing.ask(ann.node, bob.me)
    await at(bob, CheckState.ASKED)
    if stage == "words":
        await comparing.ask(bob.node, ann.me)
    reasons = {(await at(one, CheckState.INTERRUPTED)).reason for one in (ann, bob)}
    assert "timeout" in reasons
    assert reasons <= {"timeout", "they-cancelled"}
    assert ann.node.sessions.current(bob.me) is not None


async def test_whoever_is_asked_may_decline(friends: tuple[Resident, Resident]) -> None:
    ann, bob = friends
    await comparing.ask(ann.node, bob.me)
    await at(bob, CheckState.ASKED)
    comparing.leave(bob.node, ann.me)
    assert (await at(ann, CheckState.INTERRUPTED)).reason == "they-cancelled"
    assert (await at(bob, CheckState.INTERRUPTED)).reason == "cancelled"


async def test_a_yes_that_cannot_be_kept_counts_for_nothing(
    friends: tuple[Resident, Resident], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = friends
    await words(ann, bob)

    async def full(*_arguments: object) -> None:
        raise StoreFull("test")

    monkeypatch.setattr(ann.node.people._book, "save", full)
    error = await failure(says(ann, bob, match=True))
    assert isinstance(error, StoreFull)
    assert (await at(ann, CheckState.INTERRUPTED)).trust is Trust.KNOWN
    assert (await at(bob, CheckState.INTERRUPTED)).reason == "they-cancelled"


async def test_our_user_compares_with_one_person_at_a_time(house: House) -> None:
    ann, bob = await house.friends()
    eve = await house.lives("eve", 2)
    for one, other in ((ann, eve), (eve, ann)):
        await one.holds(other, Trust.KNOWN)
    await ann.meet(bob)
    await ann.meet(eve)
    await words(ann, bob)
    await comparing.ask(eve.node, ann.me)
    assert (await at(eve, CheckState.INTERRUPTED)).reason == "busy"
    assert isinstance(await failure(comparing.ask(ann.node, eve.me)), CheckUnderWay)
    await says(ann, bob, match=True)
    await says(bob, ann, match=True)
    await at(ann, CheckState.MATCHED)
    await comparing.ask(ann.node, eve.me)
    await at(eve, CheckState.ASKED)


async def test_three_checks_in_ten_minutes_and_no_fourth(
    friends: tuple[Resident, Resident],
) -> None:
    ann, bob = friends
    for count in range(quotas.CHECKS):
        await comparing.ask((ann, bob)[count % 2].node, (bob, ann)[count % 2].me)
        await until(lambda: bob.node.verification.under_way(ann.me))
        await until(lambda: ann.node.verification.under_way(bob.me))
        comparing.leave(ann.node, bob.me)
        await until(lambda: not bob.node.verification.under_way(ann.me))
    assert isinstance(await failure(comparing.ask(ann.node, bob.me)), TooManyChecks)


async def test_blocking_ends_a_check_and_an_old_yes(
    friends: tuple[Resident, Resident],
) -> None:
    ann, bob = friends
    hers, _ = await words(ann, bob)
    await ann.holds(bob, Trust.BLOCKED)
    assert (await at(ann, CheckState.INTERRUPTED)).reason == "lost"
    error = await failure(comparing.answer(ann.node, bob.me, hers.run, match=True))
    assert isinstance(error, CheckOver)
    (row,) = await ann.ask("trust", peer=str(bob.me), action="unblock")
    assert row["trust"] == "known"


# --- by the fingerprint -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        (lambda peer: " ".join(fingerprint(peer).words).upper(), "fingerprint"),
        (lambda peer: " ".join(fingerprint(peer).groups), "fingerprint"),
        (lambda peer: invite(peer, ["10.0.0.1:4000"]), "code"),
    ],
    ids=["words", "digits", "invite"],
)
async def test_a_fingerprint_verifies_without_a_call(
    house: House, typed: Callable[[PeerId], str], how: str
) -> None:
    ann = await house.lives("ann")
    bob = house.prepared[1].peer_id
    (row,) = await ann.ask("verify", peer=str(bob), fingerprint=typed(bob))
    assert (row["trust"], row["how"]) == ("verified", how)
    assert held(ann, bob).verified_how == how
    error = await failure(ann.ask("verify", peer=str(bob), fingerprint=typed(ann.me)))
    assert isinstance(error, VerificationFailed)
    assert held(ann, bob).failed_at > 0


async def test_the_word_of_the_user_is_a_fingerprint_too(house: House) -> None:
    ann = await house.lives("ann")
    bob = house.prepared[1].peer_id
    (row,) = await ann.ask("trust", peer=str(bob), action="verified")
    assert row["verified_how"] == "fingerprint"


# --- somebody in between, and a peer that cheats ------------------------------------------


@pytest.fixture
async def bob(house: House) -> Resident:
    return await house.lives("bob")


async def known(bob: Resident, hand: ByHand) -> None:
    """Bob knows whoever is at the other end."""
    await bob.ask("trust", peer=str(hand.me), action="known")
    await until(lambda: bob.node.sessions.current(hand.me))


def commit(hand: ByHand, bob: Resident, run: int, nonce: bytes) -> SasCommit:
    made = sas.commitment(hand.link.binding, run, hand.me, bob.me, nonce)
    return SasCommit(run, made)


async def test_somebody_in_between_has_other_words_on_each_side(house: House) -> None:
    ann, bob = await house.couple()
    async with ByHand(ann) as to_ann, ByHand(bob, identity=to_ann.identity) as to_bob:
        for one in (ann, bob):
            await known(one, to_ann)
        run, nonce = 7, os.urandom(32)
        to_bob.posts(commit(to_bob, bob, run, nonce))
        await at(bob, CheckState.ASKED)
        await comparing.ask(bob.node, to_bob.me)
        theirs = await to_bob.hears(SasNonce)
        to_bob.posts(SasReveal(run, nonce))
        await comparing.ask(ann.node, to_ann.me)
        hers = await to_ann.hears(SasCommit)
        to_ann.posts(SasNonce(hers.run, theirs.nonce))
        first, second = await at(ann, CheckState.WORDS), await at(bob, CheckState.WORDS)
        assert first.words != second.words
        await comparing.answer(ann.node, to_ann.me, first.run, match=False)
        assert held(ann, to_ann.me).failed_at > 0


async def test_a_relayed_commitment_does_not_fit_the_other_session(house: House) -> None:
    ann, bob = await house.couple()
    async with ByHand(ann) as to_ann, ByHand(bob, identity=to_ann.identity) as to_bob:
        for one in (ann, bob):
            await known(one, to_ann)
        await comparing.ask(ann.node, to_ann.me)
        to_bob.posts(await to_ann.hears(SasCommit))
        await at(bob, CheckState.ASKED)
        await comparing.ask(bob.node, to_bob.me)
        to_ann.posts(await to_bob.hears(SasNonce))
        to_bob.posts(await to_ann.hears(SasReveal))
        end = await at(bob, CheckState.FAILED)
        assert (end.reason, end.words) == ("wrong-reveal", ())
        assert await to_bob.hears(SasResult) == SasResult(end.run, SasCode.DIFFER)
        assert await to_bob.ends() == "PROTOCOL"
        kept = held(bob, to_bob.me)
        assert kept.trust is Trust.KNOWN
        assert kept.failed_at > 0


async def test_a_stranger_hears_that_nobody_is_there(bob: Resident) -> None:
    async with ByHand(bob) as hand:
        hand.posts(SasCommit(7, b"c" * 32))
        assert await hand.hears(SasResult) == SasResult(7, SasCode.NOBODY)
        assert bob.told(CheckChanged) == []


async def test_a_command_that_only_dials_has_nobody_to_ask(house: House) -> None:
    ann, bob = await house.lives("ann", listening=False), await house.lives("bob")
    for one, other in ((ann, bob), (bob, ann)):
        await one.holds(other, Trust.KNOWN)
    await ann.meet(bob)
    await comparing.ask(bob.node, ann.me)
    assert (await at(bob, CheckState.INTERRUPTED)).reason == "nobody"


async def test_a_peer_that_asks_all_the_time_is_refused_and_then_not_heard(
    bob: Resident,
) -> None:
    async with ByHand(bob) as hand:
        await known(bob, hand)
        for run in range(1, quotas.CHECKS + 1):
            hand.posts(SasCommit(run, b"c" * 32), SasResult(run, SasCode.CANCELLED))
        late = range(100, 100 + 3 * quotas.REFUSALS)
        hand.posts(*[SasCommit(run, b"c" * 32) for run in late])
        await hand.hears(SasResult, quotas.REFUSALS)
        assert {one.code for one in hand.got(SasResult)} == {SasCode.BUSY}
        await hand.link.writable()
        hand.posts(SasNonce(999_999, b"n" * 32))  # the end, so that all before it was heard
        assert await hand.ends() == "PROTOCOL"
        assert len(hand.got(SasResult)) == quotas.REFUSALS
        asked = [one for one in bob.told(CheckChanged) if one.state is CheckState.ASKED]
        assert len(asked) == quotas.CHECKS


async def test_their_yes_alone_changes_nothing(bob: Resident) -> None:
    async with ByHand(bob) as hand:
        await known(bob, hand)
        hand.posts(SasResult(5, SasCode.MATCH))  # of no run at all
        nonce = os.urandom(32)
        hand.posts(commit(hand, bob, 7, nonce))
        await at(bob, CheckState.ASKED)
        await comparing.ask(bob.node, hand.me)
        await hand.hears(SasNonce)
        hand.posts(SasReveal(7, nonce), SasResult(7, SasCode.MATCH))
        await at(bob, CheckState.WORDS)
        await until(
            lambda: bob.node.verification._tables[hand.me].check.stage.name == "AWAITED"
        )
        assert held(bob, hand.me).trust is Trust.KNOWN
        assert [one.state.value for one in bob.told(CheckChanged)] == [
            "asked",
            "waiting",
            "words",
        ]


OUT_OF_TURN: Final[dict[str, list[Sas]]] = {
    "a nonce without a start": [SasNonce(7, b"n" * 32)],
    "a reveal before the nonce": [SasCommit(7, b"c" * 32), SasReveal(7, b"n" * 32)],
    "a commitment twice": [SasCommit(7, b"c" * 32), SasCommit(7, b"c" * 32)],
    "a yes before the words": [SasCommit(7, b"c" * 32), SasResult(7, SasCode.MATCH)],
    "nobody, by who asked": [SasCommit(7, b"c" * 32), SasResult(7, SasCode.NOBODY)],
    "a run again": [
        SasCommit(7, b"c" * 32),
        SasResult(7, SasCode.CANCELLED),
        SasCommit(7, b"c" * 32),
    ],
}


@pytest.mark.parametrize("records", OUT_OF_TURN.values(), ids=OUT_OF_TURN)
async def test_what_comes_out_of_turn_ends_the_session_and_shows_no_words(
    bob: Resident, records: list[Sas]
) -> None:
    async with ByHand(bob) as hand:
        await known(bob, hand)
        hand.posts(*records)
        assert await hand.ends() == "PROTOCOL"
        closed = await bob.hears(SessionClosed)
        assert closed.reason == "UNEXPECTED"
        assert CheckState.WORDS not in {one.state for one in bob.told(CheckChanged)}
        assert held(bob, hand.me).trust is Trust.KNOWN
