"""The guards of guards.py and skips.py fail what they must fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.namespaces import REPOSITORY
from tests.skips import LIST, Allowed, is_allowed, read_list

BAD_TESTS = """
import asyncio, logging, threading, time
from tests import guards

guards.GRACE = 0.1

def test_a_thread_is_left():
    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()

async def test_work_of_a_thread_is_left():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 2)

async def test_work_of_a_thread_is_done():
    await asyncio.to_thread(time.sleep, 0)

def test_an_error_is_logged():
    logging.getLogger("lanchat.x").error("lost")

async def test_a_task_is_left():
    test_a_task_is_left.task = asyncio.create_task(asyncio.sleep(60))

async def test_the_loop_is_blocked(monkeypatch, tmp_path):
    from lanchat.identity import keys
    code = compile("import time; time.sleep(0.01)", keys.__file__, "exec")
    exec(code, {})

async def test_nothing_is_wrong():
    await asyncio.sleep(0)
"""


def test_each_guard_fails_the_test_that_it_is_there_for(tmp_path: Path) -> None:
    (tmp_path / "test_bad.py").write_text(BAD_TESTS)
    options = ["-p", "tests.guards", "-p", "no:randomly", "-p", "no:cacheprovider", "-q", "-rA"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-o", "asyncio_mode=auto", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = [line.split(" - ")[0] for line in done.stdout.splitlines()]
    bad = (
        "test_a_thread_is_left",
        "of_a_thread_is_left",
        "an_error_is_logged",
        "a_task_is_left",
    )
    for name in bad:
        assert any(line.startswith("ERROR") and name in line for line in outcomes), done.stdout
    assert any(line.startswith("FAILED") and "is_blocked" in line for line in outcomes)
    for name in ("nothing_is_wrong", "of_a_thread_is_done"):
        assert any(line.startswith("PASSED") and name in line for line in outcomes)
        assert not any(line.startswith("ERROR") and name in line for line in outcomes)


@pytest.mark.parametrize(
    ("where", "ci", "expected"),
    [("anywhere", True, True), ("not-ci", True, False), ("not-ci", False, True)],
)
def test_a_skip_is_allowed_only_where_the_list_says(
    where: str, ci: bool, expected: bool
) -> None:
    allowed = (Allowed(where, "the lab needs root"),)
    assert is_allowed("the lab needs root to make", allowed, ci=ci) is expected
    assert not is_allowed("no reason", allowed, ci=ci)


def test_the_list_of_allowed_skips_can_be_read() -> None:
    rows = read_list(LIST.read_text(encoding="utf-8"))
    assert rows
    assert {row.where for row in rows} <= {"anywhere", "not-ci"}
