"""Houses: real nodes in one process, each with a profile of its own, and what they told.

Quiet ones hear no multicast and meet by address; those on "lo" find each other.
"""

import asyncio
import filecmp
import resource
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from lanchat.conversation.message import Message
from lanchat.errors import LanchatError
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import profiles, requests
from lanchat.node.events import NodeEvent, TransferEnded
from lanchat.node.node import Node
from lanchat.node.profiles import OpenProfile
from lanchat.node.rows import Row
from lanchat.node.settings import Accepting, Settings
from lanchat.session.address import Address
from lanchat.session.tcp import Link

PASSPHRASE: Final = "a passphrase of the tests"
NOWHERE: Final = ("203.0.113.7",)  # an interface nobody has (RFC 5737)
SEATS: Final = 4
MIB: Final = 2**20
SLOW: Final = 12 * MIB  # a file that is some time on its way
PATIENCE: Final = 10.0  # seconds; a wait that takes longer has failed

E = TypeVar("E")


@dataclass(frozen=True)
class Seat:
    """A registered profile that can be copied."""

    folder: Path
    peer_id: PeerId


def seats(place: Path) -> list[Seat]:
    """Profiles, the smallest key first.  Blocks."""

    async def register() -> list[Seat]:
        made: list[Seat] = []
        for number in range(SEATS):
            folder = place / str(number)
            _, peer_id = await profiles.register(
                f"{folder}/", f"nobody {number}", PASSPHRASE, profiles.QUICK
            )
            made.append(Seat(folder, peer_id))
        return sorted(made, key=lambda seat: seat.peer_id)

    return asyncio.run(register())


async def until(true: Callable[[], Any], what: str = "", patience: float = PATIENCE) -> None:
    """Wait until `true()`."""
    async with asyncio.timeout(patience):
        while not true():  # noqa: ASYNC110 - whatever a test can see, not only events
            await asyncio.sleep(0.005)


@dataclass
class Resident:
    """Somebody with a node that runs."""

    node: Node
    opened: OpenProfile
    settings: Settings
    events: list[NodeEvent] = field(default_factory=list)

    @property
    def me(self) -> PeerId:
        return self.node.me

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.node.doors.port)

    @property
    def downloads(self) -> Path:
        return self.settings.downloads

    def told(self, kind: type[E]) -> list[E]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    async def hears(self, kind: type[E], fits: Callable[[E], bool] = lambda _event: True) -> E:
        """The first event of a kind that fits, now or later."""
        found: list[E] = []

        def there() -> bool:
            found[:] = [event for event in self.told(kind) if fits(event)]
            return bool(found)

        await until(there)
        return found[0]

    async def ask(self, verb: str, **params: Any) -> list[Row]:
        """All rows of a request."""
        return [row async for row in requests.run(self.node, verb, params)]

    async def say(self, to: "Resident", text: str) -> Row:
        """Say something to somebody whose fingerprint was confirmed."""
        (row,) = await self.ask("say", peer=str(to.address), confirmed=str(to.me), text=text)
        return row

    async def send(self, to: "Resident", *paths: Path) -> list[Row]:
        """Send files to somebody whose fingerprint was confirmed."""
        return await self.ask(
            "send",
            peer=str(to.address),
            confirmed=str(to.me),
            paths=[str(path) for path in paths],
        )

    async def meet(self, other: "Resident") -> Link:
        """A session with somebody, dialled by us; it changes no trust."""
        link = await self.node.sessions.connect(other.me, [other.address])
        await until(lambda: other.node.sessions.current(self.me))
        return link

    def link(self, other: "Resident") -> Link:
        """The session that stands."""
        link = self.node.sessions.current(other.me)
        assert link is not None
        return link

    async def holds(self, other: "Resident", trust: Trust) -> None:
        """Make of somebody what they are to us."""
        (row,) = await self.ask("trust", peer=str(other.me), action=_ACTION[trust])
        assert row["trust"] == trust.value

    def trusts(self, other: "Resident") -> Trust:
        """What somebody is to us."""
        return self.node.people.trust(other.me, other.name)

    async def talk(self, other: "Resident") -> list[tuple[bool, str]]:
        """What was said, and whether by us."""
        return [(one.mine, one.text) for one in await self.history(other)]

    async def history(self, other: "Resident") -> tuple[Message, ...]:
        """Everything in the conversation."""
        return await self.node.history.page(other.me, 100_000)

    async def ends(self) -> TransferEnded:
        """The first transfer that ends."""
        return await self.hears(TransferEnded)


_ACTION: Final = {Trust.KNOWN: "known", Trust.VERIFIED: "verified", Trust.BLOCKED: "block"}


class House:
    """Where residents live; who is still there at the end is put out."""

    def __init__(self, place: Path, prepared: Sequence[Seat]) -> None:
        self.place: Final = place
        self.prepared: Final = prepared
        self._residents: list[Resident] = []

    async def lives(self, name: str, seat: int | None = None, **settings: Any) -> Resident:
        """Somebody moves in; their seat decides whose key is the smaller."""
        number = len(self._residents) if seat is None else seat
        folder = self.place / f"profile {number}"
        if not folder.exists():
            await asyncio.to_thread(shutil.copytree, self.prepared[number].folder, folder)
        settings.setdefault("downloads", self.place / f"downloads of {number}")
        settings.setdefault("interfaces", NOWHERE)
        opened = replace(await _opened(folder), name=name)
        return await self._starts(opened, Settings(**settings))

    async def couple(self, **settings: Any) -> tuple[Resident, Resident]:
        """Ann, whose key is the smaller, and Bob."""
        return await self.lives("ann", 0, **settings), await self.lives("bob", 1, **settings)

    async def friends(self, **settings: Any) -> tuple[Resident, Resident]:
        """Ann and Bob, who know each other and have no session."""
        settings.setdefault("accept", Accepting.TRUSTED)
        ann, bob = await self.couple(**settings)
        await ann.holds(bob, Trust.KNOWN)
        await bob.holds(ann, Trust.KNOWN)
        return ann, bob

    async def leaves(self, one: Resident) -> None:
        """Somebody goes."""
        self._residents.remove(one)
        try:
            await one.node.stop()
        finally:
            await one.opened.close()

    async def returns(self, one: Resident, **settings: Any) -> Resident:
        """Somebody comes back, with the same profile."""
        opened = replace(await _opened(one.opened.profile.folder), name=one.name)
        return await self._starts(opened, replace(one.settings, **settings))

    async def empties(self) -> None:
        """Everybody goes."""
        for one in tuple(reversed(self._residents)):
            await self.leaves(one)

    async def _starts(self, opened: OpenProfile, settings: Settings) -> Resident:
        node = Node(opened, settings)
        one = Resident(node, opened, settings)
        node.subscribe(one.events.append)
        try:
            await node.start()
        except BaseException:
            await opened.close()
            raise
        self._residents.append(one)
        return one


async def _opened(folder: Path) -> OpenProfile:
    held = await asyncio.to_thread(profiles.hold, f"{folder}/")
    return await profiles.unlock(held, PASSPHRASE)


async def failure(asked: Any) -> LanchatError:
    """The error that a request ends with."""
    try:
        await asked
    except LanchatError as error:
        return error
    raise AssertionError("it did not fail")


def make_file(path: Path, size: int, *, seed: int = 0) -> Path:
    """A file whose bytes differ at each place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    block = bytes((seed + 7 * at) % 251 for at in range(251 * 64))
    with path.open("wb") as file:
        while size > 0:
            file.write(block[:size])
            size -= len(block)
    return path


async def under_way(one: Resident, done: int = 2 * MIB) -> None:
    """Wait until something of ours is on its way, and so far."""
    await until(lambda: any(out.done >= done for out in one.node.transfers._sending.running()))


async def same(one: Path, other: Path) -> bool:
    return await asyncio.to_thread(filecmp.cmp, one, other, shallow=False)


def parts(one: Resident) -> list[str]:
    folder = one.downloads / ".lanchat-parts"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """No file of this process can grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def quiet(one: Resident) -> None:
    """Wait until nothing is on its way any more."""
    out, coming = one.node.transfers._sending, one.node.transfers._receiving
    await until(lambda: not out._live and not coming._live and not coming._clearing)
