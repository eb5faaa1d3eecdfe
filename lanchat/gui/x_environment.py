"""X environment: what X11's libraries read from variables while the root is made.

They read it once and never again, so the variables are there for that moment only.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import platformdirs

_RESOURCES: Final = Path(__file__).parent / "assets" / "xft.resources"
_EVERYBODYS: Final = Path("/var/cache/libx11/compose")  # where X looks without being told


@contextmanager
def around_root() -> Iterator[None]:
    """Make the root, and draw the first letters, within this.

    The font library keeps more pictures then, and the table of what two keys make together,
    half a megabyte of text that takes longer to read than all else a root needs, is kept
    as X itself understands it, for a day.
    """
    with _lent("XENVIRONMENT", str(_RESOURCES)), _lent("XCOMPOSECACHE", _compose_cache()):
        yield


@contextmanager
def _lent(variable: str, value: str) -> Iterator[None]:
    if not value or variable in os.environ:  # somebody chose
        yield
        return
    os.environ[variable] = value
    try:
        yield
    finally:
        del os.environ[variable]


def _compose_cache() -> str:
    """The folder for it; "" where X has its own or there is none to be had.

    X keeps none for root, and takes what stands behind "=" for a file's name.
    """
    if sys.platform in ("win32", "darwin") or os.geteuid() == 0 or _EVERYBODYS.is_dir():
        return ""
    try:
        if (Path.home() / ".compose-cache").is_dir():
            return ""
        folder = platformdirs.user_cache_path("lanchat") / "compose"
        if "=" in str(folder):
            return ""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # nowhere to write, or no home
        return ""
    return str(folder)
