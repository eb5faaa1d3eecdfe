"""Look-alikes: what a name comes down to for an eye that is not careful.

Not Unicode's whole list of confusables (UTS #39), whose thousands of pairs cost more than
they catch, but the letters that people's names are forged with: capitals and small letters
of Cyrillic, Greek, Armenian, Cherokee and Lisu that are drawn like Latin ones, Latin
letters with a stroke, small capitals, digits, `rn` and `vv`.  Too much is folded rather
than too little: a false alarm is a mark on a stranger's row.  PROTOCOL.md, 5.
"""

# ruff: noqa: RUF001  (letters that are drawn alike are the subject)

import unicodedata
from functools import lru_cache
from itertools import chain
from typing import Final

LONGEST: Final = 128  # characters of a name that are looked at; a name has at most 63 bytes

# Drawn like the Latin letter in both cases, or in capitals, which a name starts with.
_LETTERS: Final = {
    "a": "αаꭺꓮɑᴀ",
    "b": "βвьƅɓꮟᏼꓐʙ",
    "c": "сϲꮯꓚᴄ¢",
    "d": "ԁđðɖɗꭰꮷꓓꓒᴅ",
    "e": "εеҽєꭼꓰᴇǝ",
    "f": "ƒꓝꜰ",
    "g": "ɡցԍǥꮐᏻꓖɢ",
    "h": "ηнһհħꮋꮒꓧʜ",
    "j": "јյϳꭻꓙᴊȷ",
    "k": "κкĸƙꮶꓗᴋқҝ",
    "l": "1iι|іıɩłӏǀלןוӀꭵꮮꓡꓲʟɪլ∣ƚ",
    "m": "μмꮇꓟᴍ",
    "n": "νпոꓠɴŋɲ",
    "o": "0σοоөѳօøסɵꓳᴏ○",
    "p": "ρрꮲꓑᴘƿ",
    "q": "ԛզ",
    "r": "гᴦꭱꮢꓣʀɼɾ",
    "s": "ѕꮪꮥꓢꜱƽʂ",
    "t": "τтŧꭲꓔᴛ†",
    "u": "иսꓴᴜʉ",
    "v": "ѵꮩꓦᴠ",
    "w": "ԝωꮃꮤꓪᴡѡ",
    "x": "χхҳꓫ×",
    "y": "υγуүұꮍꓬʏƴ",
    "z": "ζꮓꓜᴢƶ",
    "3": "зӡʒȝ",
    "ae": "æӕ",
    "oe": "œ",
}
# Greek letters whose small form is drawn like another Latin letter than their capital.
_SMALL: Final = {"n": "η", "u": "υ", "v": "ν"}
# The normal form turns these into a sigma, which looks different.
_FIRST: Final = {"c": "ϲϹ"}
_PAIRS: Final = (("rn", "m"), ("vv", "w"))
_FOREIGN_MARKS: Final = 200  # classes from here on are accents; below, vowels and points
# Letters, symbols and marks by their category, but not to be seen: fillers, the blank
# Braille cell, the grapheme joiner, variation selectors.
_BLANK: Final = frozenset(
    chain(
        map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
)


def _table(looks: dict[str, str]) -> dict[int, str]:
    return dict(chain.from_iterable(((ord(c), to) for c in many) for to, many in looks.items()))


_LETTER_TABLE: Final = _table({to: many.casefold() for to, many in _LETTERS.items()})
_SMALL_TABLE: Final = _table(_SMALL)
_FIRST_TABLE: Final = _table(_FIRST)


def _ascii(kinds: str) -> dict[int, None]:
    """A table that takes away the ASCII characters of these kinds (UAX #44, categories)."""
    return {code: None for code in range(128) if unicodedata.category(chr(code))[0] in kinds}


_UNSEEN_OF_ASCII: Final = _ascii("CZ")
_MARKS_OF_ASCII: Final = _ascii("P")


@lru_cache(maxsize=1024)
def skeletons(name: str) -> tuple[str, str]:
    """Fold case, width, accents and look-alikes away, "" only if there is nothing to see.

    Two, because some Greek letters look like one Latin letter when they are capitals and
    like another when they are small; the first is the one to remember a name by.  Only the
    first `LONGEST` characters count, so the cost is bounded whatever is passed.
    """
    text = unicodedata.normalize("NFKD", name[:LONGEST].translate(_FIRST_TABLE))
    return _skeleton(text), _skeleton(text.translate(_SMALL_TABLE))


def _skeleton(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTER_TABLE)
    drawn = _without_unseen(text)
    if drawn.isascii():
        solid = drawn.translate(_MARKS_OF_ASCII)
    else:
        solid = "".join(letter for letter in drawn if unicodedata.category(letter)[0] != "P")
    folded = solid or drawn
    for pair, one in _PAIRS:
        folded = folded.replace(pair, one)
    return folded


def _without_unseen(text: str) -> str:
    if text.isascii():  # as most names are: nothing hangs on what stands before it
        return text.translate(_UNSEEN_OF_ASCII)
    kept: list[str] = []
    for letter in text:
        category = unicodedata.category(letter)
        if category[0] in "CZ" or ord(letter) in _BLANK:
            continue
        if category in ("Mn", "Me") and _is_missed(letter, kept):
            continue
        kept.append(_digit(letter))
    return "".join(kept)


def _is_missed(mark: str, before: list[str]) -> bool:
    """Whether a mark is easily missed: an accent, or any mark on a Latin letter or nothing.

    The vowel signs and points of other alphabets make another name of it.
    """
    return not before or before[-1].isascii() or unicodedata.combining(mark) >= _FOREIGN_MARKS


def _digit(letter: str) -> str:
    """Every alphabet's digits are one: Arabic and Persian ones are drawn alike."""
    value = unicodedata.decimal(letter, None)
    if value is None or letter.isascii():
        return letter
    return str(value).translate(_LETTER_TABLE)
