"""Export: a history as a new file of JSON lines, for its owner's eyes only."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from lanchat.errors import BadInput

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class Export:
    """A new file, 0600, that takes rows; nothing at all for no path.

    What was begun and not finished is removed again.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        """Make the file; one that is there is not touched."""
        if self._path is not None:
            try:
                self._file = os.fdopen(os.open(self._path, _NEW, 0o600), "w", encoding="utf-8")
            except OSError as error:
                raise self._failed(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None or self._path is None:
            return
        try:
            self._file.close()
        except OSError as failed:
            self._path.unlink(missing_ok=True)
            raise self._failed(failed) from failed
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def row(self, row: Mapping[str, object]) -> None:
        """Add one line."""
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise self._failed(error) from error
        self.count += 1

    def _failed(self, error: OSError) -> BadInput:
        failed = BadInput("export")
        failed.hint = f"{self._path}: {error.strerror}"
        return failed
