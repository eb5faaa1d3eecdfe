"""The spoken check: four words that two people read to each other.  PROTOCOL.md, 5.

    asked first        COMMITTED --nonce--> COMPARING --our yes--> CONFIRMED --their yes--> over
    was asked   INVITED --our yes--> AGREED --reveal--> COMPARING --their yes--> AWAITED

Whoever asked commits itself to a nonce before it knows the other's, so somebody in between
has one guess in 2^32 and no second one.  One run at a time, on one session.  No clock and no
randomness: the driver hands in `now` and what it drew.
"""

import hmac
from collections import deque
from collections.abc import Iterator
from enum import Enum, StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lanchat.errors import LocalProtocolError, OutOfTurn
from lanchat.identity.fingerprint import spoken
from lanchat.identity.keys import PeerId, label
from lanchat.wire.payloads import Sas, SasCode, SasCommit, SasNonce, SasResult, SasReveal

NONCE_SIZE: Final = 32  # bytes
WORDS: Final = 4
LASTS: Final = 120.0  # seconds from the commitment to the last answer
_REMEMBERED: Final = 16  # runs of this session that are over; what still comes of them is late


class Stage(Enum):
    """Where a run is."""

    IDLE = "idle"  # there is none
    COMMITTED = "committed"  # we asked
    INVITED = "invited"  # they asked; our user has not agreed yet
    AGREED = "agreed"  # our nonce is out
    COMPARING = "comparing"  # the words are known
    CONFIRMED = "confirmed"  # our user said that they match
    AWAITED = "awaited"  # theirs said so, ours has not answered yet


class End(StrEnum):
    """How a run ended."""

    MATCHED = "matched"  # both users said so
    DIFFERENT = "different"  # our user said that they differ
    THEY_DIFFER = "they-differ"
    WRONG_REVEAL = "wrong-reveal"  # not what was committed to: somebody chose a nonce late
    CANCELLED = "cancelled"
    THEY_CANCELLED = "they-cancelled"
    NOBODY = "nobody"
    BUSY = "busy"
    TIMEOUT = "timeout"
    LOST = "lost"


#: The ends of a run in which the check failed, not only stopped.
FAILURES: Final = frozenset({End.DIFFERENT, End.THEY_DIFFER, End.WRONG_REVEAL})


class Step(Enum):
    """What moves a run."""

    BEGIN = "our user asked"
    COMMIT = "they asked"
    RIVAL_FALLS = "they asked too, and their key is the larger"
    RIVAL_STANDS = "they asked too, and their key is the smaller"
    AGREE = "our user agreed"
    NONCE = "their nonce came"
    REVEAL = "the nonce came that they committed to"
    FORGERY = "another nonce came"
    CONFIRM = "our user said that the words match"
    REJECT = "our user said that they differ"
    CANCEL = "our user left"
    MATCH = "theirs said that they match"
    DIFFER = "theirs said that they differ"
    CANCELLED = "theirs left"
    NOBODY = "nobody is there"
    BUSY = "they are busy"
    TIMEOUT = "the time is up"
    LOST = "the session ended"


def _steps() -> dict[tuple[Stage, Step], Stage | End]:
    steps: dict[tuple[Stage, Step], Stage | End] = {
        (Stage.IDLE, Step.BEGIN): Stage.COMMITTED,
        (Stage.IDLE, Step.COMMIT): Stage.INVITED,
        (Stage.COMMITTED, Step.RIVAL_FALLS): Stage.COMMITTED,
        (Stage.COMMITTED, Step.RIVAL_STANDS): Stage.AGREED,
        (Stage.COMMITTED, Step.NONCE): Stage.COMPARING,
        (Stage.COMMITTED, Step.NOBODY): End.NOBODY,
        (Stage.COMMITTED, Step.BUSY): End.BUSY,
        (Stage.INVITED, Step.AGREE): Stage.AGREED,
        (Stage.AGREED, Step.REVEAL): Stage.COMPARING,
        (Stage.AGREED, Step.FORGERY): End.WRONG_REVEAL,
        (Stage.COMPARING, Step.CONFIRM): Stage.CONFIRMED,
        (Stage.COMPARING, Step.REJECT): End.DIFFERENT,
        (Stage.COMPARING, Step.MATCH): Stage.AWAITED,
        (Stage.COMPARING, Step.DIFFER): End.THEY_DIFFER,
        (Stage.CONFIRMED, Step.MATCH): End.MATCHED,
        (Stage.CONFIRMED, Step.DIFFER): End.THEY_DIFFER,
        (Stage.AWAITED, Step.CONFIRM): End.MATCHED,
        (Stage.AWAITED, Step.REJECT): End.DIFFERENT,
    }
    for stage in set(Stage) - {Stage.IDLE}:
        steps[stage, Step.CANCEL] = End.CANCELLED
        steps[stage, Step.TIMEOUT] = End.TIMEOUT
        steps[stage, Step.LOST] = End.LOST
        if stage is not Stage.AWAITED:  # they have answered
            steps[stage, Step.CANCELLED] = End.THEY_CANCELLED
    return steps


#: Every step there is.  What is not in this table is a fault: the peer's, or ours.
STEPS: Final = MappingProxyType(_steps())

_SAID: Final = MappingProxyType(
    {
        SasCode.DIFFER: Step.DIFFER,
        SasCode.MATCH: Step.MATCH,
        SasCode.CANCELLED: Step.CANCELLED,
        SasCode.NOBODY: Step.NOBODY,
        SasCode.BUSY: Step.BUSY,
    }
)


def commitment(binding: bytes, run: int, asker: PeerId, other: PeerId, nonce: bytes) -> bytes:
    """What binds whoever asked to its nonce, on this session and in this run."""
    said = _run(run) + asker.key + other.key + nonce
    return sha256(label("sas-commit") + binding + said).digest()


def words(
    binding: bytes, run: int, asker: PeerId, other: PeerId, nonces: bytes
) -> tuple[str, ...]:
    """The words to be read aloud; `nonces` is the asker's, then the other's."""
    info = label("sas") + asker.key + other.key + _run(run)
    derive = HKDF(algorithm=SHA256(), length=WORDS, salt=binding, info=info)
    return spoken(derive.derive(nonces))


class SpokenCheck:
    """The spoken checks of one session, one at a time.  Has one owner and one thread.

    `binding` is the session's channel binding.  `end` tells how the last run ended, None
    while there is one; `words` are what it compared.
    """

    def __init__(self, binding: bytes, mine: PeerId, theirs: PeerId) -> None:
        self.stage = Stage.IDLE
        self.run = 0
        self.words: tuple[str, ...] = ()
        self.end: End | None = None
        self.deadline: float | None = None
        self.confirmed = False  # our user said in this run that the words match
        self._binding = binding
        self._mine = mine
        self._theirs = theirs
        self._nonce = b""  # ours
        self._committed = b""  # to what they committed themselves
        self._over: deque[int] = deque(maxlen=_REMEMBERED)

    @property
    def answerable(self) -> bool:
        """Whether our user has to say if the words match."""
        return self.stage in (Stage.COMPARING, Stage.AWAITED)

    # --- our user -----------------------------------------------------------------------

    def begin(self, run: int, nonce: bytes, now: float) -> SasCommit:
        """Ask for a check; `run` and `nonce` are fresh and random.

        Raises:
            LocalProtocolError: one is under way.
        """
        self._start(Step.BEGIN, run, nonce, now)
        return SasCommit(run, commitment(self._binding, run, self._mine, self._theirs, nonce))

    def agree(self, nonce: bytes) -> SasNonce:
        """Agree to what they asked for; `nonce` is fresh and random.

        Raises:
            LocalProtocolError: they asked for nothing.
        """
        self._step(Step.AGREE)
        self._nonce = nonce
        return SasNonce(self.run, nonce)

    def answer(self, *, match: bool) -> SasResult:
        """Say what our user saw.

        Raises:
            LocalProtocolError: there are no words to compare.
        """
        self._step(Step.CONFIRM if match else Step.REJECT)
        self.confirmed = match
        return SasResult(self.run, SasCode.MATCH if match else SasCode.DIFFER)

    def retract(self) -> SasResult | None:
        """What our user said could not be kept: take it as not said; what to tell them."""
        self.confirmed = False
        if self.stage is not Stage.CONFIRMED:
            return None
        self._step(Step.CANCEL)
        return SasResult(self.run, SasCode.CANCELLED)

    def cancel(self) -> SasResult | None:
        """Leave the run, if there is one; what to tell them, unless our user has answered."""
        return self._leave(Step.CANCEL)

    # --- theirs -------------------------------------------------------------------------

    def refuse(self, commit: SasCommit, code: SasCode) -> SasResult:
        """Take no part in what they ask for."""
        self._over.append(commit.run)
        return SasResult(commit.run, code)

    def take(self, payload: Sas, nonce: bytes, now: float) -> Iterator[Sas]:
        """Hear what they say and yield what to answer; `nonce` is fresh and random.

        Run the iterator to its end.

        Raises:
            OutOfTurn: it does not belong here; the words are never shown.
        """
        match payload:
            case SasCommit(run, promised):
                yield from self._asked(run, promised, nonce, now)
            case SasNonce(run, theirs) if self._concerns(run):
                self._hear(Step.NONCE)
                self._find_words(self._mine, self._theirs, self._nonce + theirs)
                yield SasReveal(run, self._nonce)
            case SasReveal(run, theirs) if self._concerns(run):
                yield from self._revealed(theirs)
            case SasResult(run, code) if run == self.run and self.stage is not Stage.IDLE:
                self._hear(_SAID[code])
            case SasNonce(run, _) if run not in self._over:
                raise OutOfTurn("a nonce for no commitment")
            case _:
                pass  # of a run that is over, or of none: it changes nothing

    def _asked(self, run: int, promised: bytes, nonce: bytes, now: float) -> Iterator[Sas]:
        if run in self._over or (run == self.run and self.stage is not Stage.COMMITTED):
            raise OutOfTurn("a commitment twice")
        if self.stage is Stage.IDLE:
            self._start(Step.COMMIT, run, b"", now)
            self._committed = promised
        elif self.stage is not Stage.COMMITTED:
            yield self.refuse(SasCommit(run, promised), SasCode.BUSY)
        elif self._mine < self._theirs:
            self._hear(Step.RIVAL_FALLS)
            if run != self.run:
                self._over.append(run)
        else:
            self._over.append(self.run)
            self._hear(Step.RIVAL_STANDS)
            self.run, self._committed, self._nonce = run, promised, nonce
            yield SasNonce(run, nonce)

    def _revealed(self, theirs: bytes) -> Iterator[Sas]:
        made = commitment(self._binding, self.run, self._theirs, self._mine, theirs)
        if hmac.compare_digest(made, self._committed):
            self._hear(Step.REVEAL)
            self._find_words(self._theirs, self._mine, theirs + self._nonce)
        else:
            self._hear(Step.FORGERY)
            yield SasResult(self.run, SasCode.DIFFER)

    # --- time and the end ---------------------------------------------------------------

    def expire(self, now: float) -> SasResult | None:
        """End the run if its time is up; what to tell them, unless our user has answered."""
        if self.deadline is None or now < self.deadline:
            return None
        return self._leave(Step.TIMEOUT)

    def lose(self) -> None:
        """The session ended, and the run with it: interrupted, not failed."""
        self._leave(Step.LOST)

    # --- within -------------------------------------------------------------------------

    def _concerns(self, run: int) -> bool:
        return run == self.run and self.stage is not Stage.IDLE

    def _start(self, step: Step, run: int, nonce: bytes, now: float) -> None:
        self._step(step)
        self.run, self._nonce, self._committed = run, nonce, b""
        self.words, self.end, self.confirmed = (), None, False
        self.deadline = now + LASTS

    def _leave(self, step: Step) -> SasResult | None:
        if self.stage is Stage.IDLE:
            return None
        answered = self.stage is Stage.CONFIRMED
        self._step(step)
        return None if answered else SasResult(self.run, SasCode.CANCELLED)

    def _hear(self, step: Step) -> None:
        try:
            self._step(step)
        except LocalProtocolError as error:
            raise OutOfTurn(f"spoken check: {error}") from None

    def _step(self, step: Step) -> None:
        after = STEPS.get((self.stage, step))
        if after is None:
            raise LocalProtocolError(f"{step.value} while {self.stage.value}")
        if isinstance(after, End):
            self.end, self.stage, self.deadline = after, Stage.IDLE, None
            self._nonce = self._committed = b""
            self._over.append(self.run)
        else:
            self.stage = after

    def _find_words(self, asker: PeerId, other: PeerId, nonces: bytes) -> None:
        self.words = words(self._binding, self.run, asker, other, nonces)


def _run(run: int) -> bytes:
    return run.to_bytes(4, "big")
