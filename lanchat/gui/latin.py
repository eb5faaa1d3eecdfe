"""Latin: which key is meant with Ctrl where the layout has no Latin letters.  Pure.

On a Russian, Greek, Hebrew or Arabic layout no key is a K, and Ctrl+K would do nothing.  As
everywhere the place of the key counts then: the one that is K on a keyboard of the US.  A
layout of Latin letters, be they in other places or with marks, is taken at its word, and so
is one that has a sign of ASCII there, as Hebrew has at Q.  Where a Latin layout stands beside
the other, X11 finds the letter by itself; Windows does not.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

SHIFT: Final = 0x1
LOCK: Final = 0x2
#: Alt, and the other one that writes more signs, as X11 and as Windows has them.
_ALT: Final = MappingProxyType({"x11": 0x8 | 0x80, "win32": 0x20000})
_X11: Final = MappingProxyType({  # 8 more than what Linux calls the key
    first + at: sign
    for first, signs in ((10, "1234567890"), (24, "qwertyuiop"), (38, "asdfghjkl"),
                         (52, "zxcvbnm,"))
    for at, sign in enumerate(signs)
})  # fmt: skip
#: Windows calls a letter's key by the letter, whatever the layout writes by it.
_WINDOWS: Final = MappingProxyType(
    {0xBC: ",", **{code: chr(code).lower() for code in range(0x41, 0x5B)}}
)
_PLACES: Final[Mapping[str, Mapping[int, str]]] = {"x11": _X11, "win32": _WINDOWS}
_UNICODE: Final = 0x1000000  # X11 writes a character without a name of its own as this and it
# Keysyms, signs too; but for those of multiplying and dividing, which Arabic has at letters.
_LATIN: Final = (
    (0x1, 0xD6), (0xD8, 0xF6), (0xF8, 0x3FF), (0x12A1, 0x12FE), (0x13BC, 0x13BE),
)  # fmt: skip
_NO_SIGNS: Final = (0xFD00, 0xFFFF)  # Return, dead keys, modifiers


def meant(keysym: int, keycode: int, state: int, system: str) -> str:
    """What Tk would call a key pressed with Ctrl on a Latin layout; "" if it needs no help.

    All as an event of Tk has it; `system` is Tk's name of the windowing system.
    """
    if state & _ALT.get(system, 0) or not _foreign(keysym, system):
        return ""
    sign = _PLACES.get(system, {}).get(keycode, "")
    if sign.isalpha():
        return sign.upper() if bool(state & SHIFT) != bool(state & LOCK) else sign
    return "" if state & SHIFT else {",": "comma"}.get(sign, sign)


def does(events: Mapping[str, Iterable[str]], key: str, state: int) -> tuple[str, ...]:
    """Which of the virtual events Tk would take Ctrl with that key for.

    `events` has the sequences of each.  Of several that fit those with most modifiers count,
    as for Tk itself.
    """
    held = {"Control"}
    held |= {name for name, bit in (("Shift", SHIFT), ("Lock", LOCK)) if state & bit}
    fits = [
        (len(modifiers), name)
        for name, sequences in events.items()
        for modifiers, last in map(_parts, sequences)
        if last == key and "Control" in modifiers and modifiers <= held
    ]
    most = max((count for count, _name in fits), default=0)
    return tuple(dict.fromkeys(name for count, name in fits if count == most))


def _foreign(keysym: int, system: str) -> bool:
    """Whether it is a sign of another script than the Latin."""
    if system == "win32":  # whose Tk has no or any keysym for it
        return not 0x20 <= keysym <= 0x7E and not _NO_SIGNS[0] <= keysym <= _NO_SIGNS[1]
    if keysym > _UNICODE:
        letter = chr(min(keysym - _UNICODE, 0x10FFFF))
        return not unicodedata.name(letter, "LATIN").startswith("LATIN")
    ranges = (*_LATIN, _NO_SIGNS)
    return keysym > 0 and not any(low <= keysym <= high for low, high in ranges)


def _parts(sequence: str) -> tuple[frozenset[str], str]:
    """The modifiers of one key, and the key; nothing for anything else."""
    *modifiers, last = sequence.strip("<>").split("-")
    if "Key" not in modifiers or "><" in sequence:
        return frozenset(), ""
    return frozenset(modifiers) - {"Key"}, last
