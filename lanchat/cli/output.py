"""Output: results go to stdout and nothing else does; all the rest goes to stderr.

The voice of stderr: `lanchat: lower case, no full stop`, and a `lanchat: hint:` line
says what to try.
"""

import os
import re
import select
import sys
from collections.abc import Iterable, Mapping
from typing import Final

from lanchat.errors import LanchatError, OutputLost

# What JSON may hold as it is, but a terminal, a line reader or UTF-8 may not: DEL and C1,
# line separators, bidirectional overrides, half a surrogate pair.
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_NARROW: Final = 20  # columns; on less there is no room to indent


class Output:
    """Where one command writes.  `as_json`: rows only; otherwise lines for people only.

    `gone` turns true when whoever read stdout has left (as `| head` does); what is
    written after that goes nowhere, and a command without an end should end.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.gone = False

    @property
    def seen(self) -> bool:
        """Whether it goes to a terminal, where somebody looks at it."""
        return not self.as_json and sys.stdout.isatty()

    def row(self, row: Mapping[str, object]) -> None:
        """Write one JSON object as a line, at once.  Nothing without --json."""
        if self.as_json:
            self._write(as_json(row))

    def line(self, text: str) -> None:
        """Write a line for people.  Nothing with --json.  `text` is safe for a terminal."""
        if not self.as_json:
            self._write("\n".join(_fitting(text)))

    def _write(self, text: str) -> None:
        if self.gone:
            return
        data = (text + "\n").encode(errors="replace")  # half a surrogate pair becomes ?
        try:
            sys.stdout.flush()
            _write_all(sys.stdout.fileno(), data)
        except BrokenPipeError:
            self.gone = True
            leave_stdout()
        except OSError as error:
            leave_stdout()
            raise OutputLost(str(error)) from error


def as_json(row: Mapping[str, object]) -> str:
    """A row as one line of JSON that is harmless on a terminal too."""
    import json  # only what is asked for is loaded: starting fast is a goal

    text = json.dumps(row, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _fitting(text: str) -> Iterable[str]:
    """A line as it is, but at a terminal broken by us and not by its edge."""
    try:
        width = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):  # a file or a pipe
        return (text,)
    if len(text) <= width // 2 or width < _NARROW:
        return (text,)
    from lanchat.cli.render import wrapped

    return wrapped(text, width - 1)


def _write_all(descriptor: int, data: bytes) -> None:
    """Write past Python's buffer: a thread stuck in that would hold up the end of us all."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:  # whoever started us shares a pipe that does not wait
            select.select([], [descriptor], [])


def leave_stdout() -> None:
    """Send the rest of stdout nowhere, so that the interpreter's last flush can't fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def complain(error: LanchatError, *, before: str = "") -> None:
    """Say on stderr what went wrong and, where there is an idea, what to try."""
    tell(before + spoken(error.sentence))
    if error.hint:
        tell(f"hint: {spoken(error.hint)}")


def tell(text: str) -> None:
    """Write one line to stderr in lanchat's voice; it is lost if nobody reads there.

    A hint may hold names and file names: whatever they are, it stays one harmless line.
    """
    from lanchat.conversation.text import terminal

    try:
        sys.stderr.write(f"lanchat: {terminal(text)}\n")
        sys.stderr.flush()
    except OSError:
        return


def spoken(sentence: str) -> str:
    """A sentence as it stands after `lanchat: `: no capital to begin with, no full stop."""
    first = sentence.partition(" ")[0]
    if first[1:].islower() or len(first) == 1:  # PyPI and IDs keep their capitals
        sentence = sentence[:1].lower() + sentence[1:]
    return sentence.rstrip(".").rstrip()
