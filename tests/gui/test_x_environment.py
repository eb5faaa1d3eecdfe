"""What X11's libraries are told while the root is made, and nobody else."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from lanchat.gui import x_environment
from lanchat.gui.x_environment import around_root
from tests.kit.display import Display

CHECKOUT: Final = Path(__file__).parent.parent.parent
SOMEBODY: Final = (
    "unshare",
    "-U",
    "--map-user=1000",
    "--map-group=1000",
)  # X keeps none for root
MAKE: Final = "from lanchat.gui.app import make_root; make_root().destroy()"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, and nothing chosen."""
    for variable in ("XENVIRONMENT", "XCOMPOSECACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tmp_path


def test_the_programs_that_are_started_later_hear_nothing_of_it(home: Path) -> None:
    before = dict(os.environ)
    with around_root():
        assert "maxglyphmemory" in Path(os.environ["XENVIRONMENT"]).read_text()
        assert Path(os.environ["XCOMPOSECACHE"]).stat().st_mode & 0o777 == 0o700
        with around_root():
            assert Path(os.environ["XENVIRONMENT"]).is_file()
    assert dict(os.environ) == before


def test_what_somebody_chose_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XCOMPOSECACHE", "elsewhere")
    with around_root():
        assert os.environ["XCOMPOSECACHE"] == "elsewhere"
    assert os.environ["XCOMPOSECACHE"] == "elsewhere"


def _own_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".compose-cache").mkdir()


def _everybodys_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x_environment, "_EVERYBODYS", home)


def _root(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def _name_for_x(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "a=b"))


@pytest.mark.parametrize("how", [_own_folder, _everybodys_folder, _root, _name_for_x])
def test_x_is_told_of_no_folder_that_it_has_or_could_not_use(
    how: Callable[[Path, pytest.MonkeyPatch], None], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how(home, monkeypatch)
    with around_root():
        assert "XCOMPOSECACHE" not in os.environ
        assert "XENVIRONMENT" in os.environ
    assert not (home / ".cache").exists()


def test_without_a_place_for_it_there_is_a_root_all_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    with around_root():
        assert "XCOMPOSECACHE" not in os.environ


def test_the_second_root_finds_the_table_that_the_first_one_read(
    home: Path, display: Display
) -> None:
    env = {
        **os.environ, "DISPLAY": display.name, "PYTHONPATH": str(CHECKOUT), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    command = (*(() if os.getuid() else SOMEBODY), sys.executable, "-c", MAKE)
    folder = home / ".cache" / "lanchat" / "compose"
    kept = []
    for _start in range(2):
        subprocess.run(command, env=env, check=True, timeout=30)
        kept.append([(one.name, one.stat().st_mtime_ns) for one in folder.iterdir()])
    assert len(kept[0]) == 1
    assert kept[0] == kept[1]
