"""Cards: one transfer as the window shows it, and how events move it on.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from lanchat.gui import amounts, faults
from lanchat.gui.items import Act, CardState, FileCard
from lanchat.gui.text import middle, name_text
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import (
    By,
    FileReceived,
    OfferReceived,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferState,
    TransferView,
)
from lanchat.node.settings import Clash

LONGEST_FOLDER: Final = 36  # characters of where files go
#: What an offer can be answered with if an earlier one of it can be compared.
AGAIN: Final = (Act.SKIP, Act.COPY, Act.REPLACE, Act.CHOOSE, Act.DECLINE)
_FRIENDS: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})
_WHOLE: Final = frozenset({Act.ACCEPT, Act.COPY})  # needs room for all of it
#: With whom it is carried, and its id: two people may use one.
Which = tuple[PeerId, bytes]

#: What can be done about a transfer in each state: of ours, of theirs.
ACTS: Final[Mapping[CardState, tuple[tuple[Act, ...], tuple[Act, ...]]]] = {
    CardState.ASKING: ((), (Act.ACCEPT, Act.CHOOSE, Act.DECLINE)),
    CardState.WAITING: ((Act.CANCEL,), (Act.CANCEL,)),
    CardState.AGREED: ((Act.CANCEL,), (Act.CANCEL,)),
    CardState.CHECKING: ((Act.CANCEL,), (Act.CANCEL,)),
    CardState.RUNNING: ((Act.PAUSE, Act.CANCEL), (Act.PAUSE, Act.CANCEL)),
    CardState.PAUSED: ((Act.RESUME, Act.CANCEL), (Act.RESUME, Act.CANCEL)),
    CardState.HELD: ((Act.RESUME, Act.CANCEL), (Act.RESUME, Act.CANCEL)),
    CardState.LOST: ((Act.CANCEL,), (Act.CANCEL,)),
    CardState.DONE: ((), (Act.OPEN,)),
    CardState.DECLINED: ((Act.RETRY,), ()),
    CardState.CANCELLED: ((Act.RETRY,), ()),
    CardState.FAILED: ((Act.RETRY,), (Act.RETRY,)),
}
_ENDS: Final[Mapping[TransferState, CardState]] = {
    TransferState.DONE: CardState.DONE,
    TransferState.DECLINED: CardState.DECLINED,
    TransferState.CANCELLED: CardState.CANCELLED,
    TransferState.FAILED: CardState.FAILED,
}


_STATES: Final[Mapping[TransferState, CardState]] = {
    **_ENDS,
    TransferState.ASKED: CardState.ASKING,
    TransferState.OFFERED: CardState.WAITING,
    TransferState.WAITING: CardState.AGREED,
    TransferState.CHECKING: CardState.CHECKING,
    TransferState.RUNNING: CardState.RUNNING,
    TransferState.PAUSED: CardState.PAUSED,
    TransferState.HELD: CardState.HELD,
}


@dataclass(frozen=True, slots=True)
class Transfer:
    """Files on their way, or there.  Sizes in bytes, `rate` in bytes a second."""

    peer_id: PeerId
    id: bytes
    mine: bool
    names: tuple[tuple[str, int], ...]  # first top-level entries as (name, size)
    count: int  # files and folders in all
    total: int
    at: int  # ms since 1970
    state: CardState
    done: int = 0
    rate: int = 0
    detail: str = ""
    paths: tuple[str, ...] = ()  # where the received ones lie
    earlier: bool = False  # asked: what came of them before can be compared
    skipped: int = 0  # files that were not sent, as they were there
    replaced: bool = False  # what changed took the place of the older files
    programs: int = 0  # received ones that were programs at the sender, and are none here
    by: By | None = None  # who paused it
    pace: int = 0  # the last `rate` that was known, also while nothing moves

    @property
    def which(self) -> Which:
        """What tells it from all others."""
        return self.peer_id, self.id

    @property
    def seconds_left(self) -> int | None:
        """How long it will take at this rate; None while nobody can say."""
        if self.state is not CardState.RUNNING or self.rate <= 0:
            return None
        return -(-max(self.total - self.done, 0) // self.rate)

    @property
    def active(self) -> bool:
        """Whether it is not over."""
        return self.state not in _ENDS.values()


@dataclass(frozen=True, slots=True)
class Landing:
    """Where received files go, and how many bytes more of them there is room for."""

    folder: str
    room: int
    offers: frozenset[Which] = frozenset()  # those that waited for an answer when it was looked


def card(
    one: Transfer, trust: Trust, landing: Landing | None = None, *, name: str = ""
) -> FileCard:
    """The transfer as its conversation shows it; `trust` in whom it is carried with.

    `name` is theirs, as it came.  `landing` None as long as nobody looked what there is room
    for.
    """
    ours, theirs = ACTS[one.state]
    if one.state is CardState.ASKING and one.earlier:
        theirs = AGAIN
    if one.state is CardState.DONE and one.programs:
        theirs = (*theirs, Act.ALLOW)
    where = ""
    if landing is not None and one.state is CardState.ASKING:
        where = _("Goes to {folder} · room for {size}")
        if one.total > landing.room:
            theirs = tuple(act for act in theirs if act not in _WHOLE)
            where = _("It does not fit into {folder}: there is room for {size}.")
            if one.earlier:
                where = _("There is room for {size} in {folder}: all of it does not fit.")
        folder = middle(name_text(landing.folder), LONGEST_FOLDER)
        where = where.format(folder=folder, size=amounts.size(landing.room))
    if one.state is CardState.ASKING and trust is not Trust.VERIFIED:
        theirs = (*theirs, Act.VERIFY)
    return FileCard(
        key=one.id.hex(),
        mine=one.mine,
        names=one.names,
        count=one.count,
        total=one.total,
        at=one.at,
        state=one.state,
        done=one.done,
        rate=one.rate,
        seconds_left=one.seconds_left,
        detail=one.detail,
        acts=ours if one.mine else theirs,
        landing=where,
        earlier=one.earlier,
        skipped=one.skipped,
        replaced=one.replaced,
        programs=one.programs,
        by=one.by,
        other=name,
    )


Happened = OfferReceived | TransferMoved | TransferChanged | TransferEnded | FileReceived


def shown(view: TransferView) -> Transfer:
    """A transfer of the node's list."""
    state = _STATES[view.state]
    if state is CardState.AGREED and view.done:
        state = CardState.LOST
    return Transfer(
        peer_id=view.peer_id,
        id=view.transfer,
        mine=view.outgoing,
        names=view.shown,
        count=view.count,
        total=view.total,
        at=view.at,
        state=state,
        done=view.done,
        rate=view.rate,
        detail=faults.sentence(view),
        paths=view.paths,
        earlier=view.earlier,
        skipped=view.skipped,
        replaced=view.clash is Clash.OVERWRITE,
        programs=len(view.programs),
        by=view.by,
        pace=view.rate,
    )


def follow(held: Mapping[Which, Transfer], happened: Happened) -> Transfer | None:
    """The transfer as it is after an event; None if it is not known."""
    if isinstance(happened, TransferMoved):
        return shown(happened.view)
    old = held.get((happened.peer_id, happened.transfer))
    match happened:
        case OfferReceived():
            return _offered(old, happened)
        case TransferChanged():
            state = CardState.CHECKING if happened.checking else CardState.RUNNING
            return old and replace(
                old, state=state, done=happened.done, rate=happened.rate, detail=""
            )
        case FileReceived():
            return old and replace(old, paths=(*old.paths, happened.path))
        case TransferEnded():
            done = happened.state is TransferState.DONE
            return old and replace(
                old,
                state=_ENDS[happened.state],
                done=old.total if done else old.done,
                rate=0,
                detail=happened.reason,
                skipped=happened.skipped or old.skipped,
                replaced=happened.clash is Clash.OVERWRITE,
                programs=happened.programs,
            )
        case _:
            assert_never(happened)


def _offered(old: Transfer | None, offer: OfferReceived) -> Transfer | None:
    if offer.declined and offer.trust not in _FRIENDS:
        return old  # whoever is new here could fill the window with what nobody is asked about
    state = CardState.AGREED if offer.accepted else CardState.ASKING
    if old is not None:  # the same offer again, after a link was lost
        return replace(old, state=state) if old.active else old
    return Transfer(
        peer_id=offer.peer_id,
        id=offer.transfer,
        mine=False,
        names=offer.shown,
        count=offer.count,
        total=offer.total,
        at=offer.at,
        state=state,
        earlier=offer.earlier,
    )
