"""A survey: the receiver learns what is offered, and proves what it has.  PROTOCOL.md, 4.

    receiver                                sender
       | LOOK at an offset ..................> |
       | <............... LISTING of a piece   |    until the manifest is whole
       | PROVE a set of files ...............> |
       | <..................... PROOF of each  |    until nothing is left to compare
       | ACCEPT without what is the same ....> |

Neither half does I/O.  One question is open at a time, and each goes further than the last,
so that a survey costs its sender the manifest once and each file once.
"""

from collections.abc import Sequence
from typing import Final

from lanchat.errors import LocalProtocolError, MalformedPayload, OutOfTurn
from lanchat.transfer.manifest import Manifest
from lanchat.transfer.skips import files_of, pack
from lanchat.wire.payloads import (
    MOST_LISTED,
    PROOF_SIZE,
    Listing,
    Look,
    Offer,
    Proof,
    Prove,
)


class Asking:
    """The receiver's half, of one attempt.  Lives on the node thread.

    `head` is the manifest, as far as it came; `proofs` answer the last PROVE.
    """

    def __init__(self, offer: Offer, attempt: int) -> None:
        self.attempt: Final = attempt
        self.head: Final = bytearray()
        self.proofs: tuple[bytes, ...] = ()
        self._offer = offer
        self._open: Look | Prove | None = None
        self._count = 0  # of files that are to be proven

    @property
    def answered(self) -> bool:
        """Whether no question is open."""
        return self._open is None

    def look(self) -> Look | None:
        """Ask for the next piece of the manifest; None: it is whole."""
        if len(self.head) >= self._offer.manifest_len:
            return None
        look = Look(self._offer.id, self.attempt, len(self.head))
        self._ask(look)
        return look

    def prove(self, files: Sequence[int]) -> Prove:
        """Ask for proofs of these entries, rising and within the reach of one record."""
        first = files[0]
        prove = Prove(
            self._offer.id, self.attempt, first, pack(entry - first for entry in files)
        )
        self._ask(prove)
        self._count = len(files)
        return prove

    def take(self, payload: Listing | Proof) -> None:
        """Take an answer.

        Raises:
            OutOfTurn: nobody asked that.
            MalformedPayload: it is more or less than what was asked for.
        """
        match self._open, payload:
            case Look(offset=offset), Listing(offset=said) if said == offset:
                left = self._offer.manifest_len - offset
                if len(payload.data) != min(left, MOST_LISTED):
                    raise MalformedPayload(f"{len(payload.data)} bytes of a manifest")
                self.head.extend(payload.data)
            case Prove(first=first), Proof(first=said) if said == first:
                proofs = payload.proofs
                if len(proofs) != self._count * PROOF_SIZE:
                    raise MalformedPayload(f"{len(proofs)} bytes of proofs")
                starts = range(0, len(proofs), PROOF_SIZE)
                self.proofs = tuple(proofs[at : at + PROOF_SIZE] for at in starts)
            case _:
                raise OutOfTurn(f"{type(payload).__name__} that nobody asked for")
        self._open = None

    def _ask(self, question: Look | Prove) -> None:
        if self._open is not None:
            raise LocalProtocolError("two questions at once")
        self._open = question


class Telling:
    """The sender's half, of one attempt.  Lives on the node thread."""

    def __init__(self, manifest: Manifest, transfer: bytes, attempt: int) -> None:
        self.attempt: Final = attempt
        self._manifest = manifest
        self._transfer = transfer
        self._listed = 0  # bytes
        self._proven = 0  # entries
        self._open = -1  # first entry of the PROVE that is not answered yet

    def look(self, look: Look) -> Listing:
        """The answer to a LOOK.

        Raises:
            OutOfTurn: so much was listed before.
            MalformedPayload: there is nothing at that place.
        """
        whole = self._manifest.encoded
        if look.offset < self._listed:
            raise OutOfTurn(f"LOOK at {look.offset}, behind {self._listed}")
        data = whole[look.offset : look.offset + MOST_LISTED]
        if not data:
            raise MalformedPayload(f"LOOK at {look.offset} of {len(whole)}")
        self._listed = look.offset + len(data)
        return Listing(self._transfer, self.attempt, look.offset, data)

    def prove(self, prove: Prove) -> list[int]:
        """The files that a PROVE asks for; `proof` answers it.

        Raises:
            OutOfTurn: one is not answered yet, or these were asked for before.
            MalformedPayload: these are no files of the offer.
        """
        files = files_of(prove.asked, self._manifest, prove.first)
        if self._open >= 0 or files[0] < self._proven:
            raise OutOfTurn("PROVE out of turn")
        self._open, self._proven = prove.first, files[-1] + 1
        return files

    def proof(self, proofs: bytes) -> Proof:
        """The answer to the PROVE that is open."""
        if self._open < 0:
            raise LocalProtocolError("a proof that nobody asked for")
        first, self._open = self._open, -1
        return Proof(self._transfer, self.attempt, first, proofs)
