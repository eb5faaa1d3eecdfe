"""Peers in processes of their own, in hosts of the lab or on this one."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from lanchat.discovery.advert import label_of
from tests.discovery.peer import identity_of

SCRIPT: Final = str(Path(__file__).with_name("peer.py"))
PATIENCE: Final = 15.0  # seconds; a failing test ends then, no passing one waits so long

Line = dict[str, Any]
Spawn = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


def name_of(number: int) -> str:
    return f"peer {number}"


def label(number: int) -> str:
    return label_of(identity_of(number).peer_id)


class Peer:
    """One playing peer; `lines` is all it said so far."""

    def __init__(self, spawn: Spawn, number: int, *words: str) -> None:
        self.number = number
        self.lines: list[Line] = []
        self.process = spawn([sys.executable, SCRIPT, str(number), *words])
        self._rest = b""

    def order(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, event: str, **fields: object) -> Line:
        """The first line, old or new, that says this."""
        wanted = {"event": event, **fields}
        return self.wait_until(
            lambda lines: next((x for x in lines if wanted.items() <= x.items()), None),
            str(wanted),
        )

    def wait_for_names(self, names: set[str]) -> float:
        """The moment at which it had heard of all of them."""

        def complete(lines: list[Line]) -> Line | None:
            heard: set[str] = set()
            for line in lines:
                heard.add(line.get("name", ""))
                if names <= heard:
                    return line
            return None

        at: float = self.wait_until(complete, str(names))["at"]
        return at

    def wait_until(self, found: Callable[[list[Line]], Line | None], what: str) -> Line:
        deadline = time.monotonic() + PATIENCE
        while (line := found(self.lines)) is None:
            self._read(deadline, what)
        return line

    def verify(self, number: int) -> bool:
        self.lines = [line for line in self.lines if line["event"] != "verified"]
        self.order(f"verify {label(number)}")
        answer = self.wait_for("verified", label=label(number))
        there: bool = answer["there"]
        return there

    def counts(self) -> dict[str, int]:
        self.lines = [line for line in self.lines if line["event"] != "counts"]
        self.order("counts")
        counts: dict[str, int] = self.wait_for("counts")["counts"]
        return counts

    def names(self) -> set[str]:
        return {line["name"] for line in self.lines if line["event"] == "advert"}

    def stop(self) -> None:
        self.order("stop")
        self.wait_for("stopped")
        self.process.wait(PATIENCE)

    def _read(self, deadline: float, what: str) -> None:
        assert self.process.stdout is not None
        left = max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([self.process.stdout], [], [], left)
        assert ready, f"peer {self.number} never said {what}, only {self.lines[-20:]}"
        data = os.read(self.process.stdout.fileno(), 65_536)
        assert data, f"peer {self.number} ended; it said {self.lines[-20:]}"
        *whole, self._rest = (self._rest + data).split(b"\n")
        self.lines += [json.loads(line) for line in whole]
