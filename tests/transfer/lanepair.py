"""Two ends of a lane on loopback TCP, each in a thread, and trees to send over it."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from lanchat.transfer import lane
from lanchat.transfer.disk import Source
from lanchat.transfer.lane import Attempt, Carried, Counters
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.parts import Incoming

ID: Final = bytes(range(16))
MIB: Final = 2**20


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets on the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    return ours, theirs


@contextmanager
def in_thread(work: Callable[[], Carried]) -> Iterator[Future[Carried]]:
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(work)


class Transfer:
    """One offer and both its ends; `carry` runs one attempt."""

    def __init__(self, source: Source, downloads: Path, *, part: str = "") -> None:
        self.source = source
        self.offer = make_offer(ID, source.manifest)
        self.incoming = Incoming(downloads, self.offer, part=part)
        self.sent, self.got = Counters(), Counters()
        self.stop_sending, self.stop_receiving = Event(), Event()
        self.number = 0

    def attempt(self, offset: int = 0, number: int = 0) -> Attempt:
        number = number or self.number
        return Attempt(ID, number, number.to_bytes(32, "big"), offset)

    def send(self, sock: socket.socket, offset: int = 0) -> Carried:
        attempt = self.attempt(offset)
        return lane.send(sock, attempt, self.source, self.sent, self.stop_sending)

    def receive(self, sock: socket.socket, offset: int = 0) -> Carried:
        attempt = self.attempt(offset)
        return lane.receive(sock, attempt, self.incoming, self.got, self.stop_receiving)

    def carry(self, offset: int = 0) -> tuple[Carried, Carried]:
        """One attempt from `offset` on, whole; what each side says of it."""
        self.number += 1
        ours, theirs = tcp_pair()
        with in_thread(lambda: self.send(ours, offset)) as sent:
            got = self.receive(theirs, offset)
        return sent.result(), got

    def lane(self, offset: int = 0) -> bytes:
        """All the bytes that the sender would put on the wire."""
        self.number += 1
        ours, theirs = tcp_pair()
        pieces = []
        with in_thread(lambda: self.send(ours, offset)) as sent, theirs:
            while piece := theirs.recv(MIB):
                pieces.append(piece)
            sent.result()
        return b"".join(pieces)

    def feed(self, data: bytes, offset: int = 0) -> Carried:
        """What the receiver makes of these bytes and an end behind them."""
        ours, theirs = tcp_pair()

        def write() -> None:
            with ours:
                try:
                    ours.sendall(data)
                except OSError:  # the other side has heard enough
                    return

        writer = threading.Thread(target=write)
        writer.start()
        try:
            return self.receive(theirs, offset)
        finally:
            writer.join()


def grow(root: Path, files: dict[str, int]) -> Path:
    """Make files of random bytes, by size; a size below 0 makes a folder."""
    for path, size in files.items():
        place = root / path
        if size < 0:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(os.urandom(size))
    return root


def tree(root: Path) -> dict[str, bytes | None]:
    """All below `root`: files by content, folders as None."""
    return {
        str(place.relative_to(root)): None if place.is_dir() else place.read_bytes()
        for place in sorted(root.rglob("*"))
    }


@contextmanager
def silent_host() -> Iterator[int]:
    """The port of somebody who answers nobody: its queue of calls is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = int(server.getsockname()[1])
        fill_queue(stack, port)
        yield port


def fill_queue(stack: ExitStack, port: int) -> None:
    """Call until nobody is let in any more."""
    for _ in range(64):
        caller = stack.enter_context(socket.socket())
        caller.settimeout(0.1)
        try:
            caller.connect(("127.0.0.1", port))
        except TimeoutError:
            return
    raise AssertionError("the queue does not fill")
