"""Parameters: what a request says, checked.  It comes from a socket, so it may be anything."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest
from lanchat.identity.keys import PeerId
from lanchat.node import lookup
from lanchat.node.rows import JSON

LONGEST_WAIT: Final = 86_400.0  # seconds
MOST_MESSAGES: Final = 10**9
FASTEST: Final = 2**50  # bytes a second
LONGEST_LIMIT: Final = 64  # characters of the name of a limit

Params = Mapping[str, JSON]


def text(params: Params, key: str) -> str:
    """The text under `key`; BadRequest if there is none."""
    value = params.get(key)
    if not isinstance(value, str) or not value:
        failed = BadRequest(f"{key} is missing")
        failed.hint = f"the {key} is empty"
        raise failed
    return value


def paths(params: Params) -> list[Path]:
    """The files and folders under `paths`; BadRequest if there is none, or no path."""
    value = params.get("paths")
    if not isinstance(value, list) or not value:
        raise BadRequest("no paths")
    named = [path for path in value if isinstance(path, str) and path and "\0" not in path]
    if len(named) < len(value):
        raise BadRequest("a path is none")
    return [Path(path) for path in named]


def rate(params: Params, key: str) -> int:
    """Bytes a second under `key`; 0 for no limit."""
    value = params.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= FASTEST:
        raise BadRequest(f"{key} is not a number of bytes a second")
    return value


def confirmed(params: Params) -> PeerId | None:
    """The peer id that a person has seen the fingerprint of, if there is one."""
    value = params.get("confirmed")
    return lookup.whole_id(value) if isinstance(value, str) else None


def seconds(params: Params, key: str, default: float) -> float:
    """The number of seconds under `key`, at most a day."""
    value = params.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise BadRequest(f"{key} is not a number of seconds")
    return float(min(value, LONGEST_WAIT))  # in this order: an int may be beyond any float


def count(params: Params, key: str, default: int) -> int:
    """The number of messages under `key`."""
    value = params.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_MESSAGES:
        raise BadRequest(f"{key} is not a number of messages")
    return value
