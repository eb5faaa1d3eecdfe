"""The real program in its real window, driven as a person does: by keys and pointer."""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.kit import processes
from tests.kit.display import Display, end, wait_for
from tests.kit.probed import Probed

PROBE: Final = Path(__file__).with_name("probe.py")
ASKS: Final = 5.0  # seconds after which it waits for an answer, and is ended without one
CHECKOUT: Final = Path(__file__).parent.parent.parent


class Program(Probed):
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
        super().__init__(self._path)
        wait_for(lambda: self.widgets()[0]["viewable"], "the window")
        self.window: Final = display.around(self.ask("window"))

    # --- what it shows ------------------------------------------------------------------

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

    def veiled(self) -> None:
        """Wait for the veil that says where dragged files would go, and what comes of it."""
        self.widget("drop_veil")
        self.ask("sync")

    def picture(self, path: Path) -> Path:
        """Take a picture of it."""
        return self.display.picture(path, self.window)

    def close(self, seconds: float = 10.0) -> int:
        """Have the window manager close the window, by a message; the exit status."""
        self.display.run("wmctrl", "-i", "-c", hex(self.window))
        try:
            return self.process.wait(seconds)
        finally:
            self.hang_up()

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
            self.hang_up()
        return self.process.wait()

    def end(self) -> None:
        """End it, however it stands; if it lets itself be closed, what it leaves is counted."""
        if self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):  # it asks something first
                self.display.run("wmctrl", "-i", "-c", hex(self.window))
                self.process.wait(ASKS)
        self.hang_up()
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
