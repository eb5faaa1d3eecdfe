"""Skips: a test left out is a failure unless tests/allowed_skips.txt names it.

A pytest plugin, loaded by conftest.py.  A green run must not hide that the half of it
was left out.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

LIST: Final = Path(__file__).with_name("allowed_skips.txt")


@dataclass(frozen=True, slots=True)
class Allowed:
    where: str  # "anywhere" or "not-ci"
    reason: str  # how the skip's reason begins


def read_list(text: str) -> tuple[Allowed, ...]:
    rows = [line.split("|") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(Allowed(where.strip(), reason.strip()) for where, reason, _why in rows)


def is_allowed(reason: str, allowed: tuple[Allowed, ...], *, ci: bool) -> bool:
    return any(
        reason.startswith(row.reason) and (row.where == "anywhere" or not ci) for row in allowed
    )


class Skips:
    """Collect what was skipped, and fail the run at its end for what is not on the list."""

    def __init__(self) -> None:
        self._refused: list[str] = []
        self._allowed = read_list(LIST.read_text(encoding="utf-8"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        found = report.longrepr
        reason = str(found[2] if isinstance(found, tuple) else found).removeprefix("Skipped: ")
        if not is_allowed(reason, self._allowed, ci=bool(os.environ.get("CI"))):
            self._refused.append(f"{report.nodeid}: {reason}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._refused:
            terminalreporter.section("skipped, and not in tests/allowed_skips.txt", red=True)
            for line in self._refused:
                terminalreporter.write_line(line)
