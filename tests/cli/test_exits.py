"""Exit statuses: what a script may rely on."""

import inspect
import re
from pathlib import Path

import pytest

from lanchat import errors
from lanchat.cli.exits import Exit, exit_of
from lanchat.errors import LanchatError

DOCUMENT = Path(__file__).parents[2] / "docs" / "COMMANDS.md"
OWN = {
    "PeerNotFound": 3,
    "OfferDeclined": 4,
    "WrongPeer": 5,
    "UnconfirmedPeer": 5,
    "VerificationFailed": 5,
    "AmbiguousPeer": 2,
    "BadRequest": 2,
    "BadPassphrase": 2,
    "NoPassphrase": 2,
}


def _errors() -> list[type[LanchatError]]:
    return [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, LanchatError)
    ]


@pytest.mark.parametrize("kind", _errors(), ids=lambda kind: kind.__name__)
def test_each_error_ends_a_command_with_a_status_of_the_table(
    kind: type[LanchatError],
) -> None:
    inherited = [OWN[parent.__name__] for parent in kind.__mro__ if parent.__name__ in OWN]
    assert exit_of(kind.__new__(kind)) == (inherited[0] if inherited else 1)


def test_the_document_gives_each_status_and_no_other() -> None:
    given = re.findall(r"^\| (\d+) \| ", DOCUMENT.read_text(), re.MULTILINE)
    assert sorted(map(int, given)) == sorted(status.value for status in Exit)
