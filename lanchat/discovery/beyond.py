"""Beyond one link: people who registered in the site's own DNS zone.  PROTOCOL.md, 6.

The same signed adverts as by mDNS go through the same checks, in an intake of their own, so
that a flood of one way does not use up the rations of the other.  What a zone says is a
rumour: who is in it may be dead, and who vanished from it may be there.
"""

import asyncio
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lanchat.discovery import domain, tsig
from lanchat.discovery.absent import Absent
from lanchat.discovery.advert import Signed, parse
from lanchat.discovery.domain import LEASE, Registered
from lanchat.discovery.intake import Intake, OnAdvert
from lanchat.discovery.nearby import Interface, Network, reachable, within
from lanchat.discovery.primary import Resolver, find
from lanchat.discovery.registry import Registry
from lanchat.discovery.server import Server
from lanchat.discovery.site import Site
from lanchat.discovery.zones import Zone
from lanchat.errors import BadAdvert, DnsError, DnsNonsense, RegistrationRefused

TEND_EVERY: Final = 1.0  # seconds
GONE_AT_ONCE: Final = 5  # goodbyes a second that are looked into
SWEPT_AT_ONCE: Final = 4  # registrations of the dead removed in one look
POUR_EVERY: Final = 0.1  # seconds until more is handed to a full intake
AGAIN: Final = 60.0  # seconds between two registrations because others changed ours
LONGEST_PAUSE: Final = 300.0  # seconds, while the server talks nonsense
GOODBYE: Final = 1.0  # seconds

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the source asks and tells of others."""

    on_advert: OnAdvert
    on_removed: Callable[[str], None]
    on_trouble: Callable[[DnsError | None], None]
    is_contact: Callable[[str], bool]
    is_listed: Callable[[str], bool]  # whether a label is on the list of who is here
    answers: Callable[[Sequence[str], int], Awaitable[bool]]  # whether a port is open
    interfaces: Callable[[], Sequence[Interface]]
    addresses: Callable[[], Sequence[str]]  # ours, to be registered
    networks: Sequence[Network] = ()  # whose addresses are dialled, too


class Beyond:
    """Look into a zone, and keep ourselves in it.  Lives on the node thread.

    `trouble` is why it does not work now, if it does not; `answered`: the zone was read once.
    """

    def __init__(self, site: Site, hooks: Hooks, *, resolver: Resolver | None = None) -> None:
        self.trouble: DnsError | None = None
        self.answered = False
        self._site = site
        self._hooks = hooks
        self._resolver = resolver
        self._intake = Intake(
            hooks.on_advert, hooks.is_contact, dialable=reachable, networks=hooks.networks
        )
        self._absent = Absent(hooks.is_contact)
        self._counts: Counter[str] = Counter()
        self._zone: Zone | None = None
        self._registry: Registry | None = None
        self._server: Server | None = None
        self._there: dict[str, Registered] = {}
        self._gone: dict[str, None] = {}  # labels, as in a set
        self._told: Registered | None = None  # what we registered last
        self._again_at = 0.0
        self._sweeps = True
        self._label = ""  # ours
        self._stands = False  # something of ours may stand in the zone
        self._hidden = False  # nothing of ours is to stand there
        self._looked = False  # in this round
        self._pause = site.every
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def counts(self) -> Counter[str]:
        """What was dropped or seen amiss since the start."""
        return self._counts + self._intake.counts

    @property
    def registered(self) -> int:
        """How many the zone names."""
        return len(self._there)

    @property
    def registers(self) -> bool:
        """Whether others find us there."""
        return self._told is not None

    @property
    def key(self) -> Path | None:
        """The file by which we register, if there is one."""
        return self._site.key

    def start(self, signed: Signed | None, *, hidden: str = "") -> None:
        """Look, and register (None, or no key: only look); where that fails, go on trying.

        `hidden`: our label, of which nothing is to stand there, whoever left it.
        """
        self._label, self._hidden = hidden, bool(hidden)
        if signed is not None:
            self._label, self._intake.own = signed.label, signed
        self._task = asyncio.create_task(self._run(), name="beyond one link")
        self._task.add_done_callback(_tell_of_failure)

    def update(self, signed: Signed) -> None:
        """Register this from now on."""
        self._label, self._intake.own = signed.label, signed
        self._hidden = False
        self._wake.set()

    async def withdraw(self) -> None:
        """Take our registration back, now or whenever the server lets us, and only look."""
        self._hidden = True
        with suppress(DnsError):
            await self._deregister()

    def moved(self) -> None:
        """Our networks are others, or we slept."""
        self._wake.set()

    async def stop(self) -> None:
        """Take our registration back, for which there is a second, and end everything."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        with suppress(DnsError):
            await self._deregister()
        if self._task is not None and not self._task.cancelled():
            self._task.result()

    # --- looking ------------------------------------------------------------------------

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._intake.run())
            tasks.create_task(self._tend())
            tasks.create_task(self._poll())

    async def _poll(self) -> None:
        while True:
            self._wake.clear()
            trouble = await self._round()
            self._report(trouble)
            nonsense = isinstance(trouble, DnsNonsense)
            self._pause = min(2 * self._pause, LONGEST_PAUSE) if nonsense else self._site.every
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause * random.uniform(0.8, 1.0)):  # noqa: S311 - spreads questions
                    await self._wake.wait()

    async def _round(self) -> DnsError | None:
        """Look once, and register if that is due; the first thing that went wrong."""
        trouble: DnsError | None = None
        self._looked = False
        for step in (self._find, self._look, self._keep_registered, self._sweep):
            try:
                await step()
            except DnsError as error:
                _log.info("%s: %s: %s", step.__name__, type(error).__name__, error)
                trouble = trouble or error
            except Exception as error:  # a bug, ours or a library's: it must not end all of it
                _log.error("%s failed: %s", step.__name__, type(error).__name__)
                trouble = trouble or DnsNonsense("a bug")
            if self._zone is None or (trouble and step == self._find):
                break
        return trouble

    async def _find(self) -> None:
        """The server, again after each trouble: it may be another one by now."""
        if self._zone is not None and self.trouble is None:
            return
        server = await find(self._site, self._resolver)
        before = self._zone
        if before is None or not before.is_of(server):
            self._zone = Zone(server, self._hooks.is_contact)
            self._registry = self._told = None
            self._server = server

    async def _look(self) -> None:
        if self._zone is None:
            return
        own = self._label
        there = await self._zone.look(own)
        before, self._there = self._there, dict(there)
        self._intake.interfaces = tuple(self._hooks.interfaces())
        now, wall = time.monotonic(), time.time()
        fresh = []
        for label, one in self._there.items():
            if label == own or before.get(label) == one:
                continue
            if one.expires < wall and not self._hooks.is_listed(label):
                self._absent.at_once(label, now)
            else:
                fresh.append(one)
        self._looked = self.answered = True
        vanished = (one for one in before if one not in self._there and one != own)
        self._gone.update(dict.fromkeys(filter(self._hooks.is_listed, vanished)))
        await self._pour(fresh)

    async def _pour(self, fresh: list[Registered]) -> None:
        """Hand on what is new, no faster than the intake takes it."""
        waiting = deque(sorted(fresh, key=lambda one: not self._hooks.is_contact(one.label)))
        while waiting:
            room = self._intake.room
            self._intake.hear([waiting.popleft().heard for _ in range(min(room, len(waiting)))])
            if waiting:
                await asyncio.sleep(POUR_EVERY)

    # --- who is gone, and who is back -----------------------------------------------------

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(TEND_EVERY)
            for label in list(self._gone)[:GONE_AT_ONCE]:
                del self._gone[label]
                self._hooks.on_removed(label)
            listed = self._hooks.is_listed
            missing = (one for one in self._there if one != self._label and not listed(one))
            now = time.monotonic()
            self._absent.watch(missing, now)
            turns = [self._knock(self._there[one]) for one in self._absent.due(now)]
            await asyncio.gather(*turns)

    async def _knock(self, one: Registered) -> None:
        """See whether somebody is back; nobody is knocked at whose key did not say so."""
        try:
            parse(one.label, one.txt, one.port, one.addresses)
        except BadAdvert:
            self._counts["bad advert"] += 1
            return
        near, named = self._intake.interfaces, self._hooks.networks
        where = [
            address
            for address in one.addresses
            if reachable(address, near) or within(address, named, near)
        ]
        if where and await self._hooks.answers(where, one.port):
            self._intake.hear([one.heard])

    # --- ourselves ----------------------------------------------------------------------

    async def _keep_registered(self) -> None:
        own, addresses = self._intake.own, tuple(sorted(self._hooks.addresses()))
        if self._hidden:
            await self._deregister()
            return
        if own is None or self._server is None or self._site.key is None or not addresses:
            return
        registry = await self._writer(self._server, self._site.key)
        now = time.monotonic()
        if not self._is_due(own, addresses, now):
            return
        record = domain.with_expiry(own.txt, int(time.time()) + LEASE)
        wanted = Registered(own.label, record, own.port, addresses)
        self._stands = True  # also where only the answer gets lost
        with self._renewing_the_key():
            await registry.register(wanted)
        self._stands = True  # again, if it was taken back while this was on its way
        self._again_at = now + AGAIN if self._told is not None else 0.0
        self._told = wanted
        if self._hidden:  # since a moment ago
            await self._deregister()

    async def _writer(self, server: Server, key: Path) -> Registry:
        if self._registry is None:
            self._registry = Registry(server, await asyncio.to_thread(tsig.read, key))
        return self._registry

    @contextmanager
    def _renewing_the_key(self) -> Iterator[None]:
        """Read the key again after a refusal: the next time there is perhaps a newer one."""
        try:
            yield
        except RegistrationRefused:
            self._registry = None
            raise

    async def _deregister(self) -> None:
        """Take back what stands there of ours, or may; for which there is a second."""
        self._told = None
        server, key = self._server, self._site.key
        if server is None or key is None or not (self._stands or self._label in self._there):
            return
        registry = await self._writer(server, key)
        with suppress(TimeoutError), self._renewing_the_key():
            async with asyncio.timeout(GOODBYE):
                await registry.deregister(self._label)
                self._stands = False

    def _is_due(self, own: Signed, addresses: tuple[str, ...], now: float) -> bool:
        told = self._told
        if told is None:
            return True
        left = told.expires - time.time()  # the wall clock: it goes on while we sleep
        if not LEASE / 2 < left <= LEASE:
            return True
        if (told.label, told.txt, told.port) != (own.label, own.txt, own.port):
            return True
        if told.addresses != addresses:
            return True
        if self._looked and now >= self._again_at and self._there.get(own.label) != told:
            self._counts["our registration was changed"] += 1
            return True
        return False

    async def _sweep(self) -> None:
        """Remove the dead; only who registered, as the server then vouches for our clock."""
        registry, told = self._registry, self._told
        if registry is None or told is None or not self._sweeps:
            return
        now = time.time()
        dead = [one for one in self._there.values() if domain.may_sweep(told.label, one, now)]
        for one in dead[:SWEPT_AT_ONCE]:
            try:
                swept = await registry.sweep(one)
            except RegistrationRefused:
                self._sweeps = False  # our key is for our own name only
                return
            self._counts["swept"] += swept

    def _report(self, trouble: DnsError | None) -> None:
        """Tell of each change once."""
        before, self.trouble = self.trouble, trouble
        if type(before) is not type(trouble):
            self._hooks.on_trouble(trouble)


def _tell_of_failure(task: "asyncio.Task[None]") -> None:
    """A bug that ends the source is told at once, not when the program stops."""
    if not task.cancelled() and (error := task.exception()) is not None:
        context = {"message": "looking beyond one link ended", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)
