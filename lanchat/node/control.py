"""Control: how a second command reaches the node that holds the profile.  PROTOCOL.md, 7.

One connection is one request.  Both sides speak lines of JSON:

    ->  {"verb": "say", "params": {…}}                      at most 1 MiB
    <-  {"taken": true}                                     from here on it is being done
    <-  {"row": {…}}                                        as many as there are
    <-  {"done": true}   or   {"error": {"class", "sentence", "hint", "detail", "attributes"}}

Whoever asked and goes away has pressed Ctrl-C: the request is cancelled.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Final

from lanchat import errors
from lanchat.errors import BadRequest, ControlLost, LanchatError, StoreError
from lanchat.node import local
from lanchat.node.json_row import JSON, Row
from lanchat.node.local import Unreachable

Handle = Callable[[str, Mapping[str, JSON]], AsyncGenerator[Row, None]]

MAX_REQUEST: Final = 2**20  # bytes (PROTOCOL.md, 7)
MAX_ANSWER: Final = 2**22  # bytes of one line; a text of 60,000 bytes takes 360,000
ASKING: Final = 10.0  # seconds in which a request has to be there
STATUS: Final = 5.0  # seconds in which a holder says that it is there
MOST_REQUESTS: Final = 64  # at a time
PAUSE: Final = 0.1  # seconds after a connection could not be taken

_log = logging.getLogger(__name__)


class Carried(LanchatError):
    """Something went wrong."""

    def __init__(self, sentence: str) -> None:
        super().__init__("of a class this version does not know")
        self._sentence = sentence

    @property
    def sentence(self) -> str:
        """The sentence as the other process said it."""
        return self._sentence


class Control:
    """The listening side.  Lives on the node thread of whoever holds the profile.

    `handle` is `requests.run` with the node filled in.
    """

    def __init__(self, path: Path, handle: Handle, *, unix: bool = local.HAS_UNIX) -> None:
        self._path = path
        self._handle = handle
        self._unix = unix
        self._accepting: asyncio.Task[None] | None = None
        self._running = 0

    async def start(self) -> None:
        """Be there for other commands.

        Raises:
            StoreError: the socket cannot be made.
        """
        listening = await local.listen(self._path, unix=self._unix)
        self._accepting = asyncio.create_task(self._accept(listening), name="control")

    async def stop(self) -> None:
        """End what is being done for others, and be gone.  Twice is once."""
        if self._accepting is None:
            return
        await local.remove(self._path)
        self._accepting.cancel()
        await asyncio.wait({self._accepting})
        self._accepting = None

    async def _accept(self, listening: socket.socket) -> None:
        """Take connections until we are cancelled; each is a task that ends with this one."""
        # asyncio's own server fails on a connection that arrives as it is closed.
        loop = asyncio.get_running_loop()
        with listening:
            async with asyncio.TaskGroup() as group:
                while True:
                    try:
                        accepted, _ = await loop.sock_accept(listening)
                    except OSError as error:  # too many open files, mostly
                        _log.warning("a request could not be taken: %s", error.strerror)
                        await asyncio.sleep(PAUSE)
                        continue
                    if self._running >= MOST_REQUESTS:
                        accepted.close()
                        continue
                    self._running += 1
                    serving = group.create_task(self._serve(accepted), name="request")
                    serving.add_done_callback(partial(self._ended, accepted))

    def _ended(self, accepted: socket.socket, _serving: asyncio.Task[None]) -> None:
        self._running -= 1
        accepted.close()

    async def _serve(self, accepted: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=accepted, limit=MAX_REQUEST)
        try:
            await self._converse(reader, writer)
        except (OSError, ValueError, TimeoutError, StoreError) as error:
            _log.debug("a request ended early: %s", type(error).__name__)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with asyncio.timeout(ASKING):
                if not await local.admitted(self._path, reader, writer, unix=self._unix):
                    _log.warning("another user reached for the local socket")
                    return
                verb, params = _request(await _line(reader))
        except BadRequest as error:
            _put(writer, {"error": _packed(error)})
            await writer.drain()
            return
        _put(writer, {"taken": True})
        await self._until_gone(reader, self._answer(verb, params, writer))

    async def _until_gone(
        self, reader: asyncio.StreamReader, answering: Coroutine[None, None, None]
    ) -> None:
        """Answer, or stop as soon as the one who asked is gone."""
        work = asyncio.ensure_future(answering)
        gone = asyncio.ensure_future(reader.read(1))  # nothing more may come but the end
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.wait({work, gone})
        for task in (work, gone):
            if not task.cancelled() and (error := task.exception()):
                raise error

    async def _answer(
        self, verb: str, params: Mapping[str, JSON], writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with aclosing(self._rows(verb, params)) as rows:
                async for row in rows:
                    _put(writer, {"row": row})
                    await writer.drain()
        except LanchatError as error:
            _put(writer, {"error": _packed(error)})
        except Exception as error:
            _log.exception("a bug ended a request")
            _put(writer, {"error": _packed(LanchatError(type(error).__name__))})
        else:
            _put(writer, {"done": True})
        await writer.drain()

    def _rows(self, verb: str, params: Mapping[str, JSON]) -> AsyncGenerator[Row, None]:
        if verb == "status":
            return _only({"pid": os.getpid(), "locked": False})
        return self._handle(verb, params)


async def holder(path: Path, *, unix: bool = local.HAS_UNIX) -> int | None:
    """The process that answers at `path`; None if nobody does."""
    try:
        async with asyncio.timeout(STATUS):
            async with aclosing(ask(path, "status", {}, unix=unix)) as rows:
                pid = (await anext(rows)).get("pid")
    except (Unreachable, ControlLost, StopAsyncIteration, TimeoutError):
        return None
    return pid if isinstance(pid, int) else None


async def ask(
    path: Path, verb: str, params: Mapping[str, JSON], *, unix: bool = local.HAS_UNIX
) -> AsyncGenerator[Row, None]:
    """Hand a request over and yield what comes back; closing this cancels it there.

    Raises:
        Unreachable: nobody took the request; nothing was done.
        ControlLost: whoever took it went away.
        LanchatError: what the request itself raised, as if it had run here.
    """
    request = _encoded({"verb": verb, "params": dict(params)})
    if len(request) > MAX_REQUEST:
        raise BadRequest("request over 1 MiB")
    reader, writer = await local.connect(path, limit=MAX_ANSWER, unix=unix)
    taken = False
    try:
        writer.write(request)
        await writer.drain()
        while not (answer := await _reply(reader)).get("done"):
            if failed := answer.get("error"):
                raise _unpacked(failed)
            taken = taken or "taken" in answer
            if isinstance(row := answer.get("row"), dict):
                yield row
    except (OSError, EOFError, ValueError) as error:
        if not taken:
            raise Unreachable(type(error).__name__) from error
        raise ControlLost(type(error).__name__) from error
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _only(row: Row) -> AsyncGenerator[Row, None]:
    yield row


def _put(writer: asyncio.StreamWriter, line: Mapping[str, object]) -> None:
    writer.write(_encoded(line))


def _encoded(line: Mapping[str, object]) -> bytes:
    return json.dumps(line).encode("ascii") + b"\n"


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError as error:
        raise BadRequest("request over 1 MiB") from error


def _request(line: bytes) -> tuple[str, Mapping[str, JSON]]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest("not a line of JSON") from error
    match asked:
        case {"verb": str(verb), "params": dict(params)}:
            return verb, params
    raise BadRequest("no verb or no params")


async def _reply(reader: asyncio.StreamReader) -> dict[str, JSON]:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    answer = json.loads(line)
    return answer if isinstance(answer, dict) else {}


def _packed(error: LanchatError) -> Row:
    """An error as it crosses to the other process, its numbers and names with it."""
    held = {name: list(v) if isinstance(v, tuple) else v for name, v in vars(error).items()}
    return {
        "class": type(error).__name__,
        "sentence": error.sentence,
        "hint": error.hint,
        "detail": str(error),
        "attributes": {
            name: value
            for name, value in held.items()
            if value is None or isinstance(value, bool | int | float | str | list)
        },
    }


def _unpacked(packed: JSON) -> LanchatError:
    """The error again, of the same class where this version has it."""
    match packed:
        case {
            "class": str(name),
            "sentence": str(sentence),
            "hint": str(hint),
            "detail": str(detail),
            "attributes": dict(attributes),
        }:
            error = _of_class(name, sentence)
            error.args = (detail,)
            for key, value in attributes.items():
                setattr(error, key, value)
            if hint:
                error.hint = hint
            return error
    return Carried("the lanchat that holds this profile gave an answer that makes no sense")


def _of_class(name: str, sentence: str) -> LanchatError:
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, LanchatError):
        return kind.__new__(kind)  # its __init__ wants what only the other process knew
    return Carried(sentence)
