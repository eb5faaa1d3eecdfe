"""The roster: who announced itself, folded from adverts and goodbyes.  PROTOCOL.md, 6.

An advert is a hint, so the roster keeps hints apart from each other rather than true ones
from false: a higher epoch wins, an older one is a replay, and the same one must say the
same.  It is bounded, and whom the node protects (contacts, open sessions) is never evicted.
"""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from lanchat.discovery.advert import MAX_ADDRESSES, VERSION, Advert, label_of
from lanchat.identity.keys import PeerId

MAX_PEERS: Final = 2000
MAX_PER_SOURCE: Final = 32
MAX_EPOCHS: Final = 4000  # epochs remembered of peers that are gone
EPOCH_KEPT: Final = 6 * 3600.0  # seconds after a peer was lost
CLOCK_SLACK: Final = 3 * 3600 * 1000  # ms an epoch may be off our clock
SILENCE: Final = 4500.0  # seconds without a sign of life; as long as mDNS keeps a name
ECHO: Final = 1.0  # seconds after a departure in which copies of the last advert may still come
ANSWERING: Final = 0.5  # seconds in which most answer a question
VERIFY_EVERY: Final = 60.0  # seconds, plus or minus a fifth


@dataclass(frozen=True, slots=True)
class Arrived:
    """A peer announced itself that was not there.  A rumour: no key has been proven yet.

    `clock_suspect`: its clock and ours differ by hours; shown, never dialled by itself.
    """

    advert: Advert
    clock_suspect: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A peer that was there announced something new: name, port, address or epoch."""

    advert: Advert
    clock_suspect: bool = False


@dataclass(frozen=True, slots=True)
class Departed:
    """A peer is not announced any more, or gave way to another."""

    peer_id: PeerId
    label: str


RosterEvent = Arrived | Changed | Departed


@dataclass(slots=True)
class _Row:
    advert: Advert
    source: str
    seen: float
    verified: float
    clock_suspect: bool


@dataclass(frozen=True, slots=True)
class _Past:
    """What a peer that is gone said last, so that a replay cannot say less."""

    advert: Advert
    lost: float
    left: bool  # it did not answer any more; else it only gave way to another

    def echoes(self, advert: Advert, now: float) -> bool:
        """Whether this is a copy of the last advert, late by another way than the goodbye."""
        return self.left and advert.epoch == self.advert.epoch and now < self.lost + ECHO


class Roster:
    """Fold adverts into arrivals, changes and departures.  Lives on the node thread."""

    def __init__(self, me: PeerId) -> None:
        self.counts: Counter[str] = Counter()
        self._me = me
        self._rows: OrderedDict[str, _Row] = OrderedDict()  # by label, the oldest seen first
        self._labels: dict[PeerId, str] = {}
        self._past: OrderedDict[str, _Past] = OrderedDict()
        self._by_source: dict[str, set[str]] = {}  # labels
        self._unchecked: dict[str, None] = {}  # labels of other versions, as in a set
        self._protected: set[str] = set()  # labels

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Advert]:
        return iter([row.advert for row in self._rows.values()])

    def find(self, peer_id: PeerId) -> Advert | None:
        """What this peer announces, if it does."""
        row = self._rows.get(self._labels.get(peer_id, ""))
        return row.advert if row else None

    def labelled(self, label: str) -> Advert | None:
        """What is announced under this label."""
        row = self._rows.get(label)
        return row.advert if row else None

    def lists(self, label: str) -> bool:
        """Whether the peer of this label is in it."""
        return label in self._rows

    def clock_suspect(self, peer_id: PeerId) -> bool:
        """Whether the clock of this peer, or ours, is hours off."""
        row = self._rows.get(self._labels.get(peer_id, ""))
        return row is not None and row.clock_suspect

    def protect(self, peer_id: PeerId, *, on: bool = True) -> None:
        """Never evict this peer: a contact, or somebody with an open session."""
        label = label_of(peer_id)
        if on:
            self._protected.add(label)
        else:
            self._protected.discard(label)

    def protects(self, label: str) -> bool:
        """Whether the peer of this label is never evicted."""
        return label in self._protected

    def see(
        self, advert: Advert, now: float, source: str | None = None, *, seen_at: int
    ) -> list[RosterEvent]:
        """Take in a checked advert; `seen_at` is our own clock, to compare its epoch with.

        `source` is the address the packet came from, where that is known.
        """
        if advert.peer_id == self._me:
            self.counts["own advert"] += 1
            return []
        row = self._rows.get(advert.label)
        past = self._past.get(advert.label)
        if reason := _refusal(advert, row.advert if row else past.advert if past else None):
            self.counts[reason] += 1
            return []
        suspect = advert.version == VERSION and abs(advert.epoch - seen_at) > CLOCK_SLACK
        if row is not None:
            return self._refresh(row, advert, now, clock_suspect=suspect)
        if past is not None and past.echoes(advert, now):
            self.counts["echo"] += 1
            return []
        origin = source or next(iter(advert.addresses), "")
        gone = self._make_room(advert, origin, now)
        if gone is None:
            self.counts["no room"] += 1
            return []
        self._add(_Row(advert, origin, now, now, suspect))
        return [*gone, Arrived(advert, suspect)]

    def confirm(self, label: str, now: float) -> None:
        """This peer answered just now."""
        if row := self._rows.get(label):
            row.seen = row.verified = now
            self._rows.move_to_end(label)

    def lost(self, label: str, now: float) -> list[RosterEvent]:
        """This peer is gone: it said goodbye and does not answer, or only the latter."""
        row = self._rows.get(label)
        return [] if row is None else [self._remove(label, row, now, left=True)]

    def expire(self, now: float) -> list[RosterEvent]:
        """Forget who was silent for longer than mDNS keeps a name, and old epochs."""
        while self._past and next(iter(self._past.values())).lost + EPOCH_KEPT <= now:
            self._past.popitem(last=False)
        silent: list[tuple[str, _Row]] = []
        for label, row in self._rows.items():
            if row.seen + SILENCE > now:
                break
            if label not in self._protected:
                silent.append((label, row))
        return [self._remove(label, row, now) for label, row in silent]

    def doubt_all(self, now: float) -> None:
        """Our networks are others: who is not heard of in a moment is due to be verified."""
        for label, row in self._rows.items():
            row.verified = min(row.verified, now + ANSWERING - _patience(label))

    def due(self, now: float, *, most: int = 5) -> list[str]:
        """Labels to verify now because nothing was heard for a minute, the oldest first."""
        late = [
            (row.verified, label)
            for label, row in self._rows.items()
            if row.verified + _patience(label) <= now
        ]
        labels = [label for _verified, label in sorted(late)[:most]]
        for label in labels:
            self._rows[label].verified = now
        return labels

    def _refresh(
        self, row: _Row, advert: Advert, now: float, *, clock_suspect: bool
    ) -> list[RosterEvent]:
        before, was_suspect = row.advert, row.clock_suspect
        addresses = _merge(advert.addresses, before.addresses)
        row.advert = replace(advert, addresses=addresses)
        row.clock_suspect = clock_suspect
        if advert.version == VERSION:
            self._unchecked.pop(advert.label, None)
        self.confirm(advert.label, now)
        same = _content(advert) == _content(before) and set(addresses) == set(before.addresses)
        if same and clock_suspect == was_suspect:
            return []
        return [Changed(row.advert, clock_suspect)]

    def _make_room(self, advert: Advert, origin: str, now: float) -> list[RosterEvent] | None:
        """Evict who must go for a newcomer; None if the newcomer itself must."""
        crowd = self._by_source.get(origin, set())
        crowded = len(crowd) >= MAX_PER_SOURCE
        if not crowded and len(self._rows) < MAX_PEERS:
            return []
        victim = self._oldest_of(crowd) if crowded else self._victim()
        if victim is not None:
            self.counts["evicted"] += 1
            return [self._remove(victim, self._rows[victim], now)]
        # Only protected ones are left.  For one of their kind the table may grow: there
        # are as many of those as the user has contacts.
        return [] if advert.label in self._protected else None

    def _victim(self) -> str | None:
        """Whose place is taken: unchecked versions first, then the oldest seen."""
        candidates = chain(self._unchecked, self._rows)
        return next((label for label in candidates if label not in self._protected), None)

    def _oldest_of(self, labels: set[str]) -> str | None:
        """The same among the peers of one source."""
        ranked = (
            (self._rows[label].advert.version == VERSION, self._rows[label].seen, label)
            for label in labels - self._protected
        )
        return min(ranked, default=(False, 0.0, None))[2]

    def _add(self, row: _Row) -> None:
        label = row.advert.label
        self._past.pop(label, None)
        self._rows[label] = row
        self._labels[row.advert.peer_id] = label
        self._by_source.setdefault(row.source, set()).add(label)
        if row.advert.version != VERSION:
            self._unchecked[label] = None

    def _remove(self, label: str, row: _Row, now: float, *, left: bool = False) -> Departed:
        del self._rows[label]
        del self._labels[row.advert.peer_id]
        self._unchecked.pop(label, None)
        self._by_source[row.source].discard(label)
        if not self._by_source[row.source]:
            del self._by_source[row.source]
        if row.advert.version == VERSION:
            self._past[label] = _Past(row.advert, now, left)
            if len(self._past) > MAX_EPOCHS:
                self._past.popitem(last=False)
        return Departed(row.advert.peer_id, label)


def _refusal(advert: Advert, known: Advert | None) -> str:
    """Why this advert says nothing next to what its peer said before; empty if it may."""
    if known is None or known.version != VERSION:
        return ""
    if advert.version != VERSION:  # nobody checked that one
        return "other version"
    if advert.epoch < known.epoch:
        return "replayed"
    if advert.epoch == known.epoch and _content(advert) != _content(known):
        return "contradicts itself"
    return ""


def _content(advert: Advert) -> Advert:
    """What the signature covers."""
    return replace(advert, addresses=())


def _merge(newer: tuple[str, ...], older: tuple[str, ...]) -> tuple[str, ...]:
    """All addresses, the newest first, each once, as many as are dialled."""
    return tuple(dict.fromkeys((*newer, *older)))[:MAX_ADDRESSES]


def _patience(label: str) -> float:
    """Seconds of silence until a peer is verified; peers differ, so that they do not bunch."""
    share = hashlib.sha256(label.encode()).digest()[0] / 255
    return VERIFY_EVERY * (0.8 + 0.4 * share)
