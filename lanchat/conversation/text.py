"""Text: what people write, made safe to keep, to show and to print.  PROTOCOL.md, 3a, 8.

Stored text stays as its author wrote it; it passes through here each time it is shown:

    clean_message    ours, before it is stored and sent
    shown            a message, for a window
    for_terminal     a message, for a terminal; `terminal` where it must stay on one line
    shown_name       a name, anywhere; `isolated` where it stands inside a sentence
    shown_status     the line beside a name; `clean_status` for our own

What comes out gives no orders: no escape sequence, no reordering of its surroundings, no
invisible cargo.  Markup is not touched: whoever draws the text has to draw it literally.
A name, besides, cannot speak for the program: marks that look like the badges the program
draws are taken out of it, and so are the words by which the program speaks of itself.
"""

import re
import unicodedata
from itertools import groupby
from typing import Final

from lanchat.errors import BadRequest, Sentence
from lanchat.identity.trust import fold

MAX_MESSAGE: Final = 60_000  # bytes of UTF-8; PROTOCOL.md, 3a
MAX_DRAFT: Final = 2 * MAX_MESSAGE  # bytes; what is too long to be sent can be cut down
MOST_MARKS: Final = 8  # combining marks on one letter; Tibetan needs five
REPLACEMENT: Final = "\ufffd"
TAB: Final = "    "

_LINE_ENDS: Final = re.compile("\r\n|[\u2028\u2029]")
# What orders a screen about (C0, DEL, C1), what no text may hold (halves of surrogate
# pairs, noncharacters), and the marks by which toolkits embed objects.
_ORDERS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufff9-\uffff"
    + "".join(
        chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)
    )
    + "]"
)
# What cannot be seen but reorders or hides: format characters, except the two joiners that
# emoji and the scripts of Asia need and the Arabic signs that are drawn; tags, and the
# variation selectors by which bytes are smuggled.
_UNSEEN: Final = re.compile(
    "[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufff8"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

MAX_NAME: Final = 63  # bytes of UTF-8; PROTOCOL.md, 3a
LONGEST_NAME: Final = 40  # characters of our own name
MAX_STATUS: Final = 140  # bytes of UTF-8; PROTOCOL.md, 3a

_RESERVED: Final = frozenset(map(fold, ("lanchat", "system", "verified")))
# Check marks and crosses, warnings, shields, locks and keys, the dots of presence.
_BADGES: Final = re.compile(
    "[\u221a\u237b\u2610-\u2612\u2705\u2713-\u2718\u274c\u274e\u26a0\u26e8\u26d4"
    "\U0001f6e1\U0001f530\U0001f50f-\U0001f513\U0001f511\U0001f5dd\U0001f6ab"
    "\U0001f5f4-\U0001f5f9\U0001fbb1\u25cf\u2b24\u26aa\u26ab\U0001f534\U0001f535"
    "\U0001f7e0-\U0001f7e4]"
)
# Letters and marks by their category, but blank: fillers, joiners, selectors.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_SPACES: Final = re.compile(r"\s+")
_EMPTY_BRACKETS: Final = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}|<\s*>")
_LOOSE_ENDS: Final = " -_|,;:/*"


def cut_draft(text: str) -> str:
    """What is kept of a draft: its beginning, if it is longer than `MAX_DRAFT`."""
    return text.encode("utf-8", "replace")[:MAX_DRAFT].decode("utf-8", "ignore")


def clean_message(text: str) -> str:
    """Our own message as it is stored and sent: normal form C, lines ended by a line feed.

    Raises:
        BadRequest: nothing is left to send, or more than `MAX_MESSAGE` bytes, or it holds
            a NUL.
    """
    if len(text) > 2 * MAX_MESSAGE:  # before any work on it; nothing composes to so little
        raise _unfit(f"message of {len(text)} characters")
    if "\0" in text:
        raise _unfit("message holds a NUL")
    text = limit_marks(_whole(text.replace("\r\n", "\n")))
    text = unicodedata.normalize("NFC", text)
    size = len(text.encode())
    if not text.strip() or size > MAX_MESSAGE:
        raise _unfit(f"message of {size} bytes, 1 to {MAX_MESSAGE}")
    return text


def _unfit(why: str) -> BadRequest:
    error = BadRequest(why)
    error.hint = Sentence(
        "a message has some text in it, at most {bytes} bytes", bytes=MAX_MESSAGE
    )
    return error


def shown(text: str) -> str:
    """A message as a window may show it: controls are U+FFFD, reordering marks are gone."""
    text = _LINE_ENDS.sub("\n", text)
    return limit_marks(_UNSEEN.sub("", _ORDERS.sub(REPLACEMENT, text)))


def for_terminal(text: str, multiline: bool) -> str:
    """A message as a terminal may print it; on one line unless `multiline`.

    A printed line of its own may look like somebody else's message: whoever prints several
    lines indents all but the first.
    """
    text = shown(text).replace("\t", TAB)
    return text if multiline else text.replace("\n", " ")


def terminal(text: str) -> str:
    """Any text of others on one line of a terminal."""
    return for_terminal(text, multiline=False)


def limit_marks(text: str) -> str:
    """Take away the marks that pile up on a letter beyond `MOST_MARKS`.

    A tower of marks covers the lines around it, and its normal form costs the square of
    its height.
    """
    if text.isascii():
        return text
    marks = {letter for letter in set(text) if unicodedata.category(letter)[0] == "M"}
    if not marks:
        return text
    kept: list[str] = []
    height = 0
    for letter in text:
        height = height + 1 if letter in marks else 0
        if height <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def shown_name(name: str, limit: int = MAX_NAME) -> str:
    """A name as it may be shown anywhere, at most `limit` bytes; "" if nothing is left.

    Controls become U+FFFD.  Format characters, badges and reserved words vanish.
    """
    name = name[: 4 * limit]  # before any work on it: what is cut off could not be shown
    while True:
        cleaner = _clean(name, limit)
        if cleaner == name:
            return name
        name = cleaner


def clean_name(name: str) -> str:
    """Our own name as others will see it.

    Raises:
        BadRequest: nothing of it could be shown, or it is too long.
    """
    cleaned = shown_name(name, 2 * MAX_NAME)
    size = len(cleaned.encode())
    if not cleaned or len(cleaned) > LONGEST_NAME or size > MAX_NAME:
        raise BadRequest(f"name of {len(cleaned)} characters and {size} bytes once cleaned")
    return cleaned


def shown_status(line: str) -> str:
    """A status line as it may be shown anywhere; "" if nothing is left.

    It is cleaned as a name is, but may hold the words by which the program speaks: whoever
    shows it puts it between quotation marks.
    """
    line = _SPACES.sub(" ", line[: 4 * MAX_STATUS])
    while (cleaner := _clean(line, MAX_STATUS, words=True)) != line:
        line = cleaner
    return line


def clean_status(line: str) -> str:
    """Our own status line as others will see it; "" for none.

    Raises:
        BadRequest: it is too long.
    """
    if len(line) > 4 * MAX_STATUS:
        raise BadRequest(f"status line of {len(line)} characters")
    cleaned = _clean(_SPACES.sub(" ", _whole(line)), 4 * MAX_STATUS, words=True)
    size = len(cleaned.encode())
    if size > MAX_STATUS:
        raise BadRequest(f"status line of {size} bytes, at most {MAX_STATUS}")
    return shown_status(cleaned)


def isolated(name: str) -> str:
    """A shown name for use inside a sentence in a window: its direction stays inside."""
    return f"\u2068{name}\u2069"


def _whole(text: str) -> str:
    """Halves of surrogate pairs (an argument that was not UTF-8) cannot be sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _clean(name: str, limit: int, *, words: bool = False) -> str:
    """`words`: those by which the program speaks may stay."""
    name = _BADGES.sub("", _BLANK.sub("", "".join(map(_letter, name))))
    name = limit_marks(unicodedata.normalize("NFC", name))
    while name and unicodedata.category(name[0])[0] == "M":  # would sit on what stands before
        name = name[1:]
    name = _SPACES.sub(" ", name if words else _without_reserved(name))
    name = name.encode()[:limit].decode(errors="ignore").strip()
    return name if name.strip(REPLACEMENT + " ") else ""


def _letter(letter: str) -> str:
    """A letter as it may stand in a name: itself, U+FFFD, or nothing."""
    category = unicodedata.category(letter)
    if category in ("Cf", "Me"):
        return ""
    if category in ("Cc", "Cs", "Co") or ord(letter) & 0xFFFE == 0xFFFE:
        return REPLACEMENT
    return letter


def _without_reserved(name: str) -> str:
    if fold(name) in _RESERVED:
        return ""
    runs = ["".join(run) for _, run in groupby(name, _parts_words)]
    kept = [run for run in runs if fold(run) not in _RESERVED]
    if len(kept) == len(runs):
        return name
    return _EMPTY_BRACKETS.sub(" ", "".join(kept)).strip(_LOOSE_ENDS)


def _parts_words(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PZ"
