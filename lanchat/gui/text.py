"""Text: what others wrote made safe to draw, what a widget holds made safe to keep.  Pure.

Everything that is drawn passes `ui_text` (a message), `one_line` (a row, a title) or
`name_text` (a file name); everything that leaves a widget passes `clean`.  A character
beyond the basic plane counts two in the indices of Tk 8.6: `to_tk` and `from_tk` translate.

What the display can do is found out once, by `emoji.prepare`; until then this file is
careful: emoji are written as their names, because an old font library dies of drawing one.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lanchat.conversation.text import limit_marks, shown

LONGEST: Final = 4_000  # characters of a message that a conversation shows
MOST_LINES: Final = 40
LONGEST_NAME: Final = 300  # characters of a file name that are looked at
MOST_BIG: Final = 8  # emoji of a message that is drawn big
ELLIPSIS: Final = "…"
_LONGEST_ENDING: Final = 10  # characters of an extension that a short name keeps

_PICTURES: Final = (  # characters that are pictures by themselves, or with a selector behind
    "\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_PLAINLY: Final = (  # those that fonts draw in colour without being asked to
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693"
    "\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa"
    "\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf"
    "\u2b1b\u2b1c\u2b50\u2b55\U0001f004\U0001f0cf\U0001f18e-\U0001faff"
)
_ONE: Final = f"(?:[{_PLAINLY}]\ufe0f?|[\xa9\xae{_PICTURES}]\ufe0f)[\U0001f3fb-\U0001f3ff]?"
_EMOJI: Final = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE})*"
)
_DRAWN: Final = re.compile(f"[{_PICTURES}\u20e3\ufe0f\u200d\U0001f000-\U0010ffff]")
_KEPT: Final = re.compile(f"{_EMOJI.pattern}|{_DRAWN.pattern}")
_JOINING: Final = "\ufe0f\u200d\u20e3"
_BLANKS: Final = re.compile(r"\s+")
_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


class _Display:
    """What this display can do, found out once by `emoji.prepare`."""

    emoji = False  # draws them and lives
    pairs = True  # counts a character beyond the basic plane as two
    orders = True  # puts letters from right to left where they belong


def learn(*, emoji: bool, pairs: bool, orders: bool = True) -> None:
    """Take note of what the display can do; for `emoji.prepare` alone."""
    _Display.emoji = emoji
    _Display.pairs = pairs
    _Display.orders = orders


def display_draws() -> bool:
    """Whether a widget may be given an emoji."""
    return _Display.emoji


def display_orders() -> bool:
    """Whether a widget may be given a line from right to left as it is stored."""
    return _Display.orders


def ui_text(text: str) -> str:
    """A message as a widget may be given it: no orders, no hidden marks, no half characters."""
    text = shown(text)
    return text if _Display.emoji or text.isascii() else spelled(text)


def spelled(text: str) -> str:
    """The text with each emoji written as its name."""
    return _DRAWN.sub(_name, text)


def spelled_for(text: str, known: dict[str, str]) -> str:
    """The same for what is to be had again: `known` gets what each name stands for.

    No two things get one name, and nothing goes without one but letters and what joins them.
    """

    def name(found: re.Match[str]) -> str:
        whole = found.group()
        if len(whole) == 1 and whole not in _JOINING and _is_letter(whole):
            return whole
        if whole == "\u200d" and found.start() and _is_letter(text[found.start() - 1]):
            return whole
        named = spelled(whole)
        if not (named[:1] == ":" == named[-1:]) or known.get(named, whole) != whole:
            named = f":{' '.join(f'u+{ord(one):04x}' for one in whole)}:"
        known[named] = whole
        return named

    return _KEPT.sub(name, text)


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters, three dots where it was cut."""
    line = _BLANKS.sub(" ", ui_text(text[: 4 * limit + 64])).strip()
    return line if len(line) <= limit else _whole(line[: max(limit - 1, 0)]) + ELLIPSIS


def clean(text: str) -> str:
    """What a widget held, fit to be kept, sent and logged: whole characters, normal form C."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", limit_marks(text))


def to_tk(text: str, place: int) -> int:
    """The place in a string of ours as an index of Tk."""
    if not _Display.pairs or text.isascii():
        return place
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def from_tk(text: str, index: int) -> int:
    """An index of Tk as a place in our string; half a character counts as its start."""
    if not _Display.pairs or text.isascii():
        return min(index, len(text))
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * index]
    return len(units.decode("utf-16-le", "ignore"))


def name_text(name: str) -> str:
    """A name of a file as it may be drawn: what is invisible in it is written out.

    A program that turns its ending around shows as `photo[U+202E]gpj.exe`, not as a picture.
    """
    name = _HIDDEN.sub(_written, limit_marks(name[:LONGEST_NAME]))
    return name if _Display.emoji or name.isascii() else spelled(name)


def middle(name: str, keep: int) -> str:
    """The name in at most `keep` characters, cut in its middle: the ending stays."""
    if len(name) <= keep:
        return name
    ending = _ending(name)
    tail = len(ending) + 3 if len(ending) + 5 <= keep else (keep - 1) // 2
    head = keep - 1 - tail
    if head < 1:
        return name[: max(keep - 1, 0)] + ELLIPSIS if keep else ""
    return _whole(name[:head]) + ELLIPSIS + _started(name[len(name) - tail :])


def cut(text: str) -> tuple[str, bool]:
    """As much of a message as a conversation shows, and whether something is missing."""
    head = text[:LONGEST]
    ends = [found.start() for found in islice(re.finditer("\n", head), MOST_LINES)]
    if len(ends) == MOST_LINES:
        head = head[: ends[-1]]
    if len(head) == len(text):
        return text, False
    return _whole(head), True


def big_emoji(text: str) -> tuple[str, ...]:
    """The emoji of a message that is nothing but one to eight of them, else nothing."""
    bare = text.strip()
    if not bare or len(bare) > MOST_BIG * 16:
        return ()
    found: list[str] = []
    place = 0
    while place < len(bare):
        match = _EMOJI.match(bare, place)
        if match is None or len(found) == MOST_BIG:
            return ()
        found.append(match.group())
        place = match.end()
    return tuple(found)


def emoji_in(text: str, most: int) -> Iterator[tuple[int, int]]:
    """Where the first `most` emoji of a text begin and end."""
    return (found.span() for found in islice(_EMOJI.finditer(text), most))


def right_to_left(text: str) -> bool:
    """Whether the text holds a letter that is written from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def _name(found: re.Match[str]) -> str:
    letter = found.group()
    if letter in _JOINING:
        return ""
    if _is_letter(letter):  # a script, not a picture
        return letter
    name = unicodedata.name(letter, "")
    return f":{name.lower()}:" if name else "\ufffd"


def _is_letter(one: str) -> bool:
    return unicodedata.category(one)[0] in "LMN"


def _written(found: re.Match[str]) -> str:
    return f"[U+{ord(found.group()):04X}]"


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    fits = stem and dot and 0 < len(ending) <= _LONGEST_ENDING
    return dot + ending if fits else ""


def _whole(head: str) -> str:
    """A beginning without half an emoji at its end."""
    return head.rstrip("\u200d")


def _started(tail: str) -> str:
    """An end without marks at its start that would sit on what stands before."""
    while tail and (unicodedata.category(tail[0])[0] == "M" or tail[0] == "\u200d"):
        tail = tail[1:]
    return tail
