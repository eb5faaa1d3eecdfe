"""What tests of the machines share: an offer, and an exporter both sides know."""

import hashlib
from typing import Final

from lanchat.transfer import receiver, sender
from lanchat.wire.payloads import Accept, Offer, Top, TopKind

ID: Final = bytes(range(16))
OFFER: Final = Offer(
    ID, 0, 1, 0, 3 * 2**20, 30, bytes(range(32)), 1, (Top(TopKind.FILE, 3 * 2**20, "f"),)
)
DIGEST: Final = bytes(range(100, 132))


def export(label: str, ctx: bytes, length: int) -> bytes:
    return hashlib.sha256(label.encode() + ctx).digest()[:length]


def accept(attempt: int = 1, *, offset: int = 0, salt: int | None = None) -> Accept:
    prefix = b"\x07" * 32 if offset else bytes(32)
    return Accept(ID, attempt, bytes([salt or attempt]) * 32, offset, prefix)


def stage_of(
    machine: sender.Sender | receiver.Receiver,
) -> sender.Stage | receiver.Stage:
    """Asked anew each time: a type checker believes that an attribute stays."""
    return machine.stage
