"""Choices: what a front end keeps of its user's wishes on this computer, in clear.

One small JSON file in the user's configuration folder, readable while profiles are locked,
so nothing of anybody else belongs in it.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from lanchat.errors import StoreError
from lanchat.store import files

_log = logging.getLogger(__name__)

LONGEST: Final = 64 * 1024  # bytes; more than that is not ours


def place(front: str) -> Path:
    """Where the choices of a front end, such as "window", lie."""
    return Path(platformdirs.user_config_dir("lanchat", appauthor=False)) / f"{front}.json"


def read(path: Path) -> dict[str, object]:
    """What was chosen; nothing where there is no such file, or one that makes no sense."""
    try:
        held = json.loads(files.read(path, LONGEST))
    except FileNotFoundError:
        return {}
    except (StoreError, ValueError, RecursionError) as error:
        _log.warning("choices could not be read: %s", type(error).__name__)
        return {}
    return held if isinstance(held, dict) else {}


def write(path: Path, chosen: Mapping[str, object]) -> None:
    """Keep what was chosen.

    Raises:
        StoreError: it cannot be written; what was kept before stays.
    """
    files.make_folder(path.parent)
    files.write(path, json.dumps(dict(chosen), indent=1, sort_keys=True).encode())
