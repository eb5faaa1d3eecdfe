"""What is told of while one is with somebody else, by keys alone; a part of walk.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node import acts
from lanchat.node.events import TransferEnded
from tests.kit.display import wait_for
from tests.kit.hands import Hands
from tests.kit.street import Street
from tests.node.house import Resident, make_file


class Telling:
    """Bob is a friend; somebody else's conversation is open, and one writes."""

    def __init__(
        self, hands: Hands, street: Street, bob: Resident, me: PeerId, folder: Path
    ) -> None:
        self._hands: Final = hands
        self._street: Final = street
        self._bob: Final = bob
        self._me: Final = me
        self._folder: Final = folder

    def walk(self, other: Callable[[], None]) -> None:
        """Offers are answered on the spot, what is new is gone to; `other` opens somebody."""
        hands, program = self._hands, self._hands.program
        other()
        self._offers("once.txt")
        hands.push("toast_accept")
        wait_for((program.downloads / "once.txt").exists, "a file")
        hands.wait_at("composer")
        declined = self._offers("never.txt")
        hands.push("toast_decline")
        self._street.do(self._bob.hears(TransferEnded, lambda one: one.transfer == declined))
        self._writes("Look at this")
        hands.push("toast_close")
        hands.gone("toast_close")
        hands.wait_at("composer")
        hands.press("ctrl+g")
        program.wait_text("person_name", self._bob.name)
        other()
        self._writes("And at that")
        hands.push("toast_show")
        program.wait_text("person_name", self._bob.name)
        hands.wait_at("composer")

    def _offers(self, name: str) -> bytes:
        """Bob offers a file, and it is told."""
        path = make_file(self._folder / "told" / name, 1_000)
        offered = self._street.do(acts.offer(self._bob.node, self._me, [path]))
        self._hands.until(lambda: self._hands.usable("toast_accept"), "it is told")
        return offered.transfer

    def _writes(self, text: str) -> None:
        self._street.do(acts.write(self._bob.node, self._me, text))
        self._hands.until(lambda: self._hands.usable("toast_show"), "it is told")
