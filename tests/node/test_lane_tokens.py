"""Who may open a lane, and how many lanes run at once.  PROTOCOL.md, 3b and 4."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from lanchat.identity.keys import Identity, PeerId
from lanchat.node.lanes import MOST_LANES, MOST_PER_PEER, Lanes
from lanchat.session.address import Address

TOKEN = bytes(range(32))
ELSEWHERE = Address("192.0.2.7", 40_000)


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
async def lanes() -> AsyncIterator[Lanes]:
    made = Lanes()
    yield made
    made.close()


def peers(count: int) -> list[PeerId]:
    return [Identity(os.urandom(32)).peer_id for _ in range(count)]


async def test_a_token_opens_its_lane_from_whatever_address(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, _theirs = sockets
    awaited = lanes.expect(TOKEN)
    assert lanes.expects(TOKEN[:8])
    lanes.arrived(ours, TOKEN, ELSEWHERE)
    assert await awaited is ours


@pytest.mark.parametrize("token", [TOKEN[:-1] + b"\xff", bytes(32)])
async def test_a_wrong_token_is_hung_up_on_and_the_right_one_still_counts(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket], token: bytes
) -> None:
    ours, theirs = sockets
    awaited = lanes.expect(TOKEN)
    lanes.arrived(ours, token, ELSEWHERE)
    assert theirs.recv(1) == b""
    assert not awaited.done()
    assert lanes.expects(TOKEN[:8])


async def test_a_token_counts_once(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = sockets
    first, other = socket.socketpair()
    with first, other:
        awaited = lanes.expect(TOKEN)
        lanes.arrived(first, TOKEN, ELSEWHERE)
        lanes.arrived(ours, TOKEN, ELSEWHERE)
        assert theirs.recv(1) == b""
        assert await awaited is first
        await asyncio.sleep(0)
        assert not lanes.expects(TOKEN[:8])


async def test_a_token_that_was_given_up_opens_nothing(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = sockets
    awaited = lanes.expect(TOKEN)
    awaited.cancel()
    await asyncio.sleep(0)
    assert not lanes.expects(TOKEN[:8])
    lanes.arrived(ours, TOKEN, ELSEWHERE)
    assert theirs.recv(1) == b""


@pytest.mark.parametrize(("crowd", "most"), [(50, MOST_LANES), (1, MOST_PER_PEER)])
async def test_of_50_lanes_only_so_many_run_and_the_rest_have_their_turn(
    lanes: Lanes, crowd: int, most: int
) -> None:
    owners = peers(crowd)
    running = 0
    seen: list[int] = []

    async def carry(peer: PeerId) -> None:
        nonlocal running
        async with lanes.place(peer):
            running += 1
            seen.append(running)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(carry(owners[n % crowd]) for n in range(50)))
    assert len(seen) == 50
    assert max(seen) == most
