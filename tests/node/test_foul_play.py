"""Files and a peer that plays foul: it ends its own session, its own transfer, and no more."""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lanchat.errors import DigestMismatch
from lanchat.identity.keys import Identity
from lanchat.node import attempts, lanes, reception, serving, underway
from lanchat.node.events import (
    FileReceived,
    MessageAdded,
    OfferReceived,
    SessionClosed,
    TransferEnded,
    TransferState,
)
from lanchat.node.lanes import MOST_LANES, MOST_PER_PEER
from lanchat.node.settings import Accepting
from lanchat.node.underway import ACCEPTS_AT_ONCE
from lanchat.transfer import disk, lane
from lanchat.transfer.lane import Attempt, Carried
from lanchat.transfer.manifest import Manifest, make_offer
from lanchat.transfer.pipe import Counters, Pipe
from lanchat.transfer.sender import Sender
from lanchat.transfer.stream import PREFACE, LaneKeys
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import (
    NO_KEY,
    RESUMABLE,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    DoneStage,
    Info,
    Offer,
    Payload,
    Receipt,
    ReceiptState,
    Start,
    Text,
)
from tests.node.byhand import ByHand, a_text
from tests.node.house import House, Resident, make_file, until

MIB: Final = 2**20
NOBODYS: Final = b"?" * 16


class Hand(ByHand):
    """A sender by hand."""

    async def offers(self, path: Path, transfer: bytes | None = None) -> Sender:
        """Offer what lies at `path`."""
        self.source = await asyncio.to_thread(disk.inspect, [path])
        sender = Sender(make_offer(transfer or os.urandom(16), self.source.manifest))
        self.posts(sender.offered())
        return sender

    async def accepted(self, sender: Sender) -> Accept:
        """The next ACCEPT of a transfer."""

        def found() -> list[Accept]:
            accepts = [one for one in self.got(Accept) if one.id == sender.offer.id]
            return [one for one in accepts if one.attempt > sender.attempt]

        await until(found)
        accept = found()[0]
        assert sender.accepted(accept, self.link.export, initiator=True) is None
        return accept

    async def starts(self, sender: Sender, *, fits: bool = True) -> tuple[Start, LaneKeys]:
        """Go on from what the receiver holds."""
        await self.accepted(sender)
        start, keys = sender.start(prefix_fits=fits)
        self.posts(start)
        return start, keys

    async def carries(self, start: Start, keys: LaneKeys) -> Carried:
        """Send all of it."""
        attempt = Attempt(start.id, start.attempt, keys.key, start.offset)
        sock = await self.dials(keys.token)
        return await asyncio.to_thread(
            lane.send, sock, attempt, self.source, Counters(), Event()
        )

    async def dials(self, token: bytes) -> socket.socket:
        """A lane that shows `token`."""
        where = self.resident.address
        return await lane.connect(where.host, where.port, token)


async def closed(sock: socket.socket) -> bool:
    """Whether the other side hangs up without a word."""
    sock.settimeout(10)
    with sock:
        try:
            return await asyncio.to_thread(sock.recv, 1) == b""
        except ConnectionResetError:
            return True


async def taker(house: House) -> Resident:
    return await house.lives("ann", accept=Accepting.ALL)


# --- out of turn --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "foul",
    [
        lambda offer: Done(offer.id, 1, DoneStage.SENT, 1, NO_KEY),
        lambda offer: Accept(offer.id, 1, b"s" * 32, 2**40, b"p" * 32),
    ],
    ids=["DONE(1) from a receiver", "ACCEPT beyond the stream"],
)
async def test_a_receiver_out_of_turn_ends_its_own_session_only(
    house: House,
    tmp_path: Path,
    foul: Callable[[Offer], Payload],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)
    async with ByHand(ann) as mallory:
        await until(lambda: ann.node.sessions.current(mallory.me))
        out = await ann.node.transfers.offer(mallory.me, [make_file(tmp_path / "file", 10)])
        mallory.posts(foul(await mallory.hears(Offer)))
        assert await mallory.ends() == "PROTOCOL"
        closing = await ann.hears(SessionClosed)
        assert closing.peer_id == mallory.me
        assert closing.reason in {"UNEXPECTED", "BAD_MESSAGE"}
        ann.node.transfers.leave(out)
    warnings = [one for one in caplog.records if one.levelname == "WARNING"]
    assert [one.name for one in warnings if "rules" in one.message] == ["lanchat.node.sessions"]
    await ann.say(bob, "we go on")


@pytest.mark.parametrize(
    "foul",
    [
        lambda offer: Done(offer.id, 7, DoneStage.SENT, 1, NO_KEY),
        lambda offer: Done(offer.id, 1, DoneStage.SENT, 1, NO_KEY),
        lambda offer: Start(offer.id, 7, 0),
        lambda offer: replace(offer, total=offer.total + 1),
        lambda offer: Done(offer.id, 1, DoneStage.STORED, 1, NO_KEY),
    ],
    ids=[
        "DONE of no attempt",
        "DONE without a lane",
        "START of no attempt",
        "another offer",
        "DONE(2) from a sender",
    ],
)
async def test_a_sender_out_of_turn_ends_its_own_session_only(
    house: House, tmp_path: Path, foul: Callable[[Offer], Payload]
) -> None:
    ann = await taker(house)
    async with Hand(ann) as mallory:
        sender = await mallory.offers(make_file(tmp_path / "file", 10))
        await mallory.hears(Accept)
        mallory.posts(foul(sender.offer))
        assert await mallory.ends() == "PROTOCOL"
        assert (await ann.hears(SessionClosed)).reason == "UNEXPECTED"
    async with ByHand(ann) as other:
        other.posts(a_text("hello"))
        await ann.hears(MessageAdded)


@pytest.mark.parametrize("when", ["taken by a setting", "then taken back", "after another"])
async def test_a_name_that_cannot_be_written_again_ends_its_own_session_only(
    house: House, tmp_path: Path, when: str
) -> None:
    """255 bytes on the wire, and 510 in normal form C."""
    asked = when == "then taken back"
    accept = Accepting.NONE if when == "after another" else Accepting.ALL
    ann = await house.lives("ann", accept=accept, listening=True, asks=asked)
    async with Hand(ann) as mallory:
        source = await asyncio.to_thread(disk.inspect, [make_file(tmp_path / "file", 10)])
        offer = make_offer(os.urandom(16), source.manifest)
        (top,) = offer.shown
        kind, body = encode(replace(offer, shown=(replace(top, name="n" * 255),)))
        if when == "after another":
            mallory.posts(offer)
            await mallory.hears(Decline)
        mallory.says(kind, body.replace(b"n" * 255, "\u0958".encode() * 85))
        if when == "then taken back":
            mallory.posts(Cancel(offer.id, 0, CancelCode.USER))
        assert await mallory.ends() == "PROTOCOL"
        assert (await ann.hears(SessionClosed)).reason == "BAD_MESSAGE"
    async with ByHand(ann) as other:
        other.posts(a_text("hello"))
        await ann.hears(MessageAdded)


@pytest.mark.logs_errors
async def test_a_bug_that_one_peer_meets_ends_its_session_only(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await house.lives("ann")

    said = "what the peer said"

    async def bug(*_given: object) -> None:
        raise ValueError(said)

    async with ByHand(ann) as mallory, ByHand(ann) as other:
        with monkeypatch.context() as broken:
            broken.setattr(ann.node.acquaintance, "told", bug)
            mallory.posts(Info(0, NO_KEY, NO_KEY, "mallory"))
            assert await mallory.ends() == "INTERNAL"
        assert mallory.closed is not None
        assert mallory.closed.retry_s > 0
        assert mallory.me in ann.node.dialler._spared  # nor do we call, for as long
        other.posts(a_text("hello"))
        await ann.hears(MessageAdded)
    (fault,) = (one for one in caplog.records if one.levelname == "ERROR")
    assert "ValueError" in fault.message
    assert "test_foul_play" in fault.message  # where it came from
    assert said not in caplog.text


async def test_another_manifest_under_an_id_of_before_ends_the_session(
    house: House, tmp_path: Path
) -> None:
    ann = await taker(house)
    bob = Identity(os.urandom(32))
    async with Hand(ann, bob) as hand:
        sender = await hand.offers(make_file(tmp_path / "file", 10))
        await hand.hears(Accept)
    async with Hand(ann, bob) as hand:
        await hand.offers(make_file(tmp_path / "other", 11), sender.offer.id)
        assert await hand.ends() == "PROTOCOL"
    async with Hand(ann) as somebody_else:
        await somebody_else.offers(make_file(tmp_path / "other", 11), sender.offer.id)
        await somebody_else.hears(Accept)


async def test_words_about_transfers_that_nobody_knows_are_passed_over(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        bob.posts(
            Start(NOBODYS, 1, 0),
            Done(NOBODYS, 1, DoneStage.SENT, 1, NO_KEY),
            Done(NOBODYS, 1, DoneStage.STORED, 1, NO_KEY),
            Decline(NOBODYS, DeclineCode.DECLINED, 0),
            Cancel(NOBODYS, 0, CancelCode.USER),
            Accept(NOBODYS, 3, b"s" * 32, 0, NO_KEY),
            a_text("hello"),
        )
        await ann.hears(MessageAdded)
        cancel = await bob.hears(Cancel)
        assert (cancel.id, cancel.attempt, cancel.code) == (NOBODYS, 3, CancelCode.USER)
        assert cancel.flags & RESUMABLE  # it may have crossed a pause of ours


async def test_an_attempt_is_served_once(house: House, tmp_path: Path) -> None:
    ann = await house.lives("ann")
    file = make_file(tmp_path / "file", 10)
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        out = await ann.node.transfers.offer(bob.me, [file])
        offer = await bob.hears(Offer)
        accept = Accept(offer.id, 1, b"s" * 32, 0, NO_KEY)
        bob.posts(accept)
        await bob.hears(Start)
        bob.posts(accept, replace(accept, attempt=2), replace(accept, salt=b"t" * 32))
        await bob.hears(Cancel, 3)
        assert {one.code for one in bob.got(Cancel)} == {CancelCode.LIMIT}
        ann.node.transfers.leave(out)
        out = await ann.node.transfers.offer(bob.me, [file])  # which remembers no salt
        assert (await bob.hears(Offer, 2)).id == offer.id
        before = len(bob.got(Cancel))
        bob.posts(accept)
        assert (await bob.hears(Cancel, before + 1)).code is CancelCode.LIMIT
        assert len(bob.got(Start)) == 1
        ann.node.transfers.leave(out)


async def test_who_was_killed_before_the_lane_is_offered_it_again_on_the_next_session(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "TOKEN_LIFE", 0.5)
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        out = await ann.node.transfers.offer(bob.me, [make_file(tmp_path / "file", 10)])
        offer = await bob.hears(Offer)
        bob.posts(Accept(offer.id, 1, b"s" * 32, 0, NO_KEY))
        await bob.hears(Start)
    async with ByHand(ann, identity=bob.identity) as again:
        assert await again.hears(Offer) == offer
        ann.node.transfers.leave(out)


async def test_an_offer_under_the_id_of_ours_ends_the_session(
    house: House, tmp_path: Path
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        out = await ann.node.transfers.offer(bob.me, [make_file(tmp_path / "file", 10)])
        bob.posts(await bob.hears(Offer))
        assert await bob.ends() == "PROTOCOL"
        assert not ann.told(OfferReceived)
        ann.node.transfers.leave(out)


async def test_later_said_a_thousand_times_is_one_more_try(
    house: House, tmp_path: Path
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        await until(lambda: ann.node.sessions.current(bob.me))
        out = await ann.node.transfers.offer(bob.me, [make_file(tmp_path / "file", 10)])
        offer = await bob.hears(Offer)
        bob.posts(*[Decline(offer.id, DeclineCode.BUSY, 1)] * 1000, a_text("hello"))
        await ann.hears(MessageAdded)
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert names.count("offer again") == 1
        await bob.hears(Offer, 2)
        ann.node.transfers.leave(out)


# --- offers -------------------------------------------------------------------------------


async def test_an_offer_that_was_stored_is_answered_with_done_for_days(
    house: House, tmp_path: Path
) -> None:
    ann = await taker(house)
    bob = Identity(os.urandom(32))
    file = make_file(tmp_path / "file", MIB + 10)
    async with Hand(ann, bob) as hand:
        sender = await hand.offers(file)
        carried = await hand.carries(*await hand.starts(sender))
        hand.posts(sender.sent(carried.chunks, carried.digest))
        assert (await hand.hears(Done)).stage is DoneStage.STORED
        hand.posts(sender.offer)
        await hand.hears(Done, 2)
    await house.leaves(ann)
    ann = await house.returns(ann)
    async with Hand(ann, bob) as hand:
        hand.posts(sender.offer)
        assert (await hand.hears(Done)).stage is DoneStage.STORED
        assert hand.got(Accept) == []
    assert ann.told(FileReceived) == []


async def test_only_eight_offers_of_one_peer_wait(house: House, tmp_path: Path) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        for number in range(9):
            await bob.offers(make_file(tmp_path / f"file {number}", 10))
        assert (await bob.hears(Decline)).code is DeclineCode.BUSY
        await until(lambda: len(bob.got(Accept)) == MOST_PER_PEER)
        assert len(ann.told(OfferReceived)) == 8  # the ninth makes no noise


async def test_one_offer_on_two_sessions_at_once_is_one_transfer(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    receiver = bob.node.transfers._receiving
    source = await asyncio.to_thread(disk.inspect, [make_file(tmp_path / "file", 10)])
    offer = make_offer(os.urandom(16), source.manifest)
    first = bob.link(ann)
    await ann.node.sessions.renew(bob.me)
    await until(lambda: bob.link(ann) is not first)
    await asyncio.gather(
        *(receiver.receive(link, offer, b"") for link in (first, bob.link(ann)))
    )
    assert len(receiver._live) == 1
    assert len(bob.told(OfferReceived)) == 1
    (arriving,) = receiver._live.values()
    assert arriving.link is bob.link(ann)


# --- lanes --------------------------------------------------------------------------------


async def test_a_lane_without_its_token_is_hung_up_on(house: House) -> None:
    ann = await house.lives("ann")
    where = ann.address
    sock = await lane.connect(where.host, where.port, b"t" * 32)
    assert await closed(sock)
    sock = await asyncio.to_thread(socket.create_connection, (where.host, where.port))
    sock.sendall(PREFACE)
    assert await closed(sock)


async def test_a_token_opens_one_lane(house: House, tmp_path: Path) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 2 * MIB))
        start, keys = await bob.starts(sender)
        first = await bob.dials(keys.token)
        await until(lambda: ann.node.transfers._receiving.running()[0].carriage._sock)  # type: ignore[union-attr]
        assert await closed(await bob.dials(keys.token[:-1] + b"?"))
        assert await closed(await bob.dials(keys.token))
        attempt = Attempt(start.id, start.attempt, keys.key, start.offset)
        carried = await asyncio.to_thread(
            lane.send, first, attempt, bob.source, Counters(), Event()
        )
        bob.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)


async def test_what_is_not_as_it_was_sent_is_thrown_away(house: House, tmp_path: Path) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 2 * MIB))
        carried = await bob.carries(*await bob.starts(sender))
        bob.posts(sender.sent(carried.chunks, b"x" * 32))
        cancel = await bob.hears(Cancel)
        assert (cancel.attempt, cancel.code) == (0, CancelCode.LANE_FAILED)
        failed = await ann.hears(TransferEnded)
        assert (failed.state, failed.reason) == (
            TransferState.FAILED,
            DigestMismatch().sentence,
        )
        await until(lambda: not list(ann.downloads.iterdir()))
        again = Sender(sender.offer, attempt=sender.attempt)
        bob.posts(again.offered())
        carried = await bob.carries(*await bob.starts(again))
        bob.posts(again.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)
    assert [path.name for path in ann.downloads.iterdir()] == ["file"]


async def test_all_sent_before_the_lane_is_kept_and_compared(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 3 * MIB))
        start, keys = await bob.starts(sender)
        sock = await bob.dials(keys.token)
        held = Event()
        send = Pipe.send
        chunks: list[int] = []

        def last_waits(self: Pipe, data: memoryview, counters: Counters) -> None:
            chunks.append(len(data))
            if len(chunks) == 3:
                held.wait(10)
            send(self, data, counters)

        monkeypatch.setattr(Pipe, "send", last_waits)
        attempt = Attempt(start.id, start.attempt, keys.key, start.offset)
        carrying = asyncio.ensure_future(
            asyncio.to_thread(lane.send, sock, attempt, bob.source, Counters(), Event())
        )
        rehearsed = await _digest(bob, attempt)
        bob.posts(Done(start.id, start.attempt, DoneStage.SENT, *rehearsed))
        receiver = ann.node.transfers._receiving._live[bob.me, start.id].receiver
        await until(lambda: receiver._theirs)
        held.set()
        await carrying
        await ann.hears(FileReceived)
        assert (await bob.hears(Done)).stage is DoneStage.STORED


async def _digest(hand: Hand, attempt: Attempt) -> tuple[int, bytes]:
    """What DONE(1) will say, found with a lane of our own."""
    ours, theirs = socket.socketpair()

    def drink() -> None:
        with theirs:
            while theirs.recv(MIB):
                pass

    drinking = asyncio.ensure_future(asyncio.to_thread(drink))
    source = hand.source
    carried = await asyncio.to_thread(lane.send, ours, attempt, source, Counters(), Event())
    await drinking
    return carried.chunks, carried.digest


async def test_files_with_unsafe_names_are_declined_before_anything_is_made(
    house: House, tmp_path: Path
) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "harmless", 10))
        entry = bob.source.manifest.entries[0]
        manifest = Manifest((entry._replace(path=".."),))
        offer = make_offer(os.urandom(16), manifest)
        bob.posts(Cancel(sender.offer.id, 0, CancelCode.USER))
        foul = Sender(replace(offer, shown=sender.offer.shown))
        bob.posts(foul.offered())
        start, keys = await bob.starts(foul)
        sock = await bob.dials(keys.token)
        stream = manifest.encoded + b"0123456789"
        sealed = AESGCM(keys.key).encrypt(bytes(11) + b"\1", stream, None)
        with sock:
            await asyncio.to_thread(sock.sendall, sealed)
            decline = await bob.hears(Decline)
        assert (decline.id, decline.code) == (start.id, DeclineCode.BAD_NAMES)
        ended = await ann.hears(TransferEnded, lambda event: event.transfer == start.id)
        assert ended.state is TransferState.FAILED
        await until(lambda: not ann.node.transfers._receiving._clearing)
    assert list(ann.downloads.rglob("*")) == []


async def test_an_offer_that_comes_again_while_it_is_cleared_away_begins_anew(
    house: House, tmp_path: Path
) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 2 * MIB))
        start, keys = await bob.starts(sender)
        with await bob.dials(keys.token):
            bob.posts(Cancel(start.id, 0, CancelCode.USER), sender.offer)
            await bob.hears(Accept, 2)
        sender.pause()
        carried = await bob.carries(*await bob.starts(sender))
        bob.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)
    assert [event.state for event in ann.told(TransferEnded)] == ["cancelled", "done"]


async def test_an_altered_chunk_is_asked_for_again(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "RETRY_PAUSE", 0.01)
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 4 * MIB))
        start, keys = await bob.starts(sender)
        sock = await bob.dials(keys.token)
        ours, theirs = socket.socketpair()
        attempt = Attempt(start.id, start.attempt, keys.key, start.offset)
        carrying = asyncio.to_thread(lane.send, ours, attempt, bob.source, Counters(), Event())
        relaying = asyncio.to_thread(_spoil, theirs, sock, 2 * MIB + 100)
        await asyncio.gather(carrying, relaying, return_exceptions=True)
        cancel = await bob.hears(Cancel)
        assert (cancel.code, cancel.flags & RESUMABLE) == (CancelCode.LANE_FAILED, RESUMABLE)
        sender.receive(cancel)
        start, keys = await bob.starts(sender)
        assert start.offset == 2 * MIB
        carried = await bob.carries(start, keys)
        bob.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)
    assert (ann.downloads / "file").read_bytes() == (tmp_path / "file").read_bytes()


def _spoil(source: socket.socket, goal: socket.socket, at: int) -> None:
    """Carry everything over, one byte of it changed."""
    with source, goal:
        passed = 0
        while data := bytearray(source.recv(65_536)):
            if passed <= at < passed + len(data):
                data[at - passed] ^= 1
            passed += len(data)
            goal.sendall(data)


async def test_a_lane_that_never_comes_about_is_given_up(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "RETRY_PAUSE", 0.01)
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 10))
        for _ in range(attempts.MOST_RETRIES):
            _, keys = await bob.starts(sender)
            (await bob.dials(keys.token)).close()
            sender.pause()
        ended = await ann.hears(TransferEnded)
        assert ended.state is TransferState.FAILED
        await until(lambda: any(one.attempt == 0 for one in bob.got(Cancel)))
        bob.posts(sender.offered())  # and yet it can be offered again
        await bob.starts(sender)


async def test_senders_that_never_start_keep_nobody_else_waiting(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "START_PATIENCE", 0.05)
    ann = await taker(house)
    idle = MOST_LANES // MOST_PER_PEER
    async with AsyncExitStack() as stack:
        for who in range(idle):
            lazy = await stack.enter_async_context(Hand(ann))
            for number in range(MOST_PER_PEER):
                await lazy.offers(make_file(tmp_path / f"idle {who} {number}", 10))
            await until(lambda lazy=lazy: len(lazy.got(Accept)) == MOST_PER_PEER)  # type: ignore[misc]
        bob = await stack.enter_async_context(Hand(ann))
        sender = await bob.offers(make_file(tmp_path / "file", 10))
        carried = await bob.carries(*await bob.starts(sender))
        bob.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)


async def test_who_compares_for_long_before_it_starts_is_waited_for(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "START_PATIENCE", 0.01)
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 10))
        await bob.hears(Accept)
        await asyncio.sleep(0.05)
        carried = await bob.carries(*await bob.starts(sender))
        bob.posts(sender.sent(carried.chunks, carried.digest))
        await ann.hears(FileReceived)


async def test_a_text_passes_a_transfer_that_stands_still(house: House, tmp_path: Path) -> None:
    ann = await taker(house)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 2 * MIB))
        _, keys = await bob.starts(sender)
        with await bob.dials(keys.token):
            await ann.node.conversations.compose(bob.me, "are you still there?")
            await bob.hears(Text)
            bob.posts(Cancel(sender.offer.id, 0, CancelCode.USER))
            assert (await ann.hears(TransferEnded)).state is TransferState.CANCELLED
    assert not (ann.downloads / ".lanchat-parts").exists()


async def test_attempts_without_end_end_the_session_of_who_makes_them(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(underway, "ACCEPTS_A_SECOND", 0.001)  # whatever the disk takes
    ann = await house.lives("ann")
    async with ByHand(ann) as mallory:
        await until(lambda: ann.node.sessions.current(mallory.me))
        out = await ann.node.transfers.offer(
            mallory.me, [make_file(tmp_path / "file", 3 * MIB)]
        )
        offer = await mallory.hears(Offer)
        for attempt in range(1, ACCEPTS_AT_ONCE + 20):
            mallory.posts(Accept(offer.id, attempt, os.urandom(32), MIB, b"p" * 32))
        assert await mallory.ends() == "LIMIT"
        assert out.sender.attempt <= ACCEPTS_AT_ONCE
        ann.node.transfers.leave(out)


async def test_attempts_given_up_take_no_turn_of_those_that_follow(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PREFIX_PAUSE", 0.3)
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        out = await ann.node.transfers.offer(bob.me, [make_file(tmp_path / "file", 3 * MIB)])
        offer = await bob.hears(Offer)
        for attempt in range(1, 51):  # one after the other they would take 15 seconds
            bob.posts(Accept(offer.id, attempt, os.urandom(32), MIB, b"p" * 32))
        await until(lambda: any(start.attempt == 50 for start in bob.got(Start)))
        ann.node.transfers.leave(out)


async def test_a_receipt_counts_for_messages_to_whom_it_comes_from(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob, ByHand(ann) as mallory:
        saying = asyncio.ensure_future(ann.ask("say", peer=str(bob.me), text="for bob"))
        words = await bob.hears(Text)
        mallory.posts(Receipt(ReceiptState.STORED, (words.id,)), a_text("and now?"))
        await mallory.hears(Receipt)  # what came before was dealt with
        assert not saying.done()
        bob.posts(Receipt(ReceiptState.STORED, (words.id,)))
        (row,) = await saying
        assert row["state"] == "delivered"
