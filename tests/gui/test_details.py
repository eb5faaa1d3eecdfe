"""About one person, and adding one by address: real windows over a real node."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat.gui import adding, details
from lanchat.gui.gestures import PeerChosen
from lanchat.identity.fingerprint import fingerprint
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts, profiles
from lanchat.node.person import Person
from tests.gui.windows import PHRASE, Seat
from tests.kit.people import peer

BOB = peer(2)


def held(seat: Seat, who: PeerId = BOB) -> Person | None:
    return seat.window.screen.people.get(who)


def trust(seat: Seat, who: PeerId = BOB) -> Trust | None:
    person = held(seat, who)
    return person.trust if person else None


def know_bob(seat: Seat) -> None:
    """Somebody of whom only an act of mine knows."""
    seat.window.ask(lambda node: acts.call(node, BOB, "Bob"))
    seat.until(lambda: held(seat) is not None, "Bob on the list")
    seat.window.ask(lambda node: acts.write(node, BOB, "are you there?"))
    seat.until(lambda: trust(seat) is Trust.KNOWN, "Bob known")


def invoke(seat: Seat, name: str) -> None:
    seat.find(name).invoke()  # type: ignore[attr-defined]  # a button
    seat.settle()


def test_it_says_who_it_is_and_how_sure_that_is(seat: Seat) -> None:
    know_bob(seat)
    details.show(seat.window, BOB)
    seat.settle()
    assert seat.says("called") == "Bob"
    assert seat.says("standing").strip().startswith("Not verified")
    assert seat.says("presence").startswith("Offline")
    printed = fingerprint(BOB)
    said = [str(one.cget("text")) for one in seat.all() if one.winfo_class() == "TLabel"]
    assert set(printed.words) <= set(said)
    assert seat.says("digits").replace(" ", "") == printed.hex


def test_a_name_of_my_own_is_kept_and_shown_at_once(seat: Seat) -> None:
    know_bob(seat)
    details.show(seat.window, BOB)
    seat.settle()
    assert not seat.enabled("save_alias")
    entry = seat.find("alias")
    entry.delete(0, "end")  # type: ignore[attr-defined]  # an entry
    seat.type("Robert", "alias")
    seat.until(lambda: seat.enabled("save_alias"), "a name to be saved")
    seat.press("<Return>")
    seat.until(lambda: seat.says("called") == "Robert", "the new name")
    person = held(seat)
    assert person is not None
    assert person.name == "Robert"


def test_blocking_is_asked_and_escape_takes_the_question_back(seat: Seat) -> None:
    know_bob(seat)
    details.show(seat.window, BOB)
    seat.settle()
    invoke(seat, "block")
    assert seat.has("question")
    seat.until(lambda: seat.focus() == "no", "the keys on the safe answer")
    seat.press("<Escape>")
    assert not seat.has("question")
    assert seat.has("block")
    assert trust(seat) is Trust.KNOWN


def test_a_question_about_what_came_about_meanwhile_is_taken_back_without_a_fault(
    seat: Seat,
) -> None:
    know_bob(seat)
    details.show(seat.window, BOB)
    seat.settle()
    invoke(seat, "block")
    seat.window.ask(lambda node: acts.trust(node, BOB, "block"))  # in another front end
    seat.until(lambda: trust(seat) is Trust.BLOCKED, "Bob blocked")
    seat.settle()
    seat.press("<Escape>")
    assert seat.has("unblock")
    seat.until(lambda: seat.focus() == "forget", "the keys at what is there")


def test_blocking_and_unblocking_are_shown_where_one_is(seat: Seat) -> None:
    know_bob(seat)
    details.show(seat.window, BOB)
    seat.settle()
    invoke(seat, "block")
    invoke(seat, "confirm")
    seat.until(lambda: trust(seat) is Trust.BLOCKED, "Bob blocked")
    seat.until(lambda: seat.has("unblock"), "how to take it back")
    assert seat.says("standing").strip().startswith("Blocked")
    invoke(seat, "unblock")
    seat.until(lambda: trust(seat) is Trust.KNOWN, "Bob known again")
    seat.until(lambda: seat.has("block"), "the buttons of before")


def test_forgetting_leaves_nothing_on_the_list(seat: Seat) -> None:
    know_bob(seat)
    seat.window.do(PeerChosen(BOB))
    details.show(seat.window, BOB)
    seat.settle()
    invoke(seat, "forget")
    invoke(seat, "confirm")
    seat.until(lambda: held(seat) is None, "Bob gone")
    assert not seat.has("details")
    assert seat.window.screen.chosen is None
    assert "conversation" not in str(seat.root.focus_lastfor())  # once the window has the keys


def test_clearing_leaves_the_person(seat: Seat) -> None:
    know_bob(seat)
    details.show(seat.window, BOB)
    seat.settle()
    invoke(seat, "clear")
    invoke(seat, "confirm")
    seat.until(lambda: (one := held(seat)) is not None and one.last is None, "nothing said")
    assert trust(seat) is Trust.KNOWN
    seat.until(lambda: not seat.has("clear"), "nothing more to clear")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- adding -------------------------------------------------------------------------------


@pytest.fixture
def neighbour(seat: Seat, tmp_path: Path) -> Iterator[tuple[str, PeerId]]:
    """Somebody who listens at an address: the address, and their key."""
    other = str(tmp_path / "other")
    _name, told = asyncio.run(profiles.register(other, "Theodora", PHRASE, profiles.QUICK))
    port = free_port()
    listening = subprocess.Popen(
        [sys.executable, "-m", "lanchat", "listen", "--profile", other,
         "--passphrase-file", str(tmp_path / "passphrase"), "--interface", "lo",
         "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"127.0.0.1:{port}", told
    listening.terminate()
    listening.wait()


def test_what_is_no_address_is_said_beside_the_field(seat: Seat) -> None:
    adding.show(seat.window)
    seat.settle()
    assert not seat.enabled("connect")
    seat.type("nowhere", "address")
    seat.press("<Return>")
    assert seat.says("address_note").startswith("Write an address and a port")
    seat.press("<Escape>")
    assert not seat.has("adding")


def test_where_nobody_answers_that_is_said(seat: Seat) -> None:
    adding.show(seat.window)
    seat.settle()
    seat.find("address").insert(0, f"127.0.0.1:{free_port()}")  # type: ignore[attr-defined]
    seat.settle()
    invoke(seat, "connect")
    seat.until(lambda: seat.says("address_note").startswith("Nobody answered"), "the answer")
    assert seat.enabled("connect")


def test_who_answers_is_shown_before_anything_is_held_of_them(
    seat: Seat, neighbour: tuple[str, PeerId]
) -> None:
    address, who = neighbour
    adding.show(seat.window)
    seat.settle()
    seat.find("address").insert(0, address)  # type: ignore[attr-defined]  # an entry
    seat.settle()

    def dialled() -> bool:
        if seat.says("connect") == "Add them":
            return seat.has("answered")
        if seat.enabled("connect"):
            invoke(seat, "connect")  # until they listen
        return False

    seat.until(dialled, "who answers")
    assert seat.says("answered") == "Theodora answers"
    said = [str(one.cget("text")) for one in seat.all() if one.winfo_class() == "TLabel"]
    assert set(fingerprint(who).words) <= set(said)
    person = held(seat, who)
    assert person is None or person.contact is None

    seat.find("address").focus_force()
    seat.press("<Return>")  # Enter adds nobody
    assert seat.has("adding")
    assert seat.says("connect") == "Add them"
    invoke(seat, "connect")
    seat.until(lambda: trust(seat, who) is Trust.KNOWN, "Theodora known")
    seat.until(lambda: not seat.has("adding"), "the dialog gone")
    assert seat.window.screen.chosen == who
