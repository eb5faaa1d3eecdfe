"""A person at the command line: runs `lanchat`, in a host of the lab or on this machine.

Everything goes through the program as it is installed: its arguments, exit statuses, JSON
and events.  Nothing here knows how it works inside, but for making a profile quickly.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from lanchat.node.profiles import register
from lanchat.store.keyfile import Params
from tests.lab.lab import Lab

PROGRAM: Final = str(Path(sys.executable).with_name("lanchat"))
PASSPHRASE: Final = "correct horse battery staple"  # of tests only
QUICK: Final = Params(memory_kib=19 * 1024, passes=1, lanes=1)  # the least that may be opened
PATIENCE: Final = 20.0  # seconds until something that must happen is missed

Row = dict[str, Any]


class Place(Protocol):
    """Where a person's commands run."""

    def command(self, words: Sequence[str]) -> list[str]: ...
    def environment(self, more: Mapping[str, str]) -> dict[str, str]: ...


@dataclass(frozen=True)
class InHost:
    """A host of the lab."""

    lab: Lab
    host: str

    def command(self, words: Sequence[str]) -> list[str]:
        return self.lab.wrap(self.host, words)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return self.lab.environment(self.host, more)


@dataclass(frozen=True)
class Here:
    """This machine, kept to one interface."""

    interface: str = "lo"

    def command(self, words: Sequence[str]) -> list[str]:
        return list(words)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        hidden = ("XDG_", "DISPLAY", "WAYLAND_DISPLAY")  # commands, on no desktop
        kept = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
        return {**kept, "LANCHAT_INTERFACE": self.interface, **more}


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[Row]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> Row:
        """The last row: what the command came to."""
        assert self.status == 0, f"exit {self.status}: {self.err}"
        return self.rows[-1]


class Listener:
    """A running `lanchat listen --json`: its events, as they come."""

    def __init__(self, process: "subprocess.Popen[bytes]", diagnostics: Path) -> None:
        self.process: Final = process
        self._diagnostics = diagnostics
        self._rows: list[Row] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="listener of a test")
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            row = json.loads(line)
            with self._more:
                self._rows.append(row)
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    @property
    def rows(self) -> list[Row]:
        with self._more:
            return list(self._rows)

    def all(self, event: str, **match: object) -> list[Row]:
        """The events of this kind so far, whose keys have these values."""
        wanted = {"event": event, **match}.items()
        return [row for row in self.rows if wanted <= _hashable(row).items()]

    def wait_for(
        self, event: str, *, timeout: float = PATIENCE, after: int = 0, **match: object
    ) -> Row:
        """The first such event behind `after` others, as soon as there is one."""
        deadline = time.monotonic() + timeout
        while True:
            if len(found := self.all(event, **match)) > after:
                return found[after]
            with self._more:
                left = deadline - time.monotonic()
                gone = not self._reader.is_alive()
                if left <= 0 or gone:
                    break
                self._more.wait(min(left, 0.5))
        seen = "\n".join(map(str, self.rows[-40:]))
        state = "ended" if gone else "runs"
        raise AssertionError(
            f"no {event} {match} in {timeout} s; it {state}; seen:\n{seen}\n{self.diagnostics}"
        )

    @property
    def diagnostics(self) -> str:
        return self._diagnostics.read_text(errors="replace")

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> int:
        """End it as a user would; the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        try:
            status = self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end\n{self.diagnostics}") from None
        finally:
            self._reader.join()
            assert self.process.stdout is not None
            self.process.stdout.close()
        return status


def _hashable(row: Row) -> dict[str, object]:
    return {key: value for key, value in row.items() if not isinstance(value, list | dict)}


class Person:
    """Somebody with a home, a passphrase and a profile of their own."""

    def __init__(
        self, name: str, place: Place, folder: Path, downloads: Path | None = None
    ) -> None:
        self.name: Final = name
        self.place: Final = place
        self.folder: Final = folder
        self.home: Final = folder / "home"
        self.profile: Final = folder / "profile"
        self.downloads: Final = downloads or folder / "downloads"
        self.peer_id = ""
        self._listeners: list[Listener] = []
        self.home.mkdir(parents=True)
        self.passphrase_file: Final = folder / "passphrase"
        self.passphrase_file.write_text(PASSPHRASE + "\n")

    def settle(self) -> "Person":
        """Make the profile, with a key derivation that costs a test little."""
        _name, made = asyncio.run(register(str(self.profile), self.name, PASSPHRASE, QUICK))
        self.peer_id = str(made)
        return self

    def environment(self) -> dict[str, str]:
        own = {
            "HOME": str(self.home),
            "LANCHAT_PROFILE": str(self.profile),
            "LANCHAT_PASSPHRASE_FILE": str(self.passphrase_file),
        }
        return self.place.environment(own)

    def run(
        self, *words: str, as_json: bool = True, stdin: str = "", timeout: float = 60
    ) -> Outcome:
        """Run a command to its end."""
        line = [PROGRAM, *words, *(["--json"] if as_json else [])]
        done = subprocess.run(
            self.place.command(line),
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start a command and leave it running; the caller ends it."""
        return subprocess.Popen(
            self.place.command([PROGRAM, *words, "--json"]),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def listen(self, *options: str) -> Listener:
        """Start `listen` and wait until it is ready."""
        diagnostics = self.folder / "listen.err"
        words = ["listen", "--downloads", str(self.downloads), "-v", *options, "--json"]
        with diagnostics.open("ab") as file:
            process = subprocess.Popen(
                self.place.command([PROGRAM, *words]),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        listener = Listener(process, diagnostics)
        self._listeners.append(listener)
        listener.wait_for("ready")
        return listener

    def ask(self, verb: str, **params: object) -> list[Row]:
        """Hand a request to the running `listen` as a second command does, without its start.

        Fails with the answer where the request failed.
        """
        with self._door() as sock:
            line = json.dumps({"verb": verb, "params": params}) + "\n"
            sock.sendall(line.encode())
            with sock.makefile("rb") as answers:
                return list(_rows_of(json.loads(answer) for answer in answers))

    def _door(self) -> socket.socket:
        """The local socket of the running `listen`, which opens it right after `ready`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(PATIENCE)
            try:
                sock.connect(str(self.profile / "control.sock"))
            except OSError:
                sock.close()
                if time.monotonic() > deadline or not any(
                    one.running for one in self._listeners
                ):
                    raise
                time.sleep(0.02)
            else:
                return sock

    def leave(self) -> None:
        """End what is still running."""
        for listener in self._listeners:
            if listener.running:
                listener.kill()


def _rows_of(answers: Iterator[Row]) -> Iterator[Row]:
    for answer in answers:
        if "row" in answer:
            yield answer["row"]
        elif "done" in answer:
            return
        elif "error" in answer:
            raise AssertionError(answer["error"])
    raise ConnectionResetError("the one who was asked went away")
