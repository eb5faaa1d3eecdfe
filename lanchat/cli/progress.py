"""Progress: a bar while files travel, where somebody looks.

rich is loaded only then: it takes longer than all the rest of a short command.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lanchat.conversation.text import terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """A bar for each transfer on stderr, with rate and remaining time.

    Nothing unless that is a terminal.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._tasks: dict[object, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def move(self, row: Mapping[str, object], to: str) -> None:
        """Show what a `progress` row says of what goes `to` somebody."""
        done, total = row.get("bytes"), row.get("total")
        if not self._shown or not isinstance(done, int) or not isinstance(total, int):
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        key = row.get("transfer")
        if key not in self._tasks:
            self._tasks[key] = self._bar.add_task(terminal(to), total=total, completed=done)
        self._bar.update(self._tasks[key], completed=done, total=total)

    def end(self, row: Mapping[str, object]) -> None:
        """The transfer of this row is over."""
        task = self._tasks.pop(row.get("transfer"), None)
        if self._bar is not None and task is not None:
            self._bar.remove_task(task)


def _bar() -> "Bar":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


class Counter:
    """A line on stderr that counts; nothing unless that is a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr is not None and sys.stderr.isatty()
        self._wrote = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._wrote:
            self._write("\r\x1b[K")

    def move(self, done: object, total: object) -> None:
        """So much is done."""
        if self._shown and isinstance(done, int) and isinstance(total, int) and total:
            self._write(f"\r{self._what}: {100 * done // total} %")

    def _write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
            self._wrote = True
