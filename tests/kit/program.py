"""The real program in its real window, driven as a person does: by keys and pointer."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.kit import processes
from tests.kit.display import Display, end, wait_for

PROBE: Final = Path(__file__).with_name("probe.py")
CHECKOUT: Final = Path(__file__).parent.parent.parent


class Program:
    """One running lanchat.  `home` is its user's home folder."""

    def __init__(
        self,
        display: Display,
        home: Path,
        *words: str,
        within: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.display: Final = display
        self.home: Final = home
        home.mkdir(parents=True, exist_ok=True)
        self.downloads: Final = home / "Downloads"
        self.downloads.mkdir(exist_ok=True)
        self.log: Final = home / "program.log"
        self._faults = home / "faults"
        self._path = home / "probe.sock"
        self._path.unlink(missing_ok=True)
        self.env: Final = display.env(
            HOME=str(home), XDG_CONFIG_HOME=str(home / "config"),
            XDG_DATA_HOME=str(home / "data"), XDG_CACHE_HOME=str(home / "cache"),
            XDG_DOWNLOAD_DIR=str(self.downloads), PYTHONPATH=str(CHECKOUT), **(env or {}),
        )  # fmt: skip
        with self.log.open("ab") as log:
            self.process: Final = display.start(
                [*within, sys.executable, str(PROBE), str(self._path), str(self._faults),
                 *words],
                env=self.env, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_for(self._is_up, f"the probe; {self.log.read_text()}", 20)
        self._socket = socket.socket(socket.AF_UNIX)
        wait_for(self._connected, "the probe's socket")
        self._socket.settimeout(20)
        self._file = self._socket.makefile("rw", encoding="utf-8")
        wait_for(lambda: self.widgets()[0]["viewable"], "the window")
        self.window: Final = display.around(self.ask("window"))

    # --- what it shows ------------------------------------------------------------------

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

    def errors(self) -> list[str]:
        """Callbacks that raised, errors in the log, threads left at the end; alive or not."""
        lines = self._faults.read_text(encoding="utf-8").splitlines()
        printed = self.log.read_text(errors="replace")
        return [*map(json.loads, lines), *([printed] if "Traceback" in printed else [])]

    # --- what a person does -------------------------------------------------------------

    def focus(self) -> None:
        """Turn to this window; what is typed from now on gets there."""
        self.display.focus(self.window)
        wait_for(self.has_keys, "the keys in the window")

    def has_keys(self) -> bool:
        """Whether it has the keys: the display gave them, and Tk has heard of it."""
        return self.display.has_keys(self.window) and bool(self.ask("focus"))

    def centre(self, key: str) -> tuple[int, int]:
        """The middle of a widget, on the screen."""
        widget = self.widget(key)
        return widget["x"] + widget["w"] // 2, widget["y"] + widget["h"] // 2

    def click(self, key: str, button: int = 1) -> None:
        """Click on a widget, as soon as it can be used."""
        wait_for(lambda: self.widget(key)["state"] != "disabled", f"{key!r} to be used")
        self._raise_for(key)
        self.display.click(*self.centre(key), button)

    def click_drawn(self, part: str, button: int = 1) -> None:
        """Click on a text that a canvas shows."""
        self.focus()
        found = self.wait_drawn(part)
        self.display.click(found["x"], found["y"], button)

    def write(self, key: str, text: str) -> None:
        """Click into a field and type."""
        self.click(key)
        path = self.widget(key)["path"]
        wait_for(lambda: self.ask("focus") == path, f"the keys in {key!r}")
        self.display.type(text)

    def press(self, *keys: str) -> None:
        """Press keys in this window."""
        self.focus()
        self.display.key(*keys)

    def picture(self, path: Path) -> Path:
        """Take a picture of it."""
        return self.display.picture(path, self.window)

    def close(self, seconds: float = 10.0) -> int:
        """Have the window manager close the window, by a message; the exit status."""
        self.display.run("wmctrl", "-i", "-c", hex(self.window))
        try:
            return self.process.wait(seconds)
        finally:
            self._socket.close()

    def close_by_pointer(self, seconds: float) -> int:
        """Click on the close button of the title bar; the exit status.

        By then it is gone with every process that it had started, or a TimeoutError says which
        are not.
        """
        self.focus()
        had = processes.tree(self.process.pid)
        self.display.click(*self.display.close_button(self.window))
        try:
            wait_for(
                lambda: self.process.poll() is not None and not processes.running(had),
                f"an end of all of {sorted(one.words for one in had)}",
                seconds,
            )
        finally:
            self._socket.close()
        return self.process.wait()

    def end(self) -> None:
        """End it, however it stands."""
        self._socket.close()
        end(self.process)

    # --- within -------------------------------------------------------------------------

    def _raise_for(self, key: str) -> None:
        """Turn to the window or the dialog that a widget is in."""
        path = self.widget(key)["path"]
        if path.count(".") < 2 or not any(
            one["class"] == "Toplevel" and path.startswith(one["path"] + ".")
            for one in self.widgets()
        ):
            self.focus()

    def _is_up(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"it ended: {self.log.read_text()}")
        return self._path.exists()

    def _connected(self) -> bool:
        try:
            self._socket.connect(os.fspath(self._path))
        except ConnectionRefusedError:
            return False
        return True
