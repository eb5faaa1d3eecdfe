"""Surveys and a peer that plays foul: each fault has one rule.  PROTOCOL.md, 4; case F28."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lanchat.identity.keys import Identity
from lanchat.node import underway
from lanchat.node.events import FileReceived, MessageAdded, SessionClosed, TransferEnded
from lanchat.node.settings import Accepting, Clash
from lanchat.node.underway import ACCEPTS_AT_ONCE
from lanchat.transfer import disk
from lanchat.transfer.proofs import prove
from lanchat.transfer.sender import Sender
from lanchat.transfer.stream import survey_key
from lanchat.transfer.survey import Telling
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import (
    NO_KEY,
    RESUMABLE,
    SURVEY,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    DoneStage,
    Listing,
    Look,
    Offer,
    Payload,
    Proof,
    Prove,
    Start,
)
from tests.node.byhand import READY, ByHand, a_text
from tests.node.house import House, Resident, make_file, parts, until
from tests.node.test_foul_play import Hand

ABLE = replace(READY, caps=SURVEY)
NOBODYS = b"?" * 16


class Teller(Hand):
    """A sender by hand, who knows of surveys."""

    async def begins(self, path: Path) -> tuple[Sender, Look]:
        """Offer what was sent before; the first question about it."""
        self.sender = await self.offers(path)
        look = await self.hears(Look)
        assert self.sender.looked(look.attempt)
        self.telling = Telling(self.source.manifest, look.id, look.attempt)
        return self.sender, look

    def proof(self, asked: Prove) -> Proof:
        """An honest answer."""
        body = encode(self.sender.offer)[1]
        key = survey_key(self.link.export, asked.id, asked.attempt, body)
        files = self.telling.prove(asked)
        return self.telling.proof(prove(self.source, files, key, lambda _size: None))


@pytest.fixture
async def ann(house: House) -> Resident:
    """Somebody who takes everything, and skips what is there."""
    return await house.lives("ann", accept=Accepting.ALL, clash=Clash.SKIP)


@pytest.fixture
def bob() -> Identity:
    """Whoever sends to Ann."""
    return Identity(os.urandom(32))


@pytest.fixture
async def root(ann: Resident, bob: Identity, tmp_path: Path) -> Path:
    """What Bob sent before: a folder, three files and a folder in it."""
    root = tmp_path / "sent"
    for number in range(3):
        make_file(root / f"{number}", 100 + number)
    (root / "z").mkdir()
    async with Teller(ann, bob, ABLE) as hand:
        sender = await hand.offers(root)
        carried = await hand.carries(*await hand.starts(sender))
        hand.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)
    ann.events.clear()
    return root


async def goes_on(ann: Resident) -> None:
    """Ann hears others."""
    async with ByHand(ann) as other:
        other.posts(a_text("hello"))
        await ann.hears(MessageAdded)


# --- a sender -----------------------------------------------------------------------------


async def test_an_honest_sender_is_asked_once_and_sends_nothing(
    ann: Resident, bob: Identity, root: Path
) -> None:
    async with Teller(ann, bob, ABLE) as hand:
        sender, look = await hand.begins(root)
        hand.posts(hand.telling.look(look))
        hand.posts(hand.proof(await hand.hears(Prove)))
        accept = await hand.hears(Accept)
        assert accept.skip == b"\x0e"  # entries 1 to 3
        hand.source = hand.source.without(accept.skip)
        carried = await hand.carries(*await hand.starts(sender))
        assert carried.chunks == 1
        hand.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)
        assert len(hand.got(Look)) == 1
    assert sorted(path.name for path in ann.downloads.iterdir()) == ["sent"]


async def test_a_wrong_proof_only_costs_its_sender_the_file(
    ann: Resident, bob: Identity, root: Path
) -> None:
    async with Teller(ann, bob, ABLE) as hand:
        _, look = await hand.begins(root)
        hand.posts(hand.telling.look(look))
        proof = hand.proof(await hand.hears(Prove))
        hand.posts(replace(proof, proofs=bytes(32) + proof.proofs[32:]))
        assert (await hand.hears(Accept)).skip == b"\x0c"


FOUL_ANSWERS: list[tuple[Callable[[Listing], Payload], str]] = [
    (lambda good: replace(good, offset=1), "UNEXPECTED"),
    (lambda good: replace(good, attempt=good.attempt + 1), "UNEXPECTED"),
    (lambda good: replace(good, data=good.data[:-1]), "BAD_MESSAGE"),
    (lambda good: replace(good, data=good.data + b"x"), "BAD_MESSAGE"),
    (lambda good: Proof(good.id, good.attempt, 0, bytes(32)), "UNEXPECTED"),
    (lambda good: Start(good.id, good.attempt, 0), "UNEXPECTED"),
    (lambda good: Done(good.id, good.attempt, DoneStage.SENT, 1, NO_KEY), "UNEXPECTED"),
]


@pytest.mark.parametrize(("foul", "reason"), FOUL_ANSWERS)
async def test_a_foul_answer_ends_its_own_session_only(
    ann: Resident,
    bob: Identity,
    root: Path,
    foul: Callable[[Listing], Payload],
    reason: str,
) -> None:
    async with Teller(ann, bob, ABLE) as hand:
        _, look = await hand.begins(root)
        hand.posts(foul(hand.telling.look(look)))
        assert await hand.ends() == "PROTOCOL"
        assert (await ann.hears(SessionClosed)).reason == reason
    await goes_on(ann)
    assert parts(ann) == []


@pytest.mark.parametrize("size", [32, 128])
async def test_more_or_fewer_proofs_than_were_asked_for_end_the_session(
    ann: Resident, bob: Identity, root: Path, size: int
) -> None:
    async with Teller(ann, bob, ABLE) as hand:
        _, look = await hand.begins(root)
        hand.posts(hand.telling.look(look))
        asked = await hand.hears(Prove)
        hand.posts(Proof(asked.id, asked.attempt, asked.first, bytes(size)))
        assert await hand.ends() == "PROTOCOL"
        assert (await ann.hears(SessionClosed)).reason == "BAD_MESSAGE"


async def test_another_list_than_the_one_offered_is_declined_and_leaves_nothing(
    ann: Resident, bob: Identity, root: Path
) -> None:
    async with Teller(ann, bob, ABLE) as hand:
        _, look = await hand.begins(root)
        good = hand.telling.look(look)
        hand.posts(replace(good, data=good.data[:-1] + b"?"))
        assert (await hand.hears(Decline)).code is DeclineCode.BAD_NAMES
        await ann.hears(TransferEnded)
        await until(lambda: not ann.node.transfers._receiving._clearing)
    assert parts(ann) == []
    assert sorted(path.name for path in ann.downloads.iterdir()) == ["sent"]


async def test_late_answers_are_passed_over(ann: Resident, bob: Identity, root: Path) -> None:
    async with Teller(ann, bob, ABLE) as hand:
        sender, look = await hand.begins(root)
        good = hand.telling.look(look)
        hand.posts(Cancel(look.id, look.attempt, CancelCode.LANE_FAILED, RESUMABLE))
        hand.posts(good, Listing(NOBODYS, 1, 0, b"x"), Proof(NOBODYS, 1, 0, bytes(32)))
        hand.posts(replace(sender.offer))  # it is asked for again
        again = await hand.hears(Look, 2)
        assert again.attempt > look.attempt
        hand.posts(good, a_text("hello"))
        await ann.hears(MessageAdded)


async def test_who_named_no_survey_is_asked_for_all_of_it(
    ann: Resident, bob: Identity, root: Path
) -> None:
    async with Hand(ann, bob) as hand:
        sender = await hand.offers(root)
        accept = await hand.accepted(sender)
        assert accept.skip == b""
        assert hand.got(Look) == []


# --- a receiver ---------------------------------------------------------------------------


async def offered(ann: Resident, hand: ByHand, path: Path) -> tuple[Offer, disk.Source]:
    """What Ann offers to somebody by hand."""
    await until(lambda: ann.node.sessions.current(hand.me))
    out = await ann.node.transfers.offer(hand.me, [path])
    return await hand.hears(Offer), out.source


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder, three files and a folder in it: entry 0 and entry 4 are folders."""
    tree = tmp_path / "tree"
    for number in range(3):
        make_file(tree / f"{number}", 70_000 * number)
    (tree / "z").mkdir()
    return tree


FOUL_QUESTIONS: list[tuple[Callable[[bytes], tuple[Payload, ...]], str]] = [
    (lambda i: (Look(i, 1, 0), Look(i, 1, 0)), "UNEXPECTED"),
    (lambda i: (Look(i, 1, 10_000),), "BAD_MESSAGE"),
    (lambda i: (Prove(i, 1, 0, b"\x01"),), "BAD_MESSAGE"),  # a folder
    (lambda i: (Prove(i, 1, 4, b"\x01"),), "BAD_MESSAGE"),
    (lambda i: (Prove(i, 1, 5, b"\x01"),), "BAD_MESSAGE"),
    (lambda i: (Prove(i, 1, 1, b"\x80"),), "BAD_MESSAGE"),
    (lambda i: (Prove(i, 1, 1, b"\x01"), Prove(i, 1, 2, b"\x01")), "UNEXPECTED"),
    (lambda i: (Prove(i, 1, 2, b"\x01"), Prove(i, 1, 1, b"\x01")), "UNEXPECTED"),
    (lambda i: (Accept(i, 1, b"s" * 32, 0, NO_KEY, b"\x01"),), "BAD_MESSAGE"),
    (lambda i: (Accept(i, 1, b"s" * 32, 0, NO_KEY, b"\x12"),), "BAD_MESSAGE"),
    (lambda i: (Accept(i, 1, b"s" * 32, 0, NO_KEY, b"\x20"),), "BAD_MESSAGE"),
    (lambda i: (Accept(i, 1, b"s" * 32, 0, NO_KEY, bytes(20_000) + b"\x01"),), "BAD_MESSAGE"),
    (lambda i: (Accept(i, 1, b"s" * 32, 2**20, b"p" * 32, b"\x0e"),), "BAD_MESSAGE"),
]


@pytest.mark.parametrize(("foul", "reason"), FOUL_QUESTIONS)
async def test_a_foul_question_ends_its_own_session_only(
    house: House, tree: Path, foul: Callable[[bytes], tuple[Payload, ...]], reason: str
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=ABLE) as mallory:
        offer, _ = await offered(ann, mallory, tree)
        mallory.posts(*foul(offer.id))
        assert await mallory.ends() == "PROTOCOL"
        assert (await ann.hears(SessionClosed)).reason == reason
    await goes_on(ann)


async def test_questions_about_what_is_not_offered_get_what_an_accept_gets(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=ABLE) as mallory:
        mallory.posts(Look(NOBODYS, 3, 0), Prove(NOBODYS, 4, 0, b"\x01"))
        await mallory.hears(Cancel, 2)
        assert [(one.attempt, one.code) for one in mallory.got(Cancel)] == [
            (3, CancelCode.USER),
            (4, CancelCode.USER),
        ]


async def test_an_attempt_that_is_over_is_shown_nothing(house: House, tree: Path) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=ABLE) as mallory:
        offer, source = await offered(ann, mallory, tree)
        mallory.posts(Look(offer.id, 5, 0), Look(offer.id, 4, 0), Look(offer.id, 7, 0))
        await mallory.hears(Listing, 2)
        mallory.posts(Prove(offer.id, 5, 1, b"\x01"), Prove(offer.id, 7, 1, b"\x07"))
        proof = await mallory.hears(Proof)
        assert [one.attempt for one in mallory.got(Listing)] == [5, 7]
        body = encode(offer)[1]
        key = survey_key(mallory.link.export, offer.id, 7, body)
        assert proof == Proof(offer.id, 7, 1, prove(source, [1, 2, 3], key, lambda _n: None))


async def test_surveys_without_end_end_the_session_of_who_makes_them(
    house: House, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(underway, "ACCEPTS_A_SECOND", 0.001)  # whatever the disk takes
    ann = await house.lives("ann")
    async with ByHand(ann, ready=ABLE) as mallory:
        offer, _ = await offered(ann, mallory, tree)
        for attempt in range(1, ACCEPTS_AT_ONCE + 20):
            mallory.posts(Look(offer.id, attempt, 0))
        assert await mallory.ends() == "LIMIT"
    assert len(mallory.got(Listing)) <= ACCEPTS_AT_ONCE


async def test_a_survey_given_up_hashes_no_further(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")
    begun: list[int] = []

    def endless(_source: disk.Source, files: list[int], _key: bytes, go_on: Any) -> bytes:
        begun.append(len(files))
        while True:
            go_on(0)

    monkeypatch.setattr("lanchat.node.showing.prove", endless)
    async with ByHand(ann, ready=ABLE) as mallory:
        offer, _ = await offered(ann, mallory, make_file(tmp_path / "file", 10))
        for attempt in range(1, 6):
            mallory.posts(Prove(offer.id, attempt, 0, b"\x01"))
        await until(lambda: begun)
        mallory.posts(Accept(offer.id, 9, b"s" * 32, 0, NO_KEY))
        await mallory.hears(Start)
        await until(lambda: not _proving())


def _proving() -> list[str]:
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith("prove")]
