"""What the tests of the window stand on: a display, a root, and guards around both."""

import gc
import tkinter as tk
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lanchat.gui import editing, emoji
from lanchat.gui.theme import Mode, Theme
from tests.kit.display import Display, missing
from tests.kit.program import Program


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
    """The one root of a worker, empty; a job that is left fails the test."""
    root = _session_root
    before = set(root.tk.splitlist(root.tk.call("after", "info")))
    root.deiconify()
    root.geometry("1000x700+0+0")
    root.update()
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
