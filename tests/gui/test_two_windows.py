"""The whole of it once: two people, two windows, one machine, real keys and pointer.

Each step waits for what the screen shows; pictures of every step are kept where
LANCHAT_PICTURES says, else with the test's own files.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.display import Display, wait_for
from tests.kit.drag import drag_files
from tests.kit.program import Program

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.multicast,
    pytest.mark.long,
    pytest.mark.longest,
]

PHRASE = "granite otter paddles home"
NAMES = ("holiday photo 1.jpg", "report {draft} 2.txt", "party 🎉.bin")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("LANCHAT_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def register(program: Program, name: str) -> None:
    """Make a profile, by keyboard alone."""
    wait_for(lambda: program.ask("focus").endswith(".name"), "the keys in the name")
    program.focus()
    program.display.type(name)
    program.display.key("Return")
    wait_for(lambda: program.ask("focus").endswith(".passphrase"), "the keys in the passphrase")
    program.display.type(PHRASE)
    program.display.key("Return")
    wait_for(lambda: program.ask("focus").endswith(".repeat"), "the keys in the repetition")
    program.display.type(PHRASE)
    program.display.key("Return")
    program.widget("start", 30)
    program.click("start")
    program.widget("roster", 30)


def words(program: Program) -> list[str]:
    program.widget("word_4", 15)
    return [program.text(f"word_{number}") for number in (1, 2, 3, 4)]


def confirm(program: Program) -> None:
    """Say that the words are the same, once that can be said."""
    wait_for(lambda: program.widget("match")["state"] != "disabled", "a button to confirm")
    program.click("match")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_two_people_meet_talk_verify_and_share_files(
    display: Display, launch: Callable[..., Program], tmp_path: Path, album: Path
) -> None:
    ada = launch("ada", "--interface", "lo")
    ada.display.place(ada.window, 0, 0, (700, 640))
    register(ada, "Ada Lovelace")
    bob = launch("bob", "--interface", "lo")
    bob.display.place(bob.window, 678, 0, (700, 640))  # all of it, with the frame of 720
    register(bob, "Bob Hale")

    # each appears in the other's list
    ada.wait_drawn("Bob Hale", 20)
    bob.wait_drawn("Ada Lovelace", 20)
    display.picture(album / "1-found.png")

    # hello, both ways
    ada.click_drawn("Bob Hale")
    ada.write("composer", "hello Bob")
    ada.press("Return")
    ada.wait_drawn("hello Bob", 15, within="messages")
    bob.wait_drawn("hello Bob", 15)  # in the list, as its last line
    bob.click_drawn("Ada Lovelace")
    bob.wait_drawn("hello Bob", 15, within="messages")
    bob.write("composer", "hello Ada")
    bob.press("Return")
    for one in (bob, ada):
        one.wait_drawn("hello Ada", 15, within="messages")
    display.picture(album / "2-hello.png")

    # the same four words on both screens, both confirm, both badges turn
    ada.click("verify")
    bob.click("compare")
    assert words(ada) == words(bob)
    assert all(words(ada))
    display.picture(album / "3-words.png")
    confirm(ada)
    confirm(bob)
    ada.wait_text("badge", "Verified", 15)
    bob.wait_text("badge", "Verified", 15)
    display.picture(album / "4-verified.png")

    # a real drag of three files from another program
    source = tmp_path / "source"
    source.mkdir()
    for number, name in enumerate(NAMES):
        (source / name).write_bytes(os.urandom(200_000) * (number + 1))
    at = ada.widget("messages")
    target = (at["x"] + at["w"] // 2, at["y"] + at["h"] // 2)
    said = drag_files(
        ada.display, [source / name for name in NAMES], target, (300, 700), veiled=ada.veiled
    )
    assert "drag-end" in said
    bob.wait_drawn("Accept", 20)
    display.picture(album / "5-offered.png")
    bob.click_drawn("Accept")
    wait_for(lambda: len(contents(bob.downloads)) == len(NAMES), "three files", 30)
    assert (before := contents(bob.downloads)) == contents(source)
    ada.wait_drawn("Delivered", 15)
    display.picture(album / "6-delivered.png")

    # the same three again: one of them changed, and only that one comes
    (source / NAMES[0]).write_bytes(changed := os.urandom(200_000))
    drag_files(
        ada.display, [source / name for name in NAMES], target, (300, 700), veiled=ada.veiled
    )
    bob.wait_drawn("Skip what I have", 20)
    display.picture(album / "7-again.png")
    bob.click_drawn("Skip what I have")
    ada.wait_drawn("2 files were there already", 30)
    bob.wait_drawn("2 files were here already", 15)
    display.picture(album / "8-changed.png")
    assert contents(bob.downloads) == {**before, "holiday photo 1 (2).jpg": changed}

    # closed by their close buttons, and all that they had started is gone with them
    assert not ada.errors()
    assert not bob.errors()
    assert ada.close_by_pointer(2) == 0
    assert bob.close_by_pointer(2) == 0
