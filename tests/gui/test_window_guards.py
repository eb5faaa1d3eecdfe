"""What must not happen in a window fails the test in which it does: these guards see it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.display import Display, wait_for
from tests.kit.program import Program


@pytest.mark.timeout(60)
def test_faults_of_the_program_are_seen_while_it_runs_and_after_its_end(
    display: Display, tmp_path: Path
) -> None:
    program = Program(display, tmp_path / "ann")
    assert program.errors() == []
    for how, said in (("callback", "IndexError"), ("log", "lost")):
        program.ask("fail", how=how)
        wait_for(lambda said=said: any(said in one for one in program.errors()), said)  # type: ignore[misc]
    program.ask("fail", how="thread")
    program.press("ctrl+q")
    assert program.process.wait(10) == 0
    assert "thread left: stray" in program.errors()
    program.end()


@pytest.mark.timeout(60)
def test_threads_of_a_program_that_no_test_closed_are_counted(
    display: Display, tmp_path: Path
) -> None:
    program = Program(display, tmp_path / "ann")
    program.ask("fail", how="thread")
    program.end()
    assert program.errors() == ["thread left: stray"]


@pytest.mark.timeout(60)
def test_a_process_that_outlives_its_window_is_seen(
    display: Display, launch: Callable[..., Program]
) -> None:
    program = launch("ann")
    left = program.ask("fail", how="process")
    with pytest.raises(TimeoutError, match="sleep 600"):
        program.close_by_pointer(2)
    assert program.process.wait(10) == 0  # it is the other one that stays
    os.kill(left, signal.SIGKILL)


BAD = """
import tkinter as tk

def test_a_callback_raises(tk_root):
    tk_root.after(0, lambda: [][0])
    tk_root.update()

def test_a_callback_of_another_root_raises(display):
    root = tk.Tk(screenName=display.name)
    root.after(0, lambda: [][0])
    root.update()
    root.destroy()

def test_a_job_is_left(tk_root):
    tk_root.after(60_000, print)
"""


def test_faults_of_a_window_in_the_test_itself_fail_it(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    (tmp_path / "test_bad.py").write_text(BAD)
    options = ["-p", "tests.gui.conftest", "-p", "no:randomly", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-q", "-rA", str(tmp_path)],
        cwd=pytestconfig.rootpath, capture_output=True, text=True, check=False,
    )  # fmt: skip
    ends = [line.split(" - ")[0] for line in done.stdout.splitlines()]
    failed = [line.rpartition("::")[2] for line in ends if line.startswith("ERROR")]
    assert failed == [
        "test_a_callback_raises",
        "test_a_callback_of_another_root_raises",
        "test_a_job_is_left",
    ], done.stdout
