"""The walk among messages: each is gone through, with its links, and all that can be done."""

from pathlib import Path
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node import acts
from tests.kit.display import wait_for
from tests.kit.hands import Hands
from tests.kit.street import Street
from tests.node.house import Resident

LONG: Final = "https://example.org/above " + "x" * 5_000
LINKS: Final = "http://ada@evil.example/ and https://example.org/page"


class Messages:
    """The steps; the conversation with somebody is open, and one writes."""

    def __init__(
        self, hands: Hands, street: Street, bob: Resident, me: PeerId, folder: Path
    ) -> None:
        self.hands: Final = hands
        self.street: Final = street
        self.bob: Final = bob
        self.me: Final = me
        self.folder: Final = folder
        self.program: Final = hands.program

    def walk(self) -> None:
        """Messages are gone through, opened, copied, answered and deleted here."""
        for text in ("delete me", "copy me", LONG, LINKS):
            self.street.do(acts.write(self.bob.node, self.me, text))
        self.hands.tab_to("canvas")
        self.hands.press("End")
        self.program.wait_drawn("example.org/page")
        self._opens_links()
        self._shows_the_whole()
        self._copies_and_deletes()
        self._uses_the_menu()

    def _opens_links(self) -> None:
        """The first asks, as it is not what it looks like; then the second, and the menu."""
        hands = self.hands
        hands.press("Up", "Return")
        hands.wait_in("open_link")
        hands.tour()
        hands.push("cancel")
        hands.wait_at("canvas")
        hands.press("Return")
        hands.push("open")
        self._browsed("evil.example")
        hands.wait_at("canvas")
        hands.press("Tab", "Tab", "Return")
        self._browsed("example.org/page")
        hands.press("Menu")
        hands.choose("Copy link")
        self._copied("https://example.org/page")
        hands.wait_at("canvas")
        hands.press("Menu")  # the menu took the keys from the second
        hands.choose("Open link")
        hands.push("cancel")
        hands.wait_at("canvas")

    def _shows_the_whole(self) -> None:
        """Behind the link that stands before it."""
        hands = self.hands
        hands.press("Up", "Tab", "Right", "space")
        hands.wait_in("whole_message")
        hands.press("Down")
        hands.leaves("whole_message")
        hands.wait_at("canvas")

    def _copies_and_deletes(self) -> None:
        hands = self.hands
        hands.press("Up", "c")
        self._copied("copy me")
        hands.press("Up", "shift+Down")
        hands.press("ctrl+c")
        self._copied("delete me")
        hands.press("Down", "Up", "Up", "Delete")
        self._gone("delete me")

    def _uses_the_menu(self) -> None:
        hands = self.hands
        hands.press("Home", "End", "Prior", "Next", "Up", "Escape")
        hands.press("Up", "Up", "Up", "shift+F10")
        hands.choose("Copy")
        hands.press("Menu")
        hands.choose("Select words")
        hands.wait_in("whole_message")
        hands.press("ctrl+shift+Right", "ctrl+c")
        wait_for(lambda: self.program.ask("clipboard") == "copy", "a word on the clipboard")
        hands.leaves("whole_message")
        hands.wait_at("canvas")
        hands.press("Menu")
        hands.choose("Reply")
        hands.wait_at("composer")
        assert self.program.text("composer") == "> copy me\n"
        hands.clear()
        hands.tab_to("canvas")
        hands.press("Menu")
        hands.choose("Delete here")
        self._gone("copy me")

    # --- within -------------------------------------------------------------------------

    def _browsed(self, page: str) -> None:
        held = self.folder / "browsed"
        wait_for(lambda: held.exists() and page in held.read_text(), f"{page} opened")

    def _copied(self, text: str) -> None:
        wait_for(lambda: text in self.program.ask("clipboard"), f"{text!r} on the clipboard")

    def _gone(self, text: str) -> None:
        wait_for(lambda: not any(text in one for one in self.program.drawn()), "gone")
