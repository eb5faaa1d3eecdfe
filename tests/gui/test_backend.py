"""What a window has on the node thread: a node that is started again, a profile that goes."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.errors import (
    ControlLost,
    LanchatError,
    NoProfile,
    PortTaken,
    ProfileLocked,
    StoreError,
    WrongPassphrase,
)
from lanchat.gui.backend import Backend
from lanchat.identity.keys import PeerId
from lanchat.node import acts, attempts, control, profiles
from lanchat.node.events import (
    NodeEvent,
    NodeReady,
    PeerLeft,
    SessionOpened,
    TransferEnded,
    TransferMoved,
    TransferState,
)
from lanchat.node.node import Node
from lanchat.node.settings import Accepting, Settings
from lanchat.transfer import pipe
from tests.node.house import (
    MIB,
    NOWHERE,
    PASSPHRASE,
    SLOW,
    House,
    Seat,
    make_file,
    same,
    seats,
    until,
)


class Held:
    """A backend with a profile, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[NodeEvent] = []
        self.failed: list[BaseException] = []
        self.backend = Backend(self.told.append, lambda _invite: None, self.failed.append)
        self.settings = Settings(folder.parent / "downloads", interfaces=NOWHERE)

    @property
    def profile(self) -> str:
        return f"{self.folder}/"

    async def open(self) -> None:
        await self.backend.open(self.profile, PASSPHRASE, self.settings)

    async def port(self) -> int:
        async def port(node: Node) -> int:
            return node.doors.port

        return await self.backend.do(port)

    async def name(self) -> str:
        async def name(node: Node) -> str:
            return node.name

        return await self.backend.do(name)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> list[Seat]:
    return seats(tmp_path_factory.mktemp("backends"))


@pytest.fixture
async def house(tmp_path: Path, prepared: list[Seat]) -> AsyncIterator[House]:
    house = House(tmp_path, prepared)
    yield house
    await house.empties()


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    folder = tmp_path / "mine"
    await profiles.register(f"{folder}/", "Ada", PASSPHRASE, profiles.QUICK)
    one = Held(folder)
    await one.open()
    yield one
    await one.backend.close()


def taken_port() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("", 0))
    sock.listen()
    return sock


async def failure(asked: object) -> LanchatError:
    try:
        await asked  # type: ignore[misc]  # any request
    except LanchatError as error:
        return error
    raise AssertionError("it did not fail")


async def test_a_node_is_started_again_at_another_port_under_the_same_key(held: Held) -> None:
    with taken_port() as probe:
        port = probe.getsockname()[1]
    await held.backend.restart(replace(held.settings, port=port))
    assert await held.port() == port
    first, second = (one for one in held.told if isinstance(one, NodeReady))
    assert (second.peer_id, second.port) == (first.peer_id, port)


async def test_whoever_asks_meanwhile_waits_for_the_node_and_is_answered(held: Held) -> None:
    bob = PeerId(b"\2" * 32)
    restarting = asyncio.ensure_future(held.backend.restart(held.settings))
    await asyncio.sleep(0)
    message = await held.backend.do(lambda node: acts.write(node, bob, "meanwhile"))
    await restarting
    found = await held.backend.do(lambda node: node.history.find(bob, message.id))
    assert found == message


async def test_a_port_that_is_taken_leaves_the_node_as_it_was(held: Held) -> None:
    with taken_port() as sock:
        wanted = replace(held.settings, port=sock.getsockname()[1])
        assert isinstance(await failure(held.backend.restart(wanted)), PortTaken)
        assert await held.port() not in (0, wanted.port)
    assert held.failed == []
    settings = await held.backend.do(_settings)
    assert settings == held.settings


async def test_what_is_called_otherwise_stays_so_after_the_start(held: Held) -> None:
    await held.backend.do(lambda node: acts.rename(node, "Ada L."))
    await held.backend.restart(held.settings)
    assert await held.name() == "Ada L."


async def test_who_was_there_is_gone_until_they_are_met_again(held: Held, house: House) -> None:
    bob = await house.lives("bob")
    await held.backend.do(
        lambda node: acts.add(node, str(bob.address), bob.me)  # their fingerprint was compared
    )
    await held.backend.restart(held.settings)
    assert [one.peer.peer_id for one in held.told if isinstance(one, PeerLeft)] == [bob.me]
    await held.backend.do(lambda node: acts.write(node, bob.me, "again"))
    await until(lambda: len([one for one in held.told if isinstance(one, SessionOpened)]) == 2)


async def test_files_on_their_way_go_on_after_the_start(
    held: Held, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = pipe.Pipe.send

    def slowly(one: pipe.Pipe, data: memoryview, counters: pipe.Counters) -> None:
        time.sleep(0.05)
        send(one, data, counters)

    monkeypatch.setattr(pipe.Pipe, "send", slowly)
    monkeypatch.setattr(attempts, "RETRY_PAUSE", 0.02)
    bob = await house.lives("bob", accept=Accepting.ALL)
    await held.backend.do(lambda node: acts.add(node, str(bob.address), bob.me))
    file = make_file(tmp_path / "film", SLOW)
    await held.backend.do(lambda node: acts.offer(node, bob.me, [file]))
    coming = bob.node.transfers._receiving
    await until(lambda: any(one.done >= 2 * MIB for one in coming.running()))
    assert bob.told(TransferEnded) == []
    await held.backend.restart(held.settings)
    ended = await bob.hears(TransferEnded)
    assert ended.state is TransferState.DONE
    assert await same(file, bob.downloads / "film")
    moved = [one.view for one in held.told if isinstance(one, TransferMoved)]
    assert TransferState.RUNNING in {view.state for view in moved}


async def test_a_command_that_was_handed_over_ends_and_the_next_one_is_done(
    held: Held,
) -> None:
    path = (await asyncio.to_thread(profiles.find, held.profile)).socket
    watching = asyncio.ensure_future(_rows(path, "peers", watch=True))
    await until(lambda: held.backend._control and held.backend._control._running)
    await held.backend.restart(held.settings)
    assert isinstance(await failure(watching), ControlLost)
    (row,) = await _rows(path, "whoami")
    assert row["name"] == "Ada"


async def test_a_locked_profile_is_not_started_again_and_not_deleted(held: Held) -> None:
    await held.backend.lock()
    assert isinstance(await failure(held.backend.restart(held.settings)), ProfileLocked)
    assert isinstance(await failure(held.backend.erase(PASSPHRASE)), ProfileLocked)
    await held.open()


async def test_a_wrong_passphrase_deletes_nothing(held: Held) -> None:
    assert isinstance(await failure(held.backend.erase("not this one")), WrongPassphrase)
    assert await held.name() == "Ada"


async def test_a_deleted_profile_leaves_nothing_and_its_place_is_free(held: Held) -> None:
    await held.backend.erase(PASSPHRASE)
    assert not await asyncio.to_thread(held.folder.exists)
    assert isinstance(await failure(held.open()), NoProfile)
    await profiles.register(held.profile, "Bea", PASSPHRASE, profiles.QUICK)
    await held.open()
    assert await held.name() == "Bea"


async def test_without_its_key_a_profile_that_could_not_be_removed_is_none(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyfile, database = held.folder / "key.lc", held.folder / "lanchat.db"
    unlink = Path.unlink

    def refuses(path: Path, missing_ok: bool = False) -> None:
        if path == database:
            raise PermissionError(13, "no")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuses)
    assert isinstance(await failure(held.backend.erase(PASSPHRASE)), StoreError)
    assert not await asyncio.to_thread(keyfile.exists)
    assert await asyncio.to_thread(database.exists)
    assert isinstance(await failure(held.open()), NoProfile)


async def _settings(node: Node) -> Settings:
    return node.settings


async def _rows(path: Path, verb: str, **params: object) -> list[dict[str, object]]:
    asked = control.ask(path, verb, params)  # type: ignore[arg-type]  # JSON, as a test writes it
    return [dict(row) async for row in asked]
