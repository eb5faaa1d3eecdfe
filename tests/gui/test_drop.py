"""Drops: to whom files go, whatever the list does meanwhile."""

from pathlib import Path

import pytest

from lanchat.gui import drop, files, landing
from lanchat.gui.roster_pane import RosterPane
from lanchat.identity.trust import Trust
from tests.gui.plain_shell import PlainShell
from tests.kit.people import Held, peer, person, said
from tests.kit.tkwait import settled

ADA, BOB = person(1, "Ada", None, said(1, "hi")), person(2, "Bob", None)  # one is asked about


@pytest.fixture
def zone(shell: PlainShell, pane: RosterPane) -> drop._Zone:
    """The list as the main page has it, with two people on it."""
    assert landing.load(shell.root)
    shell.people(ADA, BOB)
    settled(pane)
    return drop._Zone(pane, shell, pane.person_at, pane.aim)


def over(pane: RosterPane, number: int) -> tuple[int, int]:
    """The middle of somebody's row, on the screen."""
    box = pane.view.bbox_of(str(peer(number)))
    assert box is not None
    canvas = pane.view.canvas
    return canvas.winfo_rootx() + 40, canvas.winfo_rooty() + (box[1] + box[3]) // 2


def asks(shell: PlainShell) -> str:
    """Whom the question is about that comes before anything is sent."""
    settled(shell.root)
    if "send" not in shell.root.children:
        return ""
    return str(shell.root.nametowidget("send").heading.cget("text"))


def test_files_go_to_whom_was_marked_when_the_list_moves_before_they_fall(
    shell: PlainShell, pane: RosterPane, zone: drop._Zone, tmp_path: Path
) -> None:
    place = over(pane, 1)
    zone._entered(*place, "")
    zone._moved(*place, "")
    wrote = person(2, "Bob", None, said(2, "hello"))
    shell.people(wrote, person(1, "Ada", None))
    settled(pane)
    assert pane.person_at(*place) == peer(2)
    zone._dropped(*place, f"{{{tmp_path}}}")
    assert asks(shell) == "Send to Ada?"


def test_files_for_somebody_who_is_gone_go_to_nobody(
    shell: PlainShell, pane: RosterPane, zone: drop._Zone, tmp_path: Path
) -> None:
    place = over(pane, 1)
    zone._entered(*place, "")
    zone._moved(*place, "")
    shell.people(BOB)
    settled(pane)
    zone._dropped(*place, f"{{{tmp_path}}}")
    assert asks(shell) == ""
    assert shell.asked == []
    assert shell.said == ["That person is not on the list any more. Nothing was sent."]


def test_whoever_left_while_files_were_chosen_is_asked_about(
    shell: PlainShell, tmp_path: Path
) -> None:
    files.send(shell, peer(1), [tmp_path])
    assert asks(shell) == f"Send to {peer(1).short}?"
    assert shell.asked == []


def test_files_that_fall_beside_everybody_go_to_nobody(
    shell: PlainShell, pane: RosterPane, zone: drop._Zone, tmp_path: Path
) -> None:
    x, y = over(pane, 1)
    zone._entered(x, y, "")
    zone._moved(x, y, "")
    zone._moved(x, y + 400, "")
    zone._dropped(x, y + 400, f"{{{tmp_path}}}")
    assert shell.said == ["Choose a person first, then drop the files again."]
    assert shell.asked == []


def test_who_uses_the_name_of_a_friend_is_asked_about_as_that(
    shell: PlainShell, pane: RosterPane, tmp_path: Path
) -> None:
    shell.people(person(1, "Ada", Held()), person(2, "Ada", Held(Trust.CONFLICT)))
    settled(pane)
    files.send(shell, peer(2), [tmp_path])
    assert asks(shell) == "Send to Ada?"
    told = shell.root.nametowidget("send").body.winfo_children()
    assert any("not the Ada you know" in str(one.cget("text")) for one in told)
