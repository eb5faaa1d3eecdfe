"""Sure of somebody without a call: both fingerprints, and what theirs is compared with."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from tkinter import ttk

import pytest

from lanchat.gui import scanner, unspoken
from lanchat.gui.unspoken import Unspoken
from lanchat.identity.fingerprint import fingerprint, invite
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from tests.gui.rasters import saved
from tests.gui.test_details import BOB, held, invoke, know_bob
from tests.gui.test_scanning import code
from tests.gui.windows import Seat
from tests.kit.display import Display
from tests.kit.people import peer

pytestmark = pytest.mark.long

EVE = peer(3)
WIDE, NARROW = "1000x700", "720x480"


@pytest.fixture
def open_about_bob(seat: Seat) -> Unspoken:
    """The dialog about Bob, whom Ada knows."""
    know_bob(seat)
    return opened(seat)


def opened(seat: Seat) -> Unspoken:
    unspoken.show(seat.window, BOB)
    seat.until(lambda: seat.has("their_fingerprint"), "the dialog")
    seat.settle()
    dialog = seat.root.nametowidget("fingerprint")
    assert isinstance(dialog, Unspoken)
    return dialog


def me(seat: Seat) -> PeerId:
    known = seat.window.screen.me
    assert known is not None
    return known.peer_id


def contact(seat: Seat) -> Contact:
    person = held(seat, BOB)
    assert person is not None
    assert person.contact is not None
    return person.contact


def compare(seat: Seat, text: str) -> None:
    entry = seat.find("their_fingerprint")
    assert isinstance(entry, ttk.Entry)
    entry.delete(0, "end")
    entry.insert(0, text)
    seat.settle()
    invoke(seat, "compare_print")


def typed(seat: Seat) -> str:
    entry = seat.find("their_fingerprint")
    assert isinstance(entry, ttk.Entry)
    return entry.get()


def says_yes(seat: Seat) -> None:
    invoke(seat, "mark_verified")
    seat.until(lambda: not seat.has("their_fingerprint"), "the end of it")
    seat.until(lambda: contact(seat).trust is Trust.VERIFIED, "a verified Bob")


@pytest.mark.parametrize(("size", "beside"), [(WIDE, True), (NARROW, False)])
def test_both_stand_there_to_be_read_copied_and_scanned(
    size: str, beside: bool, seat: Seat, display: Display, tmp_path: Path
) -> None:
    know_bob(seat)
    seat.root.geometry(size)
    seat.until(lambda: f"{seat.root.winfo_width()}" in size, size)
    dialog = opened(seat)
    for name, who in (("theirs", BOB), ("mine", me(seat))):
        side = dialog.nametowidget(f"{seat.find('sides')}.{name}")
        said = {str(one.cget("text")) for one in seat.all() if str(one).startswith(str(side))
                and one.winfo_class() == "TLabel"}  # fmt: skip
        assert {*fingerprint(who).words, " ".join(fingerprint(who).groups)} <= said
        invoke(seat, f"copy_{name}")
        assert seat.root.clipboard_get().split() == list(fingerprint(who).words)
    theirs, mine = seat.find("theirs"), seat.find("mine")
    assert (theirs.winfo_rooty() == mine.winfo_rooty()) is beside
    assert (theirs.winfo_rootx() == mine.winfo_rootx()) is not beside
    dialog._fitted.see(seat.find("code"))  # where it is below
    seat.settle()
    picture = display.picture(tmp_path / "screen.png")
    assert asyncio.run(scanner.in_file(picture)) == invite(me(seat))


def test_a_picture_of_their_code_is_compared_and_verifies_after_a_yes(
    seat: Seat, open_about_bob: Unspoken, owns: Callable[..., None], tmp_path: Path
) -> None:
    picture = tmp_path / "their code.png"
    code(invite(BOB, ["192.168.1.31:48321"])).save(picture)
    owns("files", picture)
    seat.find("their_fingerprint").focus_force()
    seat.press("<<Paste>>")
    seat.until(lambda: seat.has("mark_verified"), "the same key")
    seat.press("<Return>")
    assert seat.focus() == "mark_verified"  # and no yes yet
    invoke(seat, "compare_print")
    assert contact(seat).trust is Trust.KNOWN
    says_yes(seat)
    assert contact(seat).verified_how == "code"


@pytest.mark.parametrize("kind", ["words", "digits"])
def test_what_they_read_out_verifies_after_a_yes(
    kind: str, seat: Seat, open_about_bob: Unspoken
) -> None:
    printed = fingerprint(BOB)
    compare(seat, str(printed).upper() if kind == "words" else " ".join(printed.groups))
    assert contact(seat).trust is Trust.KNOWN
    says_yes(seat)
    assert contact(seat).verified_how == "fingerprint"


def test_of_another_key_there_is_a_red_no_and_nothing_changes(
    seat: Seat, open_about_bob: Unspoken, owns: Callable[..., None], tmp_path: Path
) -> None:
    before = contact(seat)
    picture = tmp_path / "of somebody else.png"
    code(invite(EVE)).save(picture)
    seat.find("their_fingerprint").focus_force()
    owns("picture", picture)
    seat.press("<<Paste>>")
    seat.until(lambda: seat.has("verdict"), "what came of it")
    for text, begins in (
        ("", "No. This is another key"),
        (str(fingerprint(EVE)), "No. This is another key"),
        (invite(me(seat)), "No. This is your own"),
    ):
        if text:
            compare(seat, text)
        assert seat.says("verdict").startswith(begins)
        assert str(seat.find("verdict").cget("style")) == "Bar.Bad.TLabel"
        assert not seat.has("mark_verified")
        assert seat.has("note_failed") is ("another" in begins)
        assert seat.focus() == "their_fingerprint"
    seat.press("<Return>")  # compares once more
    seat.press("<Escape>")
    assert not seat.has("their_fingerprint")
    assert contact(seat) == before


def test_that_another_one_did_come_from_them_is_noted(
    seat: Seat, open_about_bob: Unspoken
) -> None:
    compare(seat, str(fingerprint(EVE)))
    assert not contact(seat).failed_at
    invoke(seat, "note_failed")
    seat.until(lambda: contact(seat).failed_at, "the date of it")
    seat.until(lambda: not seat.has("their_fingerprint"), "the end of it")
    assert contact(seat).trust is Trust.KNOWN


def test_what_is_no_fingerprint_or_a_damaged_picture_is_said_at_the_field(
    seat: Seat, open_about_bob: Unspoken, owns: Callable[..., None], tmp_path: Path
) -> None:
    before = contact(seat)
    words = str(fingerprint(BOB))
    compare(seat, words)
    assert seat.has("mark_verified")
    for text, wrong in (
        ("", "Type or paste it first."),
        (words.rpartition(" ")[0], "There are 16 words, not 15."),
        (invite(BOB)[:-1], "damaged"),
    ):
        compare(seat, text)
        assert wrong in seat.says("their_fingerprint_note")
        assert not seat.has("verdict")  # and what was the same before is so no more
    damaged, cut = tmp_path / "damaged.png", tmp_path / "cut.png"
    code(invite(BOB)[:-6] + "aaaaaa").save(damaged)
    whole = saved(code(invite(BOB)), "PNG")
    cut.write_bytes(whole[: len(whole) // 2])
    for picture in (damaged, cut):
        compare(seat, "")
        owns("files", picture)
        seat.press("<<Paste>>")
        seat.until(
            lambda: "no invite in this picture" in seat.says("their_fingerprint_note"),
            "no code",
        )
        assert typed(seat) == ""
        assert not seat.has("verdict")
    assert contact(seat) == before
