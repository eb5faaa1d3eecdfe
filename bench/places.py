"""Places: where the ends of a copy are, on loopback or on hosts of the lab."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.integration.cli_driver import Here, InHost
from tests.lab.lab import Lab
from tests.lab.namespaces import available

_NETNS: Final = Path("/run/netns")
_CLONE_NEWNET: Final = 0x40000000
GIGABIT: Final = 1000  # Mbit/s


@dataclass(frozen=True, slots=True)
class Place:
    """A network namespace, the bench's own if it has no name, and the address there."""

    address: str = "127.0.0.1"
    netns: str = ""

    def enter(self) -> None:
        """Go there, with every thread that this one starts from now on.  Linux, as root."""
        if not self.netns:
            return
        libc = ctypes.CDLL(None, use_errno=True)  # os.setns is of Python 3.12
        with (_NETNS / self.netns).open("rb") as file:
            if libc.setns(file.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def command(self, words: Sequence[str]) -> list[str]:
        """The command line that runs `words` there."""
        return ["ip", "netns", "exec", self.netns, *words] if self.netns else list(words)


@dataclass(frozen=True, slots=True)
class Site:
    """One who sends and two who may receive, and the same for whole programs."""

    name: str
    hosts: tuple[Place, Place, Place]
    programs: tuple[Here | InHost, ...]


@contextmanager
def sites() -> Iterator[list[Site]]:
    """Loopback; and three hosts on one switch, where the lab can be."""
    loopback = Site("loopback", (Place(), Place(), Place()), (Here(), Here(), Here()))
    possible, why = available()
    if not possible:
        print(f"  loopback alone: {why}")
        yield [loopback]
        return
    with Lab(3) as lab:
        sends, receives, other = (_place(lab, host) for host in lab.hosts)
        programs = tuple(InHost(lab, host) for host in lab.hosts)
        yield [loopback, Site("hosts", (sends, receives, other), programs)]


@contextmanager
def gigabit() -> Iterator[list[Place]]:
    """Two hosts that let no more than a gigabit a second out; none where no lab can be."""
    possible, why = available()
    if not possible:
        print(f"  without a link of a gigabit: {why}")
        yield []
        return
    with Lab(2) as lab:
        for host in lab.hosts:
            lab.rate(host, GIGABIT)
        yield [_place(lab, host) for host in lab.hosts]


def _place(lab: Lab, host: str) -> Place:
    return Place(lab.address(host), lab.namespace(host))
