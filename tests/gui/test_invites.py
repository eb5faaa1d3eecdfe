"""Invites in the window: mine to be shown, others' as text, as a picture or as a link."""

import asyncio
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tkinter import ttk

import pytest

from lanchat.gui import adding, links, scanner
from lanchat.gui.conversation_pane import follow
from lanchat.gui.gestures import PeerChosen
from lanchat.identity.fingerprint import fingerprint, invite
from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts, inviting, profiles
from lanchat.node.node import Node
from lanchat.node.presence import Availability
from tests.gui.test_details import BOB, free_port, invoke, know_bob
from tests.gui.test_scanning import code
from tests.gui.windows import PHRASE, Seat
from tests.kit.display import Display
from tests.kit.drag import drag_files

pytestmark = pytest.mark.long

SOMEBODY = Identity(bytes(range(32))).peer_id
INVITE = invite(SOMEBODY, ["192.168.1.31:48321"])


@pytest.fixture
def seat(request: pytest.FixtureRequest, sit: Callable[..., Seat]) -> Seat:
    """Ada's window; with a parameter that invite was given at the command line."""
    sitting = sit(invite=getattr(request, "param", ""))
    sitting.until(lambda: (me := sitting.window.screen.me) and me.addresses, "the addresses")
    return sitting


@dataclass
class Neighbour:
    """Somebody who listens and is not found by multicast, as their interface is another."""

    peer_id: PeerId
    port: int

    @property
    def invite(self) -> str:
        return invite(self.peer_id, [f"127.0.0.1:{self.port}"])


class Relay(threading.Thread):
    """Carries one connection on to a port of this computer."""

    def __init__(self, near: socket.socket, port: int) -> None:
        super().__init__(daemon=True)
        self._near = near
        self._far = socket.create_connection(("127.0.0.1", port))
        self.over = False
        self.start()

    def run(self) -> None:
        """Until either end hangs up."""
        ways = {self._near: self._far, self._far: self._near}
        with self._near, self._far, suppress(ConnectionError):
            held = b"-"
            while held:
                for one in select.select([*ways], [], [])[0]:
                    held = one.recv(65536)
                    ways[one].sendall(held)
        self.over = True


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[Neighbour]:
    other = str(tmp_path / "other")
    _name, told = asyncio.run(profiles.register(other, "Theodora", PHRASE, profiles.QUICK))
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "lanchat", "listen", "--profile", other, "--json",
         "--passphrase-file", str(tmp_path / "passphrase"), "--interface", "lo",
         "--port", str(port)],
        stdout=subprocess.PIPE,
    ) as listening:  # fmt: skip
        assert listening.stdout is not None
        assert b'"ready"' in listening.stdout.readline()
        yield Neighbour(told, port)
        listening.terminate()


def typed(seat: Seat) -> str:
    entry = seat.find("address")
    assert isinstance(entry, ttk.Entry)
    return entry.get()


def empty(seat: Seat) -> None:
    entry = seat.find("address")
    assert isinstance(entry, ttk.Entry)
    entry.delete(0, "end")
    seat.until(lambda: not seat.has("answered"), "nobody shown")


def said(seat: Seat) -> set[str]:
    return {str(one.cget("text")) for one in seat.all() if one.winfo_class() == "TLabel"}


def met(seat: Seat) -> list[int]:
    """The ports to which sessions stand, or stood: asked on the node's thread."""
    found: list[list[int]] = []

    async def look(node: Node) -> list[int]:
        return [link.address.port for link in node.sessions.links()]

    seat.window.ask(look, found.append)
    seat.until(lambda: found, "what the node says")
    return found[0]


def test_my_own_is_shown_copied_and_can_be_scanned_off_the_screen(
    seat: Seat, display: Display, tmp_path: Path
) -> None:
    adding.show(seat.window)
    seat.until(lambda: seat.has("my_code"), "the code")
    me = seat.window.screen.me
    assert me is not None
    mine, addresses = inviting.ours(me.peer_id, me.addresses, me.port)
    assert addresses[0] == f"127.0.0.1:{me.port}"
    assert "on this computer only" in seat.says("my_invite_holds")
    invoke(seat, "copy_my_invite")
    assert seat.root.clipboard_get() == mine
    seat.until(lambda: seat.find("my_code").winfo_viewable(), "the drawn code")
    picture = display.picture(tmp_path / "screen.png")
    assert asyncio.run(scanner.in_file(picture)) == mine


def test_mine_does_not_say_where_somebody_invisible_is(seat: Seat) -> None:
    seat.window.ask(lambda node: acts.attend(node, Availability.INVISIBLE))
    seat.until(lambda: (me := seat.window.screen.me) and me.showing.hidden, "invisible")
    adding.show(seat.window)
    seat.until(lambda: seat.has("my_code"), "the code")
    assert "You are invisible" in seat.says("my_invite_holds")
    invoke(seat, "copy_my_invite")
    me = seat.window.screen.me
    assert me is not None
    assert seat.root.clipboard_get() == invite(me.peer_id)


def test_a_pasted_one_is_shown_then_dialled_then_confirmed(
    seat: Seat, neighbour: Neighbour
) -> None:
    adding.show(seat.window)
    seat.settle()
    seat.root.clipboard_clear()
    broken = f"{neighbour.invite[:50]}\n> {neighbour.invite[50:]}"  # as mail may bring it
    seat.root.clipboard_append(f"  Here it is: {broken}\n")
    seat.find("address").focus_force()
    seat.press("<<Paste>>")
    seat.until(lambda: seat.has("answered"), "whom it names")
    assert not seat.has("my_invite")
    assert set(fingerprint(neighbour.peer_id).words) <= said(seat)
    assert seat.says("new_here").endswith(f"127.0.0.1:{neighbour.port}")
    assert met(seat) == []  # shown, and nobody dialled
    invoke(seat, "connect")
    seat.until(lambda: seat.says("connect") == "Add them", "who answers")
    assert seat.says("answered") == "Theodora answers"
    person = seat.window.screen.people.get(neighbour.peer_id)
    assert person is None or person.contact is None
    invoke(seat, "connect")
    seat.until(lambda: not seat.has("adding"), "the dialog gone")
    assert seat.window.screen.chosen == neighbour.peer_id
    assert seat.window.screen.people[neighbour.peer_id].trust is Trust.KNOWN


def test_one_that_is_cancelled_while_it_dials_changes_nothing_later(
    seat: Seat, neighbour: Neighbour
) -> None:
    seat.window.ask(lambda node: acts.call(node, neighbour.peer_id, "Theodora"))
    seat.window.ask(lambda node: acts.trust(node, neighbour.peer_id, "known"))
    know_bob(seat)
    seat.window.do(PeerChosen(BOB))
    with socket.create_server(("127.0.0.1", 0)) as slow:
        slow.settimeout(15)
        port = slow.getsockname()[1]
        adding.show(seat.window)
        seat.until(lambda: seat.has("address"), "the dialog")
        entry = seat.find("address")
        assert isinstance(entry, ttk.Entry)
        entry.insert(0, f"127.0.0.1:{port}")
        seat.settle()
        invoke(seat, "connect")
        near, _address = slow.accept()
        seat.press("<Escape>")
        assert not seat.has("adding")
        ends = Relay(near, neighbour.port)  # now they would answer
        seat.until(lambda: ends.over or port in met(seat), "it hangs up, or goes on")
    assert port not in met(seat)  # a friend who is seen has another session by now
    assert seat.window.screen.chosen == BOB


def test_another_key_there_or_a_damaged_one_is_said_beside_the_field(
    seat: Seat, neighbour: Neighbour
) -> None:
    adding.show(seat.window, invite(SOMEBODY, [f"127.0.0.1:{neighbour.port}"]))
    seat.until(lambda: seat.has("answered"), "whom it names")
    invoke(seat, "connect")
    seat.until(lambda: seat.says("address_note").startswith("Somebody else answered"), "no")
    empty(seat)
    entry = seat.find("address")
    assert isinstance(entry, ttk.Entry)
    entry.insert(0, INVITE[:30] + INVITE[31:])
    seat.settle()
    assert not seat.has("answered")
    invoke(seat, "connect")
    assert "not an invite, or it was damaged" in seat.says("address_note")
    assert met(seat) == []


@pytest.mark.timeout(60)  # three times five seconds of looking
def test_where_one_led_in_vain_is_said_and_what_to_do(seat: Seat) -> None:
    shut = f"127.0.0.1:{free_port()}"
    for addresses, said_first in (
        ([shut], f"That person was not reached. Nothing answered at {shut}, where"),
        (
            ["224.0.0.1:4000"],
            "That person was not reached. Their invite leads to 224.0.0.1:4000",
        ),
        ([], "That person was not reached. They are not seen here, and their invite does not"),
    ):
        adding.show(seat.window, invite(SOMEBODY, addresses))
        seat.until(lambda: seat.has("answered"), "whom it names")
        invoke(seat, "connect")
        seat.until(lambda: seat.says("address_note").startswith("That person"), "the answer")
        assert seat.says("address_note").startswith(said_first)
        assert seat.says("address_note").rpartition("sk for a new")[1]
        assert seat.enabled("connect")
        seat.press("<Escape>")
        assert not seat.has("adding")


def test_a_picture_of_a_code_is_pasted_dropped_or_comes_as_a_file(
    seat: Seat, display: Display, owns: Callable[..., None], tmp_path: Path
) -> None:
    picture, blank = tmp_path / "their code.png", tmp_path / "blank.png"
    code(INVITE).save(picture)
    code("https://example.org/").save(blank)
    adding.show(seat.window)
    seat.until(lambda: seat.has("from_picture"), "the dialog")
    seat.find("address").focus_force()
    for kind in ("picture", "files"):
        owns(kind, picture)
        seat.press("<<Paste>>")
        seat.until(lambda: typed(seat) == INVITE, f"the invite of a {kind}")
        assert seat.has("answered")
        empty(seat)
    owns("files", blank)
    seat.press("<<Paste>>")
    seat.until(lambda: "no invite in this picture" in seat.says("address_note"), "none in it")
    assert not seat.has("answered")
    dialog = seat.find("adding")
    to = dialog.winfo_rootx() + 30, dialog.winfo_rooty() + dialog.winfo_height() - 20
    drag = threading.Thread(target=drag_files, args=(display, [picture], to))
    drag.start()  # beside us, as this window has to answer it
    seat.until(lambda: typed(seat) == INVITE, "the invite of a dropped picture")
    seat.until(lambda: not drag.is_alive(), "the end of the drag")
    assert met(seat) == []


def test_one_that_is_opened_waits_for_the_profile_and_replaces_nothing(seat: Seat) -> None:
    seat.window.lock()
    seat.settle()
    seat.window.invited.come(INVITE)
    seat.settle()
    assert not seat.has("adding")
    seat.window.open("ada", PHRASE, seat.window.tell)
    seat.until(lambda: seat.has("answered"), "the invite that waited")
    assert typed(seat) == INVITE
    seat.window.invited.come(invite(PeerId(Identity(bytes(32)).peer_id.key)))
    seat.settle()
    assert typed(seat) == INVITE  # what the user looks at stays
    seat.press("<Escape>")
    assert not seat.has("adding")
    for nonsense in (
        "lanchat:",
        "lanchat:1:x",
        "lanchat:1:\x1b[2J",
        "javascript:1",
        "x" * 9999,
    ):
        seat.window.invited.come(nonsense)
        seat.until(lambda: seat.has("adding"), "the dialog")
        assert "not an invite" in seat.says("address_note")
        assert not seat.has("answered")
        seat.press("<Escape>")
    assert met(seat) == []


def test_one_in_a_message_is_shown_and_nobody_is_dialled(seat: Seat) -> None:
    (link,) = links.find(f"this is Eve: {INVITE}, she is nice")
    follow(seat.window, link)
    seat.until(lambda: seat.has("answered"), "whom it names")
    assert typed(seat) == INVITE
    assert met(seat) == []


@pytest.mark.parametrize("seat", [INVITE], indirect=True)
def test_one_that_a_first_start_is_given_is_shown_once_it_is_open(seat: Seat) -> None:
    seat.until(lambda: seat.has("answered"), "the invite")
    assert typed(seat) == INVITE
    seat.press("<Escape>")
    seat.window.lock()
    seat.window.open("ada", PHRASE, seat.window.tell)
    seat.until(lambda: seat.window.screen.me, "open once more")
    seat.settle()
    assert not seat.has("adding")  # once is enough
