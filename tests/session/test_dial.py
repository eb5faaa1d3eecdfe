"""Dialling over real sockets: one link, or the one error that says why not."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator

import pytest

from lanchat.errors import (
    AuthenticationError,
    BadPreface,
    LanchatError,
    OtherVersion,
    PeerBlocked,
    PeerRefused,
    PeerSilent,
    PeerUnreachable,
    ReachedOurselves,
    RemoteProtocolError,
    WrongPeer,
)
from lanchat.identity.keys import PeerId
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.handshake import Versions
from lanchat.session.knock import Knock, knock
from lanchat.session.tcp import Link
from lanchat.wire.payloads import Ready
from tests.pairs import ANN, BOB, ready
from tests.session.conftest import House

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answering = Callable[[Answer], Awaitable[Address]]


async def call(
    *addresses: Address, expected: PeerId | None = BOB.peer_id, timeout: float = 9
) -> Link:
    return await dial(addresses, ANN, ready("ann"), expected=expected, timeout=timeout)


@pytest.fixture
def nobody() -> Iterator[Address]:
    """An address that refuses."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield Address(*sock.getsockname())


@pytest.fixture
def black_hole() -> Iterator[Address]:
    """An address that does not even refuse: its queue is full."""
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket())
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(sock.getsockname())
        yield Address(*sock.getsockname())


async def test_the_first_address_that_stands_is_taken(
    house: House, nobody: Address, black_hole: Address
) -> None:
    link = await call(nobody, black_hole, house.address)
    assert link.address == house.address
    link.abort("DONE")


async def test_a_name_is_resolved(house: House) -> None:
    link = await call(Address("localhost", house.port))
    assert link.peer_id == BOB.peer_id
    link.abort("DONE")


async def test_nobody_there_is_unreachable(nobody: Address) -> None:
    with pytest.raises(PeerUnreachable):
        await call(nobody, nobody)


async def test_no_address_is_unreachable() -> None:
    with pytest.raises(PeerUnreachable, match="no address"):
        await call()


async def test_a_name_that_does_not_exist_is_unreachable() -> None:
    with pytest.raises(PeerUnreachable):
        await call(Address("no-such-host.invalid", 4000))


@pytest.mark.parametrize("host", ["a" * 70, "two..dots", "\udcff"])
async def test_what_cannot_be_a_name_is_unreachable(host: str) -> None:
    with pytest.raises(PeerUnreachable):
        await call(Address(host, 4000))


async def test_a_network_that_swallows_everything_is_unreachable(black_hole: Address) -> None:
    with pytest.raises(PeerUnreachable, match="no connection"):
        await call(black_hole, timeout=0.3)


async def test_who_takes_a_connection_and_says_nothing_is_silent(answering: Answering) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    with pytest.raises(PeerSilent):
        await call(await answering(silent), timeout=0.3)


async def test_silence_ends_after_five_seconds_by_itself(answering: Answering) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x05\x14")
        await reader.read()

    with pytest.raises(PeerSilent, match="READY"):
        await call(await answering(once))


async def test_who_closes_at_once_has_refused(answering: Answering) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1250)

    with pytest.raises(PeerRefused):
        await call(await answering(close))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"LANCHAT\x02", OtherVersion),
        (b"LANCHAT\x01", BadPreface),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", RemoteProtocolError),
        (b"\x05\x14" + bytes(1300), AuthenticationError),
        (b"\xff" * 70_000, RemoteProtocolError),
    ],
    ids=["another version", "a mirror", "http", "zeros", "much"],
)
async def test_whatever_answers_wrongly_is_named(
    answering: Answering, answer: bytes, error: type[LanchatError]
) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1250)
        writer.write(answer)
        await writer.drain()
        await reader.read()

    with pytest.raises(error):
        await call(await answering(say))


async def test_another_key_is_the_wrong_peer(house: House) -> None:
    with pytest.raises(WrongPeer):
        await call(house.address, expected=PeerId(b"x" * 32))
    assert house.links.empty()


async def test_an_address_of_our_own_leads_to_ourselves(house: House) -> None:
    with pytest.raises(ReachedOurselves):
        await dial([house.address], BOB, ready("bob"), expected=None)


async def test_nobody_expected_means_anybody(house: House) -> None:
    link = await call(house.address, expected=None)
    assert link.peer_id == BOB.peer_id
    link.abort("DONE")


async def test_a_version_that_we_cannot_speak_is_not_tried_lower(house: House) -> None:
    with pytest.raises(LanchatError) as caught:
        await dial(
            [house.address],
            ANN,
            ready("ann"),
            expected=BOB.peer_id,
            versions=Versions(2, 3),
        )
    assert getattr(caught.value, "reason", "") == "DOWNGRADE"


async def test_a_contact_that_we_block_is_not_told_who_dialled(house: House) -> None:
    def greet(peer_id: PeerId, initiator: bool) -> Ready:
        raise PeerBlocked

    with pytest.raises(PeerBlocked):
        await dial([house.address], ANN, greet, expected=BOB.peer_id)
    assert house.links.empty()


@pytest.mark.parametrize("moment", [0.0, 0.001, 0.05])
async def test_a_dial_can_be_given_up_at_any_moment(
    answering: Answering, black_hole: Address, moment: float
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    task = asyncio.create_task(call(black_hole, await answering(silent)))
    await asyncio.sleep(moment)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_knock_tells_a_closed_port_from_silence(
    house: House, nobody: Address, black_hole: Address
) -> None:
    assert await knock([nobody, house.address], timeout=1) is Knock.OPEN
    assert await knock([nobody, black_hole], timeout=0.3) is Knock.REFUSED
    assert await knock([black_hole], timeout=0.3) is Knock.SILENT
