"""The open door over real sockets: who gets in, who is shown out, and that nobody blocks it."""

import asyncio
import contextlib
import os
import resource
import socket
from dataclasses import astuple
from pathlib import Path

import pytest

from lanchat.errors import LanchatError, PeerBlocked, PeerRefused, PortTaken
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.doorkeeper import BURST, PER_SOURCE
from lanchat.session.events import Closed
from lanchat.session.handshake import PREFACE, Opening
from lanchat.session.listen import Listener
from lanchat.wire.payloads import Ready
from tests.pairs import ANN, BOB, Pair, ready, text
from tests.session.conftest import House, Stranger, until

LANE = b"LANBULK\x01"
CROWD = 10_000
AT_ONCE = 100  # of them; fewer than the system lets wait


async def no_answer(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionResetError):  # by bytes of the caller nobody read
        assert await reader.read() == b""


def use_up(spare: list[int]) -> None:
    """Take every file descriptor there is."""
    with contextlib.suppress(OSError):
        while True:
            spare.append(os.dup(0))


def highest_descriptor() -> int:
    return max(int(fd.name) for fd in Path("/proc/self/fd").iterdir())


async def test_who_says_nothing_is_shown_out_after_a_second(house: House) -> None:
    reader, _ = await house.called()
    await until(lambda: house.listener.doorkeeper.pending == 1)
    assert await reader.read() == b""
    assert house.listener.doorkeeper.pending == 0


async def test_the_second_counts_for_the_whole_message_not_for_each_byte(house: House) -> None:
    reader, writer = await house.called()
    first = Pair().ann.session.outgoing()
    ended = asyncio.create_task(no_answer(reader))
    for byte in first:
        if ended.done():
            break
        writer.write(bytes([byte]))
        await asyncio.wait([ended], timeout=0.05)
    await ended
    assert house.listener.doorkeeper.pending == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        bytes.fromhex("1603010200010001fc0303") + bytes(500),
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"LANBULK\x02" + bytes(32),
        b"LANCHA\0\1",
        b"\0",
        b"L",
        bytes(range(256)) * 300,
    ],
    ids=["http", "tls", "ssh", "other lane", "nearly", "zero", "one letter", "much"],
)
async def test_garbage_gets_no_answer(house: House, garbage: bytes) -> None:
    reader, writer = await house.called()
    writer.write(garbage)
    await no_answer(reader)
    assert house.links.empty()


@pytest.mark.parametrize("size", [0, 1, 1239, 1241, 65_535])
async def test_a_first_message_of_another_length_gets_no_answer(
    house: House, size: int
) -> None:
    reader, writer = await house.called()
    writer.write(PREFACE + size.to_bytes(2, "big"))
    assert await reader.read() == b""


async def test_another_version_is_told_which_one_we_speak(house: House) -> None:
    reader, writer = await house.called()
    writer.write(b"LANCHAT\x02" + bytes(100))
    assert await reader.readexactly(8) == PREFACE
    assert house.listener.doorkeeper.pending == 0


async def test_a_hidden_profile_tells_nobody(house: House) -> None:
    def gate(opening: Opening) -> PeerId | None:
        raise LanchatError

    house.listener.visible = False
    house.listener.gate = gate
    for said in (b"LANCHAT\x02", b"GET / HTTP/1.1\r\n"):
        reader, writer = await house.called()
        writer.write(said)
        await no_answer(reader)
    with pytest.raises(PeerRefused):
        await dial([house.address], ANN, ready("ann"), expected=BOB.peer_id)


async def test_a_crowd_of_one_source_is_turned_away_and_conversations_go_on(
    house: House,
) -> None:
    ann, bob = await house.dialled()
    door = house.listener.doorkeeper
    for number in range(CROWD // AT_ONCE):
        crowd = [socket.create_connection(astuple(house.address)) for _ in range(AT_ONCE)]
        ann.link.post(text(number=number))
        assert (await bob.hear(number + 1))[-1] == text(number=number)
        some = (number + 1) * (AT_ONCE - PER_SOURCE)
        while door.refused < some:  # noqa: ASYNC110 - nobody reports it
            await asyncio.sleep(0)
        assert door.pending <= PER_SOURCE
        for one in crowd:
            one.close()
    await until(lambda: door.pending == 0)


async def test_handshakes_of_one_source_are_rationed_before_they_cost_us(house: House) -> None:
    for _ in range(BURST):
        ann, _ = await house.dialled()
        ann.link.abort("DONE")
    reader, writer = await house.called()
    for _ in range(4):  # two a second come back while we try
        writer.write(Pair().ann.session.outgoing())
        if await reader.read() == b"":
            break
        reader, writer = await house.called()
    assert house.listener.doorkeeper.refused >= 1


async def test_a_caller_without_ready_is_left_after_five_seconds(house: House) -> None:
    stranger = Stranger(*await house.called())
    stranger.write()
    await stranger.read()
    stranger.write(stranger.session.outgoing()[: 2 + 164])
    while await stranger.read():
        pass
    assert house.links.empty()
    assert house.listener.doorkeeper.pending == 0


async def test_a_caller_that_talks_before_ready_is_left(house: House) -> None:
    stranger = Stranger(*await house.called())
    stranger.write()
    await stranger.read()
    stranger.write(stranger.session.outgoing()[: 2 + 164] + b"\0\x90" + bytes(144) * 500)
    with contextlib.suppress(ConnectionResetError):
        while await stranger.read():
            pass
    assert house.links.empty()
    assert house.listener.doorkeeper.pending == 0


async def test_a_caller_whose_key_is_blocked_hears_nothing() -> None:
    def greet(peer_id: PeerId, initiator: bool) -> Ready:
        raise PeerBlocked

    links: asyncio.Queue[object] = asyncio.Queue()
    listener = Listener(BOB, greet, links.put_nowait)
    port = await listener.start(0, ["127.0.0.1"])
    with pytest.raises(PeerRefused):
        await dial([Address("127.0.0.1", port)], ANN, ready(""), expected=BOB.peer_id)
    assert links.empty()
    await listener.stop()


# --- lanes ------------------------------------------------------------------------------


async def test_a_lane_with_a_known_token_is_handed_over_as_a_bare_socket(house: House) -> None:
    token = os.urandom(32)
    house.tokens.add(token[:8])
    reader, writer = await house.called()
    for piece in (LANE[:3], LANE[3:] + token[:4], token[4:20], token[20:] + b"first chunk"):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    sock, given, address = await house.lanes.get()
    assert given == token
    assert address == Address(*writer.get_extra_info("sockname"))
    assert not sock.getblocking()
    assert sock.recv(100) == b"first chunk", "nothing of the lane was read"
    sock.send(b"back")
    assert await reader.read(100) == b"back"
    sock.close()
    assert house.listener.doorkeeper.pending == 0


async def test_a_lane_with_an_unknown_token_gets_no_answer(house: House) -> None:
    reader, writer = await house.called()
    writer.write(LANE + bytes(8))
    assert await reader.read() == b""
    assert house.lanes.empty()


async def test_half_a_token_is_shown_out_after_a_second(house: House) -> None:
    house.tokens.add(bytes(8))
    reader, writer = await house.called()
    writer.write(LANE + bytes(31))
    assert await reader.read() == b""
    assert house.lanes.empty()


async def test_without_anybody_to_take_lanes_they_are_closed() -> None:
    listener = Listener(BOB, ready("bob"), lambda link: None)
    port = await listener.start(0, ["127.0.0.1"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(LANE + bytes(8))
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    await listener.stop()


# --- the port ---------------------------------------------------------------------------


async def test_one_port_is_open_for_both_families() -> None:
    links: asyncio.Queue[object] = asyncio.Queue()
    listener = Listener(BOB, ready("bob"), links.put_nowait)
    port = await listener.start(0)
    for host in ("127.0.0.1", "::1"):
        link = await dial([Address(host, port)], ANN, ready("ann"), expected=BOB.peer_id)
        assert link.address.host == host
        await links.get()
        link.abort("DONE")
    await listener.stop()


async def test_a_taken_port_is_named_as_such(house: House) -> None:
    other = Listener(BOB, ready("bob"), lambda link: None)
    for hosts in (["127.0.0.1"], None):
        with pytest.raises(PortTaken):
            await other.start(house.port, hosts)
    with pytest.raises(PortTaken):
        await other.start(0, ["192.0.2.1"])
    await other.stop()


async def test_stopping_closes_the_port_and_the_door_but_no_conversation(house: House) -> None:
    ann, bob = await house.dialled()
    silent, _ = await house.called()
    half = Stranger(*await house.called())
    half.write()
    await half.read()
    await house.listener.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", house.port)
    assert await silent.read() == b""
    assert not await half.read()
    ann.link.post(text())
    assert await bob.hear(1) == [text()]
    ann.link.close()
    assert await bob.closed() == Closed("GOODBYE", by_peer=True)


async def test_a_port_can_be_had_again_at_once(house: House) -> None:
    await house.dialled()
    await house.listener.stop()
    again = Listener(BOB, ready("bob"), lambda link: None)
    assert await again.start(house.port, ["127.0.0.1"]) == house.port
    await again.stop()


async def test_out_of_descriptors_callers_wait_and_the_door_stays_open(house: House) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    sock = socket.socket()
    sock.setblocking(False)
    spare: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest_descriptor() + 1, hard))
        use_up(spare)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", house.port))
        await asyncio.sleep(0.5)  # it tries, fails, rests
        await until(lambda: house.listener._pause is not None)
        assert house.listener.doorkeeper.pending == 0
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in spare:
            os.close(descriptor)
        sock.close()
    ann, bob = await house.dialled()
    ann.link.post(text())
    assert await bob.hear(1) == [text()]


async def test_an_eviction_takes_the_oldest_that_says_nothing(house: House) -> None:
    reader, _ = await house.called()
    await until(lambda: house.listener.doorkeeper.pending == 1)
    for number in range(64):
        house.listener.doorkeeper.knock(f"10.0.0.{number}", lambda: None)
    assert await reader.read() == b""
    assert house.listener.doorkeeper.evicted == 1


async def test_a_session_in_the_middle_of_its_handshake_can_be_evicted(house: House) -> None:
    stranger = Stranger(*await house.called())
    stranger.write()
    await stranger.read()
    (caller,) = house.listener.doorkeeper._callers
    house.listener.doorkeeper.leave(caller)
    caller.drop()
    assert not await stranger.read()
    assert house.links.empty()


async def test_many_people_come_at_once(house: House) -> None:
    people = [Identity(bytes([number]) * 32) for number in range(6)]
    pairs = await asyncio.gather(
        *(
            dial([house.address], each, ready(str(number)), expected=BOB.peer_id)
            for number, each in enumerate(people)
        )
    )
    links = [await house.links.get() for _ in people]
    assert {link.peer_id for link in links} == {each.peer_id for each in people}
    for link in (*pairs, *links):
        link.abort("DONE")
