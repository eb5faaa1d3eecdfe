"""What the tests of the window stand on: a display, a root, and guards around both."""

import asyncio
import gc
import subprocess
import tkinter as tk
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lanchat.gui import editing, emoji, login
from lanchat.gui.given import Given
from lanchat.gui.roster_pane import RosterPane
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.waits import Waits
from lanchat.node import profiles
from lanchat.node.networks import Network
from tests.gui.plain_shell import PlainShell
from tests.gui.windows import PHRASE, Seat
from tests.kit.display import Display, end, missing, wait_for
from tests.kit.drag import PYTHON
from tests.kit.program import Program
from tests.kit.tkwait import settled, until

OWNER = Path(__file__).parent.parent / "kit" / "clipsource.py"


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """A display with a window manager, one for all tests of a worker."""
    if lacking := missing():
        pytest.skip(f"the window needs a display; not installed: {', '.join(lacking)}")
    with Display(tmp_path_factory.mktemp("display")) as shown:
        yield shown


@pytest.fixture(scope="session")
def _session_root(display: Display) -> Iterator[tk.Tk]:
    root = tk.Tk(screenName=display.name, className="Lanchat")
    emoji.prepare(root)
    editing.settle(root)
    yield root
    root.destroy()


@pytest.fixture(autouse=True)
def _pointer_goes_home(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did with the pointer, the next one finds it parked."""
    yield
    if "display" in request.fixturenames:
        shown = request.getfixturevalue("display")
        if not shown.unplugged:
            shown.park()


@pytest.fixture(autouse=True)
def _no_callback_raises(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A callback of Tk's that raises fails the test, of whatever root it is."""
    raised: list[str] = []
    monkeypatch.setattr(
        tk.Tk,
        "report_callback_exception",
        lambda _root, *what: raised.append("".join(traceback.format_exception(*what))),
    )
    yield
    assert not raised, "\n".join(raised)


@pytest.fixture
def tk_root(_session_root: tk.Tk) -> Iterator[tk.Tk]:
    """The one root of a worker, empty and with the keys; a job that is left fails the test."""
    root = _session_root
    before = set(root.tk.splitlist(root.tk.call("after", "info")))
    root.deiconify()
    root.geometry("1000x700+0+0")
    root.update()
    root.focus_force()  # keys that are generated go to who has them, or to nobody
    until(root, lambda: root.tk.call("focus"), "the keys")
    yield root
    for child in root.winfo_children():
        child.destroy()
    root.update()
    left = set(root.tk.splitlist(root.tk.call("after", "info"))) - before
    jobs = [root.tk.call("after", "info", job) for job in left]
    for job in left:
        root.after_cancel(job)
    gc.collect()
    assert not jobs, f"jobs left: {jobs}"


@pytest.fixture
def theme(tk_root: tk.Tk) -> Theme:
    """A light theme on that root."""
    return Theme(tk_root, Mode.LIGHT)


@pytest.fixture
def shell(tk_root: tk.Tk, theme: Theme) -> PlainShell:
    """What panes are given, with no node behind it."""
    return PlainShell(tk_root, theme)


@pytest.fixture
def pane(tk_root: tk.Tk, shell: PlainShell) -> Iterator[RosterPane]:
    """The list of people, in a window that shows nothing else."""
    tk_root.geometry("288x700")
    shown = RosterPane(tk_root, shell)
    shown.pack(fill="both", expand=True)
    shell.pane = shown
    shown.foot.connected((Network("eth0", ("192.168.1.20",), loopback=False),))
    shell.draw()
    until(tk_root, lambda: shown.winfo_width() == 288, "the width of a list")
    settled(tk_root)
    yield shown
    tk_root.geometry("1000x700")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: Display) -> Path:
    """Where somebody has folders of their own, in front of the display of the tests."""
    for name in ("DATA_HOME", "CONFIG_HOME", "RUNTIME_DIR"):
        place = tmp_path / name.lower()
        place.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}", str(place))
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.setattr(login, "_WAITS", Waits())
    return tmp_path


@pytest.fixture
def home(desk: Path) -> Path:
    """A home of its own with Ada's profile in it, and its passphrase in a file."""
    asyncio.run(profiles.register("ada", "Ada", PHRASE, profiles.QUICK))
    (desk / "passphrase").write_text(PHRASE)
    return desk


@pytest.fixture
def sit(home: Path) -> Iterator[Callable[..., Seat]]:
    """`sit(invite="…")`: Ada's window with her profile open, over a real node on loopback."""
    sitting: list[Seat] = []

    def down(**given: str) -> Seat:
        file = str(home / "passphrase")
        seat = Seat(
            Given(profile="ada", passphrase_file=file, interfaces=("lo",), **given)  # type: ignore[arg-type]  # texts only
        )
        sitting.append(seat)
        seat.until(lambda: (me := seat.window.screen.me) and me.port, "the open profile")
        return seat

    yield down
    for seat in sitting:
        seat.leave()


@pytest.fixture
def seat(sit: Callable[..., Seat]) -> Seat:
    """The plain one of these."""
    return sit()


@pytest.fixture
def launch(
    display: Display, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Program]]:
    """`launch("ann", "--port", "4000")`: the real program, of a user with a home of its own."""
    running: list[Program] = []
    failed = request.session.testsfailed

    def start(user: str, *words: str, **more: object) -> Program:
        program = Program(display, tmp_path / user, *words, **more)  # type: ignore[arg-type]
        running.append(program)
        return program

    yield start
    if request.session.testsfailed > failed:
        display.picture(tmp_path / "failed.png")
    for program in running:
        program.end()
    errors = [error for program in running for error in program.errors()]
    assert not errors, "\n".join(errors)


@pytest.fixture
def owns(display: Display, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """`owns("files", path)`: another program has put that on the clipboard."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: object) -> None:
        log = tmp_path / f"clip-{len(running)}.log"
        with log.open("wb") as out:
            running.append(
                display.start([PYTHON, str(OWNER), *map(str, words)], stdout=out, stderr=out)
            )
        wait_for(lambda: "ready" in log.read_text(), "the clipboard")

    yield start
    for one in running:
        end(one)
