"""Hours: a span of the day such as "22:00-07:00", in which nothing is told.  Pure."""

import re
from typing import Final

FIRST: Final = ("22:00", "07:00")  # what is proposed
CHOICES: Final = tuple(f"{half // 2:02}:{half % 2 * 30:02}" for half in range(48))
_MOMENT: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)


def moment(text: str) -> str | None:
    """A time of day as people type it, "7", "7.30" or "07:30", as "07:30"; None: it is none."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def parts(span: str) -> tuple[str, str] | None:
    """From when until when; None if it is no span."""
    first, dash, last = span.partition("-")
    begin, end = moment(first), moment(last)
    return (begin, end) if dash and begin and end else None
