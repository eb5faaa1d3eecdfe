"""A few of the runs of `python -m tests.faults`, and what they would not let pass."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import record
from tests.lab.namespaces import REPOSITORY, available

pytestmark = [pytest.mark.netns, pytest.mark.timeout(180), pytest.mark.long]


@pytest.fixture
def lab_is_possible() -> None:
    possible, why = available()
    if not possible:
        pytest.skip(why)


@pytest.mark.usefixtures("lab_is_possible")
def test_files_arrive_whole_or_not_at_all_whatever_breaks() -> None:
    """A disk that takes no more files, and a receiver killed at a step of its work."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--seed", "64", "--runs", "2"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": ok (") == 2


def test_a_key_and_nonce_that_seal_twice_are_found(tmp_path: Path) -> None:
    (tmp_path / "1").write_text("seal k 00 10\nseal k 01 10\n")
    (tmp_path / "2").write_text("seal k 02 10\nseal k 0")
    assert record.read([tmp_path]).repeats == 0
    for name in ("ann", "bob"):  # each makes the next key with the last one
        (tmp_path / name).write_text(f"seal k {record.NEXT_KEY} 32\n")
    assert record.read([tmp_path]).repeats == 0
    (tmp_path / "3").write_text("seal k 01 10\n")
    assert record.read([tmp_path]).repeats == 1


def test_a_chunk_that_was_received_and_is_sent_again_is_found(tmp_path: Path) -> None:
    whole = "".join(f"open a {index:022x}00 {record.CHUNK}\n" for index in range(3))
    (tmp_path / "bob").write_text(f"receive a t 1 0\n{whole}receive b t 2 {3 * record.CHUNK}\n")
    report = record.read([tmp_path])
    assert list(report.sent_again()) == []
    (tmp_path / "bob").write_text(f"receive a t 1 0\n{whole}receive b t 2 {2 * record.CHUNK}\n")
    report = record.read([tmp_path])
    assert len(list(report.sent_again())) == 1
    assert list(report.sent_again(spare=record.CHUNK)) == []
