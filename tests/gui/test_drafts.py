"""What was written and not sent: no lock, no quitting and no crash takes it from the user."""

import asyncio
import shutil
import threading
import tkinter as tk
from collections.abc import Callable
from pathlib import Path

import pytest

from lanchat.gui import clearing
from lanchat.gui.gestures import PeerChosen
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId
from lanchat.node import acts, profiles
from lanchat.node.node import Node
from lanchat.store.connection import Connection
from lanchat.store.contacts import Contacts
from lanchat.store.history import History
from tests.gui.windows import PHRASE, Seat, texts
from tests.kit.display import wait_for
from tests.kit.program import Program

BOB = PeerId(b"\2" * 32)
HALF = "half a message"


@pytest.fixture
def room(seat: Seat) -> Seat:
    """Ada's window, and Theodora in her book."""
    knows_theodora(seat)
    return seat


def knows_theodora(seat: Seat) -> None:
    async def know(node: Node) -> None:
        await acts.trust(node, BOB, "known")
        await acts.call(node, BOB, "Theodora")

    seat.window.ask(know)
    seat.until(lambda: BOB in seat.window.screen.people, "Theodora")


def writes(seat: Seat, text: str = HALF) -> None:
    seat.window.do(PeerChosen(BOB))
    seat.settle()
    seat.type(text, "composer")
    assert held(seat) == text


def held(seat: Seat) -> str:
    text = seat.find("composer")
    assert isinstance(text, tk.Text)
    return text.get("1.0", "end-1c")


def stored(seat: Seat) -> dict[PeerId, str]:
    """What the node holds, once it did all it was asked before."""
    found: list[dict[PeerId, str]] = []
    seat.window.ask(lambda node: node.history.drafts(), found.append)
    seat.until(lambda: found, "what is kept")
    return found[0]


def unlocks(seat: Seat) -> None:
    seat.until(lambda: seat.has("unlock"), "the way in")
    seat.type(PHRASE, "passphrase")
    seat.press("<Return>")
    seat.until(lambda: seat.window.screen.me is not None, "the open profile")


def shows_draft(seat: Seat) -> bool:
    return any(f"Draft: {HALF}" in text for text in texts(seat.root))


def test_a_lock_at_once_takes_nothing_of_it_and_sending_ends_it_for_good(room: Seat) -> None:
    writes(room)
    room.window.lock()
    assert not [text for text in texts(room.root) if HALF in text]
    assert not room.window.screen.drafts
    unlocks(room)
    room.until(lambda: shows_draft(room), "the line in the list")
    room.window.do(PeerChosen(BOB))
    room.settle()
    assert held(room) == HALF
    assert not shows_draft(room)  # one is writing it
    room.find("composer").focus_force()
    room.press("<Return>")
    assert held(room) == ""
    room.until(lambda: room.window.screen.people[BOB].last, "the message")
    room.window.lock()
    unlocks(room)
    assert room.window.screen.drafts == {}
    room.window.do(PeerChosen(BOB))
    room.until(lambda: any(HALF in text for text in texts(room.root)), "what was said")
    assert held(room) == ""


def test_quitting_at_once_takes_nothing_of_it(room: Seat, sit: Callable[..., Seat]) -> None:
    writes(room)
    room.window.quit()
    again = sit()
    again.until(lambda: shows_draft(again), "the line in the list")
    again.window.do(PeerChosen(BOB))
    again.settle()
    assert held(again) == HALF


def test_it_is_kept_without_any_further_act_and_what_is_emptied_is_none(room: Seat) -> None:
    writes(room)
    room.until(lambda: stored(room) == {BOB: HALF}, "a draft in the store")
    text = room.find("composer")
    text.event_generate("<Control-a>")
    text.event_generate("<KeyPress>", keysym="Delete")
    room.until(lambda: not stored(room), "none any more")


def forgotten(room: Seat) -> None:
    """Bob is forgotten, as far as that works."""
    room.window.command("details")
    room.until(lambda: room.has("forget"), "the details")
    for name in ("forget", "confirm"):
        room.find(name).invoke()  # type: ignore[attr-defined]  # a button
        room.settle()


def test_what_was_begun_goes_with_whoever_is_forgotten_and_is_begun_to_nobody_else(
    room: Seat,
) -> None:
    writes(room)
    forgotten(room)
    room.until(lambda: BOB not in room.window.screen.people, "nobody")
    assert stored(room) == {}
    knows_theodora(room)
    room.window.do(PeerChosen(BOB))
    room.settle()
    assert held(room) == ""


def test_a_conversation_that_is_cleared_takes_what_stands_below_it(room: Seat) -> None:
    room.window.ask(lambda node: acts.write(node, BOB, "said"))
    room.until(lambda: room.window.screen.people[BOB].last, "a message")
    writes(room)
    page, done = room.window.page, threading.Event()
    assert page is not None
    page.hand_over()
    room.type(" and more", "composer")  # not kept yet
    room.window.ask(lambda node: node.history._database.run(lambda _at: done.wait(30)))
    clearing.clear(room.window, BOB)  # a long conversation
    assert held(room) == ""
    room.type("and on", "composer")
    page.hand_over()
    done.set()
    room.until(lambda: room.window.screen.people[BOB].last is None, "nothing said")
    assert held(room) == "and on"
    assert room.window.screen.drafts == stored(room) == {BOB: "and on"}


@pytest.mark.parametrize("forgets", [False, True], ids=["clear", "forget"])
def test_what_could_not_be_cleared_has_its_draft_as_before(room: Seat, forgets: bool) -> None:
    def refuse(connection: Connection) -> None:
        connection.execute(
            "CREATE TEMP TRIGGER refuse BEFORE DELETE ON drafts"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )

    writes(room)
    page = room.window.page
    assert page is not None
    page.hand_over()
    room.window.ask(lambda node: node.history._database.run(refuse))
    if forgets:
        forgotten(room)
    else:
        clearing.clear(room.window, BOB)
        assert held(room) == ""
    room.until(lambda: room.window.toasts.texts, "that it failed")
    room.window.do(PeerChosen(BOB))
    assert held(room) == HALF
    assert stored(room) == {BOB: HALF}


@pytest.mark.long
@pytest.mark.timeout(60)
def test_a_kill_takes_nothing_of_what_was_typed_before(
    launch: Callable[..., Program], tmp_path: Path
) -> None:
    folder = tmp_path / "ann" / "data" / "lanchat" / "profiles" / "default"
    asyncio.run(knows(folder))
    program = launch("ann", "--interface", "lo")
    program.write("passphrase", PHRASE)
    program.press("Return")
    program.widget("roster", 15)
    program.press("ctrl+1")
    program.write("composer", HALF)
    wait_for(lambda: kept(folder, tmp_path / "copy") == HALF, "it on the disk")
    program.process.kill()
    program.process.wait()
    again = launch("ann", "--interface", "lo")
    again.write("passphrase", PHRASE)
    again.press("Return")
    again.widget("roster", 15)
    again.wait_drawn(f"Draft: {HALF}")
    again.press("ctrl+1")
    again.wait_text("composer", HALF)


async def knows(folder: Path) -> None:
    """Register a profile that knows Theodora."""
    await profiles.register(f"{folder}/", "Ann", PHRASE, profiles.QUICK)
    opened = await profiles.unlock(await asyncio.to_thread(profiles.hold, f"{folder}/"), PHRASE)
    try:
        known = trusting.pin(None, BOB, "Theodora", 1)
        await Contacts(opened.database).save(known)
    finally:
        await opened.close()


def kept(folder: Path, copy: Path) -> str:
    """What a disk that was copied at this moment holds as a draft for Theodora."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(mode=0o700)
    for name in ("key.lc", "lanchat.db", "lanchat.db-wal"):
        shutil.copy2(folder / name, copy)

    async def read() -> str:
        held = await asyncio.to_thread(profiles.hold, f"{copy}/")
        opened = await profiles.unlock(held, PHRASE)
        try:
            return (await History(opened.database).drafts()).get(BOB, "")
        finally:
            await opened.close()

    return asyncio.run(read())


def test_a_full_disk_is_told_once_and_what_did_not_fit_is_kept_when_there_is_room(
    room: Seat,
) -> None:
    room.window.ask(lambda node: bound(node, 0))
    writes(room)
    page, long, box = room.window.page, "a longer line\n" * 4_000, room.find("composer")
    assert page is not None
    assert isinstance(box, tk.Text)
    for ending, told in (("one", 1), ("two", 0)):
        box.insert("end", long + ending)
        page.hand_over()
        assert long not in stored(room).get(BOB, "")
        assert len(room.window.toasts.texts) == told
        room.window.toasts.clear()
    room.window.ask(lambda node: bound(node, 2**20))
    page.hand_over()
    assert stored(room) == {BOB: f"{HALF}{long}one{long}two"}


def test_of_what_is_sent_no_older_draft_is_left_that_a_full_disk_kept(room: Seat) -> None:
    writes(room)
    page, box = room.window.page, room.find("composer")
    assert page is not None
    assert isinstance(box, tk.Text)
    page.hand_over()
    room.window.ask(lambda node: bound(node, 0))
    box.insert("end", "a longer line\n" * 4_000)
    page.hand_over()
    assert stored(room) == {BOB: HALF}
    room.window.ask(lambda node: bound(node, 2**20))
    room.until(lambda: room.enabled("send"), "the button")
    room.find("send").invoke()  # type: ignore[attr-defined]  # a button
    room.until(lambda: room.window.screen.people[BOB].last, "the message")
    room.until(lambda: not stored(room), "no draft")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_could_not_be_stored_comes_back_above_what_was_begun_since(
    room: Seat, elsewhere: bool
) -> None:
    room.window.ask(lambda node: bound(node, 0))
    room.window.do(PeerChosen(BOB))
    room.settle()
    long, box = "a longer line\n" * 4_000 + "end", room.find("composer")
    assert isinstance(box, tk.Text)
    box.insert("1.0", long)
    room.until(lambda: room.enabled("send"), "the button")
    room.find("send").invoke()  # type: ignore[attr-defined]  # a button
    box.insert("1.0", "next")
    if elsewhere:
        room.window.do(PeerChosen(None))
    room.until(lambda: room.window.toasts.texts, "that it was not stored")
    room.window.do(PeerChosen(BOB))
    room.until(lambda: held(room) == f"{long}\nnext", "both")
    assert room.window.screen.people[BOB].last is None


async def bound(node: Node, pages: int) -> None:
    """From now on there is room for so many pages more."""

    def work(connection: Connection) -> None:
        row = connection.execute("PRAGMA page_count").fetchone()
        assert row is not None
        connection.execute(f"PRAGMA max_page_count = {int(str(row[0])) + pages}")

    await node.history._database.run(work)
