"""Pictures in a conversation: a real window over a real node, a real worker, by keyboard."""

import logging
import tkinter as tk
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from lanchat.conversation.message import Message, State
from lanchat.gui import files
from lanchat.gui.chat_drawn import Drawn
from lanchat.gui.chat_view import ChatView
from lanchat.gui.conversation_pane import ConversationPane
from lanchat.gui.gestures import PeerChosen, Removed
from lanchat.gui.items import Act
from lanchat.gui.thumbnails import Thumbnails
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.node import Node, now_ms
from lanchat.store.transfers import StoredTransfer
from tests.gui import rasters
from tests.gui.rasters import BLUE, RED
from tests.gui.windows import Seat
from tests.kit.people import peer

pytestmark = pytest.mark.timeout(60)

BOB, EVE = peer(2), peer(3)


@dataclass
class Room:
    """Somebody before a window, to whom files came."""

    seat: Seat
    folder: Path
    files: int = 0

    def receive(
        self, sender: PeerId, held: bytes, name: str = "photo.png", *, mine: bool = False
    ) -> str:
        """A file of somebody lies here as if it had just come; the key of its card."""
        self.files += 1
        path = self.folder / f"{self.files} {name}"
        path.write_bytes(held)
        ident = self.files.to_bytes(16, "big")
        done: list[None] = []
        self.seat.window.ask(
            lambda node: _put(node, sender, ident, path, mine=mine), done.append
        )
        self.seat.until(lambda: done, "the file in the book")
        return ident.hex()

    def trust(self, who: PeerId, action: str, now: Trust) -> None:
        self.seat.window.ask(partial(acts.trust, peer=who, action=action))
        people = self.seat.window
        self.seat.until(
            lambda: who in people.screen.people and people.screen.people[who].trust is now,
            f"{action}",
        )

    def open(self, who: PeerId | None) -> None:
        self.seat.window.do(PeerChosen(None))
        self.seat.window.do(PeerChosen(who))
        self.seat.until(self._loaded, "the conversation")
        self.seat.settle()

    def _loaded(self) -> bool:
        talk = self.seat.window.screen.conversation
        return talk is not None and talk.loaded

    @property
    def pane(self) -> ConversationPane:
        pane = self.seat.find("conversation")
        assert isinstance(pane, ConversationPane)
        return pane

    @property
    def view(self) -> ChatView:
        return self.pane.view

    @property
    def thumbnails(self) -> Thumbnails:
        return self.pane._thumbnails

    def row(self, key: str) -> Drawn:
        number = self.view._window.rows.number(key)
        assert number is not None
        return self.view._window.drawn[number]

    def colours(self, key: str) -> tuple[tuple[int, ...], ...] | None:
        """What Tk draws at the left and the right of a card's picture; None if of none."""
        item = self.row(key).parts.get("photo")
        if item is None:
            return None
        call = self.seat.root.tk.call
        name = str(call(str(self.view.canvas), "itemcget", item, "-image"))
        wide, high = int(call("image", "width", name)), int(call("image", "height", name))
        return tuple(
            tuple(map(int, self.seat.root.tk.splitlist(call(name, "get", x, high // 2))))
            for x in (3, wide - 4)
        )

    @property
    def toasts(self) -> list[str]:
        return [
            str(one.cget("text"))
            for one in self.seat.all()
            if one.winfo_name() == "text" and one.winfo_class() == "TLabel"
        ]

    def offered(self, key: str) -> bool:
        return self.view.bbox_of_act(key, Act.PICTURE) is not None


async def _put(node: Node, sender: PeerId, ident: bytes, path: Path, *, mine: bool) -> None:
    now = now_ms()
    row = StoredTransfer(
        ident, sender, mine, "done", bytes(32), 9, now, now, files=1,
        sources=(str(path),) if mine else (), results=() if mine else (str(path),),
    )  # fmt: skip
    await node.transfers.list._book._table.save(row)
    state = State.DELIVERED if mine else State.RECEIVED
    entry = Message(ident, sender, mine, "", now, now, state, file=path.name)
    await node.history.append(entry)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


@pytest.fixture
def room(seat: Seat, tmp_path: Path) -> Room:
    folder = tmp_path / "downloads"
    folder.mkdir()
    made = Room(seat, folder)
    made.trust(BOB, "known", Trust.KNOWN)
    made.trust(EVE, "block", Trust.BLOCKED)
    return made


def test_a_friends_picture_is_drawn_and_anybody_elses_waits_for_a_key(room: Room) -> None:
    held = rasters.saved(rasters.halves(1600, 1200), "PNG")
    friends = room.receive(BOB, held)
    ours = room.receive(BOB, rasters.saved(rasters.halves(80, 60), "JPEG"), mine=True)
    film = room.receive(BOB, b"no picture at all", "film.png")
    broken = room.receive(BOB, held[: len(held) // 2])
    room.open(BOB)
    room.seat.until(lambda: room.colours(friends) and room.colours(ours), "two pictures")
    left, right = room.colours(friends) or ((), ())
    assert near(left, RED)
    assert near(right, BLUE)
    room.seat.until(lambda: len(room.thumbnails._none) == 2, "what cannot be shown")
    for key in (film, broken):
        assert room.colours(key) is None
        assert not room.offered(key)

    theirs = room.receive(EVE, held)
    last = room.thumbnails._thumbnailer.worker
    room.open(EVE)
    room.seat.until(lambda: room.offered(theirs), "a button")
    assert room.colours(theirs) is None
    assert room.thumbnails._thumbnailer.worker is last  # nothing was decoded
    assert (EVE, False, theirs) not in room.thumbnails._held
    room.view.canvas.focus_force()
    for key in ("<Up>", "<Right>", "<Right>"):
        room.seat.press(key)
    assert room.view._keys.target is Act.PICTURE
    room.seat.press("<Return>")
    room.seat.until(lambda: room.colours(theirs), "the picture that was asked for")
    assert not room.offered(theirs)

    room.seat.window.do(Removed(EVE, theirs))
    assert (EVE, False, theirs) not in room.thumbnails._held  # deleted, and not held either
    assert room.thumbnails._held
    held_before = room.thumbnails
    worker = held_before._thumbnailer
    room.seat.window.lock()
    assert not held_before._held
    assert not held_before._waiting
    assert room.seat.window.screen.pictures == {}
    assert worker.worker is not None
    room.seat.until(lambda: room.seat.has("unlock"), "the way in")
    assert not any("pyimage" in one for one in _photos(room.seat.root, "312"))


def _photos(root: tk.Tk, width: str) -> list[str]:
    """Pictures of Tk's that are as wide as a thumbnail."""
    names = root.tk.splitlist(root.tk.call("image", "names"))
    return [name for name in names if str(root.tk.call("image", "width", name)) == width]


def test_pictures_of_friends_wait_too_if_the_user_wants_that(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    held = rasters.saved(rasters.halves(400, 300), "PNG")
    good = room.receive(BOB, held)
    bad = room.receive(BOB, held[: len(held) // 2])
    window = room.seat.window
    window.prefer(replace(window.preferences, show_pictures=False))
    room.open(BOB)
    room.seat.until(lambda: room.offered(good) and room.offered(bad), "two buttons")
    files.act(window, good, Act.PICTURE)
    room.seat.until(lambda: room.colours(good), "the picture")
    with caplog.at_level(logging.INFO, "lanchat.gui.thumbnailer"):
        files.act(window, bad, Act.PICTURE)
        room.seat.until(lambda: any("cannot be shown" in one for one in room.toasts), "why")
    assert not room.offered(bad)
    assert [one.message for one in caplog.records] == [
        "a picture is not shown: its worker ended with 1"
    ]
    window.prefer(replace(window.preferences, show_pictures=True))
    room.open(BOB)
    room.seat.until(lambda: room.colours(good), "the picture, unasked")
    room.trust(BOB, "block", Trust.BLOCKED)
    room.seat.until(lambda: room.offered(good), "a button")
    assert room.colours(good) is None


def test_a_picture_that_comes_moves_nothing_that_is_read(room: Room) -> None:
    """The card stands above what is seen; its height changes, and no line moves."""
    wide = rasters.saved(rasters.halves(1600, 1200), "PNG")
    room.seat.root.geometry("1000x700")
    keys = [room.receive(BOB, wide)]
    for number in range(30):
        room.seat.window.ask(partial(acts.write, peer=BOB, text=f"line {number}\nand more"))
    room.open(BOB)
    view = room.view
    room.seat.until(lambda: len(view._window.rows) >= 31, "all lines")
    assert view.at_end
    window = view._window
    while keys[0] not in {one.item.key for one in window.drawn.values()}:
        window.scroll(-40)  # until it is drawn a little above what is seen
    before = {one.item.key: one.top - window.top for one in window.visible()}
    height = room.row(keys[0]).height
    assert keys[0] not in before
    room.seat.until(lambda: room.colours(keys[0]), "the picture")
    assert room.row(keys[0]).height > height + 200
    assert {one.item.key: one.top - window.top for one in window.visible()} == before
    # forgotten and fetched again, it has its place already
    room.thumbnails._held.clear()
    room.thumbnails._bytes = 0
    window.redraw()
    height = room.row(keys[0]).height
    assert room.colours(keys[0]) is None
    room.seat.until(lambda: room.colours(keys[0]), "the picture again")
    assert room.row(keys[0]).height == height
