"""What a window with a probe in it shows."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.kit.display import wait_for


class Probed:
    """A window whose program answers at a socket; see probe.py."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        wait_for(lambda: self._connected(path), "the probe's socket")
        self._socket.settimeout(20)
        self._file = self._socket.makefile("rw", encoding="utf-8")

    def ask(self, op: str, **more: object) -> Any:
        """Ask the probe."""
        self._file.write(json.dumps({"op": op, **more}) + "\n")
        self._file.flush()
        reply = json.loads(self._file.readline())
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["ok"]

    def widgets(self) -> list[dict[str, Any]]:
        """Every widget there is."""
        found: list[dict[str, Any]] = self.ask("tree")
        return found

    def find(self, key: str) -> dict[str, Any] | None:
        """A widget that is on the screen, by its name or else by what it says."""
        seen = [one for one in self.widgets() if one["viewable"] and one["w"] > 1]
        named = [one for one in seen if one["name"] == key]
        said = [one for one in seen if one["text"] == key]
        found = named or said
        return found[-1] if found else None

    def widget(self, key: str, seconds: float = 10.0) -> dict[str, Any]:
        """The same, waited for."""
        return wait_for(lambda: self.find(key), f"{key!r} on the screen", seconds) or {}

    def text(self, key: str) -> str:
        """What a field holds, or a label says."""
        widget = self.widget(key)
        if widget["class"] in ("Text", "TEntry", "Entry", "TCombobox"):
            return str(self.ask("text", path=widget["path"]))
        return str(widget["text"])

    def drawn(self) -> list[str]:
        """Every text that a canvas shows."""
        return [one["text"] for one in self.ask("drawn")]

    def wait_drawn(
        self, part: str, seconds: float = 10.0, *, within: str = ""
    ) -> dict[str, Any]:
        """Wait until a canvas shows a text with `part` in it; gives it and its place.

        `within` is a part of the window: "messages" has the conversation alone.
        """

        def seen() -> Iterator[dict[str, Any]]:
            for one in self.ask("drawn"):
                if part in one["text"] and within in one["path"].split("."):
                    yield one

        return wait_for(
            lambda: next(seen(), None),
            f"{part!r} drawn; there is {[one[:40] for one in self.drawn()]}",
            seconds,
        ) or {}  # fmt: skip

    def wait_text(self, key: str, part: str, seconds: float = 10.0) -> None:
        """Wait until a widget says something with `part` in it."""
        wait_for(lambda: part in self.text(key), f"{part!r} in {key!r}", seconds)

    def hang_up(self) -> None:
        """Ask no more."""
        self._socket.close()

    def _connected(self, path: Path) -> bool:
        try:
            self._socket.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True
