"""Moments: when something was, as people say it.  Pure: who calls knows what time it is.

Times are milliseconds since 1970 and may be somebody's claim, so any number is one.  `zone`
is where the reader is; None is the zone of this computer.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from lanchat.gui.translate import _, later

_WEEK: Final = 7  # days a weekday names without a date
_DAYS: Final = (
    later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"),
    later("Sun"),
)  # fmt: skip
_MONTHS: Final = (
    later("Jan"), later("Feb"), later("Mar"), later("Apr"), later("May"), later("Jun"),
    later("Jul"), later("Aug"), later("Sep"), later("Oct"), later("Nov"), later("Dec"),
)  # fmt: skip


def local(at_ms: int, zone: tzinfo | None = None) -> datetime:
    """The moment on the reader's clock; 1970 if no calendar has it."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def clock(at_ms: int, zone: tzinfo | None = None) -> str:
    """The time of day: `09:12`."""
    moment = local(at_ms, zone)
    return _("{hour:02}:{minute:02}").format(hour=moment.hour, minute=moment.minute)


def day(one: date, today: date) -> str:
    """A day: `Today`, `Yesterday`, `Mon 3 Nov`, with the year if it is another."""
    if one == today:
        return _("Today")
    if one == today - timedelta(days=1):
        return _("Yesterday")
    names = {"weekday": _(_DAYS[one.weekday()]), "month": _(_MONTHS[one.month - 1])}
    if one.year == today.year:
        return _("{weekday} {day} {month}").format(day=one.day, **names)
    return _("{weekday} {day} {month} {year}").format(day=one.day, year=one.year, **names)


def brief(at_ms: int, now_ms: int, zone: tzinfo | None = None) -> str:
    """When, in a list: the time today, then `Yesterday`, `Sat`, `3 Nov`, `3 Nov 2025`."""
    moment, now = local(at_ms, zone), local(now_ms, zone)
    one, today = moment.date(), now.date()
    ago = (today - one).days
    if ago == 0:
        return clock(at_ms, zone)
    if ago == 1:
        return _("Yesterday")
    if 1 < ago < _WEEK:
        return _(_DAYS[one.weekday()])
    month = _(_MONTHS[one.month - 1])
    if one.year == today.year:
        return _("{day} {month}").format(day=one.day, month=month)
    return _("{day} {month} {year}").format(day=one.day, month=month, year=one.year)


def full(at_ms: int, now_ms: int, zone: tzinfo | None = None) -> str:
    """The day and the time, alone: `Yesterday 09:12`."""
    one, today = local(at_ms, zone).date(), local(now_ms, zone).date()
    return _("{day} {time}").format(day=day(one, today), time=clock(at_ms, zone))


def when(at_ms: int, now_ms: int, zone: tzinfo | None = None) -> str:
    """The day and the time within a sentence: `yesterday at 09:12`, `on Mon 3 Nov at 09:12`."""
    one, today = local(at_ms, zone).date(), local(now_ms, zone).date()
    clocked = clock(at_ms, zone)
    if one == today:
        return _("today at {time}").format(time=clocked)
    if one == today - timedelta(days=1):
        return _("yesterday at {time}").format(time=clocked)
    return _("on {day} at {time}").format(day=day(one, today), time=clocked)


def lately(at_ms: int, now_ms: int, zone: tzinfo | None = None) -> str:
    """When, within a sentence of few words: `today at 09:12`, `yesterday`, `on 3 Nov`."""
    ago = (local(now_ms, zone).date() - local(at_ms, zone).date()).days
    if ago == 0:
        return when(at_ms, now_ms, zone)
    if ago == 1:
        return _("yesterday")
    return _("on {day}").format(day=brief(at_ms, now_ms, zone))


def dated(at_ms: int, zone: tzinfo | None = None) -> str:
    """A day that is the same whenever it is read: `3 Nov 2026`."""
    one = local(at_ms, zone).date()
    return _("{day} {month} {year}").format(
        day=one.day, month=_(_MONTHS[one.month - 1]), year=one.year
    )


def stamp(at_ms: int, zone: tzinfo | None = None) -> str:
    """Day and time for a text that is kept: `2026-11-03 09:12`."""
    return local(at_ms, zone).strftime("%Y-%m-%d %H:%M")
