"""Strength: how long somebody who has the key file would need to guess a passphrase.  Pure.

What people choose is estimated by `zxcvbn`, which knows the passwords, names and words that
are tried first.  Words that we suggested are counted, not estimated: their number is known.
The time follows from what Argon2id costs with the parameters of the key file (keyfile.py).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log10
from typing import Final

from lanchat.gui.amounts import grouped
from lanchat.gui.translate import _, ngettext
from lanchat.identity.words import EVEN, ODD

# One guess moves about 2 GB through memory (256 MiB, three passes, reads and writes), so a
# graphics card with 1 TB/s makes at most some 450 a second: this is two dozen of them.
GUESSES_A_SECOND: Final = 10_000
LONGEST: Final = 64  # characters that are looked at; more cannot make it weaker
SUGGESTED: Final = 6  # words
MOST_LETTERS: Final = 8  # of a suggested word: all six are to be seen at once
WORDS: Final = tuple(sorted(word.lower() for word in EVEN + ODD if len(word) <= MOST_LETTERS))

_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365.25 * _DAY
_MONTH: Final = _YEAR / 12
_FOREVER: Final = 100_000 * _YEAR  # nobody plans for longer than this
_FULL: Final = 13.0  # powers of ten in seconds at which the bar is full: the same 100,000 years
_PARTS: Final = re.compile(r"[\W\d_]+")
_OURS: Final = frozenset(WORDS)


class Level(StrEnum):
    """How good a passphrase is, in one word."""

    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Strength:
    """What is said of a passphrase."""

    guesses: float

    @property
    def seconds(self) -> float:
        """How long guessing takes."""
        return self.guesses / GUESSES_A_SECOND

    @property
    def level(self) -> Level:
        """The word for that."""
        if self.seconds < _MONTH:
            return Level.WEAK
        if self.seconds < 10 * _YEAR:
            return Level.FAIR
        return Level.GOOD if self.seconds < 1_000 * _YEAR else Level.STRONG

    @property
    def share(self) -> float:
        """How much of the bar is full, from 0 to 1."""
        return min(max(log10(max(self.seconds, 1.0)) / _FULL, 0.04), 1.0)

    @property
    def sentence(self) -> str:
        """Level and time, as they stand under the bar."""
        return _("{level} · {time} to guess").format(
            level=_level(self.level), time=_time(self.seconds)
        )


def weigh(passphrase: str, known: Sequence[str] = ()) -> Strength | None:
    """How strong a passphrase is; None where nothing can be said (`zxcvbn` is missing).

    `known` is what an attacker knows: the name of the profile.  Takes some hundredths of
    a second, the first time more: not for the thread that draws.
    """
    try:
        from zxcvbn import zxcvbn
    except ImportError:
        return None
    text = unicodedata.normalize("NFKC", passphrase)[:LONGEST]
    if not text:
        return Strength(0.0)
    found = zxcvbn(text, user_inputs=[one for one in known if one], max_length=LONGEST)
    return Strength(min(float(found["guesses"]), _counted(text)))


def suggest(choose: Callable[[Sequence[str]], str]) -> str:
    """A passphrase of six words; `choose` draws one of a sequence, as `secrets.choice`."""
    return " ".join(choose(WORDS) for _place in range(SUGGESTED))


def _counted(text: str) -> float:
    """The guesses for one who knows our list, if all of the text is made of its words."""
    parts = [part for part in _PARTS.split(text.lower()) if part]
    if not parts or not _OURS.issuperset(parts):
        return float("inf")
    return float(len(WORDS)) ** len(parts)


def _level(level: Level) -> str:
    return {
        Level.WEAK: _("Weak"),
        Level.FAIR: _("Fair"),
        Level.GOOD: _("Good"),
        Level.STRONG: _("Strong"),
    }[level]


def _time(seconds: float) -> str:
    """A time as people say it, with one figure: nobody knows more than that."""
    if seconds < _MINUTE:
        return _("less than a minute")
    if seconds >= _FOREVER:
        return _("more than 100,000 years")
    if seconds < _HOUR:
        number = round(seconds / _MINUTE)
        return ngettext("about {n} minute", "about {n} minutes", number).format(n=number)
    if seconds < _DAY:
        number = round(seconds / _HOUR)
        return ngettext("about {n} hour", "about {n} hours", number).format(n=number)
    if seconds < _MONTH:
        number = round(seconds / _DAY)
        return ngettext("about {n} day", "about {n} days", number).format(n=number)
    if seconds < _YEAR:
        number = round(seconds / _MONTH)
        return ngettext("about {n} month", "about {n} months", number).format(n=number)
    number = _rounded(seconds / _YEAR)
    shown = grouped(number)
    return ngettext("about {n} year", "about {n} years", number).format(n=shown)


def _rounded(number: float) -> int:
    """The number with one figure that counts."""
    step: int = 10 ** int(log10(max(number, 1.0)))
    return max(round(number / step) * step, 1)
