"""The intake: from what packets say to adverts that are checked and bounded.

Whatever finds peers (the mDNS watch, the one-shot questions) hands what it heard to `hear`;
what passes comes out of `on_advert`.  Nothing that a packet holds raises here.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from lanchat.discovery.admission import MAX_QUEUE, Admission, Bucket, Heard, Waiting
from lanchat.discovery.advert import MAX_ADDRESSES, Advert, Signed, check, read
from lanchat.discovery.nearby import Dialable, Interface, Network, dialable, within
from lanchat.errors import BadAdvert

MAX_CHECKED: Final = 2000  # labels whose last checked advert is remembered
REPEAT_RATE: Final = 5.0  # a second and label, of an advert that was checked before
REPEAT_BURST: Final = 32.0  # announcements, answers and questions of a start, on all networks
STRANGERS_RATE: Final = 200.0  # a second, of those of all strangers: 4 % of a core
STRANGERS_BURST: Final = 3000.0  # a large network starts: three announcements of each
CHECKS_AT_ONCE: Final = 16  # then the loop has a turn: 5 ms
LATELY: Final = 3600.0  # seconds
OWN_KEPT: Final = 8  # adverts of our own that may still be on their way

OnAdvert = Callable[[Advert, str | None], None]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Checked:
    """The last advert of a label whose signature was good, and how it was last heard."""

    advert: Advert
    heard: Heard
    ration: Bucket
    source: str | None  # where its packet came from, if that may be dialled
    judged_by: tuple[object, ...]  # by which its addresses may be
    at: float  # monotonic seconds


class Intake:
    """Check what was heard, within the rations.  Lives on the node thread.

    `dialable` says which of the addresses that were heard count; those of `networks` do too.
    """

    def __init__(
        self,
        on_advert: OnAdvert,
        is_contact: Callable[[str], bool],
        *,
        dialable: Dialable = dialable,
        networks: Sequence[Network] = (),
    ) -> None:
        self.interfaces: tuple[Interface, ...] = ()
        self._counts: Counter[str] = Counter()
        self._on_advert = on_advert
        self.is_contact: Final = is_contact
        self._may_dial = dialable
        self._networks = tuple(networks)
        self._admission = Admission(time.monotonic())
        self._strangers = Bucket(STRANGERS_RATE, STRANGERS_BURST, time.monotonic())
        self._checked: OrderedDict[str, _Checked] = OrderedDict()
        self._own: deque[Signed] = deque(maxlen=OWN_KEPT)
        self._filled = asyncio.Event()

    @property
    def counts(self) -> Counter[str]:
        """What was dropped, by reason, since the start."""
        return self._counts + self._admission.counts

    @property
    def own(self) -> Signed | None:
        """What we announce ourselves."""
        return self._own[-1] if self._own else None

    @own.setter
    def own(self, signed: Signed) -> None:
        self._own.append(signed)

    @property
    def room(self) -> int:
        """How many more adverts find a place in the queue."""
        return max(0, MAX_QUEUE - len(self._admission))

    def addresses(self, label: str) -> tuple[str, ...]:
        """Where this label was last announced to be."""
        known = self._checked.get(label)
        return known.advert.addresses if known else ()

    def knows(self, label: str) -> bool:
        """Whether a checked advert came from this label."""
        return label in self._checked

    @property
    def heard(self) -> int:
        """From how many labels a checked advert came within the last hour."""
        since = time.monotonic() - LATELY
        last = reversed(self._checked.values())
        return sum(1 for _one in takewhile(lambda one: one.at >= since, last))

    def heeds(self, label: str) -> bool:
        """Whether what is said of this label gets a look: not of strangers, in a flood."""
        if not self._admission.full or label in self._checked or self.is_contact(label):
            return True
        return self.own is not None and label == self.own.label

    def dropped(self, count: int = 1) -> None:
        """Count what did not even get here for want of room."""
        if count:
            self._counts["queue full"] += count

    def hear(self, all_heard: Iterable[Heard]) -> None:
        """Take in what a packet said, or several."""
        for heard in all_heard:
            try:
                self._hear(heard)
            except BadAdvert as reason:
                self._counts["bad advert"] += 1
                _log.debug("advert dropped: %s", reason)

    async def run(self) -> None:
        """Check signatures for ever, as fast as the rations allow."""
        while True:
            done = 0
            while done < CHECKS_AT_ONCE and self._check_next():
                done += 1
            wait = self._admission.wait(time.monotonic())
            if wait is None:
                self._filled.clear()
                await self._filled.wait()
            else:
                await asyncio.sleep(wait)

    def _hear(self, heard: Heard) -> None:
        if self.own is not None and heard.label == self.own.label:
            self._compare_with_own(heard)
            return
        contact = self.is_contact(heard.label)
        known = self._checked.get(heard.label)
        if known and (known.heard.txt, known.heard.port) == (heard.txt, heard.port):
            self._hear_again(known, heard, contact=contact)
            return
        if self._admission.full and not contact:
            self._counts["queue full"] += 1
            return
        claim = read(heard.label, heard.txt, heard.port, heard.addresses)
        waiting = Waiting(claim, heard)
        if self._admission.offer(waiting, time.monotonic(), contact=contact):
            self._filled.set()

    def _hear_again(self, known: _Checked, heard: Heard, *, contact: bool) -> None:
        """What was checked before costs no signature, but may not come without end either."""
        if len(heard.addresses) > MAX_ADDRESSES:
            raise BadAdvert(f"{len(heard.addresses)} addresses")
        now = time.monotonic()
        if not (known.ration.take(now) and (contact or self._strangers.take(now))):
            self._counts["repeated"] += 1
        elif known.heard == heard and known.judged_by == self._judging_by:
            known.at = now
            self._checked.move_to_end(heard.label)
            self._tell(known.advert, known.source)
        else:
            self._hand_on(known.advert, heard, known.ration)

    def _check_next(self) -> bool:
        waiting = self._admission.take(time.monotonic())
        if waiting is None:
            return False
        try:
            advert = check(waiting.claim)
        except BadAdvert as reason:
            self._counts["forged"] += 1
            _log.debug("advert dropped: %s", reason)
        else:
            ration = Bucket(REPEAT_RATE, REPEAT_BURST, time.monotonic())
            self._hand_on(advert, waiting.heard, ration)
        return True

    def _hand_on(self, advert: Advert, heard: Heard, ration: Bucket) -> None:
        """Give the advert to the node, with those of its addresses that may be dialled."""
        same_port = self.own is not None and self.own.port == heard.port
        source = heard.source and self._dialable(heard.source, heard, own_port=same_port)
        offered = (self._dialable(one, heard, own_port=same_port) for one in heard.addresses)
        fitting = dict.fromkeys(one for one in (*offered, source) if one)
        addresses = tuple(fitting)[:MAX_ADDRESSES]
        advert = replace(advert, addresses=addresses)
        judged_by, now = self._judging_by, time.monotonic()
        checked = _Checked(advert, heard, ration, source or None, judged_by, now)
        self._remember(advert.label, checked)
        self._tell(advert, checked.source)

    @property
    def _judging_by(self) -> tuple[object, ...]:
        return self.interfaces, self.own.port if self.own else 0

    def _tell(self, advert: Advert, source: str | None) -> None:
        try:
            self._on_advert(advert, source)
        except Exception as error:  # else one bug of ours would end all discovery
            self._counts["failed"] += 1
            _log.error("taking in an advert failed: %s", type(error).__name__)

    def _dialable(self, address: str, heard: Heard, *, own_port: bool) -> str | None:
        port = heard.port if own_port else None
        near = self.interfaces
        return self._may_dial(
            address, near, came_in_on=heard.interface, source=heard.source, own_port=port
        ) or within(address, self._networks, near, own_port=port)

    def _remember(self, label: str, checked: _Checked) -> None:
        self._checked[label] = checked
        self._checked.move_to_end(label)
        if len(self._checked) > MAX_CHECKED:
            self._checked.popitem(last=False)

    def _compare_with_own(self, heard: Heard) -> None:
        """Somebody else may answer for our name; our advert stays, the doctor hears of it."""
        if all((heard.txt, heard.port) != (own.txt, own.port) for own in self._own):
            self._counts["answers for our name"] += 1
