"""Links over real sockets: order, back-pressure, and one end for every kind of end."""

import asyncio
import socket
import struct

import pytest

from lanchat.errors import LocalProtocolError, PeerTooGreedy, PeerUnreachable, SealBroken
from lanchat.session.events import Closed, Event
from lanchat.session.tcp import MOST_UNSENT, Link
from lanchat.session.waiting import QUEUE, SIZE
from lanchat.wire.payloads import CloseCode, Ping, Pong
from tests.pairs import ANN, BOB, ready, text
from tests.session.conftest import House, until


async def test_both_ends_know_each_other(house: House) -> None:
    ann, bob = await house.dialled()
    assert (ann.link.peer_id, bob.link.peer_id) == (BOB.peer_id, ANN.peer_id)
    assert (ann.link.initiator, bob.link.initiator) == (True, False)
    assert ann.link.ready == bob.link.sent_ready == ready("bob")(ANN.peer_id, False)
    assert bob.link.ready == ann.link.sent_ready == ready("ann")(BOB.peer_id, True)
    assert ann.link.binding == bob.link.binding != b""
    assert ann.link.export("x", b"y", 32) == bob.link.export("x", b"y", 32)
    assert ann.link.address == house.address
    assert bob.link.address.host == "127.0.0.1"
    assert ann.link.opened_at <= ann.link.last_heard
    assert repr(ann.link) == f"Link({house.address}, open)"


async def test_what_is_posted_arrives_in_order_both_ways(house: House) -> None:
    ann, bob = await house.dialled()
    said = [text(f"word {number}", number) for number in range(1000)]
    for payload in said:
        assert ann.link.post(payload)
        assert bob.link.post(payload)
        if payload.seq % 100 == 0:
            await asyncio.sleep(0)
    assert await ann.hear(1000) == await bob.hear(1000) == said


async def test_what_comes_before_somebody_listens_is_kept(house: House) -> None:
    stranger = await house.stranger()
    link = await house.links.get()
    stranger.write(stranger.sealed(text()))
    await stranger.writer.drain()
    await asyncio.sleep(0.05)
    assert await house.ears(link).hear(1) == [text()]


async def test_a_goodbye_ends_both_ends_in_order(house: House) -> None:
    ann, bob = await house.dialled()
    ann.link.post(text())
    ann.link.close()
    ann.link.close()
    assert await ann.closed() == Closed("GOODBYE")
    assert await bob.closed() == Closed("GOODBYE", by_peer=True)
    assert bob.heard == [text()], "what was said before the goodbye arrives"
    assert not ann.link.post(text())
    assert not bob.link.open


async def test_a_loser_drains_and_then_says_why(house: House) -> None:
    ann, bob = await house.dialled()
    ann.link.close(CloseCode.DUPLICATE)
    assert not ann.link.post(text())
    assert bob.link.post(text())
    await ann.hear(1)
    assert await bob.closed() == Closed("DUPLICATE", by_peer=True)


async def test_a_close_may_say_when_to_come_back(house: House) -> None:
    ann, bob = await house.dialled()
    bob.link.close(CloseCode.REFUSED, retry_s=60)
    assert await ann.closed() == Closed("REFUSED", by_peer=True, retry_s=60)
    await bob.closed()


async def test_an_abort_is_not_a_goodbye(house: House) -> None:
    ann, bob = await house.dialled()
    ann.link.abort("SLEPT")
    assert await ann.closed() == Closed("SLEPT")
    assert (await bob.closed()).reason == "LOST"
    with pytest.raises(LocalProtocolError):
        ann.link.export("x", b"", 32)


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "end"])
async def test_a_connection_cut_inside_a_record_is_lost_once(house: House, reset: bool) -> None:
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    stranger.write(stranger.sealed(text()) + stranger.sealed(text(number=2))[:70])
    await bob.hear(1)
    sock = stranger.writer.get_extra_info("socket")
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stranger.writer.close()
    closed = await bob.closed()
    assert closed.reason == "LOST"
    assert isinstance(closed.error, PeerUnreachable)
    assert bob.heard == [text()]


async def test_a_changed_byte_ends_the_session_and_nothing_else(house: House) -> None:
    ann, other = await house.dialled()
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    frame = bytearray(stranger.sealed(text()))
    frame[50] ^= 1
    stranger.write(bytes(frame))
    closed = await bob.closed()
    assert closed.reason == "AUTH_FAILED"
    assert isinstance(closed.error, SealBroken)
    assert not await stranger.reader.read(), "no answer to a broken seal"
    ann.link.post(text())
    await other.hear(1)


async def test_a_long_frame_that_never_ends_stops_nobody_else(house: House) -> None:
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    stranger.write(b"\xff\xff" + bytes(1000))
    await stranger.writer.drain()
    assert bob.link.post(text())
    while not stranger.events or len(stranger.events) < 3:
        assert await stranger.read()
    assert bob.link.open


async def test_a_slow_owner_slows_the_peer_down_and_loses_nothing(house: House) -> None:
    stranger = await house.stranger()
    link = await house.links.get()
    bob = house.ears(link)
    bob.may_handle.clear()
    said = [text("x" * 2000, number) for number in range(6000)]
    for payload in said:
        stranger.session.send(payload, 0.0)
    stranger.write()
    drained = asyncio.create_task(stranger.writer.drain())
    await until(lambda: len(link._events) == QUEUE)
    await asyncio.sleep(0.2)
    assert len(link._events) == QUEUE
    assert sum(map(len, link._inbox)) <= 2 * 65_536
    assert not drained.done(), "the flood waits in the sockets, not in our memory"
    bob.may_handle.set()
    await drained
    assert await bob.hear(len(said)) == said


async def test_of_long_texts_fewer_wait(house: House) -> None:
    stranger = await house.stranger()
    link = await house.links.get()
    bob = house.ears(link)
    bob.may_handle.clear()
    said = [text("x" * 60_000, number) for number in range(100)]
    for payload in said:
        stranger.session.send(payload, 0.0)
    stranger.write()
    await until(lambda: link._events.full)
    await asyncio.sleep(0.2)
    assert len(link._events) <= SIZE // 60_000 + 1
    bob.may_handle.set()
    assert await bob.hear(len(said)) == said


async def test_two_peers_that_both_send_much_do_not_block_each_other(house: House) -> None:
    ann, bob = await house.dialled()
    words, count = "x" * 50_000, 200

    async def send(link: Link) -> None:
        for number in range(count):
            assert link.post(text(words, number))
            await link.writable()
            await asyncio.sleep(0)

    await asyncio.gather(send(ann.link), send(bob.link))
    assert len(await ann.hear(count)) == len(await bob.hear(count)) == count


async def test_a_peer_that_does_not_read_is_left_after_4_mib(house: House) -> None:
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    stranger.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a socket
    posted = 0
    while bob.link.post(text("x" * 60_000)):
        posted += 1
        await asyncio.sleep(0)
    closed = await bob.closed()
    assert closed.reason == "LIMIT"
    assert isinstance(closed.error, PeerTooGreedy)
    assert posted * 65_519 > MOST_UNSENT
    await asyncio.wait_for(bob.link.writable(), 1)


async def test_a_peer_that_does_not_read_is_left_for_the_answers_to_its_pings_too(
    house: House,
) -> None:
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    transport = bob.link._transport
    assert transport is not None
    stranger.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a socket
    while not bob.events:
        for long in (60_000, 1):  # up to the brim, and no further
            frame = 65_519 + 2 if long > 1 else 128 + 16 + 2
            while transport.get_write_buffer_size() + frame <= MOST_UNSENT:
                assert bob.link.post(text("x" * long))
                await asyncio.sleep(0)
        stranger.session._say(Ping(bytes(8)), 0.0)
        stranger.write()
        await asyncio.sleep(0.25)  # no more than five a second
    closed = await bob.closed()
    assert closed.reason == "LIMIT"
    assert str(closed.error) == "it does not read what we send"


async def test_a_stranger_who_talks_without_a_meaning_is_left_and_others_go_on(
    house: House,
) -> None:
    ann, other = await house.dialled()
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    for _ in range(3000):
        stranger.session._say(Pong(bytes(8)), 0.0)
    stranger.write()
    closed = await bob.closed()
    assert closed.reason == "LIMIT"
    assert isinstance(closed.error, PeerTooGreedy)
    assert bob.heard == []
    ann.link.post(text())
    await other.hear(1)


async def test_writable_waits_until_the_peer_reads(house: House) -> None:
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    stranger.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a socket
    while bob.link._writable.is_set():
        bob.link.post(text("x" * 60_000))
        await asyncio.sleep(0)
    waiting = asyncio.create_task(bob.link.writable())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stranger.writer.transport.resume_reading()  # type: ignore[attr-defined]  # of a socket
    while not waiting.done():
        await stranger.read()
    await waiting


async def test_a_probe_is_answered_without_the_owner(house: House) -> None:
    ann, bob = await house.dialled()
    bob.may_handle.clear()
    before = ann.link.last_heard
    ann.link.probe()
    await until(lambda: ann.link.last_heard > before)
    assert ann.events == bob.events == []


async def test_however_often_a_probe_is_wanted_the_peer_is_not_asked_too_often(
    house: House,
) -> None:
    ann, bob = await house.dialled()
    for _ in range(50):  # as by goodbyes that somebody forges
        ann.link.probe()
        await asyncio.sleep(0.02)  # the answer is back by then
    ann.link.post(text())
    assert await bob.hear(1) == [text()]
    assert ann.events == []


async def test_a_text_that_the_peer_does_not_take_is_refused_here(house: House) -> None:
    ann, _ = await house.dialled()
    with pytest.raises(LocalProtocolError):
        ann.link.post(text("x" * 60_001))
    assert ann.link.open


async def test_an_owner_that_fails_cuts_the_connection(house: House) -> None:
    stranger = await house.stranger()
    link = await house.links.get()

    async def fail(event: Event) -> None:
        raise ZeroDivisionError

    stranger.write(stranger.sealed(text()))
    with pytest.raises(ZeroDivisionError):
        await link.run(fail)
    assert not link.open
    assert await stranger.reader.read() == b""


async def test_an_owner_that_is_cancelled_cuts_the_connection(house: House) -> None:
    ann, bob = await house.dialled()
    await asyncio.sleep(0)
    bob.task.cancel()
    assert (await ann.closed()).reason == "LOST"
    assert not bob.link.open


async def test_a_burst_has_left_after_one_turn_of_the_loop(house: House) -> None:
    stranger = await house.stranger()
    bob = house.ears(await house.links.get())
    for number in range(100):
        bob.link.post(text(number=number))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert bob.link._session.unsent == 0
    assert len(await stranger.reader.readexactly(100 * 146)) == 100 * 146


async def test_the_end_is_told_after_what_came_before_it(house: House) -> None:
    ann, bob = await house.dialled()
    bob.may_handle.clear()
    for number in range(3 * QUEUE):
        ann.link.post(text(number=number))
    ann.link.close()
    await asyncio.sleep(0.2)
    bob.may_handle.set()
    await bob.closed()
    assert len(bob.heard) == 3 * QUEUE
