"""Translate: every sentence of the window in the reader's language."""

import gettext
from typing import Final

_none: Final = gettext.NullTranslations()


def _(text: str) -> str:
    """`text` in the reader's language; itself where there is none."""
    return _none.gettext(text)
