"""Amounts: sizes, rates and times to wait, as people read them.  Pure."""

from typing import Final

from lanchat.gui.translate import _, ngettext

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
_MOST: Final = 10**18  # nobody has more; a stranger's claim may be any number
_MINUTE: Final = 60
_HOUR: Final = 3600
_LONGEST: Final = 99 * _HOUR


def size(count: int) -> str:
    """A number of bytes: `4.2 MB`."""
    number, unit = _scaled(count)
    return f"{number} {_UNITS[unit]}"


def part(done: int, total: int) -> str:
    """So much of so much, the unit once if it is the same: `1.2 of 3.4 GB`."""
    done = min(max(done, 0), max(total, 0))
    (some, one), (whole, other) = _scaled(done), _scaled(total)
    shown = some if one == other or done == 0 else f"{some} {_UNITS[one]}"
    return _("{done} of {total}").format(done=shown, total=f"{whole} {_UNITS[other]}")


def rate(count: int) -> str:
    """Bytes a second: `86 MB/s`."""
    return _("{size}/s").format(size=size(count))


def left(seconds: int) -> str:
    """How long something will still take: `26 s left`."""
    seconds = max(seconds, 0)
    if seconds > _LONGEST:
        return _("days left")
    if seconds < _MINUTE:
        return _("{number} s left").format(number=seconds)
    if seconds < _HOUR:
        return _("{number} min left").format(number=-(-seconds // _MINUTE))
    hours, rest = divmod(seconds, _HOUR)
    return _("{hours} h {minutes} min left").format(hours=hours, minutes=rest // _MINUTE)


def files(count: int) -> str:
    """A number of files."""
    return ngettext("{number} file", "{number} files", count).format(number=count)


def percent(done: int, total: int) -> int:
    """How far something is; 100 only when all of it is there."""
    if total <= 0:
        return 0
    return min(max(done, 0), total) * 100 // total


def _scaled(count: int) -> tuple[str, int]:
    value, unit = float(min(max(count, 0), _MOST)), 0
    while value >= _STEP - 0.5 and unit < len(_UNITS) - 1:
        value /= _STEP
        unit += 1
    digits = 1 if unit and value < 99.95 and round(value, 1) != round(value) else 0
    return f"{value:.{digits}f}", unit
