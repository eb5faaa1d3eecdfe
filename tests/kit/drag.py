"""A real drag of files from another program: XDND, by the pointer."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.kit.display import Display, end, wait_for

SOURCE: Final = Path(__file__).with_name("dragsource.py")
PYTHON: Final = "/usr/bin/python3"  # Debian's, which has GTK
FAR: Final = 30  # px, more than GTK's threshold


def drag_files(
    display: Display,
    paths: Sequence[Path],
    to: tuple[int, int],
    at: tuple[int, int] = (0, 0),
    *,
    veiled: Callable[[], object] = lambda: None,
) -> list[str]:
    """Drag files from a window of their own onto a place of the display.

    `veiled` waits for what comes over that place with the first answer.  Gives the words
    the source printed: drag-begin, welcome, data-sent, drag-end.
    """
    log = display.folder / "dragsource.log"

    def says(word: str) -> None:
        wait_for(lambda: word in log.read_text().split(), f"{word!r} of the source")

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
        says("ready")
        found = display.geometry(window)
        left, top = found["X"] + found["WIDTH"] // 2, found["Y"] + found["HEIGHT"] // 2
        display.xdo("mousemove", left, top, "mousedown", 1)
        display.xdo("mousemove", left + FAR, top + FAR)  # past where a drag begins
        says("drag-begin")
        # The veil comes with the first answer and is then what lies under the pointer: one
        # more step, and the answer to where the files are dropped is of that.
        display.xdo("mousemove", *to)
        says("welcome")
        veiled()
        display.xdo("mousemove", to[0] + 1, to[1])
        veiled()
        display.xdo("mouseup", 1)
        says("drag-end")
        return log.read_text().split()
    finally:
        display.xdo("mouseup", 1)
        end(source)
