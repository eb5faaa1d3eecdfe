"""Somebody in between two spoken checks: he has one guess, and none where he chooses late.

The words are cut to the first one, 8 bits instead of 32, so that a guess can be seen to hit.
"""

import random
from collections.abc import Iterator
from typing import Final

import pytest

from lanchat.identity.keys import Identity, PeerId
from lanchat.session.sas import End, SpokenCheck, Step, commitment, words
from lanchat.wire.payloads import Sas, SasCode, SasCommit, SasNonce, SasResult, SasReveal

ANN, BOB, MALLORY = (Identity(bytes([seed]) * 32).peer_id for seed in (1, 2, 3))
RUN: Final = 7
CHOICES: Final = 2  # nonces among which he chooses the best, as far as he can know
ONE_IN: Final = 256


class Believing(SpokenCheck):
    """A check that does not look whether what is revealed was committed to."""

    def _revealed(self, theirs: bytes) -> Iterator[Sas]:
        self._hear(Step.REVEAL)
        self._find_words(self._theirs, self._mine, theirs + self._nonce)
        yield from ()


class Leg:
    """One of the two sessions: somebody's own check, and Mallory at the other end."""

    def __init__(
        self, who: PeerId, dice: random.Random, kind: type[SpokenCheck] = SpokenCheck
    ) -> None:
        self.who = who
        self.binding = dice.randbytes(32)
        self.nonce = dice.randbytes(32)  # theirs; he knows it once it was said
        self.check = kind(self.binding, who, MALLORY)

    def word(self, *, asks: bool, theirs: bytes, his: bytes) -> str:
        """What the word would be; `asks`: they ask him."""
        between = (self.who, MALLORY) if asks else (MALLORY, self.who)
        both = theirs + his if asks else his + theirs
        return words(self.binding, RUN, *between, both)[0]

    def asks(self) -> None:
        """They ask him, and commit themselves."""
        self.check.begin(RUN, self.nonce, 0.0)

    def gives(self, his: bytes) -> bytes:
        """He answers with his nonce; theirs, which they reveal then."""
        (said,) = self.check.take(SasNonce(RUN, his), b"", 0.0)
        assert isinstance(said, SasReveal)
        return said.nonce

    def promises(self, his: bytes) -> bytes:
        """He asks them, and commits himself; the nonce they answer with."""
        made = commitment(self.binding, RUN, MALLORY, self.who, his)
        assert list(self.check.take(SasCommit(RUN, made), b"", 0.0)) == []
        return self.check.agree(self.nonce).nonce

    def reveals(self, his: bytes) -> list[Sas]:
        """He reveals a nonce; what they say to it."""
        return list(self.check.take(SasReveal(RUN, his), b"", 0.0))


def chosen(leg: Leg, wanted: str, dice: random.Random, *, asks: bool) -> bytes:
    """A nonce of his for the word he wants, as good as he can: theirs he has to guess."""
    guess = dice.randbytes(32)
    tries = [dice.randbytes(32) for _ in range(CHOICES)]
    fitting = (one for one in tries if leg.word(asks=asks, theirs=guess, his=one) == wanted)
    return next(fitting, tries[0])


def asked_and_asks(ann: Leg, bob: Leg, dice: random.Random) -> None:
    """Ann asks him.  He learns her word first, and then has to commit himself to Bob."""
    ann.asks()
    ann.gives(dice.randbytes(32))
    his = chosen(bob, ann.check.words[0], dice, asks=False)
    bob.promises(his)
    bob.reveals(his)


def asks_and_is_asked(ann: Leg, bob: Leg, dice: random.Random) -> None:
    """Ann asks him.  He learns Bob's nonce first, and has to answer Ann before she reveals."""
    ann.asks()
    also = dice.randbytes(32)
    theirs = bob.promises(also)
    wanted = bob.word(asks=False, theirs=theirs, his=also)
    ann.gives(chosen(ann, wanted, dice, asks=True))
    bob.reveals(also)


def is_asked_by_both(ann: Leg, bob: Leg, dice: random.Random) -> None:
    """Both ask him: one word is there before he answers the other one."""
    ann.asks()
    bob.asks()
    ann.gives(dice.randbytes(32))
    bob.gives(chosen(bob, ann.check.words[0], dice, asks=True))


def asks_both(ann: Leg, bob: Leg, dice: random.Random) -> None:
    """He asks both, and commits himself to the second once he knows the first word."""
    his = dice.randbytes(32)
    wanted = ann.word(asks=False, theirs=ann.promises(his), his=his)
    also = chosen(bob, wanted, dice, asks=False)
    bob.promises(also)
    ann.reveals(his)
    bob.reveals(also)


WAYS: Final = (asked_and_asks, asks_and_is_asked, is_asked_by_both, asks_both)


def matched(ann: Leg, bob: Leg) -> bool:
    """Both read their words to each other, and he passes on whatever they say."""
    assert len(ann.check.words) == len(bob.check.words) == 4
    same = ann.check.words[0] == bob.check.words[0]
    for leg in (ann, bob):
        leg.check.answer(match=same)
        if same:
            list(leg.check.take(SasResult(RUN, SasCode.MATCH), b"", 0.0))
        assert leg.check.end is (End.MATCHED if same else End.DIFFERENT)
    return same


@pytest.mark.timeout(170)
@pytest.mark.parametrize(
    "runs", [10_000, pytest.param(100_000, marks=[pytest.mark.long])], ids=str
)
def test_somebody_in_between_has_one_guess(runs: int) -> None:
    """Whoever asks whom, and whatever he learns first: one run in 256 succeeds."""
    dice = random.Random(7)
    hits = 0
    for number in range(runs):
        ann, bob = Leg(ANN, dice), Leg(BOB, dice)
        WAYS[number % len(WAYS)](ann, bob, dice)
        hits += matched(ann, bob)
    expected = runs / ONE_IN
    assert abs(hits - expected) < 4 * expected**0.5


def late(kind: type[SpokenCheck], dice: random.Random) -> tuple[Leg, Leg]:
    """He commits himself to anything, and reveals what fits once he knows both nonces."""
    ann, bob = Leg(ANN, dice), Leg(BOB, dice, kind)
    ann.asks()
    ann.gives(dice.randbytes(32))
    theirs = bob.promises(dice.randbytes(32))
    wanted = ann.check.words[0]
    nonces = iter(lambda: dice.randbytes(32), b"")
    bob.reveals(
        next(one for one in nonces if bob.word(asks=False, theirs=theirs, his=one) == wanted)
    )
    return ann, bob


def test_who_chooses_late_is_found_out_by_his_commitment() -> None:
    dice = random.Random(7)
    for _run in range(20):
        _ann, bob = late(SpokenCheck, dice)
        assert (bob.check.end, bob.check.words) == (End.WRONG_REVEAL, ())


def test_who_chooses_late_would_always_succeed_without_commitments() -> None:
    """What the one above stands on: it is the commitment alone that keeps him out."""
    dice = random.Random(7)
    assert all(matched(*late(Believing, dice)) for _run in range(20))
