"""Languages: finds the catalogue of the reader's language among those that come with us."""

import gettext
import locale
import logging
import os
import struct
from pathlib import Path
from typing import Final

from lanchat.gui import translate

_log = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "lanchat"
_DAMAGED: Final = (OSError, ValueError, LookupError, struct.error)  # of a catalogue, or none
NAMES: Final = {"en": "English", "de": "Deutsch"}  # each in its own words


def start(chosen: str) -> str:
    """Speak `chosen`, or the system's language if that is ""; gives the one that was found."""
    wanted = [chosen] if chosen in NAMES else _wished()
    for language in wanted:
        code = language.partition("_")[0].partition("-")[0].lower()
        if code == "en":
            break
        try:
            translate.use(gettext.translation(DOMAIN, FOLDER, [code]))
        except _DAMAGED as error:
            _log.debug("no words in %s: %s", code, type(error).__name__)
            continue
        return code
    translate.use(gettext.NullTranslations())
    return "en"


def _wished() -> list[str]:
    """What the system says the user reads, the best first."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return [one.partition(".")[0] for one in value.split(":") if one]
    language, _encoding = locale.getlocale()
    return [language] if language else []
