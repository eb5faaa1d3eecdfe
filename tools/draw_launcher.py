"""Draw the launcher: what a menu of programs shows of lanchat, into the folder that is named.

The icon at each size, as a drawing, and an entry that starts a `lanchat` of the PATH, as a
distribution's package wants it; `lanchat/gui/launcher.py` copies the icons and writes an
entry for the lanchat that is running.
"""

import sys
from pathlib import Path

from lanchat.gui import app_icon, desktop_entry


def main() -> None:
    """Write the files; `make launcher` says where."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for size in app_icon.SIZES:
        app_icon.draw(size).save(folder / f"lanchat-{size}.png", optimize=True)
    (folder / "lanchat.svg").write_text(app_icon.svg(), encoding="utf-8")
    (folder / desktop_entry.NAME).write_text(
        desktop_entry.entry(("lanchat", "gui")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
