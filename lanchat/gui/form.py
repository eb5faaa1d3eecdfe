"""The form: what a new profile needs, and what is still missing of it.  Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from lanchat.conversation.text import LONGEST_NAME, MAX_NAME, shown_name
from lanchat.gui.translate import _

SHORTEST: Final = 8  # bytes of a passphrase in normal form KC, as the key file wants it
LONGEST: Final = 1024
MAX_PLACE: Final = 32  # characters of a folder's name
_NOT_IN_PLACES: Final = re.compile(r"[^\w]+|_+")
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # of Windows


class Place(StrEnum):
    """A field of the form."""

    NAME = auto()
    PASSPHRASE = auto()
    REPEAT = auto()


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a profile from being made: in which field, and a sentence."""

    place: Place
    sentence: str
    wrong: bool = False  # not only missing: worth a word beside the field at once


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed."""

    name: str = ""
    passphrase: str = ""
    repeat: str = ""
    suggestion: str = ""  # what we suggested last; "" if nothing
    copied: bool = False  # the suggestion is in the clipboard

    @property
    def kept(self) -> bool:
        """Whether the passphrase is our suggestion and the user has a copy of it."""
        return self.copied and bool(self.suggestion) and self.passphrase == self.suggestion

    @property
    def missing(self) -> Missing | None:
        """The first thing that is missing, from the top down; None: it can be made."""
        return _of_name(self.name) or _of_passphrase(self.passphrase) or self._of_repeat()

    def _of_repeat(self) -> Missing | None:
        if self.kept or self.repeat == self.passphrase:
            return None
        if self.repeat:
            halfway = self.passphrase.startswith(self.repeat)
            return Missing(Place.REPEAT, _("The two passphrases differ."), wrong=not halfway)
        if self.suggestion and self.passphrase == self.suggestion:
            return Missing(Place.REPEAT, _("Copy the words, or type them once more."))
        return Missing(Place.REPEAT, _("Repeat the passphrase."))


def shown_as(name: str) -> str:
    """The name as others will see it; "" if nothing of it can be shown."""
    return shown_name(name, 2 * MAX_NAME)


def place_for(name: str, taken: Callable[[str], bool]) -> str:
    """A name for the folder of a further profile, made of the name others see."""
    text = unicodedata.normalize("NFKC", name).casefold()
    stem = _NOT_IN_PLACES.sub("-", text).strip("-")[:MAX_PLACE].strip("-") or "profile"
    if _DEVICES.fullmatch(stem):
        stem = f"profile-{stem}"
    place, number = stem, 1
    while taken(place):
        number += 1
        place = f"{stem}-{number}"
    return place


def _of_name(name: str) -> Missing | None:
    shown = shown_as(name)
    if not name.strip():
        return Missing(Place.NAME, _("Enter the name that others will see."))
    if not shown:
        return Missing(Place.NAME, _("Nobody can be called that."), wrong=True)
    if len(shown) > LONGEST_NAME:
        words = _("A name has at most {most} characters; this one has {have}.")
        return Missing(Place.NAME, words.format(most=LONGEST_NAME, have=len(shown)), wrong=True)
    size = len(shown.encode())
    if size > MAX_NAME:
        words = _("This name is too long: it takes {have} bytes of {most}.")
        return Missing(Place.NAME, words.format(most=MAX_NAME, have=size), wrong=True)
    return None


def _of_passphrase(passphrase: str) -> Missing | None:
    size = len(unicodedata.normalize("NFKC", passphrase).encode("utf-8", "replace"))
    if not size:
        return Missing(Place.PASSPHRASE, _("Choose a passphrase."))
    if size < SHORTEST:
        words = _("The passphrase needs at least {least} characters.")
        return Missing(Place.PASSPHRASE, words.format(least=SHORTEST))
    if size > LONGEST:
        return Missing(Place.PASSPHRASE, _("The passphrase is too long."), wrong=True)
    return None
