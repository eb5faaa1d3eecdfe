"""Somebody is made sure of without a call, by keys alone; a part of the walk (walk.py)."""

from pathlib import Path
from typing import Final

from lanchat.identity.fingerprint import fingerprint, invite
from lanchat.identity.keys import PeerId
from tests.gui.test_scanning import code
from tests.kit.display import wait_for
from tests.kit.hands import Hands, picks


class Unspoken:
    """The dialog with both fingerprints; `folder` is where a picture may lie."""

    def __init__(self, hands: Hands, folder: Path) -> None:
        self._hands: Final = hands
        self._folder: Final = folder

    def walk(self, me: PeerId, them: PeerId, other: PeerId) -> None:
        """It is open: both are copied, another's code is a no, the words are a yes."""
        hands, program = self._hands, self._hands.program
        hands.tour()
        hands.push("compare_print")
        hands.wait_at("their_fingerprint")
        for copied, who in (("copy_theirs", them), ("copy_mine", me)):
            hands.push(copied)
            words = str(fingerprint(who))
            wait_for(lambda w=words: program.ask("clipboard") == w, copied)  # type: ignore[misc]
        picture = self._folder / "other.png"
        code(invite(other)).save(picture)
        hands.push("from_picture")
        picks(hands, picture)
        program.wait_text("verdict", "No. This is another key")
        hands.wait_at("their_fingerprint")
        hands.tab_to("note_failed")
        hands.tab_to("their_fingerprint", back="shift+Tab")
        hands.clear()
        hands.type(" ".join(fingerprint(them).words))
        hands.press("Return")
        program.wait_text("verdict", "This is the key of")
        hands.press("Return")
        hands.wait_at("mark_verified")
        hands.press("Return")
        program.wait_text("badge", "Verified")
