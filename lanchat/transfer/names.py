"""A safe file name out of a stranger's text.  PROTOCOL.md, 4.

A name is a suggestion.  A path that could lead outside refuses the whole offer; whatever is
merely unfit for some disk or screen is replaced; names that become equal get " (2)".
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import count
from typing import Final

from lanchat.errors import UnsafeName

MAX_BYTES: Final = 255  # of a file name on every usual disk
MAX_DEPTH: Final = 64  # components of a path
_MAX_EXTENSION: Final = 32  # bytes; a longer one is no extension worth keeping
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_PLAIN: Final = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_ .-]*\Z"
)  # needs no cleaning, but for its end
_UNFIT: Final = re.compile(r'[<>:"|?*/\\]')
# look like a separator: division, fraction, fullwidth and big slashes, and their backslashes
_SLASHES: Final = frozenset("\u2215\uff0f\u2044\u29f8\u2571\uff3c\u29f9\u2216\ufe68")
_DOTS: Final = frozenset(
    "\u2024\u2025\uff0e"
)  # look like a dot, and some disks fold them to it
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, bidi, surrogates
_MOST_KEPT: Final = 32_768  # characters of which it is remembered what becomes of them
_TOWER: Final = re.compile(r"(?<=MMMMMMMM)M+")  # beyond eight; Tibetan needs five
_RESERVED: Final = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|COM[0-9¹²³]|LPT[0-9¹²³])(?=[ ]*(?:\.|\Z))",
    re.IGNORECASE,
)


def check_path(path: str) -> tuple[str, ...]:
    """The components of `path`, none of which could lead anywhere but down.

    Raises:
        UnsafeName: absolute, a drive, a backslash, an empty component, `.` or `..`, a NUL,
            a component beyond 255 bytes, or deeper than 64.
    """
    components = tuple(path.split("/"))
    if len(components) > MAX_DEPTH or "\\" in path or "\0" in path:
        raise UnsafeName("path too deep, or with a backslash or NUL")
    for component in components:
        if component in ("", ".", "..") or _DRIVE.match(component):
            raise UnsafeName("path with an empty, upward or drive component")
        if len(component) > MAX_BYTES or len(component.encode("utf-8")) > MAX_BYTES:
            raise UnsafeName("path with a component that is too long")
    return components


def check_component(name: str) -> None:
    """What `check_path` asks of one component; quick for plain names, as there are many.

    Raises:
        UnsafeName: it could lead anywhere but down.
    """
    if len(name) > MAX_BYTES or not _PLAIN.match(name):
        if "/" in name:
            raise UnsafeName("component with a separator")
        check_path(name)


def safe_component(text: str, *, top: bool = False) -> str:
    """A file name for any disk and screen, as near to `text` as may be.

    `top` marks a name that will lie in the download folder itself, where a leading dot
    would hide it and a leading dash be taken for an option; inside a folder both stay.

    Raises:
        UnsafeName: nothing is left of it.
    """
    if _PLAIN.match(text) and text[-1] not in " ." and len(text) <= MAX_BYTES:
        name = text
    else:
        name = _cleaned(text, top=top)
    return _shortened(f"_{name}") if _RESERVED.match(name) else name


def offerable(text: str) -> str:
    """How we name a file of ours in an offer, so that no receiver has to refuse it.

    Bytes that are not UTF-8 become U+FFFD, separators and drive colons `_`.
    """
    if _PLAIN.match(text) and len(text) <= MAX_BYTES:
        return text
    raw = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    name = unicodedata.normalize("NFC", raw).replace("\\", "_").replace("/", "_")
    name = name.replace("\0", "_")
    if _DRIVE.match(name):
        name = f"{name[0]}_{name[2:]}"
    name = _shortened(name)
    try:
        safe_component(name)
    except UnsafeName:
        return "_"
    return name


def fold(name: str) -> str:
    """What two names must differ in to live in one folder of any disk."""
    if name.isascii():
        return name.lower()
    folded = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", folded)


class Names:
    """The names in one folder: each new one different from all before it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        # Where to go on counting: a stranger may send 100,000 spellings of one name, or as
        # many names that become one once they are cut to make room for a number.
        self._next: dict[str, int] = {}

    def add(self, name: str) -> str:
        """`name`, or with " (2)" … before its extension if it folds to an earlier one."""
        folded = fold(name)
        if folded in self._taken:
            name = free_number(name, self._taken, self._next, fold)
            folded = fold(name)
        self._taken.add(folded)
        return name


def unique(names: Iterable[str]) -> Iterator[str]:
    """The names, those that fold to an earlier one with " (2)" before the extension."""
    folder = Names()
    for name in names:
        yield folder.add(name)


def free_number(
    name: str, taken: Container[str], following: dict[str, int], folded: Callable[[str], str]
) -> str:
    """`name` with the first number that is free.

    `taken` are names as `folded` leaves them, and `following` remembers the numbers to go on
    with: what numbers of so many digits leave of a name counts.
    """
    for digits in count(1):
        end = 10**digits
        left = folded(numbered(name, end - 1))
        for number in range(following.get(left, max(2, end // 10)), end):
            chosen = numbered(name, number)
            if folded(chosen) not in taken:
                following[left] = number + 1
                return chosen
        following[left] = end
    raise AssertionError("numbers end")


def numbered(name: str, number: int) -> str:
    """`name` with ` (number)` before its extension, within 255 bytes; 1 leaves it alone."""
    if number < 2:
        return name
    mark = f" ({number})"
    stem, extension = _split(name)
    return _cut(stem, MAX_BYTES - len(mark) - len(extension.encode())) + mark + extension


def _cleaned(text: str, *, top: bool) -> str:
    text = unicodedata.normalize("NFC", _without_towers(text))
    kept = text.translate(_REPLACED)
    kept = unicodedata.normalize("NFC", kept)  # what was between two characters may be gone
    kept = _UNFIT.sub("_", kept).strip(" ").rstrip(" .")
    if top and kept.startswith((".", "-")):
        kept = "_" + kept[1:]
    kept = _shortened(kept).rstrip(" .")
    if not kept:
        raise UnsafeName("nothing is left of a name")
    return kept


def _without_towers(text: str) -> str:
    """Without marks that pile up on a letter: their normal form costs their square."""
    marks = text.translate(_MARKS)
    start, kept = 0, []
    for tower in _TOWER.finditer(marks):
        kept.append(text[start : tower.start()])
        start = tower.end()
    return "".join((*kept, text[start:]))


class _Table(dict[int, str]):
    """What becomes of each character, found once: an offer may hold 30 million of them."""

    def __init__(self, of: Callable[[str], str]) -> None:
        self._of = of

    def __missing__(self, code: int) -> str:
        found = self._of(chr(code))
        if len(self) < _MOST_KEPT:
            self[code] = found
        return found


def _replaced(character: str) -> str:
    if character in _SLASHES or character in _DOTS:
        return "_"
    category = unicodedata.category(character)
    if category in _HIDDEN:
        return ""
    return " " if category == "Zs" else character


_REPLACED: Final = _Table(_replaced)
_MARKS: Final = _Table(lambda letter: "M" if unicodedata.category(letter)[0] == "M" else ".")


def _shortened(name: str) -> str:
    if len(name.encode("utf-8")) <= MAX_BYTES:
        return name
    stem, extension = _split(name)
    return _cut(stem, MAX_BYTES - len(extension.encode("utf-8"))) + extension


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem.strip(".") or len(extension.encode("utf-8")) >= _MAX_EXTENSION:
        return name, ""
    return stem, dot + extension


def _cut(text: str, limit: int) -> str:
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore").rstrip(" .")
