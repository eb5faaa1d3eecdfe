"""Order of writing: lines that mix scripts of both directions, as they stand on paper.  Pure.

Tk on X11 draws letters in the order they are stored, so Hebrew and Arabic come out backwards
there.  This is the Unicode bidirectional algorithm (UAX 9) for text without explicit marks,
which `ui_text` takes away: rules P2 to P3, W1 to W7, N1 to N2, I1 to I2, L1 to L2.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

_STRONG: Final = frozenset({"L", "R", "AL"})
_NEUTRAL: Final = frozenset({"B", "S", "WS", "ON"})
_SEPARATORS: Final = frozenset({"B", "S"})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line, all of one direction; pieces of a line come from left to right."""

    start: int
    end: int
    rtl: bool


def rtl(paragraph: str) -> bool:
    """Whether a paragraph begins at the right: by its first letter with a direction."""
    for letter in paragraph:
        kind = unicodedata.bidirectional(letter)
        if kind in _STRONG:
            return kind != "L"
    return False


def levels(paragraph: str, base: int) -> list[int]:
    """The level of each letter of a paragraph; even ones run to the right."""
    kinds = [unicodedata.bidirectional(letter) or "L" for letter in paragraph]
    edge = "R" if base else "L"
    found = _neutral(_weak(kinds, edge), edge)
    result = [base + _above(kind, base) for kind in found]
    return _trailing(kinds, result, base)


def runs(line: Sequence[int], offset: int = 0) -> tuple[Run, ...]:
    """One line of levels as runs, in the order in which they stand from left to right."""
    places = list(range(len(line)))
    odd = [level for level in line if level % 2]
    for level in range(max(line, default=0), min(odd, default=1) - 1, -1):
        places = _turned(places, line, level)
    found: list[Run] = []
    for at in places:
        backwards = line[at] % 2 == 1
        if found and _joins(found[-1], at + offset, line, offset):
            last = found[-1]
            found[-1] = Run(
                min(last.start, at + offset), max(last.end, at + offset + 1), backwards
            )
        else:
            found.append(Run(at + offset, at + offset + 1, backwards))
    return tuple(found)


def wrap(widths: Sequence[float], text: str, most: float) -> tuple[tuple[int, int], ...]:
    """Lines of a paragraph as (start, end), none wider than `most` unless one letter is.

    `widths` are those of its letters.  Lines break behind blanks, whose width does not count
    at the end of a line, and inside a word only if it is wider than a line.
    """
    found: list[tuple[int, int]] = []
    start, blank = 0, 0  # where this line begins, and behind its last blank
    used = 0.0
    since = 0.0  # how wide what stands behind that blank is
    for at, letter in enumerate(text):
        wide = widths[at]
        if letter != " " and used + wide > most and at > start:
            end, used = (blank, since) if blank > start else (at, 0.0)
            found.append((start, end))
            start = end
        used += wide
        since += wide
        if letter == " ":
            blank, since = at + 1, 0.0
    return (*found, (start, len(text)))


def _turned(places: list[int], line: Sequence[int], level: int) -> list[int]:
    """The places with each stretch of at least `level` turned around: L2."""
    turned: list[int] = []
    stretch: list[int] = []
    for at in places:
        if line[at] >= level:
            stretch.append(at)
        else:
            turned += [*reversed(stretch), at]
            stretch = []
    return [*turned, *reversed(stretch)]


def _joins(last: Run, at: int, line: Sequence[int], offset: int) -> bool:
    if line[at - offset] != line[last.start - offset]:
        return False
    return at == last.start - 1 if last.rtl else at == last.end


def _weak(kinds: Sequence[str], edge: str) -> list[str]:
    """Numbers and marks take the direction of what they belong to: W1 to W7."""
    found = _marked(kinds, edge)
    _between_numbers(found)
    strong = edge
    for at, kind in enumerate(found):
        if kind in _STRONG:
            strong = kind
        elif kind == "EN" and strong == "L":
            found[at] = "L"
        elif kind in ("ES", "CS", "ET"):
            found[at] = "ON"
    return found


def _marked(kinds: Sequence[str], edge: str) -> list[str]:
    """Marks and joiners are what they sit on; digits among Arabic are Arabic: W1 to W3."""
    found: list[str] = []
    strong = edge
    for kind in kinds:
        if kind in ("NSM", "BN"):
            kind = found[-1] if found else edge
        elif kind == "EN" and strong == "AL":
            kind = "AN"
        if kind in _STRONG:
            strong = kind
        found.append(kind)
    return ["R" if kind == "AL" else kind for kind in found]


def _between_numbers(found: list[str]) -> None:
    """A sign between two numbers is part of them, and so is a currency beside one."""
    for at in range(1, len(found) - 1):
        left, kind, right = found[at - 1 : at + 2]
        if left == right == "EN" and kind in ("ES", "CS"):
            found[at] = "EN"
        elif left == right == "AN" and kind == "CS":
            found[at] = "AN"
    for order in (range(1, len(found)), range(len(found) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for at in order:
            if found[at] == "ET" and found[at + step] == "EN":
                found[at] = "EN"


def _neutral(kinds: Sequence[str], edge: str) -> list[str]:
    """Blanks and signs take the direction of both their neighbours, or of the line: N1, N2."""
    found: list[str] = []
    at = 0
    for neutral, group in groupby(kinds, lambda kind: kind in _NEUTRAL):
        members = list(group)
        if neutral:
            left = _side(found[-1]) if found else edge
            after = at + len(members)
            right = _side(kinds[after]) if after < len(kinds) else edge
            members = [left if left == right else edge] * len(members)
        found.extend(members)
        at += len(members)
    return found


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _above(kind: str, base: int) -> int:
    if base % 2:
        return 0 if kind == "R" else 1
    return {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)


def _trailing(kinds: Sequence[str], result: list[int], base: int) -> list[int]:
    """Blanks at the end belong to the paragraph, whatever stood before them: L1."""
    for at in range(len(kinds) - 1, -1, -1):
        if kinds[at] not in _SEPARATORS and kinds[at] != "WS":
            break
        result[at] = base
    return result
