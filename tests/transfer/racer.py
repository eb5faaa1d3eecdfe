"""Run beside a test: swap folders and files of a tree for links that lead outside.

Started as a process of its own with the tree and the outside as arguments; goes on until
its standard input ends.
"""

import contextlib
import select
import sys
import time
from pathlib import Path

HELD = 0.0003  # seconds each stays as it is


def main() -> None:
    tree, outside = Path(sys.argv[1]), Path(sys.argv[2])
    sys.stdout.write("racing\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], 0)[0]:
        for name, goal in (("b", outside), ("b/d", outside), ("a.txt", outside / "a.txt")):
            place, aside = tree / name, tree / f"{name}.aside"
            with contextlib.suppress(OSError):
                place.rename(aside)
                place.symlink_to(goal)
            time.sleep(HELD)
            with contextlib.suppress(OSError):
                if place.is_symlink():
                    place.unlink()
                    aside.rename(place)
            time.sleep(HELD)


if __name__ == "__main__":
    main()
