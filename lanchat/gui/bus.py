"""The session bus: how programs of one desktop talk, as far as a window needs it.

We call others and hear their signals; nobody calls us.  Names and texts go through a socket
of this user's and never onto a command line, where every user of the computer could read them.
"""

import asyncio
import itertools
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final, Self
from urllib.parse import unquote

from lanchat.errors import LanchatError
from lanchat.gui import bus_wire
from lanchat.gui.bus_wire import BadBusMessage, Kind, Message
from lanchat.node import local

_log = logging.getLogger(__name__)

PATIENCE: Final = 3.0  # seconds somebody may take to answer; they may have to be started
_LONGEST_LINE: Final = 512  # bytes, before messages begin
_DRIVER: Final = "org.freedesktop.DBus"  # the bus itself


class NoBus(LanchatError):
    """This desktop has nobody to ask that."""


class Refused(NoBus):
    """This desktop does not do that."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name: Final = name  # of the error, as the one who was asked says it


class Bus:
    """A connection to the session's bus.  Lives on the node thread.

    `heard` is called with each signal that was asked for by `match`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        heard: Callable[[Message], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = heard
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._reading = asyncio.create_task(self._read(), name="session bus")

    @classmethod
    async def connect(cls, heard: Callable[[Message], None]) -> Self:
        """Connect to the bus of this session.

        Raises:
            NoBus: there is none.
        """
        for place in places():
            try:
                async with asyncio.timeout(PATIENCE):
                    reader, writer = await asyncio.open_unix_connection(place)
                    try:
                        await _introduce(reader, writer)
                    except BaseException:
                        writer.close()
                        raise
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                _log.info("session bus: %s", type(error).__name__)
                continue
            bus = cls(reader, writer, heard)
            try:
                await bus.call(_driver("Hello"))
            except BaseException:
                await bus.close()
                raise
            return bus
        raise NoBus("no session bus")

    @property
    def lost(self) -> bool:
        """Whether nothing comes of it any more."""
        return self._reading.done()

    async def match(self, rule: str) -> None:
        """Hear the signals that fit a match rule, from now on.

        Raises:
            NoBus: the connection is gone.
        """
        await self.call(_driver("AddMatch", "s", rule))

    async def call(self, message: Message, patience: float = PATIENCE) -> Message:
        """Send a call and wait so many seconds for its answer.

        Raises:
            Refused: the answer was an error.
            NoBus: nobody answered in time.
        """
        if self.lost:
            raise NoBus("the connection is gone")
        number = next(self._numbers)
        answered = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            async with asyncio.timeout(patience):
                self._writer.write(bus_wire.encode(replace(message, serial=number)))
                await self._writer.drain()
                answer: Message = await answered
        except (OSError, TimeoutError) as error:
            raise NoBus(type(error).__name__) from error
        finally:
            del self._waiting[number]
            if answered.done() and not answered.cancelled():
                answered.exception()  # writing may have failed first: then nobody asks for it
        if answer.kind is Kind.ERROR:
            raise Refused(answer.error)
        return answer

    def tell(self, message: Message) -> None:
        """Send a call whose answer nobody waits for, also when nobody reads any more."""
        if not self._writer.is_closing():
            number = next(self._numbers)
            told = replace(message, serial=number, flags=bus_wire.NO_REPLY)
            self._writer.write(bus_wire.encode(told))

    async def close(self) -> None:
        """Leave; what was told still goes out.  Twice is once."""
        self._reading.cancel()
        await asyncio.wait({self._reading})
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        """Take what comes until the connection ends; whoever waits then waits in vain."""
        try:
            while True:
                head = await self._reader.readexactly(bus_wire.HEAD)
                rest = await self._reader.readexactly(bus_wire.length(head) - len(head))
                self._take(bus_wire.decode(head + rest))
        except (OSError, EOFError, BadBusMessage) as error:
            _log.info("session bus: %s: %s", type(error).__name__, error)
        finally:
            for answered in self._waiting.values():
                if not answered.done():
                    answered.set_exception(NoBus("the connection ended"))

    def _take(self, message: Message) -> None:
        if message.kind is Kind.SIGNAL:
            self._heard(message)
        elif message.kind is not Kind.CALL:
            answered = self._waiting.get(message.reply_to)
            if answered is not None and not answered.done():
                answered.set_result(message)


def places() -> list[str]:
    """Where the bus of this session may listen: paths of sockets, the likeliest first."""
    if not local.HAS_UNIX:
        return []
    found = []
    for address in os.environ.get("DBUS_SESSION_BUS_ADDRESS", "").split(";"):
        transport, _colon, rest = address.partition(":")
        pairs = dict(pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
        if transport == "unix" and "path" in pairs:
            found.append(unquote(pairs["path"]))
        elif transport == "unix" and "abstract" in pairs:
            found.append("\0" + unquote(pairs["abstract"]))
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not found and runtime:
        found.append(f"{runtime}/bus")
    return found


async def _introduce(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say who we are; the socket itself proves it, in both directions."""
    if not local.same_user(writer):
        raise ValueError("another user listens there")
    name = str(os.geteuid()).encode().hex()
    writer.write(f"\0AUTH EXTERNAL {name}\r\n".encode())
    line = await reader.readuntil(b"\r\n")
    if len(line) > _LONGEST_LINE or not line.startswith(b"OK "):
        raise ValueError("not let in")
    writer.write(b"BEGIN\r\n")


def _driver(member: str, signature: str = "", *body: object) -> Message:
    return Message(
        Kind.CALL, 0, path="/org/freedesktop/DBus", interface=_DRIVER, member=member,
        destination=_DRIVER, signature=signature, body=body,
    )  # fmt: skip
