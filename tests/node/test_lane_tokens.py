"""Who may open a lane, and how many lanes run at once.  PROTOCOL.md, 3b and 4."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from lanchat.errors import TransferAbandoned
from lanchat.identity.keys import Identity, PeerId
from lanchat.node.lanes import MOST_LANES, MOST_PER_PEER, Carriage, Lanes, Places
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
    with lanes.expecting(TOKEN, dialling=False) as expected:
        assert expected is not None
        assert lanes.expects(TOKEN[:8])
        lanes.arrived(ours, TOKEN, ELSEWHERE)
        assert await expected.take() is ours
    assert ours.fileno() >= 0


async def test_whoever_dials_the_lane_expects_none(lanes: Lanes) -> None:
    with lanes.expecting(TOKEN, dialling=True) as expected:
        assert expected is None
        assert not lanes.expects(TOKEN[:8])


@pytest.mark.parametrize("token", [TOKEN[:-1] + b"\xff", bytes(32)])
async def test_a_wrong_token_is_hung_up_on_and_the_right_one_still_counts(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket], token: bytes
) -> None:
    ours, theirs = sockets
    first, other = socket.socketpair()
    with first, other, lanes.expecting(TOKEN, dialling=False) as expected:
        assert expected is not None
        lanes.arrived(ours, token, ELSEWHERE)
        assert theirs.recv(1) == b""
        lanes.arrived(first, TOKEN, ELSEWHERE)
        assert await expected.take() is first


async def test_a_token_counts_once(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = sockets
    first, other = socket.socketpair()
    with first, other:
        with lanes.expecting(TOKEN, dialling=False) as expected:
            assert expected is not None
            lanes.arrived(first, TOKEN, ELSEWHERE)
            lanes.arrived(ours, TOKEN, ELSEWHERE)
            assert theirs.recv(1) == b""
            assert await expected.take() is first
        assert not lanes.expects(TOKEN[:8])


async def test_a_token_that_was_given_up_opens_nothing(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = sockets
    with lanes.expecting(TOKEN, dialling=False):
        pass
    assert not lanes.expects(TOKEN[:8])
    lanes.arrived(ours, TOKEN, ELSEWHERE)
    assert theirs.recv(1) == b""


async def test_a_lane_that_came_and_is_wanted_no_more_is_hung_up_on(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = sockets
    with lanes.expecting(TOKEN, dialling=False):
        lanes.arrived(ours, TOKEN, ELSEWHERE)
    assert theirs.recv(1) == b""


async def test_who_waits_for_a_lane_can_be_stopped_at_once(lanes: Lanes) -> None:
    carriage = Carriage()
    with lanes.expecting(TOKEN, dialling=False) as expected:
        assert expected is not None
        carriage.wait_for(expected)
        waiting = asyncio.ensure_future(expected.take())
        await asyncio.sleep(0)
        carriage.stop()
        with pytest.raises(TransferAbandoned):
            await waiting


async def test_nothing_is_begun_once_the_node_ends(
    lanes: Lanes, sockets: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = sockets
    lanes.shut()
    with pytest.raises(TransferAbandoned):
        await lanes.carry(ours, lambda: None)
    assert theirs.recv(1) == b""


@pytest.mark.parametrize(("crowd", "most"), [(50, MOST_LANES), (1, MOST_PER_PEER)])
async def test_of_50_lanes_only_so_many_run_and_the_rest_have_their_turn(
    crowd: int, most: int
) -> None:
    places = Places()
    owners = peers(crowd)
    running = 0
    seen: list[int] = []

    async def carry(peer: PeerId) -> None:
        nonlocal running
        async with places.turn(peer):
            running += 1
            seen.append(running)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(carry(owners[n % crowd]) for n in range(50)))
    assert len(seen) == 50
    assert max(seen) == most


async def test_a_place_that_was_lent_is_others_until_it_is_taken_again() -> None:
    places = Places()
    idle, *others = peers(MOST_LANES + 1)
    async with AsyncExitStack() as stack:
        lent = await stack.enter_async_context(places.turn(idle))
        lent.lend()
        for peer in others:
            await stack.enter_async_context(places.turn(peer))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await lent.take()
    async with asyncio.timeout(5), places.turn(idle) as place:
        await place.take()
