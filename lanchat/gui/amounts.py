"""Amounts: sizes, rates and times to wait, as people read them.  Pure."""

from typing import Final

from lanchat.gui.translate import _, later, ngettext

_UNITS: Final = (
    later("{number} B"), later("{number} kB"), later("{number} MB"), later("{number} GB"),
    later("{number} TB"),
)  # fmt: skip
_STEP: Final = 1000
_MOST: Final = 10**18  # nobody has more; a stranger's claim may be any number
_MINUTE: Final = 60
_HOUR: Final = 3600
_LONGEST: Final = 99 * _HOUR


def size(count: int) -> str:
    """A number of bytes: `4.2 MB`."""
    number, unit = _scaled(count)
    return _(_UNITS[unit]).format(number=number)


def part(done: int, total: int) -> str:
    """So much of so much, the unit once if it is the same: `1.2 of 3.4 GB`."""
    done = min(max(done, 0), max(total, 0))
    (some, one), (whole, other) = _scaled(done), _scaled(total)
    shown = some if one == other or done == 0 else _(_UNITS[one]).format(number=some)
    held = _(_UNITS[other]).format(number=whole)
    return _("{done} of {total}").format(done=shown, total=held)


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


def grouped(number: int) -> str:
    """A whole number, its thousands apart: `60,000`."""
    if number < _STEP:
        return str(number)
    return _("{thousands},{rest:03}").format(
        thousands=grouped(number // _STEP), rest=number % _STEP
    )


def percent(done: int, total: int) -> int:
    """How far something is; 100 only when all of it is there."""
    if total <= 0:
        return 0
    return min(max(done, 0), total) * 100 // total


def share(done: int, total: int) -> str:
    """How far something is, as it is shown: `36 %`."""
    return hundredths(percent(done, total))


def hundredths(number: int) -> str:
    """So many of a hundred: `36 %`."""
    return _("{number} %").format(number=number)


def _scaled(count: int) -> tuple[str, int]:
    value, unit = float(min(max(count, 0), _MOST)), 0
    while value >= _STEP - 0.5 and unit < len(_UNITS) - 1:
        value /= _STEP
        unit += 1
    if not unit or value >= 99.95 or round(value, 1) == round(value):
        return f"{value:.0f}", unit
    whole, tenth = divmod(round(value * 10), 10)
    return _("{whole}.{tenth}").format(whole=whole, tenth=tenth), unit
