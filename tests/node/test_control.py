"""The control socket: a request crosses to another process and behaves as if it had not."""

import asyncio
import contextlib
import os
import socket
import stat
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from lanchat.errors import (
    AmbiguousPeer,
    BadRequest,
    ControlLost,
    LanchatError,
    NoSpace,
    PeerNotFound,
    UnconfirmedPeer,
)
from lanchat.node import local
from lanchat.node.control import MAX_REQUEST, Control, Handle, ask, holder
from lanchat.node.local import Unreachable
from lanchat.node.rows import JSON, Row

UNIX = pytest.mark.parametrize("unix", [True, False], ids=["unix", "cookie"])


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are too long for a socket
        yield Path(folder) / "control.sock"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@asynccontextmanager
async def _control(path: Path, handle: Handle, *, unix: bool = True) -> AsyncIterator[Control]:
    control = Control(path, handle, unix=unix)
    await control.start()
    try:
        yield control
    finally:
        await control.stop()


async def _rows(path: Path, verb: str, *, unix: bool = True, **params: JSON) -> list[Row]:
    async with aclosing(ask(path, verb, params, unix=unix)) as rows:
        return [row async for row in rows]


async def _echo(verb: str, params: Mapping[str, JSON]) -> AsyncGenerator[Row, None]:
    yield {"verb": verb}
    yield dict(params)


def _raising(error: LanchatError) -> Handle:
    async def handle(_verb: str, _params: Mapping[str, JSON]) -> AsyncGenerator[Row, None]:
        yield {"before": True}
        raise error

    return handle


class _Endless:
    """A request without an end, which notes that it was ended."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def handle(
        self, _verb: str, _params: Mapping[str, JSON]
    ) -> AsyncGenerator[Row, None]:
        try:
            number = 0
            while True:
                yield {"number": number}
                number += 1
                await asyncio.sleep(0.01)
        finally:
            self.ended.set()


@UNIX
async def test_a_request_comes_back_as_the_rows_it_gave(path: Path, unix: bool) -> None:
    async with _control(path, _echo, unix=unix):
        found = await _rows(path, "say", unix=unix, text="grüße\n\ud83d", wait=1.5, paths=["a"])
    assert found == [{"verb": "say"}, {"text": "grüße\n\ud83d", "wait": 1.5, "paths": ["a"]}]


@pytest.mark.parametrize(
    "error",
    [
        PeerNotFound("nobody"),
        NoSpace(17),
        AmbiguousPeer("two"),
        UnconfirmedPeer("a" * 52, "Mallory", ("acme", "banjo")),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_crosses_with_its_class_its_numbers_and_its_hint(
    path: Path, error: LanchatError
) -> None:
    error.hint = error.hint or "try this"
    async with _control(path, _raising(error)):
        with pytest.raises(LanchatError) as raised:
            await _rows(path, "send")
    found = raised.value
    assert type(found) is type(error)
    assert (str(found), found.sentence, found.hint) == (
        str(error),
        error.sentence,
        error.hint,
    )
    numbers = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(error).items()}
    assert vars(found) == numbers


async def test_an_error_of_a_class_from_another_version_keeps_its_sentence(path: Path) -> None:
    class NotInventedYet(LanchatError):
        """The moon is in the way."""

    async with _control(path, _raising(NotInventedYet())):
        with pytest.raises(LanchatError) as raised:
            await _rows(path, "send")
    assert raised.value.sentence == "The moon is in the way."


@UNIX
async def test_a_request_ends_when_whoever_asked_goes_away(path: Path, unix: bool) -> None:
    endless = _Endless()
    async with _control(path, endless.handle, unix=unix):
        async with aclosing(ask(path, "peers", {}, unix=unix)) as rows:
            async for row in rows:
                if row["number"] == 3:
                    break
        await asyncio.wait_for(endless.ended.wait(), 5)


async def test_a_request_ends_when_its_holder_does_and_says_so(path: Path) -> None:
    endless = _Endless()
    async with _control(path, endless.handle) as control:
        rows = ask(path, "peers", {})
        assert await anext(rows) == {"number": 0}
        await control.stop()
        assert endless.ended.is_set()
        with pytest.raises(ControlLost):
            [row async for row in rows]


@UNIX
async def test_nobody_answers_where_nobody_listens(path: Path, unix: bool) -> None:
    assert await holder(path, unix=unix) is None
    with pytest.raises(Unreachable):
        await _rows(path, "whoami", unix=unix)


@UNIX
async def test_the_holder_tells_its_process(path: Path, unix: bool) -> None:
    async with _control(path, _echo, unix=unix):
        assert await holder(path, unix=unix) == os.getpid()


async def test_a_socket_that_a_crash_left_behind_is_taken_over(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind(str(path))
        crashed.listen()
    assert await holder(path) is None
    async with _control(path, _echo):
        assert await _rows(path, "x") == [{"verb": "x"}, {}]


@UNIX
async def test_the_socket_is_for_its_owner_only(path: Path, unix: bool) -> None:
    async with _control(path, _echo, unix=unix):
        assert await asyncio.to_thread(_mode, path) == 0o600
    assert not await asyncio.to_thread(path.exists)


async def test_whoever_does_not_know_the_cookie_gets_no_answer(path: Path) -> None:
    async with _control(path, _echo, unix=False):
        port = int((await asyncio.to_thread(path.read_text)).split()[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"00" * 32 + b'\n{"verb": "whoami", "params": {}}\n')
        assert await reader.read() == b""
        writer.close()


async def test_another_user_gets_no_answer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _control(path, _echo):
        monkeypatch.setattr(os, "geteuid", lambda: 12_345)  # the others are not who we are
        assert await holder(path) is None
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b'{"verb": "whoami", "params": {}}\n')
        with contextlib.suppress(ConnectionResetError):  # it did not even read what we sent
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b'{"verb": "say"}\n',
        b'{"verb": 1, "params": {}}\n',
        b'{"verb": "say", "params": []}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
    ],
    ids=lambda line: repr(line[:12]),
)
async def test_what_is_no_request_is_refused(path: Path, line: bytes) -> None:
    async with _control(path, _echo):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(line)
        answer = await reader.readline()
        assert b'"class": "BadRequest"' in answer
        assert await reader.read() == b""
        writer.close()


async def test_a_request_over_a_mebibyte_is_refused_before_it_is_sent(path: Path) -> None:
    async with _control(path, _echo):
        with pytest.raises(BadRequest):
            await _rows(path, "say", text="x" * MAX_REQUEST)
        assert await _rows(path, "x") == [{"verb": "x"}, {}]


async def test_a_line_over_a_mebibyte_is_refused_where_it_arrives(path: Path) -> None:
    async with _control(path, _echo):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b"x" * (MAX_REQUEST + 2))
        assert b"BadRequest" in await reader.readline()
        writer.close()


async def test_many_requests_run_side_by_side(path: Path) -> None:
    async with _control(path, _echo):
        found = await asyncio.gather(*[_rows(path, f"v{n}", n=n) for n in range(60)])
    assert found == [[{"verb": f"v{n}"}, {"n": n}] for n in range(60)]


@pytest.mark.logs_errors
async def test_a_bug_in_a_request_ends_only_that_request(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(verb: str, params: Mapping[str, JSON]) -> AsyncGenerator[Row, None]:
        if verb == "bug":
            raise ZeroDivisionError
        async for row in _echo(verb, params):
            yield row

    async with _control(path, handle):
        with pytest.raises(LanchatError):
            await _rows(path, "bug")
        assert await _rows(path, "x") == [{"verb": "x"}, {}]
    assert "ZeroDivisionError" in caplog.text


async def test_who_listens_cannot_be_another_user(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _control(path, _echo):
        with monkeypatch.context() as changed:
            changed.setattr(local, "same_user", lambda _writer: False)
            with pytest.raises(Unreachable):
                await _rows(path, "whoami")
