"""A real drag of files from another program: XDND, by the pointer."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.kit.display import Display, end, wait_for

SOURCE: Final = Path(__file__).with_name("dragsource.py")
PYTHON: Final = "/usr/bin/python3"  # Debian's, which has GTK


def drag_files(
    display: Display, paths: Sequence[Path], to: tuple[int, int], at: tuple[int, int] = (0, 0)
) -> list[str]:
    """Drag files from a window of their own onto a place of the screen.

    Gives the words the source printed: drag-begin, data-sent, drag-end.
    """
    log = display.folder / "dragsource.log"
    with log.open("wb") as out:
        source = display.start(
            [PYTHON, str(SOURCE), "dragsource", *map(str, paths)],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        window = display.window("dragsource")
        display.place(window, *at)
        display.focus(window)
        found = display.geometry(window)
        start = (found["X"] + found["WIDTH"] // 2, found["Y"] + found["HEIGHT"] // 2)
        _drag(display, start, to)
        wait_for(lambda: "drag-end" in log.read_text(), "the end of the drag", 8)
        return log.read_text().split()
    finally:
        display.xdo("mouseup", 1)
        end(source)


def _drag(display: Display, start: tuple[int, int], to: tuple[int, int]) -> None:
    """In small steps: a drag begins past a threshold, a target answers while it is moved."""
    (left, top), (right, bottom) = start, to
    words: list[object] = ["mousemove", left, top, "sleep", 0.15, "mousedown", 1, "sleep", 0.15]
    for far in (4, 9, 16, 30):
        words += ["mousemove", left + far, top + far // 2, "sleep", 0.04]
    for step in range(1, 9):
        x, y = left + (right - left) * step // 8, top + (bottom - top) * step // 8
        words += ["mousemove", x, y, "sleep", 0.03]
    for far in (3, 0, 2):
        words += ["mousemove", right + far, bottom, "sleep", 0.08]
    display.xdo(*words, "sleep", 0.15, "mouseup", 1)
