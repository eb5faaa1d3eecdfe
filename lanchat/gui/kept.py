"""Kept: the file of the preferences, which windows of several profiles write."""

from collections.abc import Callable

from lanchat.errors import LanchatError
from lanchat.gui.preferences import Preferences, changes, dump
from lanchat.node import choices


class Kept:
    """What of the file is this window's doing.  Lives on the Tk thread.

    Each window read the file when it started, so each writes only what was changed in it:
    what was chosen in another one stays.  `failed` hears if it cannot be written; what was
    changed is then tried again the next time.
    """

    def __init__(
        self, preferences: Preferences, failed: Callable[[LanchatError], None]
    ) -> None:
        self._written = preferences
        self._failed = failed

    def keep(self, preferences: Preferences) -> None:
        """Put what was changed since the last time into the file."""
        place = choices.place("window")
        changed = changes(self._written, preferences)
        try:  # the whole of ours stands below: the file may have been removed, or spoilt
            choices.write(place, {**dump(preferences), **choices.read(place), **changed})
        except LanchatError as error:
            self._failed(error)
        else:
            self._written = preferences
