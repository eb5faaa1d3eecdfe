"""Sentences: what an error and the node say to people, in the reader's language.  Pure.

Below the window all is said in English, as a command prints it.  A sentence is looked up
whole; one with something in it by its form (errors/sentence.py).
"""

import re
from functools import cache
from typing import Final

from lanchat.errors import LanchatError, Sentence
from lanchat.gui import amounts
from lanchat.gui.translate import _, later

#: What Linux says of a disk, as far as it is likely.
_OF_THE_DISK: Final = (
    later("Permission denied"), later("Operation not permitted"),
    later("No such file or directory"), later("Not a directory"), later("Is a directory"),
    later("Read-only file system"), later("Input/output error"), later("File too large"),
    later("File name too long"), later("Too many open files"),
)  # fmt: skip


def of(error: LanchatError, between: str = "\n") -> str:
    """What went wrong, and what to try if there is something; names in it are as they came."""
    whole = _(error.sentence)
    hint = said(error.hint)
    return f"{whole}{between}{finished(hint)}" if hint else whole


def reason(text: str) -> str:
    """Why a transfer is as it is: what the node says of it, which may be from long ago."""
    if lacking := _lacking().fullmatch(text):
        words = _("the other computer has not enough free space: {size} are missing")
        return words.format(size=amounts.size(int(lacking[1])))
    return said(text)


def finished(text: str) -> str:
    """A sentence that stands alone: with a capital, and an end."""
    whole = text[:1].upper() + text[1:]
    return whole if not whole or whole[-1] in ".!?…:" else f"{whole}."


def said(text: str) -> str:
    """A sentence of the node in the reader's language."""
    if isinstance(text, Sentence) and text.holds:
        return _(text.form).format(**text.holds)
    return _(text)


@cache
def _lacking() -> re.Pattern[str]:
    from lanchat.node.outcomes import LACKING  # not needed before a profile is open

    return re.compile(re.escape(LACKING).replace(re.escape("{missing}"), r"(\d{1,20})"))
