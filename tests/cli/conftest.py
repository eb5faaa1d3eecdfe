"""Somebody at a command line of their own, with or without a terminal."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.screen import Screen
from tests.integration.cli_driver import Here, Person

PersonOf = Callable[[str], Person]
ScreenOf = Callable[..., Screen]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's name has to fit into 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="lanchat-") as name:
        yield Path(name)


@pytest.fixture
def newcomer(folder: Path) -> Person:
    """Somebody without a profile."""
    return Person("Nova", Here(), folder / "newcomer")


@pytest.fixture
def person_of(folder: Path) -> Iterator[PersonOf]:
    """`person_of("Ann")`: somebody with a profile, on the loopback interface only."""
    with ExitStack() as stack:

        def make(name: str) -> Person:
            person = Person(name, Here(), folder / name).settle()
            stack.callback(person.leave)
            return person

        yield make


@pytest.fixture
def screen_of() -> Iterator[ScreenOf]:
    """`screen_of(person, "say", "bob", "hi")`: a command at a terminal."""
    with ExitStack() as stack:

        def make(person: Person, *words: str, passphrase_file: bool = True) -> Screen:
            environment = person.environment()
            if not passphrase_file:
                del environment["LANCHAT_PASSPHRASE_FILE"]
            return stack.enter_context(Screen(words, environment))

        yield make
