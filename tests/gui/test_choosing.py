"""Choosing by the dialog of the desktop: another program that stands in for zenity."""

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lanchat.gui import choosing, saving
from lanchat.gui.shell import Page
from lanchat.node import acts
from tests.gui.plain_shell import PlainShell
from tests.gui.windows import PHRASE, Seat
from tests.kit.people import peer

Desktop = Callable[..., Path]


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """`desktop("zenity", answer)`: that program answers so; gives the file of its words."""

    def make(name: str, answer: bytes = b"", status: int = 0) -> Path:
        words, program = tmp_path / "words", tmp_path / name
        (tmp_path / "answer").write_bytes(answer)
        lines = ("#!/bin/sh", f'printf "%s\\036" "$@" > {words}', f"cat {tmp_path}/answer")
        program.write_text("\n".join((*lines, f"exit {status}\n")))
        program.chmod(0o700)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return words

    return make


def test_names_of_any_shape_come_through(
    shell: PlainShell, desktop: Desktop, tmp_path: Path
) -> None:
    names = ["plain.txt", "with space", "line\nbreak", "-dash", "{brace} $x", "b\udcffd", "🎉"]
    wanted = [tmp_path / name for name in names]
    words = desktop("zenity", b"\x1e".join(os.fsencode(one) for one in wanted) + b"\n")
    found: list[Path] = []
    choosing.files(shell, "Choose files to send", found.extend)
    assert found == wanted
    assert "Choose files to send" in words.read_text().split("\x1e")
    assert shell.preferences.last_folder == str(tmp_path)


def test_the_next_choice_begins_where_the_last_was_made(
    shell: PlainShell, desktop: Desktop, tmp_path: Path
) -> None:
    words = desktop("zenity", os.fsencode(tmp_path / "one"))
    shell.preferences = replace(shell.preferences, last_folder=str(tmp_path))
    choosing.folder(shell, "A folder", lambda _one: None)
    assert f"--filename={tmp_path}/" in words.read_text().split("\x1e")
    assert "--directory" in words.read_text().split("\x1e")


def test_who_cancels_chooses_nothing(shell: PlainShell, desktop: Desktop) -> None:
    desktop("zenity", status=1)
    found: list[Path] = []
    choosing.files(shell, "Choose", found.extend)
    choosing.new_file(shell, "Save", "a.txt", found.append)
    assert found == []


def test_kde_has_a_dialog_of_its_own(
    shell: PlainShell, desktop: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desktop("zenity", status=1)
    desktop("kdialog", os.fsencode(f"{tmp_path}/a b\n{tmp_path}/c\n"))
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    found: list[Path] = []
    choosing.files(shell, "Choose", found.extend)
    assert found == [tmp_path / "a b", tmp_path / "c"]


def test_what_is_chosen_after_the_window_was_locked_is_forgotten(
    shell: PlainShell, desktop: Desktop, tmp_path: Path
) -> None:
    desktop("zenity", os.fsencode(tmp_path / "one"))
    shell.page = Page(shell.root)

    def run(work: Callable, then: Callable, failed: object) -> None:  # type: ignore[type-arg]
        answer = asyncio.run(work())
        assert shell.page is not None
        shell.page.destroy()
        shell.page = Page(shell.root)  # and opened again, by whose it was
        then(answer)

    shell.run = run  # type: ignore[method-assign]  # the answer comes later than the lock
    found: list[Path] = []
    choosing.files(shell, "Choose", found.extend)
    assert found == []


def test_what_is_asked_for_in_a_dialog_is_over_as_that_is_closed(
    shell: PlainShell, desktop: Desktop
) -> None:
    desktop("zenity", status=5)  # as one that was killed, or has no display
    shell.page, dialog = Page(shell.root), Page(shell.root)
    ended: list[str] = []

    def run(work: Callable, then: Callable, failed: object) -> None:  # type: ignore[type-arg]
        if work.__name__ == "end":
            ended.append(asyncio.run(work()) or "the program")
            return
        answer = asyncio.run(work())
        dialog.destroy()
        then(answer)

    shell.run = run  # type: ignore[method-assign]  # the answer comes later than the closing
    choosing.files(shell, "Choose", lambda _paths: None, parent=dialog)
    assert ended == ["the program"]


def test_what_is_saved_later_on_a_day_gets_another_name(
    shell: PlainShell, desktop: Desktop
) -> None:
    words = desktop("zenity", status=1)
    saving.ask(shell, peer(2))
    assert re.search(r"/Conversation \d{4}-\d\d-\d\d \d\d\.\d\d\.txt\x1e", words.read_text())


def gone(process: Path) -> bool:
    return not process.exists()


def test_the_desktops_dialog_names_nobody_and_ends_when_the_window_locks(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, never, program = tmp_path / "words", tmp_path / "never", tmp_path / "zenity"
    os.mkfifo(never)
    lines = ("#!/bin/sh", f'printf "%s\\n" $$ "$@" > {words}.part')
    program.write_text("\n".join((*lines, f"mv {words}.part {words}", f"exec cat {never}\n")))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    bob = peer(2)
    seat.window.ask(lambda node: acts.call(node, bob, "Theodora"))
    seat.until(lambda: bob in seat.window.screen.people, "somebody")

    for ends in (seat.window.lock, seat.window.quit):
        saving.ask(seat.window, bob)
        seat.until(words.exists, "the dialog")
        number, *said = words.read_text().split("\n")
        words.unlink()
        assert "Save the conversation" in said
        assert not [one for one in said if "Theodora" in one]
        ends()
        process = Path("/proc", number)
        if not seat.window.closing:  # which waits by itself
            seat.until(partial(gone, process), "the end of the dialog")
            seat.until(lambda: seat.has("unlock"), "the way in")
            seat.type(PHRASE, "passphrase")
            seat.press("<Return>")
            seat.until(lambda: seat.window.screen.me is not None, "the open profile")
        assert gone(process)
