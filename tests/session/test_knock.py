"""Knocking at real ports: open, closed, silent, and closing under our hands."""

import asyncio
import socket
import struct

import pytest

from lanchat.session.address import Address
from lanchat.session.knock import Knock, knock


def _listening() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    sock.setblocking(False)
    return sock


def _address(sock: socket.socket) -> Address:
    return Address("127.0.0.1", sock.getsockname()[1])


async def test_a_port_that_somebody_listens_on_is_open() -> None:
    with _listening() as sock:
        assert await knock([_address(sock)], timeout=2) is Knock.OPEN


async def test_a_closed_port_says_so() -> None:
    with _listening() as sock:
        address = _address(sock)
    assert await knock([address], timeout=2) is Knock.REFUSED


async def test_one_open_port_counts_more_than_a_closed_one() -> None:
    with _listening() as closed:
        nobody = _address(closed)
    with _listening() as sock:
        assert await knock([nobody, _address(sock)], timeout=2) is Knock.OPEN


async def test_nothing_to_knock_at_is_silence() -> None:
    assert await knock([], timeout=1) is Knock.SILENT


@pytest.mark.parametrize("reset", [False, True])
async def test_a_port_that_closes_behind_us_is_closed(reset: bool) -> None:
    sock = _listening()
    address = _address(sock)

    async def let_in_and_die() -> None:
        guest, _ = await asyncio.get_running_loop().sock_accept(sock)
        if reset:
            guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        guest.close()

    dying = asyncio.create_task(let_in_and_die())
    assert await knock([address], timeout=2) is Knock.REFUSED
    await dying


async def test_a_full_house_that_throws_us_out_is_open_all_the_same() -> None:
    with _listening() as sock:

        async def throw_out() -> None:
            guest, _ = await asyncio.get_running_loop().sock_accept(sock)
            guest.close()

        throwing = asyncio.create_task(throw_out())
        assert await knock([_address(sock)], timeout=2) is Knock.OPEN
        await throwing
