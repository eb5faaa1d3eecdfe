"""Kept offers: what a row of the book keeps of the offer that it was made for."""

import time
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.events import TransferState
from lanchat.store.transfers import StoredTransfer
from lanchat.wire.bodies import decode, encode
from lanchat.wire.payloads import Offer

_OFFER: Final = 32  # the record's type (PROTOCOL.md, 3a)


def offer_of(row: StoredTransfer) -> Offer | None:
    """The offer that a row was made for."""
    offer = decode(_OFFER, row.offer) if row.offer else None
    return offer if isinstance(offer, Offer) else None


def flags_of(row: StoredTransfer) -> int:
    """The flags of the offer that a row was made for."""
    offer = offer_of(row)
    return offer.flags if offer is not None else 0


def row_for(peer: PeerId, offer: Offer, *, outgoing: bool) -> StoredTransfer:
    """The row of an offer of which nothing is kept yet."""
    now = time.time_ns() // 1_000_000
    return StoredTransfer(
        id=offer.id,
        peer=peer,
        outgoing=outgoing,
        state=TransferState.OFFERED.value,
        manifest_digest=offer.manifest_sha256,
        total=offer.total,
        created_at=now,
        changed_at=now,
        files=offer.files,
        folders=offer.folders,
        offer=encode(offer)[1],
    )
