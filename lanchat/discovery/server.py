"""A DNS server: one question by UDP, or many on one connection.  RFC 1035, 7766.

All that comes back is bounded in size and time before it is read, and whatever dnspython
finds wrong with it becomes one of our own errors here.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import dns.asyncquery
import dns.exception
import dns.message
import dns.tsig

from lanchat.discovery.domain import MAX_FACTS
from lanchat.discovery.packets import SOA, Row, query, read
from lanchat.errors import DnsClock, DnsNonsense, DnsSilent, RegistrationRefused

TRIES: Final = (0.5, 1.0, 2.0)  # seconds that each of three questions waits
CONNECT: Final = 3.0  # seconds until a connection stands
SILENCE: Final = 3.0  # seconds without a byte on it
LONGEST: Final = 15.0  # seconds of one connection, and of all that follow each other
MAX_BYTES: Final = 4 * 2**20  # on one connection; 2,000 peers need 1.5 MiB
AT_ONCE: Final = 512  # questions that wait for an answer: 35 KiB, which a connection takes
MAX_ROWS: Final = 4 * MAX_FACTS  # in answers, with all that comes along
BREATH: Final = 16  # answers read until the loop has a turn, if they are short
PAYLOAD: Final = 1232  # bytes of a datagram that no network cuts in pieces


@contextmanager
def translated() -> Iterator[None]:
    """Make foreign exceptions ours."""
    try:
        yield
    except (dns.tsig.BadTime, dns.tsig.PeerBadTime) as error:
        raise DnsClock(type(error).__name__) from error
    except (dns.tsig.PeerError, dns.tsig.BadKey, dns.tsig.BadSignature) as error:
        raise RegistrationRefused(type(error).__name__) from error
    except (dns.exception.Timeout, OSError, EOFError) as error:
        raise DnsSilent(type(error).__name__) from error
    except (dns.exception.DNSException, ValueError, LookupError) as error:
        raise DnsNonsense(type(error).__name__) from error


@contextmanager
def cancellable() -> Iterator[None]:
    """Around what waits by dnspython: cancelling ends it, also at the moment of the answer.

    Before Python 3.12 `asyncio.wait_for`, by which it waits, takes the answer then and forgets
    that it was cancelled (CPython issue 86296); who waits for the task's end waits for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0

    def lost() -> bool:
        return task is not None and task.cancelling() > before

    try:
        yield
    except Exception as error:
        if lost():
            raise asyncio.CancelledError from error
        raise
    if lost():
        raise asyncio.CancelledError


class Server:
    """One server, which answers for a domain.  Lives on the node thread."""

    def __init__(self, domain: str, zone: str, host: str, port: int) -> None:
        self.domain: Final = domain.lower().rstrip(".")
        self.zone: Final = zone.lower().rstrip(".")
        self.host: Final = host
        self.port: Final = port

    async def ask(self, asked: dns.message.Message) -> dns.message.Message:
        """One question or update, thrice if it must be; by TCP if the answer is long.

        Raises:
            DnsError: no answer, or one that makes no sense.
        """
        for number, patience in enumerate(TRIES, 1):
            try:
                with translated():
                    return await self._once(asked, patience)
            except DnsSilent:
                if number == len(TRIES):
                    raise
        raise AssertionError("the last try returns or raises")

    async def serial(self) -> int:
        """The zone's serial number, which changes with whatever is in it.

        Raises:
            DnsError: no answer, a refusal, or one without a serial.
        """
        question = dns.message.make_query(self.zone, "SOA", use_edns=True, payload=PAYLOAD)
        for row in read((await self.ask(question)).wire or b"").rows:
            if row.kind == SOA and row.name == self.zone and isinstance(row.value, int):
                return row.value
        raise DnsNonsense("no SOA")

    @asynccontextmanager
    async def questions(self) -> AsyncIterator["Questions"]:
        """Many questions, and all records of the answers; on one connection if that stands.

        Raises:
            DnsError: it failed before all were answered.
        """
        try:
            async with asyncio.timeout(LONGEST), AsyncExitStack() as stack:

                async def connect() -> Stream:
                    await stack.aclose()  # the one on which the server hung up
                    return await stack.enter_async_context(self.connect())

                yield Questions(connect)
        except TimeoutError as error:
            raise DnsSilent("not all was answered in time") from error

    @asynccontextmanager
    async def connect(self) -> "AsyncIterator[Stream]":
        """A connection, for so long and so many bytes as anybody honest needs."""
        try:
            async with asyncio.timeout(CONNECT):
                reader, writer = await asyncio.open_connection(self.host, self.port)
            try:
                async with asyncio.timeout(LONGEST):
                    yield Stream(reader, writer)
            finally:
                writer.transport.abort()
        except (OSError, EOFError) as error:
            raise DnsSilent(type(error).__name__) from error

    async def _once(self, asked: dns.message.Message, patience: float) -> dns.message.Message:
        signed = asked.keyring is not None
        with cancellable():
            answer, _tcp = await dns.asyncquery.udp_with_fallback(
                asked,
                self.host,
                timeout=patience,
                port=self.port,
                ignore_unexpected=True,
                ignore_errors=not signed,  # a bad signature is what we want to hear of
            )
        return answer


class Stream:
    """DNS messages on a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._taken = 0

    async def send(self, *wires: bytes) -> None:
        """Write some messages."""
        self._writer.write(b"".join(len(one).to_bytes(2, "big") + one for one in wires))
        await self._writer.drain()

    async def receive(self) -> bytes:
        """The next message.

        Raises:
            DnsNonsense: more came than anybody honest sends.
        """
        async with asyncio.timeout(SILENCE):
            size = int.from_bytes(await self._reader.readexactly(2), "big")
            self._taken += size
            if self._taken > MAX_BYTES:
                raise DnsNonsense(f"more than {MAX_BYTES} bytes")
            return await self._reader.readexactly(size)


class Questions:
    """What is asked on a connection, and on another one if the server hangs up."""

    def __init__(self, connect: Callable[[], Awaitable[Stream]]) -> None:
        self._connect = connect
        self._stream: Stream | None = None

    async def ask(self, questions: Sequence[tuple[str, int]]) -> list[Row]:
        """Ask all of these at once."""
        found: list[Row] = []
        left = list(questions)
        while left:
            before, fresh = len(left), self._stream is None
            self._stream = self._stream or await self._connect()
            left = await _pipeline(self._stream, left, found)
            if left:
                self._stream = None
            if fresh and len(left) == before:
                raise DnsSilent("the connection ended")
        return found


async def _pipeline(
    stream: Stream, questions: Sequence[tuple[str, int]], found: list[Row]
) -> list[tuple[str, int]]:
    """Ask all and read the answers, in any order; what is left if the server hangs up."""
    asked: dict[int, tuple[str, int]] = {}
    waiting = list(enumerate(questions, 1))[::-1]  # numbered anew on each connection
    answers = 0
    try:
        while waiting or asked:
            if len(asked) <= AT_ONCE // 2 and waiting:
                batch, waiting = waiting[-AT_ONCE:], waiting[:-AT_ONCE]
                asked.update(batch)
                await stream.send(
                    *(query(number, *question) for number, question in batch[::-1])
                )
            wire = await stream.receive()
            # in a thread where it is long: the loop goes on meanwhile
            reply = await asyncio.to_thread(read, wire) if len(wire) > PAYLOAD else read(wire)
            if asked.pop(reply.number, None) is None:
                raise DnsNonsense("an answer to nothing")
            found.extend(reply.rows)
            if len(found) > MAX_ROWS:
                raise DnsNonsense(f"more than {MAX_ROWS} records")
            answers += 1
            if not answers % BREATH:
                await asyncio.sleep(0)
    except (EOFError, ConnectionError):
        pass
    return [*asked.values(), *(question for _number, question in waiting)]
