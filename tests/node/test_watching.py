"""What waits for a reader who does not read: only what was asked for, and only so much."""

import asyncio
import json
import socket
import tempfile
import time
from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest

from lanchat.discovery.advert import Advert, label_of
from lanchat.errors import NotRead
from lanchat.identity.keys import Identity
from lanchat.node import requests, watching
from lanchat.node.control import Control
from lanchat.node.events import TransferChanged, TransferEnded, TransferState
from lanchat.node.watching import MOST_PROGRESS, MOST_WAITING, Watch
from tests.node.house import House, Resident, failure, until

EVE = Identity(b"e" * 32).peer_id


def calls_itself(ann: Resident, names: range) -> None:
    """Adverts of one stranger come in, each with another name."""
    label, now = label_of(EVE), time.time_ns() // 10**6
    for number in names:
        advert = Advert(EVE, f"eve {number}", 4000, now + number, "", ("127.0.0.1",), label)
        ann.node.neighbours.heard(advert, "127.0.0.1")


async def test_what_a_watch_is_not_about_does_not_wait_for_its_reader(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_WAITING", 10)
    ann, bob = await house.friends()
    await bob.meet(ann)
    asked = requests.run(ann.node, "peers", {"watch": True})
    async with aclosing(asked), asyncio.timeout(10):
        row = await anext(asked)
        for number in range(20):  # nobody reads meanwhile
            await bob.say(ann, f"words {number}")
        calls_itself(ann, range(5))
        while row["peer_id"] != str(EVE):
            row = await anext(asked)
        assert row["event"] == "peer-found"


@pytest.mark.parametrize("verb", ["peers", "transfers"])
async def test_a_watch_that_nobody_reads_ends_and_keeps_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(watching, "MOST_WAITING", 10)
    ann = await house.lives("ann")
    before = list(ann.node._subscribers)
    asked = requests.run(ann.node, verb, {"watch": True})
    async with aclosing(asked), asyncio.timeout(10):
        first = asyncio.ensure_future(anext(asked))
        await until(lambda: len(ann.node._subscribers) > len(before))
        (watch,) = [one.__self__ for one in ann.node._subscribers if one not in before]  # type: ignore[attr-defined]  # a bound method
        assert isinstance(watch, Watch)
        if verb == "peers":
            calls_itself(ann, range(100))
        for _ in range(100):
            ann.node.publish(TransferEnded(EVE, b"t" * 16, False, TransferState.FAILED))
        assert len(watch) == 1  # the word that it is over
        assert isinstance(await failure(first), NotRead)
    assert ann.node._subscribers == before


async def test_of_progress_a_little_waits_and_the_end_behind_it() -> None:
    watch = Watch(lambda _happened: True)
    for done in range(MOST_WAITING + 1):
        watch.hear(TransferChanged(EVE, b"t" * 16, done, MOST_WAITING, 1))
    watch.hear(TransferEnded(EVE, b"t" * 16, True, TransferState.DONE))
    assert len(watch) == MOST_PROGRESS + 1
    for _ in range(MOST_PROGRESS):
        assert isinstance(await watch.next(), TransferChanged)
    assert isinstance(await watch.next(), TransferEnded)


async def test_who_stops_reading_over_the_socket_is_told_so_in_the_end(house: House) -> None:
    ann = await house.lives("ann")
    before = len(ann.node._subscribers)
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are too long for a socket
        control = Control(Path(folder) / "control.sock", partial(requests.run, ann.node))
        await control.start()
        asking = socket.socket(socket.AF_UNIX)
        asking.connect(f"{folder}/control.sock")
        reader, writer = await asyncio.open_connection(sock=asking, limit=4096)
        writer.write(b'{"verb": "peers", "params": {"watch": true}}\n')
        await until(lambda: len(ann.node._subscribers) > before)
        for part in range(20):  # the reader holds 8 KiB, the sockets some hundred
            calls_itself(ann, range(1000 * part, 1000 * part + 1000))
            await asyncio.sleep(0.01)
        told = [json.loads(await reader.readline())]
        while "error" not in told[-1]:
            told.append(json.loads(await reader.readline()))
        assert told[-1]["error"]["class"] == "NotRead"
        assert len(told) < 20_000 - MOST_WAITING
        await until(lambda: len(ann.node._subscribers) == before)
        writer.close()
        await control.stop()
