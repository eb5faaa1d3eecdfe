"""Diagnostics: where the log goes, and how much of it.

The log never holds a key, a passphrase, a name or what anybody wrote; addresses only with
-vv.  Control characters are escaped, so that no line of it gives a terminal an order.
"""

import logging
import os
import re
import sys
from typing import Final

from lanchat.errors import BadInput

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


class _Format(logging.Formatter):
    """One line an entry; what happened inside the program only with -vv."""

    def __init__(self, *, traces: bool) -> None:
        super().__init__(_FORMAT)
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        if not self._traces:
            record = logging.makeLogRecord(record.__dict__)
            record.exc_info = record.exc_text = record.stack_info = None
        text = super().format(record)
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def start(verbose: int, log_file: str | None) -> None:
    """Send diagnostics to `log_file`, else to stderr; without -v and without a file, nowhere.

    Raises:
        BadInput: the file cannot be written.
    """
    root = logging.getLogger()
    if not verbose and log_file is None:
        root.addHandler(logging.NullHandler())
        return
    handler = logging.StreamHandler(sys.stderr) if log_file is None else _to_file(log_file)
    handler.setFormatter(_Format(traces=verbose > 1))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("lanchat").setLevel(logging.DEBUG if verbose > 1 else logging.INFO)
    logging.raiseExceptions = False  # a full disk or a closed stderr is no news for stderr


def _to_file(log_file: str) -> logging.StreamHandler:  # type: ignore[type-arg]  # typeshed's, not generic when it runs
    try:
        descriptor = os.open(log_file, _APPEND, 0o600)
        return logging.StreamHandler(
            os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")
        )
    except (OSError, ValueError) as error:
        failed = BadInput("log file")
        failed.hint = f"{log_file} cannot be written: {getattr(error, 'strerror', error)}"
        raise failed from error
