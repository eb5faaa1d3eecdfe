"""The demo with its windows: it ends with them, and nothing stays."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.integration.cli_driver import PROGRAM
from tests.kit import processes
from tests.kit.display import Display, wait_for
from tests.kit.probed import Probed

pytestmark = [pytest.mark.timeout(90), pytest.mark.multicast, pytest.mark.long]

CHECKOUT: Final = Path(__file__).parent.parent.parent
#: What Python runs first: a probe in each of the windows, and in nothing else.
BESIDE: Final = """
import os, sys
if "--profile" in sys.orig_argv:
    from tests.kit import probe
    who = os.path.join(os.environ["PROBES"], str(os.getpid()))
    probe.settle(who + ".sock", probe.Faults(who + ".faults"))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's name has to fit into 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="lanchat-") as name:
        yield Path(name)


class Shown(Probed):
    """One of the windows of the demo."""

    def __init__(self, display: Display, path: Path) -> None:
        super().__init__(path)
        self.faults: Final = path.with_suffix(".faults")
        wait_for(lambda: self.widgets()[0]["viewable"], "the window", 20)
        self.window: Final = display.around(self.ask("window"))


def test_two_windows_see_each_other_and_closing_both_leaves_nothing(
    display: Display, folder: Path
) -> None:
    home, place, probes, beside = (folder / name for name in ("home", "tmp", "p", "beside"))
    for one in (home, place, probes, beside):
        one.mkdir()
    (beside / "sitecustomize.py").write_text(BESIDE)
    found_in = os.pathsep.join(map(str, (beside, CHECKOUT)))
    env = display.env(
        HOME=str(home), TMPDIR=str(place), PYTHONPATH=found_in, PROBES=str(probes)
    )
    for name in [name for name in env if name.startswith(("XDG_", "LANCHAT_"))]:
        del env[name]
    with (folder / "log").open("wb") as log:
        demo = display.start([PROGRAM, "demo"], env=env, stdout=log, stderr=subprocess.STDOUT)

    def said() -> str:
        return (folder / "log").read_text()

    wait_for(lambda: len([*probes.glob("*.sock")]) == 2, "both windows", 40)
    windows = [Shown(display, path) for path in probes.glob("*.sock")]
    assert "everything works" in said()
    mine = [one.widget("my_name", 20)["text"] for one in windows]
    assert sorted(mine) == ["Ann", "Bob"]
    for window, other in zip(windows, reversed(mine), strict=True):
        window.wait_drawn(other, 20, within="people")
    had = processes.tree(demo.pid)
    assert len(had) > 2  # the demo, and the windows that are its children
    first, second = windows
    display.focus(first.window)
    display.click(*display.close_button(first.window))
    wait_for(lambda: len(processes.running(had)) < len(had), "one window gone")
    assert second.widget("people")  # and the other stays until it is closed, too
    assert demo.poll() is None
    display.focus(second.window)
    display.click(*display.close_button(second.window))
    assert demo.wait(20) == 0, said()
    assert not processes.running(had)
    for window in windows:
        window.hang_up()
        assert window.faults.read_text() == ""
    assert "FAIL" not in said()
    assert said().splitlines()[-1].endswith("leave nothing behind")
    assert [*place.iterdir()] == []
    left = [str(one.relative_to(home)) for one in home.rglob("*")]
    assert left == []
