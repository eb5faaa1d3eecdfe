"""Values: what stands behind an option, read from its text; a wrong one is explained."""

import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Final

from lanchat.errors import BadRequest

if TYPE_CHECKING:
    from lanchat.node.settings import Network

_LONGEST_KEPT: Final = 36_500  # days
_LONGEST_WAIT: Final = 24 * 3600.0  # seconds
_SHORTEST_PERIOD: Final = 1.0  # seconds
_LONGEST_PERIOD: Final = 3600.0  # seconds; a registration is good for no longer
_LOWEST_PORT: Final = 1024  # nobody believes an advert of a lower one (PROTOCOL.md, 6)
_LEAST_RATE: Final = 64 * 1024  # bytes a second; below, lanes would count as stalled
_UNITS: Final = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}  # as powers of two


def not_empty(text: str) -> str:
    """Any text but none."""
    if not text or "\0" in text:
        raise ArgumentTypeError("it must not be empty")
    return text


def port(text: str) -> int:
    """A port that others may be told of; 0 for any free one."""
    port = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else -1
    if port != 0 and not _LOWEST_PORT <= port <= 65_535:
        raise ArgumentTypeError(
            f"a port is a number from {_LOWEST_PORT} to 65535, not {text!r}"
        )
    return port


def count(text: str) -> int:
    """A whole number from 1 on."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise ArgumentTypeError(f"a whole number from 1 on, not {text!r}")
    return int(text)


def days(text: str) -> int:
    """Days for which something is kept; 0 for "forever", and what stands for "until-closed"."""
    if text == "forever":
        return 0
    if text == "until-closed":
        from lanchat.node.fleeting import UNTIL_CLOSED  # seldom needed

        return UNTIL_CLOSED
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) <= _LONGEST_KEPT:
        raise ArgumentTypeError(
            f"days from 1 to {_LONGEST_KEPT}, forever, or until-closed, not {text!r}"
        )
    return int(text)


def seconds(text: str) -> float:
    """Seconds, a day at the most."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_WAIT:  # NaN fails too
        raise ArgumentTypeError(f"seconds from 0 to {_LONGEST_WAIT:.0f}, not {text!r}")
    return seconds


def every(text: str) -> float:
    """Seconds between two times."""
    found = seconds(text)
    if not _SHORTEST_PERIOD <= found <= _LONGEST_PERIOD:
        raise ArgumentTypeError(
            f"seconds from {_SHORTEST_PERIOD:g} to {_LONGEST_PERIOD:g}, not {text!r}"
        )
    return found


def network(text: str) -> "Network":
    """A network by its prefix, that is not nearly everything."""
    from lanchat.node.settings import network_of

    try:
        return network_of(text)
    except BadRequest as error:
        raise ArgumentTypeError(f"{error.hint}, not {text!r}") from error


def size(text: str) -> int:
    """Bytes, with K, M, G or T for the powers of 1024."""
    match = re.fullmatch(r"([0-9]{1,15})\s*([kmgt]?)(?:i?b)?", text.strip().lower())
    if not match:
        raise ArgumentTypeError(f"a number of bytes such as 500000 or 20G, not {text!r}")
    return int(match[1]) << _UNITS[match[2]]


def rate(text: str) -> int:
    """Bytes a second, as `size`; too few would look like a transfer that stands still."""
    rate = size(text)
    if rate < _LEAST_RATE:
        raise ArgumentTypeError(f"{_LEAST_RATE // 1024}K a second or more, not {text!r}")
    return rate
