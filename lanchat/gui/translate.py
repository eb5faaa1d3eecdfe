"""Translate: every sentence of the window in the reader's language.

`use` says once, before the window is made, which catalogue that is.
"""

import gettext
from typing import Final

_WORDS: Final = [gettext.NullTranslations()]  # the one in use


def use(catalogue: gettext.NullTranslations) -> None:
    """Speak by `catalogue` from now on."""
    _WORDS[0] = catalogue


def _(text: str) -> str:
    """`text` in the reader's language; itself where there is none."""
    return _WORDS[0].gettext(text) if text else ""  # "" is where a catalogue names itself


def ngettext(one: str, many: str, number: int) -> str:
    """The form of a sentence that fits `number`."""
    return _WORDS[0].ngettext(one, many, number)


def later(text: str) -> str:
    """Mark `text` for translation where it is defined; `_` translates it where it is shown."""
    return text
