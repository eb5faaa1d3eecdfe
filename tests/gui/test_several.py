"""The same files for several people: a real window over a real node, by keyboard."""

import os
from functools import partial
from pathlib import Path

from lanchat.gui import several
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.items import CardState
from lanchat.identity.trust import Trust
from lanchat.node import acts
from tests.gui.windows import Seat
from tests.kit.display import Display
from tests.kit.people import peer

FRIENDS = {peer(2): "Bob Hale", peer(3): "Cem Öz", peer(4): "Dora {odd} name"}
BLOCKED = peer(5)


def know(seat: Seat) -> None:
    """Three friends who are away, and somebody who was blocked."""
    for friend, name in {**FRIENDS, BLOCKED: "Mallory"}.items():
        action = "block" if friend == BLOCKED else "known"
        seat.window.ask(partial(acts.call, peer=friend, alias=name))
        seat.window.ask(partial(acts.trust, peer=friend, action=action))
    people = seat.window.screen.people
    seat.until(
        lambda: (
            (people := seat.window.screen.people)
            and all(one in people and people[one].trust is Trust.KNOWN for one in FRIENDS)
        ),
        f"three friends among {people}",
    )


def boxes(seat: Seat) -> list[str]:
    found = [one for one in seat.all() if one.winfo_class() == "TCheckbutton"]
    return [str(one.cget("text")) for one in found]


def test_files_go_to_all_who_are_ticked(seat: Seat, tmp_path: Path, display: Display) -> None:
    know(seat)
    bob, cem, dora = FRIENDS
    seat.window.do(PeerChosen(bob))
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"x" * 70_000)
    several.ask(seat.window, [file], bob)
    seat.until(lambda: seat.has("confirm"), "the dialog")
    assert boxes(seat) == [f"{name} · away, gets it later" for name in FRIENDS.values()]
    assert seat.enabled("confirm")  # whose conversation is open is ticked already
    if folder := os.environ.get("LANCHAT_PICTURES"):
        display.picture(Path(folder) / "several.png")
    seat.find("person_0").focus_force()
    seat.press("<space>")
    assert not seat.enabled("confirm")
    seat.press("<space>")
    seat.find("find").focus_force()
    seat.type("dora", "find")
    seat.until(lambda: len(boxes(seat)) == 1, "only Dora")
    seat.find("person_0").focus_force()
    seat.press("<space>")
    seat.find("find").focus_force()
    seat.press("<Return>")
    transfers = seat.window.screen.transfers
    seat.until(
        lambda: (transfers := seat.window.screen.transfers) and len(transfers) == 2,
        f"two offers, not {transfers}",
    )
    offered = seat.window.screen.transfers.values()
    assert {one.peer_id for one in offered} == {bob, dora}
    assert {one.state for one in offered} == {CardState.WAITING}
    assert {one.names for one in offered} == {(("plan.pdf", 70_000),)}
    assert cem not in {one.peer_id for one in offered}
    assert not seat.has("several")


def test_who_knows_nobody_is_told_so(seat: Seat, tmp_path: Path) -> None:
    several.ask(seat.window, [tmp_path])
    seat.until(lambda: seat.has("close"), "the dialog")
    assert not seat.has("confirm")
    seat.press("<Escape>")
    assert not seat.has("several")
