"""Cuts: a session that breaks off under a running lane, and lanes that break off often.

PROTOCOL.md, 4: the lane outlives its session for a moment, and nothing that came whole is
sent twice.
"""

import asyncio
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lanchat.node import transfers
from lanchat.node.events import FileReceived
from lanchat.node.underway import Arriving, Outgoing
from lanchat.transfer import lane
from tests.node.house import MIB, House, Resident, make_file, parts, same, under_way, until

pytestmark = pytest.mark.usefixtures("slow", "quick_again")

LONG: Final = 40 * MIB  # on its way for a second at least
IN_FLIGHT: Final = 6 * MIB  # bytes that a cut may cost


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[bytes, bytes, int]]]:
    """Key, nonce and size of everything that is sealed for a lane, in order."""
    seals: list[tuple[bytes, bytes, int]] = []

    class Recording:
        def __init__(self, key: bytes) -> None:
            self._key = key
            self._cipher = AESGCM(key)

        def encrypt_into(self, nonce: bytes, data: Any, ad: Any, buf: Any) -> int:
            seals.append((self._key, bytes(nonce), len(data)))
            return self._cipher.encrypt_into(nonce, data, ad, buf)

        def decrypt_into(self, nonce: bytes, data: Any, ad: Any, buf: Any) -> int:
            return self._cipher.decrypt_into(nonce, data, ad, buf)

    monkeypatch.setattr(lane, "AESGCM", Recording)
    yield seals
    assert len(set(seals)) == len(seals), "a key and nonce sealed twice"


def nobody_dials(monkeypatch: pytest.MonkeyPatch, *people: Resident) -> None:
    for one in people:
        monkeypatch.setattr(one.node.dialler, "want", lambda _peer: None)


def running(one: Resident) -> Outgoing:
    (out,) = one.node.transfers._sending.running()
    return out


async def cut_lane(arriving: Arriving) -> None:
    """Cut the lane under way, and wait until nobody uses it any more."""
    carriage = arriving.carriage
    assert carriage is not None
    assert carriage._sock is not None
    carriage._sock.shutdown(socket.SHUT_RDWR)
    await until(lambda: arriving.carriage is not carriage)


@pytest.mark.usefixtures("sealed")
async def test_a_lane_goes_on_without_its_session_and_ends_on_the_next(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", LONG)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann)
    nobody_dials(monkeypatch, ann, bob)
    out = running(ann)
    carriage = out.carriage
    ann.link(bob).abort("TEST")
    await until(lambda: not bob.node.sessions.current(ann.me))
    before = out.done
    await until(lambda: out.done > before + 8 * MIB)
    assert ann.node.sessions.current(bob.me) is None
    await bob.meet(ann)
    assert out.carriage is carriage
    *_, row = await sending
    assert (row["state"], row["resumed_from"], out.sender.attempt) == ("done", 0, 1)
    assert await same(file, bob.downloads / "file")
    assert len(bob.told(FileReceived)) == 1


@pytest.mark.usefixtures("sealed")
async def test_without_any_session_a_lane_stops_behind_a_whole_chunk_and_goes_on_later(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "ALONE", 0.2)
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", LONG)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 4 * MIB)
    nobody_dials(monkeypatch, ann, bob)
    out = running(ann)
    (arriving,) = bob.node.transfers._receiving.running()
    ann.link(bob).abort("TEST")
    await until(lambda: not ann.node.sessions.current(bob.me))
    before = out.done
    await until(lambda: not ann.node.transfers._sending.running())
    await until(lambda: not bob.node.transfers._receiving._live)
    assert before < out.done < LONG
    assert arriving.incoming.position % MIB == 0
    assert len(parts(bob)) == 1
    await bob.meet(ann)
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) >= before - IN_FLIGHT
    assert await same(file, bob.downloads / "file")
    assert parts(bob) == []


@pytest.mark.parametrize("what", ["the lane", "the session and the lane"])
async def test_nothing_that_came_whole_is_sent_again_however_often_it_is_cut(
    house: House, tmp_path: Path, what: str, sealed: list[tuple[bytes, bytes, int]]
) -> None:
    size, cuts = 64 * MIB, 6
    draw = random.Random(what)
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", size)
    sending = asyncio.ensure_future(ann.send(bob, file))
    reached = 0
    for cut in range(cuts):
        await under_way(ann, size * cut // cuts + draw.randrange(MIB, size // cuts))
        (arriving,) = bob.node.transfers._receiving.running()
        assert arriving.receiver.offset >= reached // MIB * MIB
        if what != "the lane":
            ann.link(bob).abort("TEST")
        await cut_lane(arriving)
        reached = arriving.incoming.position
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) >= reached // MIB * MIB - MIB
    assert sum(length for _key, _nonce, length in sealed) <= size + cuts * IN_FLIGHT
    assert await same(file, bob.downloads / "file")
    assert parts(bob) == []
