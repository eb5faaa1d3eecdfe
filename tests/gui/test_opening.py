"""What leaves the window for other programs: stand-ins write down how they were started."""

import os
import shutil
import signal
import tkinter as tk
import webbrowser
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from lanchat.gui import opening
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.links import Link
from lanchat.gui.main_page import MainPage
from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded
from tests.gui.windows import Seat
from tests.kit.display import wait_for
from tests.kit.people import peer, said
from tests.kit.session_bus import SessionBus

pytestmark = pytest.mark.multicast


#: Names of folders and files that somebody may have given, as bytes.
NAMES = (
    b"plain",
    b"-rf --help",
    b"a b; touch pwned",
    b"$(touch pwned) `touch pwned` $HOME %s %U",
    b"quotes ' \" and \\",
    b"line\nbreak\ttab",
    b"[Desktop Entry]",
    b"latin \xe9 \xff",
    "\u202egpj.exe \U0001f389".encode(),
    b"?query#fragment&x=%2e%2e",
)

Told = Callable[[], list[list[str]]]


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """`stand_ins("xdg-open")` puts programs on the PATH; gives what each start was told."""
    folder, told = tmp_path / "bin", tmp_path / "told"
    folder.mkdir()
    told.mkdir()

    def put(*names: str, then: str = "exit 0") -> Told:
        for name in names:
            script = folder / name
            script.write_text(
                "#!/bin/sh\n"
                f"PATH={os.defpath}:/usr/bin\n"
                f"told=$(mktemp {told}/.XXXXXX)\n"
                'printf \'%s\\0\' "$$" "${0##*/}" "$@" >"$told"\n'
                f'mv "$told" "{told}/told${{told##*.}}"\n'
                f"{then}\n"
            )
            script.chmod(0o755)
        return lambda: [
            os.fsdecode(path.read_bytes()).split("\0")[:-1] for path in told.glob("told*")
        ]

    monkeypatch.setenv("PATH", str(folder))
    for gone in ("BROWSER", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(gone, raising=False)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # it looks for browsers once
    monkeypatch.setattr(webbrowser, "_browsers", {})
    return put


def click_links(seat: Seat) -> tuple[int, int]:
    """Click every link that is shown; how many there are, and how many asked first."""
    page = seat.window.page
    assert isinstance(page, MainPage)
    view = page.conversation.view
    canvas = view.canvas
    spots = [
        (one.left + (spot.x0 + spot.x1) // 2, one.top + (spot.y0 + spot.y1) // 2)
        for one in view._window.drawn.values()
        for spot in one.spots
        if isinstance(spot.target, Link)
    ]
    asked = 0
    for left, top in spots:
        x, y = left - round(canvas.canvasx(0)), top - round(canvas.canvasy(0))
        canvas.event_generate("<ButtonPress-1>", x=x, y=y)
        canvas.event_generate("<ButtonRelease-1>", x=x, y=y)
        seat.settle()
        if seat.has("open"):
            asked += 1
            button = seat.find("open")
            assert isinstance(button, tk.Widget)
            button.invoke()  # type: ignore[attr-defined]  # of ttk
            seat.settle()
    return len(spots), asked


def test_only_links_of_the_web_reach_a_browser_each_as_one_word(
    seat: Seat, stand_ins: Callable[..., Told]
) -> None:
    told = stand_ins("xdg-open", "touch", "id")
    texts = (
        "https://a.example/?x=1&y=$(touch%20pwned);`id` https://e.example/;touch&'--help'#-rf",
        "https://bank.example@evil.example/ and file:///etc/passwd",
        "javascript:alert(1) data:text/html,x vbscript:x \\\\host\\share smb://host/x",
        "file://host/x?https://b.example/ -o https://c.example/%s%U",
        'HTTP://D.example/" --new-window "x mailto:x@example.org?cc=y',
    )
    seat.window._heard(MessageAdded(said(1, "hello", ago=9), "Bob", Trust.KNOWN))
    seat.window.do(PeerChosen(peer(1)))
    seat.until(lambda: _loaded(seat), "the conversation, of which nothing is in the store")
    for ago, text in enumerate(texts):
        seat.window._heard(MessageAdded(said(1, text, ago=ago), "Bob", Trust.KNOWN))
    seat.until(lambda: _shown(seat, "mailto"), "the messages")
    assert click_links(seat) == (6, 1)  # the one with two hosts in it asks
    for bad in ("javascript:alert(1)", "file:///etc/passwd", "https://x y", "-o", "data:,x"):
        opening.open_link(seat.window, Link(0, 1, bad, "x", plain=True))
    wanted = {
        "https://a.example/?x=1&y=$(touch%20pwned)",
        "https://e.example/;touch&'--help'#-rf",
        "https://bank.example@evil.example/",
        "https://b.example/",
        "https://c.example/%s%U",
        "http://d.example/",
    }
    seat.until(lambda: len(told()) >= len(wanted), f"{len(wanted)} browsers, not {told()}")
    opening.open_link(seat.window, Link(0, 1, "https://last.example/", "x", plain=True))
    seat.until(lambda: any("last" in row[-1] for row in told()), "the last")
    assert all(row[1] == "xdg-open" and len(row) == 3 for row in told())
    assert {row[2] for row in told()} == {*wanted, "https://last.example/"}


def _loaded(seat: Seat) -> bool:
    talk = seat.window.screen.conversation
    return talk is not None and talk.loaded


def _shown(seat: Seat, word: str) -> bool:
    page = seat.window.page
    assert isinstance(page, MainPage)
    return any(word in one.shown for one in page.conversation.view._window.drawn.values())


def test_a_folder_is_opened_as_one_word_whatever_it_is_called(
    seat: Seat, stand_ins: Callable[..., Told], tmp_path: Path
) -> None:
    told = stand_ins("xdg-open", "gdbus", "notify-send", "touch")
    folders = [tmp_path / "files" / os.fsdecode(name) for name in NAMES]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "report.pdf").touch()
        opening.show_in_folder(seat.window, [str(folder / "report.pdf")])
    seat.until(lambda: len(told()) >= len(NAMES), "each folder")
    assert sorted(row[1:] for row in told()) == sorted(
        ["xdg-open", str(one)] for one in folders
    )
    assert not seat.window.toasts.texts


def test_a_file_manager_is_told_of_names_as_they_are(
    seat: Seat,
    stand_ins: Callable[..., Told],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as before:
        before.setenv("PATH", os.defpath + ":/usr/bin")
        with SessionBus() as bus:
            desktop = bus.desktop()
            told = stand_ins("xdg-open")
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
            files = [tmp_path / os.fsdecode(name) for name in NAMES]
            for file in files:
                file.touch()
            opening.show_in_folder(seat.window, list(map(str, files)))
            seat.until(lambda: desktop.rows("show"), "the file manager")
            (row,) = desktop.rows("show")
            shown = [unquote_to_bytes(one.removeprefix("file://")) for one in row["show"]]
            assert shown == [os.fsencode(file) for file in files]
            assert told() == []


def test_a_file_manager_that_stays_in_the_foreground_is_left_alone(
    stand_ins: Callable[..., Told],
) -> None:
    sleep = shutil.which("sleep", path=os.defpath + ":/usr/bin")
    told = stand_ins("xdg-open", then=f"exec {sleep} 60")
    assert opening._started(["xdg-open", "somewhere"])
    (row,) = told()
    process = int(row[0])
    os.kill(process, 0)  # it is there
    os.kill(process, signal.SIGTERM)
    wait_for(lambda: not opening._started(["nothing"]) and not opening._going_on, "its end")


def test_without_a_program_the_link_or_the_path_can_be_pasted(
    seat: Seat, stand_ins: Callable[..., Told], tmp_path: Path
) -> None:
    told = stand_ins("lynx", "w3m", "www-browser")  # they need a terminal
    opening.open_link(seat.window, Link(0, 1, "https://a.example/", "a.example", plain=True))
    seat.until(lambda: "browser" in "".join(seat.window.toasts.texts), "a toast")
    assert seat.root.clipboard_get() == "https://a.example/"
    opening.show_folder(seat.window, tmp_path)
    seat.until(lambda: "file manager" in "".join(seat.window.toasts.texts), "a toast")
    assert seat.root.clipboard_get() == str(tmp_path)
    assert told() == []
