"""The sending half of a transfer, as a state machine without I/O.  PROTOCOL.md, 4.

    OFFERED --accept--> CHECKING --start--> STREAMING --sent--> SENT --stored--> FINISHED
     |  ^                  |                    |                |
     |  +---------------- pause: lane or session lost ------------+
     +--look--> SHOWING --accept--> CHECKING

A new ACCEPT or LOOK supersedes the attempt under way; a decline or cancel ends the transfer.
"""

from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final

from lanchat.errors import LocalProtocolError, MalformedPayload, OutOfTurn
from lanchat.transfer.stream import Export, LaneKeys, context, lane_keys, stream_length
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import (
    RESUMABLE,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    Done,
    DoneStage,
    Offer,
    Start,
)


class Stage(Enum):
    """How far an offer of ours has come."""

    OFFERED = auto()  # waits for ACCEPT, the first or one that resumes
    SHOWING = auto()  # the receiver looks at what is offered, and compares
    CHECKING = auto()  # accepted; what the receiver holds is being compared
    STREAMING = auto()  # started; the lane carries it
    SENT = auto()  # all sent; waits for "stored"
    FINISHED = auto()
    DECLINED = auto()
    ABANDONED = auto()


class Word(StrEnum):
    """What may happen to an offer of ours."""

    OFFER = "offer"
    LOOK = "look"
    ACCEPT = "accept"
    START = "start"
    SENT = "sent"
    STORED = "stored"
    PAUSE = "pause"
    DECLINE = "decline"
    CANCEL = "cancel"


_LIVE: Final = (Stage.OFFERED, Stage.SHOWING, Stage.CHECKING, Stage.STREAMING, Stage.SENT)
FINAL: Final = frozenset({Stage.FINISHED, Stage.DECLINED, Stage.ABANDONED})

#: Every step there is.  Whatever is not in this table breaks the protocol.
STEPS: Final = MappingProxyType(
    {
        (Stage.OFFERED, Word.OFFER): Stage.OFFERED,
        (Stage.OFFERED, Word.STORED): Stage.FINISHED,  # asked again for what it has
        (Stage.CHECKING, Word.START): Stage.STREAMING,
        (Stage.STREAMING, Word.SENT): Stage.SENT,
        (Stage.SENT, Word.STORED): Stage.FINISHED,
        **{(stage, Word.LOOK): Stage.SHOWING for stage in _LIVE},
        **{(stage, Word.ACCEPT): Stage.CHECKING for stage in _LIVE},
        **{(stage, Word.PAUSE): Stage.OFFERED for stage in _LIVE},
        **{(stage, Word.DECLINE): Stage.DECLINED for stage in _LIVE},
        **{(stage, Word.CANCEL): Stage.ABANDONED for stage in _LIVE},
        # what crosses our own last word on the way
        **{(stage, word): stage for stage in FINAL for word in (Word.DECLINE, Word.CANCEL)},
        **{(stage, Word.PAUSE): stage for stage in FINAL},
        (Stage.FINISHED, Word.STORED): Stage.FINISHED,
        (Stage.ABANDONED, Word.STORED): Stage.ABANDONED,
    }
)


class Sender:
    """Follow one offer of ours from OFFER to "stored".

    Lives on the node thread, which drives it and posts what it returns.  `attempt` is the
    last attempt served, 0 for none; a transfer read back from disk goes on above it.
    `keys` are those of the attempt accepted last, and are handed out for one START only.
    """

    def __init__(self, offer: Offer, *, attempt: int = 0) -> None:
        self.offer: Final = offer
        self.stage = Stage.OFFERED
        self.attempt = attempt
        self.accept: Accept | None = None
        self.declined: Decline | None = None
        self.cancelled: Cancel | None = None  # the peer's, or ours
        self._keys: LaneKeys | None = None
        self._salts: set[bytes] = set()

    def offered(self) -> Offer:
        """The offer to post: at first, and again on each new session."""
        self._step(Word.OFFER)
        return self.offer

    def looked(self, attempt: int, *, served: int | None = None) -> bool:
        """A survey begins; False: it is passed over, as it is none that may begin now.

        `served` as for `accepted`.
        """
        last = self.attempt if served is None else served
        if self.stage in FINAL or attempt <= last:
            return False
        self._step(Word.LOOK)
        self.attempt = attempt
        self._keys = None
        return True

    def accepted(
        self,
        accept: Accept,
        export: Export,
        *,
        initiator: bool,
        body: bytes = b"",
        served: int | None = None,
        length: int | None = None,
    ) -> Cancel | None:
        """Take an ACCEPT; None: compare the prefix, then `start`.

        `initiator` says whether we opened the session that carried it; `body` is the raw
        body, where there is more in it than we know.  `served` is the last attempt at this
        transfer that was served on this session, where that is not the last one of all: a
        receiver that remembers nothing counts anew on the next.  `length` is that of the
        stream without what it skips.  A Cancel is to be posted: this attempt or salt was
        served before, or the transfer is over, and nothing was keyed.

        Raises:
            MalformedPayload: an offset beyond the stream.
        """
        whole = stream_length(self.offer) if length is None else length
        if accept.offset and accept.offset >= whole:
            raise MalformedPayload(f"accept at {accept.offset}, beyond the stream")
        if self.stage in FINAL:
            return Cancel(accept.id, accept.attempt, CancelCode.USER)
        last = self.attempt if served is None else served
        if accept.attempt <= last or accept.salt in self._salts:
            return Cancel(accept.id, accept.attempt, CancelCode.LIMIT)
        self._step(Word.ACCEPT)
        self._salts.add(accept.salt)
        self.attempt = accept.attempt
        self.accept = accept
        self._keys = lane_keys(
            export,
            context(
                accept,
                initiator_sends=initiator,
                offer_body=encode(self.offer)[1],
                accept_body=body,
            ),
        )
        return None

    def start(self, *, prefix_fits: bool) -> tuple[Start, LaneKeys]:
        """Go: from the accepted offset if the prefix fits, else from the beginning.

        The keys are handed out here, once: no key ever seals two streams.
        """
        self._step(Word.START)
        if self.accept is None or self._keys is None:
            raise LocalProtocolError("START without ACCEPT")
        keys, self._keys = self._keys, None
        offset = self.accept.offset if prefix_fits else 0
        return Start(self.accept.id, self.accept.attempt, offset), keys

    def sent(self, chunks: int, digest: bytes) -> Done:
        """The lane carried everything; returns DONE(1) to post."""
        self._step(Word.SENT)
        return Done(self.offer.id, self.attempt, DoneStage.SENT, chunks, digest)

    def pause(self) -> None:
        """The lane or the session is lost; a later ACCEPT goes on."""
        self._step(Word.PAUSE)
        self._keys = None

    def suspend(self, code: CancelCode) -> Cancel:
        """Our half failed; the receiver may keep its part.  Returns the CANCEL to post."""
        self.pause()
        return Cancel(self.offer.id, self.attempt, code, RESUMABLE)

    def cancel(self, code: CancelCode = CancelCode.USER) -> Cancel:
        """End the transfer; returns the CANCEL to post."""
        self._step(Word.CANCEL)
        self._keys = None
        if self.cancelled is None:
            self.cancelled = Cancel(self.offer.id, 0, code)
        return self.cancelled

    def receive(self, payload: Decline | Cancel | Done) -> None:
        """Take what the receiver says; `stage` tells what it meant.

        Raises:
            OutOfTurn: it does not belong here.
        """
        match payload:
            case Decline():
                self._step(Word.DECLINE)
                self.declined = self.declined or payload
            case Cancel():
                self._cancelled(payload)
            case Done(stage=DoneStage.STORED):
                self._step(Word.STORED)
            case Done():
                raise OutOfTurn("DONE(1) from a receiver")

    def _cancelled(self, cancel: Cancel) -> None:
        if cancel.attempt and cancel.attempt != self.attempt:
            return  # of an attempt that is over
        if cancel.attempt and cancel.flags & RESUMABLE:
            self.pause()
            return
        self._step(Word.CANCEL)
        self.cancelled = self.cancelled or cancel

    def _step(self, word: Word) -> None:
        try:
            self.stage = STEPS[self.stage, word]
        except KeyError:
            raise OutOfTurn(f"{word} while {self.stage.name}") from None
