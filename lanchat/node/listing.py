"""Listing: transfers as a list shows them, from what runs and from what is kept."""

from dataclasses import replace
from typing import Final

from lanchat.node.events import By, TransferState, TransferView
from lanchat.node.holds import Hold
from lanchat.node.kept_offers import offer_of
from lanchat.node.underway import Arriving, Outgoing, Waiting
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer import receiver, sender
from lanchat.transfer.clash import NOBODY, Clash
from lanchat.wire.payloads import SKIP, Offer

_SENDING: Final = {
    sender.Stage.SHOWING: TransferState.CHECKING,
    sender.Stage.CHECKING: TransferState.CHECKING,
    sender.Stage.STREAMING: TransferState.RUNNING,
    sender.Stage.SENT: TransferState.RUNNING,
    sender.Stage.FINISHED: TransferState.DONE,
    sender.Stage.DECLINED: TransferState.DECLINED,
    sender.Stage.ABANDONED: TransferState.CANCELLED,
}
_RECEIVING: Final = {
    receiver.Stage.OFFERED: TransferState.WAITING,
    receiver.Stage.LOOKING: TransferState.CHECKING,
    receiver.Stage.ACCEPTED: TransferState.CHECKING,
    receiver.Stage.RECEIVING: TransferState.RUNNING,
    receiver.Stage.RECEIVED: TransferState.RUNNING,
    receiver.Stage.STORING: TransferState.RUNNING,
    receiver.Stage.COMPLETE: TransferState.DONE,
    receiver.Stage.DECLINED: TransferState.DECLINED,
    receiver.Stage.ABANDONED: TransferState.CANCELLED,
}


def outgoing(out: Outgoing, rate: int = 0) -> TransferView:
    """An offer of ours that is not over."""
    state = _SENDING.get(out.sender.stage)
    if out.paused is not None:
        state = TransferState.PAUSED
    elif out.fault is not None and out.is_at(sender.Stage.OFFERED):
        state = TransferState.HELD
    elif state is None:
        state = TransferState.WAITING if out.sender.attempt else TransferState.OFFERED
    view = _view(out, state, rate)
    return replace(
        view,
        outgoing=True,
        by=out.paused,
        reason=out.reason,
        fault=out.fault,
        missing=out.missing,
        clash=Clash.SKIP if out.offer.flags & SKIP else None,
    )


def arriving(one: Arriving, rate: int = 0) -> TransferView:
    """An offer of theirs that we accepted."""
    return replace(_view(one, _RECEIVING[one.receiver.stage], rate), clash=one.clash)


def asked(waiting: Waiting) -> TransferView:
    """An offer of theirs that our user has to answer."""
    peer, offer = waiting.link.peer_id, waiting.offer
    return TransferView(
        peer,
        offer.id,
        False,
        TransferState.ASKED,
        _shown(offer),
        offer.files + offer.folders,
        offer.total,
        at=waiting.at,
        earlier=waiting.earlier,
    )


def held(hold: Hold) -> TransferView:
    """An offer of theirs that waits for our disk."""
    offer = hold.offer
    return TransferView(
        hold.peer,
        offer.id,
        False,
        TransferState.HELD,
        _shown(offer),
        offer.files + offer.folders,
        offer.total,
        done=hold.done,
        reason=hold.reason,
        at=hold.at,
        fault=hold.fault,
        missing=hold.missing,
    )


def kept(row: StoredTransfer) -> TransferView | None:
    """A transfer of which nothing runs now; None for one that says too little."""
    offer = offer_of(row)
    if offer is None:
        return None
    state = TransferState(row.state)
    if state is TransferState.RUNNING or (not row.outgoing and state is TransferState.OFFERED):
        state = TransferState.WAITING
    return TransferView(
        row.peer,
        row.id,
        row.outgoing,
        state,
        _shown(offer),
        row.files + row.folders,
        row.total,
        done=row.total if state is TransferState.DONE else row.done,
        by=By(row.said_by) if row.said_by else None,
        reason=row.reason,
        paths=row.results,
        at=row.created_at,
        clash=_clash(row, offer),
        skipped=row.skipped,
        programs=tuple(f"{row.root}/{one.path}" for one in row.programs if one.id != NOBODY),
    )


def _view(one: Outgoing | Arriving, state: TransferState, rate: int) -> TransferView:
    offer = one.offer
    return TransferView(
        one.peer,
        offer.id,
        False,
        state,
        _shown(offer),
        offer.files + offer.folders,
        offer.total,
        done=one.done if one.checking is None else one.checking,
        rate=rate if state is TransferState.RUNNING else 0,
        at=one.at,
        skipped=one.skipped,
    )


def _clash(row: StoredTransfer, offer: Offer) -> Clash | None:
    if row.outgoing:
        return Clash.SKIP if offer.flags & SKIP else None
    return Clash(row.clash) if row.clash else None


def _shown(offer: Offer) -> tuple[tuple[str, int], ...]:
    return tuple((top.name, top.size) for top in offer.shown)
