"""Events: written in order by a thread of their own, and what is lost is told of."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lanchat.cli import events, render
from lanchat.cli.events import EventWriter
from lanchat.cli.output import Output
from lanchat.errors import Unforeseen
from lanchat.node.events import NodeReady, Renamed
from tests.kit.people import peer

ME = peer(1)


@contextmanager
def _reading() -> Iterator[int]:
    """The end of a pipe that whoever reads our stdout has."""
    reads, writes = os.pipe()
    with os.fdopen(writes, "w") as stdout, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        yield reads
    os.close(reads)


def _rows(reads: int, until: str) -> list[dict[str, object]]:
    """What comes until a row holds such a text."""
    read = b""
    while until not in read.decode():
        read += os.read(reads, 65_536)
    return [json.loads(line) for line in read.decode().splitlines()]


async def test_what_happens_at_once_is_written_in_its_order() -> None:
    with (
        _reading() as reader,
        EventWriter(Output(as_json=True), on_gone=lambda: None) as writer,
    ):
        for number in range(100):
            writer.take(Renamed(ME, f"name {number}"))
        rows = await asyncio.to_thread(_rows, reader, "name 99")
        writer.take(Renamed(ME, "later"))
        rows += await asyncio.to_thread(_rows, reader, "later")
    assert [row["name"] for row in rows] == [*(f"name {n}" for n in range(100)), "later"]


async def test_what_is_lost_is_told_though_nothing_happens_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "MOST_WAITING", 3)
    with (
        _reading() as reader,
        EventWriter(Output(as_json=True), on_gone=lambda: None) as writer,
    ):
        for number in range(10):  # nothing is written before the loop has a turn
            writer.take(Renamed(ME, f"name {number}"))
        rows = await asyncio.to_thread(_rows, reader, "events-lost")
    assert [row.get("name") for row in rows[:3]] == ["name 0", "name 1", "name 2"]
    assert rows[3]["code"] == "events-lost"
    assert "7 events" in str(rows[3]["detail"])
    assert len(rows) == 4


@pytest.mark.logs_errors
async def test_a_bug_in_writing_ends_the_program_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bug(_row: object) -> list[str]:
        raise KeyError("a bug")

    monkeypatch.setattr(render, "event", bug)
    gone = asyncio.Event()

    async def write() -> None:
        with (
            _reading(),
            EventWriter(Output(as_json=False), on_gone=gone.set) as writer,
        ):
            writer.take(NodeReady(ME, "Ann", 4000, ()))
            async with asyncio.timeout(10):
                await gone.wait()

    with pytest.raises(Unforeseen):
        await write()
