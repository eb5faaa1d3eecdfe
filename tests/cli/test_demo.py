"""The demo: every step works, and nothing stays."""

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli_driver import PATIENCE, PROGRAM, Person

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def place(newcomer: Person) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder for temporary files, and the environment that names it."""
    with tempfile.TemporaryDirectory(prefix="lanchat-") as name:
        yield Path(name), {**newcomer.environment(), "TMPDIR": name}


def test_each_step_of_the_demo_works_and_nothing_stays(
    place: tuple[Path, dict[str, str]], newcomer: Person
) -> None:
    folder, environment = place
    done = subprocess.run(
        [PROGRAM, "demo", "--headless", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["ok"] for row in rows] == [True] * 9
    assert all(row["step"] and row["ms"] >= 0 for row in rows)
    assert list(folder.iterdir()) == []
    assert not newcomer.profile.exists()
    assert list(newcomer.home.rglob("*")) == []


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_ctrl_c_leaves_nothing_behind(place: tuple[Path, dict[str, str]], steps: int) -> None:
    folder, environment = place
    process = subprocess.Popen(
        [PROGRAM, "demo", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(steps):
        assert json.loads(process.stdout.readline())["ok"]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert list(folder.iterdir()) == []
