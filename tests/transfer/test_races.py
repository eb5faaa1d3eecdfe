"""Somebody swaps folders and files for links while a folder comes again.  Hostile case F27."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lanchat.errors import TransferError
from lanchat.transfer.clash import Clash
from tests.transfer.again import Again, send
from tests.transfer.lanepair import grow, tree

RACER = Path(__file__).with_name("racer.py")
ROUNDS = 25
PATIENCE = 10.0  # seconds in which one more round has to come through unhit


@contextmanager
def racing(place: Path, outside: Path) -> Iterator[None]:
    """A second process that swaps what lies in `place` for links to `outside`."""
    words = [sys.executable, str(RACER), str(place), str(outside)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as racer:
        assert racer.stdout is not None
        assert racer.stdin is not None
        assert racer.stdout.readline() == b"racing\n"
        try:
            yield
        finally:
            racer.stdin.close()
            racer.wait()
    assert racer.returncode == 0


@pytest.fixture
def slow_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a look at something and what is done about it there is time to race."""
    stat = os.stat

    def slowly(*given: Any, **named: Any) -> os.stat_result:
        found = stat(*given, **named)
        time.sleep(0.0003)
        return found

    monkeypatch.setattr(os, "stat", slowly)


@pytest.mark.usefixtures("slow_to_look")
@pytest.mark.parametrize("clash", [Clash.SKIP, Clash.OVERWRITE])
def test_nothing_is_written_or_looked_at_outside_whoever_races(
    tmp_path: Path, clash: Clash
) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    root = grow(tmp_path / "t", {"a.txt": 50, "b/c.txt": 70, "b/d/e.txt": 90, "f": 10})
    first = send(downloads, [root])
    outside = grow(tmp_path / "outside", {"d/kept": 5})
    for name in ("a.txt", "b/c.txt", "b/d/e.txt"):  # what is outside would be the same
        (outside / Path(name).name).write_bytes((root / name).read_bytes())
        (downloads / "t" / name).write_bytes(os.urandom((root / name).stat().st_size))
    kept, rounds, arrived = tree(outside), 0, 0
    patience = time.monotonic() + PATIENCE
    with racing(downloads / "t", outside):
        while rounds < ROUNDS or (not arrived and time.monotonic() < patience):
            rounds += 1
            (root / "f").write_bytes(os.urandom(10))
            again = Again(downloads, [root], clash, first)
            try:
                again.survey()
                assert _looked_at_no_link(again, outside)
                again.take().publish()
            except TransferError:
                again.incoming.keep()
                again.incoming.discard()
                continue
            arrived += 1
    assert tree(outside) == kept
    assert arrived
    contents = [path.read_bytes() for path in downloads.rglob("*") if path.is_file()]
    assert (root / "f").read_bytes() in contents or arrived < rounds


def _looked_at_no_link(again: Again, outside: Path) -> bool:
    """Whether none of the files that were found to be here is one of those outside."""
    known = again.incoming.known
    held = known.held if known is not None else None
    inodes = {path.stat().st_ino for path in outside.rglob("*")}
    return held is None or not inodes & {look.inode for look in held.looks}
