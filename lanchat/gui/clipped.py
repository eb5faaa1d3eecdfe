"""Clipped: the files or the picture on the clipboard, as other programs put them there.

File managers put `text/uri-list` on it; a screenshot is a picture.
"""

import sys
import tkinter as tk
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

_LISTS: Final = ("x-special/gnome-copied-files", "text/uri-list")
_PICTURE: Final = "image/png"
LONGEST: Final = 64 * 2**20  # bytes of a picture that is pasted
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SLICE: Final = 2**16  # characters that are read at once: each word of them is an object
_NUMBERS: Final = {f"0x{one:x}": one for one in range(256)}


def held_by(root: tk.Tk) -> list[Path] | bytes:
    """The files that are on the clipboard, or the picture; none if that is text, or nothing."""
    kinds = _kinds(root)
    for kind in _LISTS:
        if kind in kinds:
            listed = raw_of(_get(root, kind)) or b""
            if paths := paths_of(listed.decode("utf-8", "replace")):
                return paths
    if _PICTURE in kinds and not kinds & {"UTF8_STRING", "STRING"}:
        return picture_of(_get(root, _PICTURE)) or []
    return []


def paths_of(listed: str) -> list[Path]:
    """The local files a list of addresses names; others are passed over."""
    found: list[Path] = []
    for line in listed.replace("\0", "\n").splitlines():
        try:
            parts = urlsplit(line.strip())
        except ValueError:
            continue
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            raw = unquote_to_bytes(parts.path)
            if b"\0" not in raw:
                found.append(Path(raw.decode(sys.getfilesystemencoding(), "surrogateescape")))
    return found


def picture_of(held: str) -> bytes | None:
    """A picture out of what Tk gives of the clipboard; None if it is none, or too large."""
    data = raw_of(held)
    return data if data is not None and data.startswith(_PNG) else None


def raw_of(held: str) -> bytes | None:
    """The bytes of a selection that is no text, which Tk gives as "0x89 0x50 …".

    None if that makes no sense, or is too much.
    """
    if len(held) > 5 * LONGEST:
        return None
    if not held.startswith("0x"):
        return held.encode("utf-8", "surrogatepass")
    made = bytearray()
    at = 0
    while at < len(held):
        last = at + _SLICE >= len(held)
        end = len(held) if last else held.rfind(" ", at + 1, at + _SLICE)
        if end < 0:  # a word that is longer than any number
            return None
        words = held[at:end].split()
        try:
            made += bytes(
                _NUMBERS[word] if word in _NUMBERS else int(word, 16) & 0xFF for word in words
            )
        except ValueError:
            return None
        at = end
    return bytes(made)


def _kinds(root: tk.Tk) -> set[str]:
    """What the clipboard can be had as."""
    try:
        return set(root.tk.splitlist(_get(root, "TARGETS")))
    except tk.TclError:
        return set()


def _get(root: tk.Tk, kind: str) -> str:
    try:
        return str(root.tk.call("clipboard", "get", "-type", kind))
    except tk.TclError:
        return ""
