"""Render: rows as lines for people.  The JSON of the same rows needs no rendering.

Whatever a peer wrote passes through `conversation.text` here, so that no line gives the
terminal an order or looks like a line of somebody else.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from lanchat.cli import attending, skipped
from lanchat.cli.amounts import size as size
from lanchat.conversation.text import for_terminal, terminal

Row = Mapping[str, object]

_WORDS_A_ROW: Final = 4
_GROUP: Final = 4
_INDENT: Final = "    "
_ABSURD: Final = 1e18  # no number of bytes or seconds is that large; NaN is not below it
_NAME_COLUMNS: Final = 24  # a longer name is cut in a table
_STRANGE: Final = frozenset({"new", "conflict", "blocked"})
_MOMENTS: Final = ("sent_at", "arrived_at")
_MARKS: Final = {"queued": " (waits)", "delivered": "", "read": " (read)", "received": ""}


def identity(row: Row) -> list[str]:
    """Who I am, as `register` and `whoami` show it."""
    return [
        word(row, "name"),
        f"  peer id      {word(row, 'peer_id')}",
        *fingerprint(row.get("fingerprint")),
        *attending.mine(row),
    ]


def contact(row: Row) -> list[str]:
    """What I hold of a peer, as `trust` shows it."""
    return [
        f"{word(row, 'name') or 'no name yet'}: {word(row, 'trust')}",
        f"  peer id      {word(row, 'peer_id')}",
        *fingerprint(row.get("fingerprint")),
        *_dates(row),
        *(f"  reached at   {terminal(one)}" for one in _strings(row.get("addresses"))),
    ]


def fingerprint(shown: object) -> list[str]:
    """The words in rows of four, then the digits in groups of four."""
    if not isinstance(shown, Mapping):
        return []
    digits = terminal(str(shown.get("hex", "")))
    groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
    lines = [*words_in_rows(_strings(shown.get("words"))), " ".join(groups)]
    heads = ["  fingerprint  ", *[" " * 15] * len(lines)]
    return [head + line for head, line in zip(heads, lines, strict=False) if line]


def words_in_rows(words: Sequence[str]) -> list[str]:
    """The words of a fingerprint, four a row, in columns."""
    rows = [words[at : at + _WORDS_A_ROW] for at in range(0, len(words), _WORDS_A_ROW)]
    width = max((len(one) for one in words), default=0)
    return ["  ".join(f"{terminal(one):<{width}}" for one in row).rstrip() for row in rows]


def peers(rows: Iterable[Row]) -> list[str]:
    """Who is here, as a table."""
    table = [("NAME", "TRUST", "PRESENCE", "ADDRESS", "PEER ID", "")]
    for row in rows:
        table.append(
            (
                cut(word(row, "name"), _NAME_COLUMNS),
                word(row, "trust"),
                attending.there(row, word(row, "presence")),
                _address(row),
                word(row, "peer_id"),
                attending.quoted(row),
            )
        )
    if len(table) == 1:
        return ["nobody is here yet (lanchat doctor says why somebody is not seen)"]
    widths = [max(columns(line[at]) for line in table) for at in range(len(table[0]))]
    return [
        "  ".join(
            padded(cell, width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in table
    ]


def message(row: Row, author: str) -> list[str]:
    """One message of a history; what follows its first line is indented."""
    said = f"[file] {word(row, 'file')}" if row.get("file") else _text(row)
    mark = _MARKS.get(word(row, "state"), "")
    return _indented(f"{_when(row)}  {author}: {said}{mark}")


def event(row: Row) -> list[str]:  # noqa: C901 - a flat switch, one case an event
    """One event, as `listen` and `peers --watch` show it; nothing for what only JSON needs."""
    name = word(row, "name") or word(row, "peer_id")[:8]
    match row.get("event"):
        case "ready":
            return [
                f"{name} is here, {attending.where(row)}; Ctrl-C ends it",
                f"  peer id  {word(row, 'peer_id')}",
                f"  address  {', '.join(_strings(row.get('addresses')))}",
            ]
        case "renamed":
            return [f"{clock(row)}  you are called {name} from now on"]
        case "message":
            return _indented(f"{clock(row)}  {_stranger(row)}{name}: {_text(row)}")
        case "offer":
            taken = "taken" if row.get("accepted") else "declined"
            what = f"{offered(row)}, {size(row.get('bytes'))}"
            return [f"{clock(row)}  {_stranger(row)}{name} offers {what}: {taken}"]
        case "file-received":
            return [f"{clock(row)}  received {word(row, 'path')}, {size(row.get('size'))}"]
        case "transfer-ended" if word(row, "state") != "done":
            reason = f" ({word(row, 'reason')})" if word(row, "reason") else ""
            return [f"{clock(row)}  a transfer ended: {word(row, 'state')}{reason}"]
        case "transfer-ended":
            return skipped.at_the_end(row)
        case "warning":
            return [f"{clock(row)}  warning: {word(row, 'detail')}"]
        case str(kind) if kind in _OF_A_PEER:
            return [f"{clock(row)}  {_stranger(row)}{name} {_OF_A_PEER[kind](row)}"]
        case _:
            return []


_CHECKS: Final[Mapping[str, str]] = {
    "asked": "wants to compare words with you: lanchat verify {peer}",
    "waiting": "is asked to compare words",
    "words": "compares four words with you now",
    "answered": "is verified; what they say themselves is still to come",
    "matched": "is verified{reason}",
    "failed": "FAILED the comparison of words, the connection was closed{reason}",
    "interrupted": "did not compare words to the end{reason}",
}


def _check(row: Row) -> str:
    reason = f" ({word(row, 'reason')})" if row.get("reason") else ""
    shape = _CHECKS.get(word(row, "state"), "")
    return shape.format(peer=word(row, "peer_id"), reason=reason)


_OF_A_PEER: Final[Mapping[str, Callable[[Row], str]]] = {
    "peer-found": lambda row: f"is here, {word(row, 'trust')}, {_address(row)}",
    "peer-changed": lambda row: (
        f"is {attending.there(row, word(row, 'presence') or 'seen')} now,"
        f" {word(row, 'trust')}, {_address(row)}{attending.behind(row)}"
    ),
    "peer-lost": lambda row: "is gone",
    "session-opened": lambda row: f"is connected, {word(row, 'trust')}",
    "session-closed": lambda row: f"is not connected any more ({word(row, 'reason')})",
    "verification": _check,
}


def _dates(row: Row) -> list[str]:
    lines = []
    if row.get("verified_at"):
        how = word(row, "verified_how")
        lines.append(f"  verified     {day_and_time(row.get('verified_at'))}, by {how}")
    if row.get("failed_at"):
        lines.append(f"  FAILED       {day_and_time(row.get('failed_at'))}, a comparison")
    seen = [(key, row[key]) for key in ("first_seen", "last_seen") if row.get(key)]
    return lines + [f"  {key.replace('_', ' '):<11}  {day_and_time(at)}" for key, at in seen]


def said(row: Row) -> str:
    """How `say` ended."""
    if row.get("state") == "queued":
        return "it waits in the outbox until the peer is here"
    return f"{word(row, 'state')} after {word(row, 'ms')} ms"


def sent(row: Row) -> str:
    """How `send` ended."""
    count, seconds = word(row, "files"), _number(row, "seconds")
    files = f"{count} file" if count == "1" else f"{count} files"
    resumed = row.get("resumed_from")
    went_on = f", resumed at {size(resumed)}" if isinstance(resumed, int) and resumed else ""
    if word(row, "state") == "queued":
        return f"{files}, {size(row.get('bytes'))}: waits in the outbox until the peer has it"
    if word(row, "state") != "done":
        return f"{word(row, 'state')}: {files}, {size(row.get('bytes'))}{went_on}"
    rate = skipped.of_the_sent(row) or _rate(row)
    return f"sent {files}, {size(row.get('bytes'))}, in {seconds:.1f} s{rate}{went_on}"


def check(row: Row) -> list[str]:
    """One check of the doctor, and what to do about it."""
    lines = [f"{word(row, 'status'):<4}  {word(row, 'check'):<10}  {word(row, 'detail')}"]
    return lines + ([f"{_INDENT}  {word(row, 'advice')}"] if row.get("advice") else [])


def day_and_time(moment: object) -> str:
    """An RFC 3339 moment, in the time of this place; "never" for none."""
    try:
        return datetime.fromisoformat(str(moment)).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return "never"


def clock(row: Row) -> str:
    """The time of day of an event, in the time of this place."""
    try:
        return datetime.fromisoformat(str(row.get("at"))).astimezone().strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return datetime.now().astimezone().strftime("%H:%M:%S")


def word(row: Row, key: str) -> str:
    """One value of a row on one line; "" if it has none."""
    value = row.get(key)
    return "" if value is None else terminal(str(value))


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, with dots where something is missing."""
    if columns(text) <= width:
        return text
    while columns(text) > width - 1:
        text = text[:-1]
    return text + "…"


def padded(text: str, width: int) -> str:
    """`text` in exactly `width` columns, if it fits."""
    return text + " " * (width - columns(text))


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes, at the most."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(letter)
        # What was named after our tables were made is an emoji mostly.
        else 1 + (unicodedata.east_asian_width(letter) in "WF" or _unnamed(letter))
        for letter in text
    )


def wrapped(text: str, width: int) -> Iterator[str]:
    """A line as lines of at most `width` columns, all but the first indented.

    A terminal breaks a line that is too long at its edge, and what begins the next one there
    could be made to look like a line of somebody else, or of ours.
    """
    begin, used, space, indent = 0, 0, -1, ""
    for at, letter in enumerate(text):
        if letter == " ":
            space = at
            if begin == at and indent:
                begin = at + 1
                continue
        taken = columns(letter)
        if used + taken > width - len(indent):
            carried = columns(text[space + 1 : at]) + taken
            whole = space > begin and carried <= width - len(_INDENT)  # else it fits nowhere
            end = space if whole else at
            yield indent + text[begin:end].rstrip(" ")
            begin, indent = end + (end == space), _INDENT
            used = columns(text[begin:at])
        used += taken
    yield indent + text[begin:]


def _unnamed(letter: str) -> bool:
    return unicodedata.category(letter) == "Cn"


def _stranger(row: Row) -> str:
    """The mark before the name of somebody the user never accepted.

    Before it, because the name is theirs to choose: behind it, or without a mark, it could be
    that of a friend, or begin like a line of ours.
    """
    trust = word(row, "trust")
    return f"({trust} {word(row, 'peer_id')[:8]}) " if trust in _STRANGE else ""


def _when(row: Row) -> str:
    """When a message was sent, as its author claims; where that is odd, when it arrived."""
    sent, arrived = day_and_time(row.get("sent_at")), day_and_time(row.get("arrived_at"))
    if "arrived_at" not in row or sent == arrived or _in_a_day(row):
        return sent
    return f"{arrived} (it says {sent})"


def _in_a_day(row: Row) -> bool:
    """Whether it was sent in the 24 hours before it arrived."""
    try:
        sent, arrived = (datetime.fromisoformat(str(row.get(key))) for key in _MOMENTS)
        return timedelta() <= arrived - sent <= timedelta(days=1)
    except (ValueError, TypeError, OverflowError):
        return False


def _text(row: Row) -> str:
    return for_terminal(str(row.get("text", "")), multiline=True)


def _indented(text: str) -> list[str]:
    first, *rest = text.split("\n")
    return [first, *[_INDENT + line for line in rest]]


def _address(row: Row) -> str:
    addresses = _strings(row.get("addresses"))
    if not addresses:
        return "-"
    host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    return terminal(f"{host}:{word(row, 'port')}" if row.get("port") else host)


def offered(row: Row) -> str:
    """What an offer or a transfer carries, in a few words."""
    files = row.get("files")
    names = [word(file, "path") for file in files] if isinstance(files, list) else []
    count = row.get("count")
    shown = ", ".join(names[:3])
    if isinstance(count, int) and count > len(names[:3]):
        return f"{shown} and more, {count} in all"
    return shown


def _rate(row: Row) -> str:
    seconds = _number(row, "seconds")
    return f" ({size(int(_number(row, 'bytes') / seconds))}/s)" if seconds > 0 else ""


def _number(row: Row, key: str) -> float:
    value = row.get(key)
    if not isinstance(value, int | float) or not abs(value) < _ABSURD:
        return 0.0
    return float(value)


def _strings(values: object) -> list[str]:
    return (
        [terminal(str(value)) for value in values] if isinstance(values, list | tuple) else []
    )
