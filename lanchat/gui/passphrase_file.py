"""Passphrase file: the first line of the file that the command line named."""

from pathlib import Path
from typing import Final

from lanchat.errors import NoPassphrase
from lanchat.gui.translate import _

LONGEST: Final = 16_384  # bytes; far above any passphrase that is taken


def read(file: str) -> str:
    """The first line of `file`, without its end.  Blocks: it may be a pipe.

    Raises:
        NoPassphrase: it cannot be read, is not text, or has nothing in its first line.
    """
    try:
        with Path(file).open("rb") as opened:
            line = opened.readline(LONGEST)
        phrase = line.decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError) as error:  # not there; not UTF-8; a name no system takes
        raise _none(_("{file} cannot be read as text").format(file=file)) from error
    if not phrase:
        raise _none(_("the first line of {file} is empty").format(file=file))
    return phrase


def _none(hint: str) -> NoPassphrase:
    error = NoPassphrase("file")
    error.hint = hint
    return error
