"""The way in by keys alone, from a profile that is not ours to one of our own; see walk.py."""

from typing import Final

from tests.gui.walk_settings import PHRASE
from tests.kit.hands import Hands


class WayIn:
    """The login page, the register page, and the question who can see us."""

    def __init__(self, hands: Hands) -> None:
        self.hands: Final = hands
        self.program: Final = hands.program

    def goes_back_and_forth(self) -> None:
        hands = self.hands
        hands.wait_at("passphrase")
        hands.type("not that")
        hands.press("Return")
        self.program.wait_text("passphrase_note", "does not open")
        hands.until(lambda: hands.usable("unlock"), "another try")
        assert set(hands.tour()) == {"passphrase", "passphrase_eye", "unlock", "new_profile"}
        hands.push("new_profile")
        hands.wait_at("name")
        hands.push("back")
        hands.wait_at("passphrase")
        hands.push("new_profile")
        hands.wait_at("name")

    def registers(self) -> None:
        hands = self.hands
        hands.type("Ada Lovelace")
        hands.push("suggest")
        hands.wait_at("copy")
        hands.press("space")
        hands.push("passphrase_eye", "space")
        hands.push("where")
        hands.press("F6")
        hands.opens("F1", "shortcuts")
        hands.press("F6")
        hands.leaves("shortcuts")
        hands.wait_at("name")
        assert hands.tour()[0] == "name"
        hands.fill("passphrase", PHRASE)
        hands.press("Return")
        hands.wait_at("repeat")
        hands.type(PHRASE)
        hands.push("create")
        hands.until(lambda: hands.at == "start", "the last question", 30)
        hands.press("F6", "ctrl+plus", "ctrl+minus", "ctrl+0")
        hands.push("network_0", "space")
        hands.press("space")
        assert hands.tour() == ["network_0", "start"]
        hands.push("start")
        hands.until(lambda: hands.at == "search", "the main page", 30)
