"""A terminal: lanchat at one end of a pty, a test at the other."""

import contextlib
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from tests.integration.cli_driver import PATIENCE, PROGRAM

# Makes the pty the terminal of the new session, as a login does, then becomes the program.
_AT_THE_TERMINAL: Final = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)


class Screen:
    """A command with a terminal of its own.  `shown` is all that stood on it so far."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process: Final = subprocess.Popen(
            [sys.executable, "-c", _AT_THE_TERMINAL, PROGRAM, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm"},
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def wait_for(self, text: str, *, after: int = 0) -> None:
        """Wait until `text` is shown behind the first `after` characters."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown[after:]:
            assert time.monotonic() < deadline, f"no {text!r} in {self.shown!r}"
            if select.select([self._ours], [], [], 0.2)[0] and not self._read():
                break
        assert text in self.shown[after:], f"no {text!r} in {self.shown!r}"

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    @property
    def echoes(self) -> bool:
        """Whether what is typed can be seen."""
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def end(self) -> int:
        """Wait for the end of the command; its exit status."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([self._ours], [], [], 0.2)[0] and not self._read():
                break
        assert "Traceback" not in self.shown, self.shown
        return self.process.wait(timeout=PATIENCE)

    def _read(self) -> bool:
        try:
            data = os.read(self._ours, 4096)
        except OSError:  # Linux says so when the last one at the other end has closed it
            return False
        self.shown += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
