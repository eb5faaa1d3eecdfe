"""A display of the tests' own: Xvfb with a window manager, keys and pointer, pictures.

Without a window manager there is no focus, no close button, and no drag and drop.  Only
processes started here are ended, each by its own handle.
"""

import ctypes
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, TypeVar

from tests.kit.keyboard import Keyboard

T = TypeVar("T")
TOOLS: Final = (
    "Xvfb",
    "openbox",
    "xdotool",
    "wmctrl",
    "import",
    "convert",
    "xprop",
    "xwininfo",
    "setxkbmap",
    "desktop-file-validate",
    "rsvg-convert",
    "dbus-daemon",
)


_POINTER: Final = frozenset(
    {"mousemove", "mousemove_relative", "click", "mousedown", "mouseup"}
)


def missing() -> tuple[str, ...]:
    """The programs that are needed and not installed."""
    return tuple(tool for tool in TOOLS if shutil.which(tool) is None)


def program_of(window: int) -> int:
    """Whose window it is: X gives each program numbers that begin alike."""
    return window >> 21


def wait_for(found: Callable[[], T], what: str, seconds: float = 10.0) -> T:
    """Look again and again until something true is found; gives it."""
    end = time.monotonic() + seconds
    while True:
        if value := found():
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Display:
    """One X server and one window manager, unless told otherwise; a context manager."""

    def __init__(
        self, folder: Path, size: str = "1400x1000", dpi: int = 96, *, manager: bool = True
    ) -> None:
        self.folder: Final = folder
        self.size: Final = size
        self.dpi: Final = dpi
        self.manager: Final = manager
        self.name = ""
        self.unplugged = False
        self._parked = False
        self.keyboard: Keyboard
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        read, write = os.pipe()
        log = (self.folder / "xvfb.log").open("wb")
        server = subprocess.Popen(
            ["Xvfb", _free(), "-displayfd", str(write), "-screen", "0", f"{self.size}x24",
             "-dpi", str(self.dpi), "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        os.close(write)
        self._started.append(server)
        number = b""
        while not number.endswith(b"\n"):  # the server writes it once it listens
            piece = os.read(read, 16)
            if not piece:
                raise RuntimeError((self.folder / "xvfb.log").read_text())
            number += piece
        os.close(read)
        self.name = f":{number.decode().strip()}"
        nothing = subprocess.DEVNULL
        if self.manager:
            self.start(["openbox", "--sm-disable"], stdout=nothing, stderr=nothing)
            wait_for(self._managed, "a window manager")
        self.keyboard = Keyboard(self.name)
        self.park()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.keyboard.close()
        for process in reversed(self._started):
            end(process)

    def env(self, **more: str) -> dict[str, str]:
        """The surroundings of a program here: this display, a fixed language and zone."""
        held = dict(
            os.environ, DISPLAY=self.name, LC_ALL="C.UTF-8", LANGUAGE="en", TZ="UTC",
            GDK_BACKEND="x11", NO_AT_BRIDGE="1",
        )  # fmt: skip
        for gone in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            held.pop(gone, None)
        return {**held, **more}

    def start(
        self,
        words: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdout: IO[bytes] | int | None = None,
        stderr: IO[bytes] | int | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start a program on this display; it ends with the display at the latest."""
        process = subprocess.Popen(
            words, env=dict(env or self.env()), stdout=stdout, stderr=stderr
        )
        self._started.append(process)
        return process

    def run(self, *words: str) -> str:
        """Run a program to its end; what it printed."""
        done = subprocess.run(
            words, env=self.env(), capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout

    def xdo(self, *words: object) -> str:
        """Keys and pointer, as a person would."""
        if self.unplugged and (used := _POINTER.intersection(map(str, words))):
            raise AssertionError(f"the mouse is unplugged: {used}")
        self._parked = self._parked and not _POINTER.intersection(map(str, words))
        return self.run("xdotool", *map(str, words))

    def park(self) -> None:
        """Put the pointer into the corner: over a window it would bring it the keys."""
        wide, high = self.size.split("x")
        if not self._parked:
            self.xdo("mousemove", int(wide) - 1, int(high) - 1)
            self._parked = True

    def unplug(self) -> None:
        """Take the mouse away for good: its buttons do nothing, and the kit asks for none."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        server = ctypes.c_void_p(x11.XOpenDisplay(self.name.encode()))
        if not server.value:
            raise RuntimeError(f"no display {self.name}")
        buttons = (ctypes.c_ubyte * 32)()
        count = x11.XGetPointerMapping(server, buttons, len(buttons))
        if x11.XSetPointerMapping(server, (ctypes.c_ubyte * 32)(), count) != 0:
            raise RuntimeError("a button is held")
        x11.XSync(server, 0)
        x11.XCloseDisplay(server)
        self.park()
        self.unplugged = True

    # --- windows ------------------------------------------------------------------------

    def window(self, title: str, seconds: float = 20.0) -> int:
        """The window, now on the screen, whose title fits the expression."""
        found = wait_for(
            lambda: self.xdo("search", "--onlyvisible", "--name", title).split(),
            f"a window {title!r}",
            seconds,
        )
        return int(found[-1])

    def around(self, inner: int) -> int:
        """The window that the window manager knows, around one of Tk's."""

        def parent() -> str:
            told = self.run("xwininfo", "-id", str(inner), "-tree").splitlines()
            return next((line for line in told if "Parent window id" in line), "")

        return int(wait_for(parent, "the window around it").split()[3], 16)

    def place(self, window: int, x: int, y: int, size: tuple[int, int] | None = None) -> None:
        """Put a window somewhere."""
        if size is not None:
            self.xdo("windowsize", "--sync", window, *size)
        self.xdo("windowmove", "--sync", window, x, y)

    def focus(self, window: int) -> None:
        """Give a window the keys, and put it above the others."""
        self.xdo("windowactivate", "--sync", window)

    def has_keys(self, window: int) -> bool:
        """Whether a window of the same program has the keys, as the display sees it."""
        return program_of(self.keyboard.goes_to()) == program_of(window)

    def geometry(self, window: int) -> dict[str, int]:
        """X, Y, WIDTH and HEIGHT of a window."""
        rows = (
            line.split("=") for line in self.xdo("getwindowgeometry", "--shell", window).split()
        )
        return {name: int(value) for name, value in rows if value.lstrip("-").isdigit()}

    def close_button(self, window: int) -> tuple[int, int]:
        """The middle of the button of the title bar that closes a window.

        Openbox puts it last (`titleLayout` NLIMC); it is as wide as it is high, and the bar
        is as high as the frame is wider than the window at the top.
        """
        told = self.run("xprop", "-id", str(window), "_NET_FRAME_EXTENTS")
        _left, right, top, _bottom = map(int, told.rpartition("=")[2].split(","))
        rows = (
            line.split(":") for line in self.run("xwininfo", "-id", str(window)).split("\n")
        )
        found = {row[0].strip(): row[1] for row in rows if len(row) == 2}
        edge = int(found["Absolute upper-left X"]) + int(found["Width"]) + right
        return edge - top // 2, int(found["Absolute upper-left Y"]) - top // 2

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click at a place of the screen."""
        self.xdo("mousemove", x, y, "sleep", 0.04, "click", button)

    def key(self, *keys: str) -> None:
        """Press keys, each by X's name for it, such as ctrl+l."""
        for one in keys:
            self.keyboard.press(one)

    def type(self, text: str) -> None:
        """Type text; a sign that is on no key is put on one for it."""
        if self.keyboard.has(text):
            self.keyboard.type(text)
        else:
            self.xdo("type", "--delay", 8, "--", text)

    def picture(self, path: Path, window: int | None = None) -> Path:
        """Take a picture of a window, or of the whole screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.run("import", "-window", str(window or "root"), "+repage", str(path))
        return path

    def _managed(self) -> bool:
        told = self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
        return "window id" in told


def _free() -> str:
    """A display that nobody has.

    Left alone the server takes the first that is free in its own network namespace, and with it
    the file by which other namespaces reach a display of that number.
    """
    while True:
        number = random.randrange(100, 10_000)
        if not Path(f"/tmp/.X11-unix/X{number}").exists():
            return f":{number}"


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process we started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
