"""The passphrase: from the first line of a file, else asked for at the terminal."""

from pathlib import Path
from typing import Final

from lanchat.cli import terminal
from lanchat.cli.output import tell
from lanchat.errors import BadPassphrase, NoPassphrase

TRIES: Final = 3  # at a terminal
_LONGEST_LINE: Final = 16_384  # bytes; far above any passphrase that is taken


def from_file(file: str) -> str:
    """The first line of `file`, without its end.

    Raises:
        NoPassphrase: it cannot be read, is not text, or has nothing in its first line.
    """
    try:
        with terminal.plain_interrupt(), Path(file).open("rb") as opened:  # perhaps a pipe
            line = opened.readline(_LONGEST_LINE)
        phrase = line.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise _none(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:  # not UTF-8; or a name no system takes
        raise _none(f"{file} is not a text file") from error
    if not phrase:
        raise _none(f"the first line of {file} is empty")
    return phrase


def ask(what: str = "Passphrase") -> str:
    """Ask once.

    Raises:
        NoPassphrase: there is no terminal, or no answer.
    """
    if not terminal.present():
        raise NoPassphrase("no terminal")
    try:
        return terminal.secret(f"{what}: ")
    except EOFError as error:
        raise NoPassphrase("end of input") from error


def ask_new(what: str = "New passphrase") -> str:
    """Ask for a new one, twice, until both are the same.

    Raises:
        NoPassphrase: there is no terminal, or no answer.
        BadPassphrase: they never were the same.
    """
    if not terminal.present():
        raise NoPassphrase("no terminal")
    try:
        for _ in range(TRIES):
            first = terminal.secret(f"{what}: ")
            if first == terminal.secret("Once more: "):
                return first
            tell("the two are not the same, so here we go again")
    except EOFError as error:
        raise NoPassphrase("end of input") from error
    failed = BadPassphrase("typed differently")
    failed.hint = "a passphrase that is in a file needs no typing: --passphrase-file FILE"
    raise failed


def _none(hint: str) -> NoPassphrase:
    error = NoPassphrase("file")
    error.hint = hint
    return error
