"""People for the integration tests: in the hosts of a lab, or on this machine's loopback."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.cli_driver import Here, InHost, Person
from tests.lab.lab import Lab

PersonHere = Callable[[str], Person]
PersonIn = Callable[[Lab, str, str], Person]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's name has to fit into 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="lanchat-") as name:
        yield Path(name)


@pytest.fixture
def person_here(folder: Path) -> Iterator[PersonHere]:
    """`person_here("Ann")`: somebody on this machine who uses the loopback interface only."""
    with ExitStack() as stack:

        def make(name: str) -> Person:
            person = Person(name, Here(), folder / name).settle()
            stack.callback(person.leave)
            return person

        yield make


@pytest.fixture
def person_in(folder: Path) -> Iterator[PersonIn]:
    """`person_in(lab, "h1", "Ann")`: somebody in a host of the lab."""
    with ExitStack() as stack:

        def make(lab: Lab, host: str, name: str) -> Person:
            person = Person(name, InHost(lab, host), folder / f"{host}-{name}").settle()
            stack.callback(person.leave)
            return person

        yield make
