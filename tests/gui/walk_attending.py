"""What one says of being there, by keys alone; a part of the walk (walk.py)."""

from collections.abc import Callable
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node import acquaintance, acts
from lanchat.node.events import Availability, PeerView
from lanchat.node.presence import Said
from tests.kit.hands import Hands
from tests.kit.street import Street
from tests.node.house import PATIENCE, Resident, until


class Attending:
    """Busy, a line, invisible and back, all from the menu of oneself; and what Bob says."""

    def __init__(self, hands: Hands, street: Street, bob: Resident, me: PeerId) -> None:
        self._hands: Final = hands
        self._street: Final = street
        self._bob: Final = bob
        self._me: Final = me

    def walk(self) -> None:
        """Bob is a friend whose conversation is open."""
        hands, program = self._hands, self._hands.program
        self._choose("Busy")
        program.wait_text("my_state", "Busy")
        self._bob_sees(lambda view: view is not None and view.said == Said(Availability.BUSY))
        self._choose("Status line")
        hands.wait_at("status")
        hands.type("back at three")
        hands.tour()
        hands.push("save_status")
        program.wait_text("my_state", "back at three")
        self._street.do(acts.attend(self._bob.node, Availability.AWAY, "lunch"))
        program.wait_text("person_state", "Away · “lunch”")
        self._choose("Invisible")
        program.wait_text("my_state", "Invisible")
        self._bob_sees(lambda view: view is None)
        self._choose("Away")
        away = Said(Availability.AWAY, "back at three")
        self._bob_sees(lambda view: view is not None and view.said == away)
        self._choose("Available")
        hands.wait_at("my_face")

    def _choose(self, label: str) -> None:
        self._hands.tab_to("my_face")
        self._hands.press("Return")
        self._hands.choose(label)

    def _bob_sees(self, fits: Callable[[PeerView | None], bool]) -> None:
        def seen() -> bool:
            return fits(self._bob.node.neighbours.view(self._me))

        # how somebody is goes out at once twice, and then every so often
        self._street.do(until(seen, patience=acquaintance.INFO_EVERY + PATIENCE))
