"""Peers on this machine's loopback, and peers on the hosts of a lab."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from tests.discovery.playing import Peer, Spawn
from tests.lab.lab import Lab

Play = Callable[..., Peer]


@pytest.fixture
def on_loopback() -> Iterator[Play]:
    """`on_loopback(1)` starts peer 1 beside this process; all end with the test."""

    def spawn(command: Sequence[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    with ExitStack() as stack:
        yield lambda number, *words: _play(stack, spawn, number, "--interface", "lo", *words)


@pytest.fixture
def lab(lab_of: Callable[..., Lab]) -> Lab:
    return lab_of(3)


@pytest.fixture
def in_lab(lab: Lab) -> Iterator[Play]:
    """`in_lab("h1", 1)` starts peer 1 on host h1."""

    def play(host: str, number: int, *words: str) -> Peer:
        def spawn(command: Sequence[str]) -> "subprocess.Popen[bytes]":
            return lab.popen(host, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        return _play(stack, spawn, number, *words)

    with ExitStack() as stack:
        yield play


def _play(stack: ExitStack, spawn: Spawn, number: int, *words: str) -> Peer:
    peer = Peer(spawn, number, *words)
    stack.callback(_end, peer)
    peer.wait_for("started")
    return peer


def _end(peer: Peer) -> None:
    peer.process.kill()
    peer.process.wait()
    for pipe in (peer.process.stdin, peer.process.stdout):
        assert pipe is not None
        pipe.close()
