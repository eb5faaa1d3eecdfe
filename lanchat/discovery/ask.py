"""Asking: one-shot questions from a port of our own, and questions to last-known addresses.

A question from an ephemeral port is answered to that port (RFC 6762, 6.7), so no other mDNS
program on this machine can take the answer, and a plain loop in a thread of its own reads a
thousand of them where the event loop loses all above 250.  A question by unicast passes
firewalls that swallow multicast.  PROTOCOL.md, 6.
"""

import asyncio
import contextlib
import logging
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

# The package hands these on without exporting them; they are its documented wire classes.
from zeroconf._dns import DNSQuestion
from zeroconf._protocol.incoming import DNSIncoming
from zeroconf._protocol.outgoing import DNSOutgoing
from zeroconf.const import _CLASS_IN, _FLAGS_QR_QUERY

from lanchat.discovery.admission import Heard
from lanchat.discovery.advert import SERVICE
from lanchat.discovery.nearby import Interface, is_local
from lanchat.discovery.records import PTR, SRV, answers, gather, instance_of
from lanchat.discovery.sockets import (
    MAX_BATCH,
    PORT,
    Packet,
    SocketAddress,
    drain,
    multicast_sockets,
    new_socket,
    send,
    target,
)

REPEATS: Final = (0.0, 0.03, 0.1, 0.25, 1.0, 3.0)  # seconds; the first ones for lost packets
ALWAYS: Final = 4  # of these; the others as long as that brings somebody new
SOON: Final = (1, 2)  # those that are left out where so many answered that it is a burden:
FEW: Final = 64
PATIENT: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 10.0)  # a network just come may not carry yet
WINDOW: Final = 1.0  # seconds that answers to the last question may take
TRIES: Final = (0.0, 0.4, 0.8)  # seconds; when one peer is asked for
TRY_WINDOW: Final = 0.4
MAX_KNOWN: Final = 64  # addresses asked by unicast
MAX_PACKETS: Final = 4096  # answers read in one round
PAUSE: Final = 0.002  # seconds without an answer after which there is time to parse
MAX_UNREAD: Final = 0.05  # seconds until what was taken is parsed in any case

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Where:
    """Where questions go: our interfaces, and addresses known from earlier."""

    interfaces: tuple[Interface, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The one peer that is asked for, and what to call when it answers."""

    label: str
    found: Callable[[], None]


class Asker:
    """Ask who is there.  Lives on the node thread; each round reads in a thread of its own."""

    def __init__(self, hear: Callable[[list[Heard]], None]) -> None:
        self._hear = hear
        self._rounds: list[_Round] = []
        self._current: _Round | None = None

    def ask(
        self,
        interfaces: Sequence[Interface],
        known: Sequence[str] = (),
        *,
        patient: bool = False,
    ) -> None:
        """Ask everybody now; a round that is still running gives way to this one."""
        if self._current is not None:
            self._current.stop()
        near = [address for address in known if is_local(address, interfaces)]
        where = _Where(tuple(interfaces), tuple(near[:MAX_KNOWN]))
        times = PATIENT if patient else REPEATS
        self._current = self._begin(where, _question(SERVICE, PTR), times)

    def find(
        self,
        label: str,
        interfaces: Sequence[Interface],
        known: Sequence[str],
        found: Callable[[], None],
    ) -> Callable[[], None]:
        """Ask for one peer; `found` is called when it answers.  Returns how to stop asking."""
        where = _Where(tuple(interfaces), tuple(known[:MAX_KNOWN]))
        question = _question(instance_of(label), SRV)
        wanted = _Wanted(label, found)
        asked = self._begin(where, question, TRIES, wanted)
        return asked.stop if asked else lambda: None

    async def stop(self) -> None:
        """End all rounds; their threads have ended and their sockets are closed on return."""
        rounds, self._rounds, self._current = self._rounds, [], None
        for one in rounds:
            one.stop()
        for one in rounds:
            await asyncio.to_thread(one.join)

    def _begin(
        self,
        where: _Where,
        question: bytes,
        times: Sequence[float],
        wanted: _Wanted | None = None,
    ) -> "_Round | None":
        """Nobody is asked where the system has no socket or thread left: it may have later."""
        running = self._rounds = [each for each in self._rounds if each.is_alive()]
        try:
            one = _Round(where, question, times, self._hear, wanted)
            self._rounds = [*running, one]
            one.start()
        except (OSError, RuntimeError) as error:
            self._rounds = running
            _log.warning("nobody can be asked: %s", type(error).__name__)
            return None
        return one


class _Round(threading.Thread):
    """One question, asked several times, and the reading of its answers.

    Each repetition opens sockets of its own: where two programs share port 5353 the sender's
    port decides which of them gets a unicast question.  Each has a number of its own too: who
    answers with zeroconf takes the same bytes within 0.8 s for a copy, and answers once.
    """

    def __init__(
        self,
        where: _Where,
        question: bytes,
        times: Sequence[float],
        hear: Callable[[list[Heard]], None],
        wanted: _Wanted | None = None,
    ) -> None:
        super().__init__(name="ask", daemon=True)
        self._where = where
        self._question = question
        self._numbers: set[int] = set()
        self._times = times
        self._hear = hear
        self._wanted = wanted
        self._loop = asyncio.get_running_loop()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._stopped = False
        self._labels: set[str] = set()
        self._packets = 0

    def stop(self) -> None:
        """Make the thread end soon; safe to repeat."""
        self._stopped = True
        with contextlib.suppress(OSError):  # full, or closed by the thread at its own end
            self._wake.send(b"x")

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(self._wake.close)
            stack.enter_context(self._woken)
            selector = stack.enter_context(selectors.DefaultSelector())
            selector.register(self._woken, selectors.EVENT_READ)
            self._ask_and_read(selector, stack)

    def _ask_and_read(
        self, selector: selectors.BaseSelector, stack: contextlib.ExitStack
    ) -> None:
        start = time.monotonic()
        last = TRY_WINDOW if self._wanted else WINDOW
        for number, at in enumerate(self._times):
            known = len(self._labels)
            if not (self._times is REPEATS and number in SOON and known >= FEW):
                for asking, interface in self._open_and_send(stack):
                    selector.register(asking, selectors.EVENT_READ, interface)
            later = self._times[number + 1 :]
            until = start + (later[0] if later else at + last)
            if not self._read(selector, until):
                return
            brought = len(self._labels) > known
            if self._times is REPEATS and number >= ALWAYS - 1 and not brought:
                return

    def _open_and_send(
        self, stack: contextlib.ExitStack
    ) -> Iterable[tuple[socket.socket, Interface | None]]:
        number, packet = numbered(self._question)
        self._numbers.add(number)
        for interface in self._where.interfaces:
            for asking, group in multicast_sockets(interface):
                stack.enter_context(asking)
                send(asking, packet, group)
                yield asking, interface
        yield from self._send_to_known(packet, stack)

    def _send_to_known(
        self, packet: bytes, stack: contextlib.ExitStack
    ) -> Iterable[tuple[socket.socket, None]]:
        for family in (socket.AF_INET, socket.AF_INET6):
            targets = [t for t in map(target, self._where.known) if t and t[0] == family]
            asking = new_socket(family) if targets else None
            if asking is None:
                continue
            stack.enter_context(asking)
            for _family, to in targets:
                send(asking, packet, to)
            yield asking, None

    def _read(self, selector: selectors.BaseSelector, until: float) -> bool:
        """Read answers until then; False if that was the end of the round."""
        while (left := until - time.monotonic()) > 0 and not self._stopped:
            if batch := self._burst(selector, left):
                self._take(batch)
            if self._packets >= MAX_PACKETS:
                return False
        return not self._stopped

    def _burst(self, selector: selectors.BaseSelector, left: float) -> list[Packet]:
        """Wait for answers and take all that come together, unparsed.

        A thousand come within 30 ms and the system keeps some four hundred: parsing some
        while others come would lose those.
        """
        batch: list[Packet] = []
        begun = float("inf")
        while (ready := selector.select(PAUSE if batch else left)) and not self._stopped:
            for key, _events in ready:
                if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._woken:
                    drain(key.fileobj, key.data, batch)
            begun = min(begun, time.monotonic())
            if len(batch) >= MAX_BATCH or time.monotonic() > begun + MAX_UNREAD or not batch:
                break
        return batch

    def _take(self, batch: list[Packet]) -> None:
        self._packets += len(batch)
        heard = [one for packet in batch for one in self._parse(*packet)]
        if heard:
            self._labels.update(one.label for one in heard)
            self._tell(self._hear, heard)

    def _parse(
        self,
        data: bytes,
        sender: SocketAddress,
        interface: Interface | None,
    ) -> list[Heard]:
        wanted = self._wanted.label if self._wanted else ""
        heard, found = read_answer(data, sender, self._numbers, interface, wanted)
        if found and self._wanted:
            self._tell(self._wanted.found)
        return heard

    def _tell(self, what: Callable[..., None], *values: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(what, *values)


def read_answer(
    data: bytes,
    sender: SocketAddress,
    numbers: Container[int],
    interface: Interface | None = None,
    wanted: str = "",
) -> tuple[list[Heard], bool]:
    """What an answer to a question of these numbers says; and whether it is of `wanted`."""
    if sender[1] != PORT or int.from_bytes(data[:2]) not in numbers:
        return [], False
    scope = sender[3] if len(sender) == 4 else interface.index if interface else None
    try:
        message = DNSIncoming(data, (sender[0], sender[1]), scope or None)
        if not message.valid or not message.is_response():
            return [], False
        records = message.answers()
        name = interface.name if interface else None
        heard = gather(records, source=sender[0], interface=name)
        return heard, bool(wanted) and answers(records, wanted)
    except Exception as error:  # a parser's bug must not end what reads answers
        _log.error("reading an answer failed: %s", type(error).__name__)
        return [], False


def who_is_here() -> tuple[int, bytes]:
    """The question for every lanchat, and its number."""
    return numbered(_question(SERVICE, PTR))


def numbered(question: bytes) -> tuple[int, bytes]:
    """A question with a number of its own, and that."""
    number = secrets.randbelow(2**16 - 1) + 1
    return number, number.to_bytes(2, "big") + question[2:]


def _question(name: str, kind: int) -> bytes:
    """A question without its number, which an answer must repeat (RFC 6762, 6.7)."""
    out = DNSOutgoing(_FLAGS_QR_QUERY, multicast=False, id_=0)
    out.add_question(DNSQuestion(name, kind, _CLASS_IN))
    return out.packets()[0]
