"""A machine with no network at all: the demo still shows everything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli_driver import InHost, Person
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90)]


def test_the_demo_works_with_nothing_but_the_loopback_interface(
    lab_of: Callable[[int], Lab], folder: Path
) -> None:
    lab = lab_of(0)
    lab.add_host("alone", network="")
    nobody = Person("Nobody", InHost(lab, "alone"), folder / "nobody")
    shown = nobody.run("demo", "--headless", timeout=80)
    assert shown.status == 0, shown.err
    assert shown.rows
    for row in shown.rows:
        assert set(row) >= {"step", "ok", "ms"}
        assert row["ok"] is True
    assert not [path for path in nobody.home.rglob("*") if path.is_file()], "left behind"


def test_without_a_display_lanchat_says_what_to_do_instead(
    lab_of: Callable[[int], Lab], folder: Path
) -> None:
    lab = lab_of(0)
    lab.add_host("alone", network="")
    nobody = Person("Nobody", InHost(lab, "alone"), folder / "nobody")
    shown = nobody.run(as_json=False)
    assert (shown.status, shown.out) == (1, "")
    assert "no screen" in shown.err
    assert "lanchat listen" in shown.err
