"""Shaping: a line from right to left as a label may be given it, where Tk cannot order it.

On X11 Tk draws letters in the order they are stored, each by itself.  Here a line is put
into the order in which it stands on paper, and Arabic letters become those that join, which
Unicode has as letters of their own.  What is drawn on a canvas is better off with
`chat_mixed`, as a font joins more than that.  Pure.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from lanchat.gui import bidi
from lanchat.gui.text import display_orders, right_to_left

LONGEST: Final = 1_000  # characters that are looked at
_FORMS: Final = ("<isolated>", "<final>", "<initial>", "<medial>")
_PRESENTED: Final = (range(0xFB50, 0xFDFF), range(0xFE70, 0xFEFF))
_JOINER: Final = "\u0640"  # a stroke that joins both ways
_LAM: Final = "\u0644"
_MIRRORED: Final = dict(zip("()[]{}<>\xab\xbb", ")(][}{><\xbb\xab", strict=True))


def label(text: str) -> str:
    """A text as a label of this display may be given it; it has passed `text.py`."""
    if display_orders() or not right_to_left(text):
        return text
    return "\n".join(map(on_paper, text.split("\n")))


def on_paper(line: str) -> str:
    """One line in the order in which it stands, from left to right."""
    if not right_to_left(line) or len(line) > LONGEST:
        return line
    base = int(bidi.rtl(line))
    joined = "".join(_joined(line))
    found: list[str] = []
    for run in bidi.runs(bidi.levels(joined, base)):
        piece = joined[run.start : run.end]
        found.append("".join(_turned(piece)) if run.rtl else piece)
    return "".join(found)


def _turned(piece: str) -> Iterator[str]:
    """From the last letter to the first; signs sit on theirs, brackets open the other way."""
    letters: list[str] = []
    for letter in piece:
        if letters and unicodedata.category(letter)[0] == "M":
            letters[-1] += letter
        else:
            letters.append(_MIRRORED.get(letter, letter))
    return reversed(letters)


def _joined(text: str) -> Iterator[str]:
    """Each letter as it is between its neighbours."""
    forms, pairs = _alphabet()
    at = 0
    while at < len(text):
        letter = text[at]
        before = _joins_on(_beside(text, at, -1), forms)
        pair = letter + text[at + 1 : at + 2]
        if letter == _LAM and pair in pairs:
            yield pairs[pair][1 if before else 0]
            at += 2
            continue
        held = forms.get(letter)
        if held is None:
            yield letter
        else:
            after = "<initial>" in held and _joins_back(_beside(text, at, 1), forms)
            yield held.get(_FORMS[2 * after + before], held.get(_FORMS[before], letter))
        at += 1


def _beside(text: str, at: int, step: int) -> str:
    """The next letter that is not a sign upon another; "" if there is none."""
    at += step
    while 0 <= at < len(text) and unicodedata.category(text[at]) == "Mn":
        at += step
    return text[at] if 0 <= at < len(text) else ""


def _joins_on(letter: str, forms: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a letter joins what comes behind it."""
    return letter == _JOINER or "<initial>" in forms.get(letter, ())


def _joins_back(letter: str, forms: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a letter joins what stands before it."""
    return letter == _JOINER or "<final>" in forms.get(letter, ())


@cache
def _alphabet() -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, tuple[str, str]]]:
    """The forms of each letter; and lam with alef, which is one sign, alone and joined."""
    forms: dict[str, dict[str, str]] = {}
    pairs: dict[str, dict[str, str]] = {}
    for place in (place for block in _PRESENTED for place in block):
        kind, *codes = unicodedata.decomposition(chr(place)).split() or [""]
        letters = "".join(chr(int(code, 16)) for code in codes)
        if kind in _FORMS and len(letters) == 1:
            forms.setdefault(letters, {})[kind] = chr(place)
        elif kind in _FORMS[:2] and len(letters) == 2 and letters[0] == _LAM:
            pairs.setdefault(letters, {})[kind] = chr(place)
    whole = {
        pair: (held["<isolated>"], held["<final>"])
        for pair, held in pairs.items()
        if len(held) == 2 and pair[1] in "\u0622\u0623\u0625\u0627"
    }
    return forms, whole
