"""The terminal: whether somebody sits there, and what they answer."""

import asyncio
import getpass
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_TTY: Final = Path("/dev/tty")
_LONGEST_LINE: Final = 1024  # bytes of an answer


def present() -> bool:
    """Whether there is somebody to ask, even if stdin is a pipe."""
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    return sys.stderr is not None and sys.stderr.isatty() and _opens(_TTY)


def secret(prompt: str) -> str:
    """Ask for one line without echo; EOFError if there is no answer.

    The whole program waits.
    """
    with plain_interrupt():
        return getpass.getpass(prompt)


async def agrees(question: str) -> bool:
    """Ask a yes-or-no question while the program goes on; anything but yes is no."""
    return (await _beside(lambda: _ask(question))).strip().casefold() in ("y", "yes")


async def line(question: str) -> str:
    """One line of standard input, whatever that is, while the program goes on; "" at its end.

    The question is shown if somebody sits at a terminal.
    """
    return await _beside(lambda: _read_line(question))


async def _beside(read: Callable[[], str]) -> str:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def deliver(line: str) -> None:
        if not answer.done():
            answer.set_result(line)

    def wait() -> None:  # a thread that may be left behind: Ctrl-C can't stop a read
        line = read()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, line)

    threading.Thread(target=wait, name="question", daemon=True).start()
    return await answer


def _read_line(question: str) -> str:
    if present():
        sys.stderr.write(question)
        sys.stderr.flush()
    read = bytearray()
    try:  # past Python's buffer, whose lock a thread that is left behind would keep
        while len(read) < _LONGEST_LINE and (piece := os.read(0, 1)):
            read += piece
            if piece == b"\n":
                break
    except OSError:
        return ""
    return read.decode(errors="replace")


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            return sys.stdin.readline()
        with _TTY.open(encoding="utf-8", errors="replace") as tty:
            return tty.readline()
    except (OSError, ValueError):
        return ""


def _opens(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return False
    return True


@contextmanager
def plain_interrupt() -> Iterator[None]:
    """Let Ctrl-C end a blocking read at once, as it does without asyncio."""
    held = signal.getsignal(signal.SIGINT)
    if held is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, held)
