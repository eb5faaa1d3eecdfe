"""The receiving half of a transfer, as a state machine without I/O.  PROTOCOL.md, 4.

    OFFERED --accept--> ACCEPTED --start--> RECEIVING --whole--> RECEIVED --match--> STORING
     |  ^                   |                   |                    |                  |
     |  +----------------- pause: lane or session lost ---------------+       stored -> COMPLETE
     +--look--> LOOKING --accept--> ACCEPTED

A decline or cancel ends it at any stage but STORING: then the files are on their way to
their place.  "All sent" may overtake the lane by megabytes: it is kept, and compared when
the last chunk has been opened.
"""

from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final

from lanchat.errors import DigestMismatch, LocalProtocolError, OutOfTurn
from lanchat.transfer.stream import Export, LaneKeys, context, lane_keys, survey_key
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import (
    RESUMABLE,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    DoneStage,
    Fault,
    Offer,
    Start,
)

DONE_PATIENCE: Final = 60.0  # seconds between the last chunk and "all sent"


class Stage(Enum):
    """How far an offer to us has come."""

    OFFERED = auto()  # waits for our answer, the first or one that resumes
    LOOKING = auto()  # accepted here; what is there already is being compared
    ACCEPTED = auto()  # the sender compares what we hold
    RECEIVING = auto()  # started; the lane carries it
    RECEIVED = auto()  # the lane is through; waits for "all sent"
    STORING = auto()  # both agree; being synced and moved to its place
    COMPLETE = auto()
    DECLINED = auto()
    ABANDONED = auto()


class Word(StrEnum):
    """What may happen to an offer to us."""

    OFFER = "offer"
    LOOK = "look"
    ACCEPT = "accept"
    START = "start"
    SENT = "sent"
    WHOLE = "whole"
    MATCH = "match"
    DIFFER = "differ"
    STORED = "stored"
    PAUSE = "pause"
    FAIL = "fail"
    DECLINE = "decline"
    CANCEL = "cancel"


_OPEN: Final = (
    Stage.OFFERED,
    Stage.LOOKING,
    Stage.ACCEPTED,
    Stage.RECEIVING,
    Stage.RECEIVED,
)
_LIVE: Final = (*_OPEN, Stage.STORING)
FINAL: Final = frozenset({Stage.COMPLETE, Stage.DECLINED, Stage.ABANDONED})

#: Every step there is.  Whatever is not in this table breaks the protocol.
STEPS: Final = MappingProxyType(
    {
        (Stage.OFFERED, Word.LOOK): Stage.LOOKING,
        (Stage.OFFERED, Word.ACCEPT): Stage.ACCEPTED,
        (Stage.LOOKING, Word.ACCEPT): Stage.ACCEPTED,
        (Stage.ACCEPTED, Word.START): Stage.RECEIVING,
        (Stage.RECEIVING, Word.SENT): Stage.RECEIVING,
        (Stage.RECEIVING, Word.WHOLE): Stage.RECEIVED,
        (Stage.RECEIVED, Word.SENT): Stage.RECEIVED,
        (Stage.RECEIVED, Word.MATCH): Stage.STORING,
        (Stage.RECEIVED, Word.DIFFER): Stage.ABANDONED,
        (Stage.STORING, Word.STORED): Stage.COMPLETE,
        (Stage.STORING, Word.PAUSE): Stage.STORING,
        (Stage.STORING, Word.CANCEL): Stage.STORING,
        **{(stage, Word.OFFER): stage for stage in (*_LIVE, Stage.COMPLETE)},  # asked again
        **{(stage, Word.PAUSE): Stage.OFFERED for stage in _OPEN},
        **{(stage, Word.FAIL): Stage.OFFERED for stage in _LIVE},
        **{(stage, Word.DECLINE): Stage.DECLINED for stage in _OPEN},
        **{(stage, Word.CANCEL): Stage.ABANDONED for stage in _OPEN},
        # what crosses our own last word on the way
        **{
            (stage, word): stage
            for stage in FINAL
            for word in (Word.CANCEL, Word.PAUSE, Word.SENT, Word.START)
        },
    }
)


class Receiver:
    """Follow one offer to us from OFFER to "stored".

    Lives on the node thread, which drives it and posts what it returns.  `attempt` is the
    last attempt asked for, 0 for none; a transfer read back from disk goes on above it.
    `body` is the raw body of the offer, where there is more in it than we know.
    """

    def __init__(self, offer: Offer, *, attempt: int = 0, body: bytes = b"") -> None:
        self.offer: Final = offer
        self.stage = Stage.OFFERED
        self.attempt = attempt
        self.offset = 0  # START's, once it came
        self.cancelled: Cancel | None = None  # the peer's, or ours
        self.deadline: float | None = None  # when "all sent" is overdue
        self._body = body or encode(offer)[1]
        self._accept: Accept | None = None
        self._theirs: tuple[int, bytes] | None = None  # chunks and digest of DONE(1)
        self._ours: tuple[int, bytes] | None = None

    def offered_again(self, offer: Offer) -> Done | None:
        """The same id was offered once more; the DONE(2) to post if all is here.

        Raises:
            OutOfTurn: another manifest under the same id, or the transfer is over.
        """
        if offer != self.offer:
            raise OutOfTurn("another offer under the same id")
        self._step(Word.OFFER)
        return self._done() if self.stage is Stage.COMPLETE else None

    def look(self, export: Export) -> tuple[int, bytes]:
        """Begin to compare what is here: the number of this attempt, and the key of proofs."""
        self._step(Word.LOOK)
        self.attempt += 1
        return self.attempt, survey_key(export, self.offer.id, self.attempt, self._body)

    def accept(
        self,
        salt: bytes,
        point: tuple[int, bytes],
        export: Export,
        *,
        initiator: bool,
        skip: bytes = b"",
    ) -> tuple[Accept, LaneKeys]:
        """Say yes, from `point` on: what `Incoming.resume_point` says.

        `salt` is 32 fresh random bytes; `initiator` says whether we opened this session;
        `skip` is the set of entries that need not come.
        """
        self._step(Word.ACCEPT)
        self.attempt += 1
        self.offset = 0
        self._theirs = self._ours = None
        offset, prefix = point
        accept = Accept(self.offer.id, self.attempt, salt, offset, prefix, skip)
        ctx = context(accept, initiator_sends=not initiator, offer_body=self._body)
        self._accept = accept
        return accept, lane_keys(export, ctx)

    def decline(self, code: DeclineCode, detail: int = 0) -> Decline:
        """Say no, at first or once the manifest has shown its faults."""
        self._step(Word.DECLINE)
        return Decline(self.offer.id, code, detail)

    def receive(self, payload: Start | Done | Cancel) -> None:
        """Take what the sender says; `stage` tells what it meant.

        Raises:
            OutOfTurn: it does not belong here.
            DigestMismatch: "all sent" is not what arrived; the transfer is over.
        """
        match payload:
            case Start():
                self._started(payload)
            case Cancel():
                self._cancelled(payload)
            case Done(stage=DoneStage.SENT):
                self._all_sent(payload)
            case Done():
                raise OutOfTurn("DONE(2) from a sender")

    def received(self, chunks: int, digest: bytes, now: float) -> None:
        """The lane is through: compare, or wait for "all sent".

        Raises:
            DigestMismatch: "all sent" is not what arrived; the transfer is over.
        """
        self._step(Word.WHOLE)
        self._ours = (chunks, digest)
        self.deadline = now + DONE_PATIENCE
        self._compare()

    def expire(self, now: float) -> bool:
        """Whether "all sent" is overdue; the part then waits for another attempt."""
        if self.deadline is None or now < self.deadline:
            return False
        self.pause()
        return True

    def stored(self) -> Done:
        """All lies in its place; returns DONE(2) to post."""
        self._step(Word.STORED)
        return self._done()

    def pause(self) -> None:
        """The lane or the session is lost; `accept` goes on."""
        self._step(Word.PAUSE)

    def suspend(
        self, code: CancelCode, *, missing: int = 0, fault: Fault = Fault.UNSAID
    ) -> Cancel:
        """Our half failed; the part is kept.  Returns the CANCEL of this attempt to post.

        With a `fault` it waits for our disk, and `accept` goes on by itself.
        """
        self._step(Word.FAIL)
        return Cancel(self.offer.id, self.attempt, code, RESUMABLE, missing, fault)

    def cancel(self, code: CancelCode = CancelCode.USER) -> Cancel | None:
        """End the transfer; returns the CANCEL to post, None when it is too late for one."""
        self._step(Word.CANCEL)
        if self.stage is not Stage.ABANDONED:
            return None
        if self.cancelled is None:
            self.cancelled = Cancel(self.offer.id, 0, code)
        return self.cancelled

    def _started(self, start: Start) -> None:
        if self._stale(start.attempt):
            return
        if self._accept is None or start.offset not in (0, self._accept.offset):
            raise OutOfTurn(f"START at {start.offset}")
        self._step(Word.START)
        if self.stage is Stage.RECEIVING:
            self.offset = start.offset

    def _all_sent(self, done: Done) -> None:
        if self._stale(done.attempt):
            return
        self._step(Word.SENT)
        said = (done.chunks, done.digest)
        if self._theirs not in (None, said):
            raise OutOfTurn("two different DONE(1) for one attempt")
        self._theirs = said
        self._compare()

    def _stale(self, attempt: int) -> bool:
        if attempt > self.attempt:
            raise OutOfTurn(f"attempt {attempt}, asked for {self.attempt}")
        return attempt < self.attempt or self.stage is Stage.OFFERED

    def _compare(self) -> None:
        if self.stage is not Stage.RECEIVED or self._theirs is None:
            return
        if self._theirs != self._ours:
            self._step(Word.DIFFER)
            raise DigestMismatch("DONE(1) is not what arrived")
        self._step(Word.MATCH)

    def _done(self) -> Done:
        if self._ours is None:
            raise LocalProtocolError("nothing is stored")
        return Done(self.offer.id, self.attempt, DoneStage.STORED, *self._ours)

    def _cancelled(self, cancel: Cancel) -> None:
        if cancel.attempt and cancel.attempt != self.attempt:
            return  # of an attempt that is over
        if cancel.attempt and cancel.flags & RESUMABLE:
            self.pause()
            return
        self._step(Word.CANCEL)
        if self.stage is Stage.ABANDONED:
            self.cancelled = self.cancelled or cancel

    def _step(self, word: Word) -> None:
        try:
            self.stage = STEPS[self.stage, word]
        except KeyError:
            raise OutOfTurn(f"{word} while {self.stage.name}") from None
        if self.stage is not Stage.RECEIVED:
            self.deadline = None
