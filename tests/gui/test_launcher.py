"""lanchat in the menu of programs and at login: other people's programs read what we wrote."""

import json
import os
import subprocess
import sys
import tkinter as tk
import tomllib
from pathlib import Path
from tkinter import ttk

import pytest
from PIL import Image, ImageChops, ImageStat

from lanchat.errors import NotForMenus, NotOurs
from lanchat.gui import app_icon, at_login, desktop_entry, launcher, settings_window
from lanchat.gui.launcher import ASSETS, State
from lanchat.gui.theme import Theme
from tests.gui.plain_shell import PlainShell
from tests.gui.windows import below
from tests.kit.display import Display, missing, wait_for
from tests.kit.drag import PYTHON

REPOSITORY = Path(__file__).parents[2]
MENU = REPOSITORY / "tests" / "kit" / "menu.py"

#: Folders a person may have put lanchat into.
FOLDERS = (
    "plain",
    "with space",
    "100% $HOME `id` \\ \"quoted\" 'single'",
    "a=b;c&d|e>f*?#~(x)",
    "%f %U %%",
    "Grüße 🎉",
    "line\nbreak\ttab",
    "\\n \\s \\\\",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing in the menu yet."""
    if lacking := missing():
        pytest.skip(f"the window needs a display; not installed: {', '.join(lacking)}")
    for name in ("DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))
    return tmp_path / "home"


def program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `lanchat` that writes down how it was started, and seems to be this one."""
    folder.mkdir(parents=True)
    script = folder / "lanchat"
    script.write_text(
        "#!/bin/sh\n"
        'printf \'%s\\0\' "$0" "$@" "$PWD" >"$LANCHAT_TOLD.new"\n'
        'mv "$LANCHAT_TOLD.new" "$LANCHAT_TOLD"\n'
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    return script


def started(entry: Path, tmp_path: Path) -> list[str]:
    """Start what an entry names, as a desktop does; its words and its folder as it saw them."""
    told = tmp_path / "told"
    told.unlink(missing_ok=True)
    done = subprocess.run(
        [PYTHON, str(MENU), str(entry)],
        env={**os.environ, "LANCHAT_TOLD": str(told)},
        capture_output=True, text=True, timeout=15, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["lanchat", desktop_entry.WINDOW_CLASS]
    wait_for(told.exists, "the program")
    return told.read_text(encoding="utf-8").split("\0")[:-1]


def faults(entry: Path) -> str:
    """What the validator of freedesktop.org finds wrong."""
    done = subprocess.run(
        ["desktop-file-validate", str(entry)], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart, as a mean of 0 to 255."""
    shown = []
    for picture in (one, other):
        ground = Image.new("RGBA", picture.size, "#808080")
        ground.alpha_composite(picture.convert("RGBA"))
        shown.append(ground.convert("RGB"))
    return max(ImageStat.Stat(ImageChops.difference(*shown)).mean)


def test_what_is_shipped_is_what_the_one_drawing_gives(tmp_path: Path) -> None:
    drawing = REPOSITORY / "tools" / "draw_launcher.py"
    subprocess.run(
        [sys.executable, str(drawing), str(tmp_path / "drawn")],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, check=True,
    )  # fmt: skip
    drawn = sorted((tmp_path / "drawn").iterdir())
    assert [path.name for path in drawn] == sorted(path.name for path in ASSETS.iterdir())
    for path in drawn:
        shipped = ASSETS / path.name
        if path.suffix == ".png":
            with Image.open(path) as fresh, Image.open(shipped) as held:
                assert held.size == fresh.size
                assert apart(fresh, held) < 0.1, path.name
        else:
            assert shipped.read_text() == path.read_text()


def test_the_icon_as_a_text_is_the_same_drawing(tmp_path: Path) -> None:
    size = 512
    subprocess.run(
        ["rsvg-convert", f"--width={size}", f"--height={size}",
         f"--output={tmp_path / 'icon.png'}", str(ASSETS / "lanchat.svg")],
        check=True,
    )  # fmt: skip
    with Image.open(tmp_path / "icon.png") as painted:
        assert apart(painted, app_icon.draw(size)) < 0.5
        assert apart(painted, app_icon.draw(size, unread=True)) > 5  # it sees a difference


def test_each_file_of_the_launcher_is_in_the_package() -> None:
    held = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    folder = REPOSITORY / "lanchat" / "gui"
    patterns = held["tool"]["setuptools"]["package-data"]["lanchat.gui"]
    packed = {path for pattern in patterns for path in folder.glob(pattern)}
    assert set(ASSETS.iterdir()) <= packed


@pytest.mark.parametrize("name", FOLDERS, ids=range(len(FOLDERS)))
def test_a_menu_starts_the_lanchat_that_was_running(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = program(tmp_path / "programs" / name, monkeypatch)
    entry = launcher.add()
    assert not faults(entry)
    assert launcher.state() is State.THIS
    assert started(entry, tmp_path)[:2] == [str(script), "gui"]


@pytest.mark.parametrize(
    "link",
    ["lanchat:1:abc?a=192.0.2.7:4433,[2001:db8::7]:1", "lanchat:--port=1",
     "lanchat:1:$(id)`id`'\"\\;|&%20%u%%"],
)  # fmt: skip
def test_a_link_is_opened_by_the_lanchat_of_the_menu_as_one_word(
    link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = program(tmp_path / "bin with space", monkeypatch)
    launcher.add()
    told = tmp_path / "told"
    around = {**os.environ, "LANCHAT_TOLD": str(told)}
    words = [PYTHON, str(MENU), "link", link]
    done = subprocess.run(words, env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wait_for(told.exists, "the program")
    assert told.read_text().split("\0")[:3] == [str(script), "gui", link]
    launcher.remove()
    done = subprocess.run(words, env=around, capture_output=True, text=True, check=False)
    assert "nobody opens it" in done.stderr


def test_a_checkout_that_is_not_installed_starts_by_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = launcher.this_start(str(tmp_path / "__main__.py"), str(tmp_path / "python"))
    assert start.words == (str(tmp_path / "python"), "-m", "lanchat", "gui")
    assert start.folder == str(REPOSITORY)
    python = program(tmp_path / "py%thon 3", monkeypatch)
    checkout = tmp_path / 'my "checkout" \\ $1'
    checkout.mkdir()
    entry = tmp_path / desktop_entry.NAME
    entry.write_text(
        desktop_entry.entry((str(python), "-m", "lanchat", "gui"), folder=str(checkout))
    )
    assert not faults(entry)
    assert started(entry, tmp_path) == [str(python), "-m", "lanchat", "gui", str(checkout)]


def test_a_path_that_no_entry_can_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (b"latin \xe9", b"escape \x1b"):
        program(tmp_path / os.fsdecode(folder), monkeypatch)
        with pytest.raises(NotForMenus):
            launcher.add()
        with pytest.raises(NotForMenus):
            at_login.switch(True)
        assert launcher.state() is at_login.state() is State.NOTHING


def test_adding_and_removing_leaves_no_file_behind(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", monkeypatch)
    launcher.add()
    icons = sorted(path for path in home.rglob("hicolor/*/apps/lanchat.*"))
    assert len(icons) == len(app_icon.SIZES) + 1
    for size in app_icon.SIZES:
        with Image.open(home / f"data/icons/hicolor/{size}x{size}/apps/lanchat.png") as picture:
            assert picture.size == (size, size)
    launcher.remove()
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert launcher.state() is State.NOTHING
    launcher.remove()


def test_it_is_put_there_without_a_window_too(home: Path, tmp_path: Path) -> None:
    def run(option: str) -> dict[str, str]:
        around = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        around.pop("DISPLAY", None)
        done = subprocess.run(
            [sys.executable, "-m", "lanchat", "--json", "gui", option],
            env=around, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        told: dict[str, str] = json.loads(done.stdout)
        return told

    path = home / "data" / "applications" / desktop_entry.NAME
    assert run("--install-launcher") == {"path": str(path)}
    assert not faults(path)
    assert run("--remove-launcher") == {"path": str(path)}
    assert not path.exists()


def test_what_somebody_else_put_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", monkeypatch)
    theirs = "[Desktop Entry]\nType=Application\nName=lanchat\nExec=theirs\n"
    for place in (launcher.place(), at_login.place()):
        place.parent.mkdir(parents=True)
        place.write_text(theirs)
    for change in (
        launcher.add,
        launcher.remove,
        lambda: at_login.switch(True),
        lambda: at_login.switch(False),
    ):
        with pytest.raises(NotOurs):
            change()
    assert launcher.state() is at_login.state() is State.FOREIGN
    assert launcher.place().read_text() == at_login.place().read_text() == theirs


def test_the_settings_put_it_there_and_take_it_away(
    display: Display, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = program(tmp_path / "first", monkeypatch)
    root = theme.root
    assert isinstance(root, tk.Tk)
    shell = PlainShell(root, theme)
    settings_window.show(shell)
    dialog = root.nametowidget("settings")

    def find(name: str) -> tk.Misc:
        return [one for one in below(dialog) if one.winfo_name() == name][-1]

    def press(name: str) -> None:
        button = find(name)
        assert isinstance(button, ttk.Button | ttk.Checkbutton | ttk.Radiobutton)
        assert not button.instate(["disabled"]), f"{name} cannot be pressed"
        button.invoke()
        root.update()

    def says(name: str) -> str:
        return str(find(name).cget("text"))

    press("desktop_page")
    assert "not there yet" in says("in_menu")
    assert at_login.state() is State.NOTHING  # off by default
    press("add_launcher")
    press("at_login")
    assert launcher.state() is at_login.state() is State.THIS
    assert "starts the lanchat that is open" in says("in_menu")
    for place in (launcher.place(), at_login.place()):
        assert not faults(place)
        assert started(place, tmp_path)[0] == str(script)
    if folder := os.environ.get("LANCHAT_PICTURES"):
        display.picture(Path(folder) / "settings-desktop.png")

    moved = program(tmp_path / "second", monkeypatch)  # lanchat was installed elsewhere
    press("desktop_page")
    assert "another lanchat" in says("in_menu")
    assert "another lanchat" in says("at_login_other")
    press("add_launcher")
    assert started(launcher.place(), tmp_path)[0] == str(moved)
    press("remove_launcher")
    assert launcher.state() is State.NOTHING
    press("at_login")
    press("at_login")
    assert at_login.state() is State.NOTHING
