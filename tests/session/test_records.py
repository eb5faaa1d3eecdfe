"""Hostile records, key updates and their limits.  PROTOCOL.md, 3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import BadLength, BadRecord, PeerTooGreedy, RemoteProtocolError, SealBroken
from lanchat.session.channel import RECEIVING, SENDING, Limits, Receiving, Sending
from lanchat.session.noise import LANCHAT, CipherState
from lanchat.session.stages import Stage
from lanchat.wire.frames import FrameReader
from tests.pairs import Pair, met, text

KEY = bytes(range(32))
UPDATE = (5, b"")
FOREVER = float("inf")


def direction(
    sending: Limits = SENDING, receiving: Limits = RECEIVING
) -> tuple[Sending, list[bytes], Receiving]:
    out: list[bytes] = []
    writer = Sending(CipherState(LANCHAT, KEY), out, 0.0, sending)
    return writer, out, Receiving(CipherState(LANCHAT, KEY), 0.0, receiving)


def read(receiving: Receiving, out: list[bytes], now: float = 0.0) -> list[tuple[int, bytes]]:
    frames, out[:] = b"".join(out), []
    return [receiving.read(sealed, now) for sealed in FrameReader().receive(frames)]


@pytest.mark.parametrize("size", [0, 1, 16])
def test_a_frame_that_can_hold_no_record_is_refused_by_its_header(size: int) -> None:
    pair = met()
    pair.to_bob(size.to_bytes(2, "big"))
    assert isinstance(pair.bob.error, BadLength)


def test_a_long_frame_that_never_ends_is_held_once_and_bounded() -> None:
    pair = met()
    pair.to_bob(b"\xff\xff" + bytes(65_534))
    assert pair.bob.error is None
    assert pair.bob.session._frames.held == 65_536
    before = pair.bob.session.last_heard
    pair.bob.wait(10.0)
    assert pair.bob.session.last_heard == before, "bytes are no sign of life, records are"


@pytest.mark.parametrize(
    "order", [(0, 0), (1,), (0, 2), (1, 0)], ids=["repeated", "dropped", "gap", "swapped"]
)
def test_a_record_out_of_its_place_ends_the_session(order: tuple[int, ...]) -> None:
    pair = met()
    records = [pair.say(text(number=n)) for n in range(3)]
    for at in order:
        pair.to_bob(records[at])
    assert isinstance(pair.bob.error, SealBroken)
    assert pair.bob.session.stage is Stage.CLOSED


def test_a_record_of_another_session_ends_the_session() -> None:
    one, two = met(word="one"), met(word="two")
    two.to_bob(one.say(text()))
    assert isinstance(two.bob.error, SealBroken)


def test_a_record_sent_back_to_its_writer_ends_the_session() -> None:
    pair = met()
    pair.to_ann(pair.say(text()))
    assert isinstance(pair.ann.error, SealBroken)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"\x10\0",
        b"",
        (b"\x10\0\x7e").ljust(128, b"\0"),
        b"\x10\0\0".ljust(127, b"\0") + b"\1",
        b"\x10\0\0".ljust(129, b"\0"),
        b"\x10\0\0".ljust(65_518, b"\0"),
    ],
    ids=["two bytes", "none", "body too long", "padding", "no bucket", "nearly a bucket"],
)
def test_a_sealed_record_that_is_put_together_wrongly_is_refused(plaintext: bytes) -> None:
    pair = met()
    pair.to_bob(pair.slip_raw(plaintext))
    assert isinstance(pair.bob.error, BadRecord | BadLength)
    assert pair.bob.heard == []


def test_the_longest_record_fits() -> None:
    pair = met()
    pair.to_bob(pair.say(text("x" * 60_000)))
    pair.to_bob(pair.slip(200, bytes(65_516)))
    assert pair.bob.heard == [text("x" * 60_000)]


# --- key updates ------------------------------------------------------------------------


def test_the_key_changes_after_so_many_records_and_the_reader_follows() -> None:
    writer, out, reader = direction(Limits(3, 2**60, FOREVER))
    for _ in range(7):
        writer.write(200, b"", 0.0)
    assert read(reader, out) == [(200, b"")] * 3 + [UPDATE] + [(200, b"")] * 3 + [
        UPDATE,
        (200, b""),
    ]


def test_the_key_changes_after_so_many_bytes() -> None:
    writer, out, reader = direction(Limits(2**60, 300, FOREVER))
    for _ in range(3):
        writer.write(200, b"", 0.0)
    assert read(reader, out) == [(200, b"")] * 3 + [UPDATE]


def test_the_key_changes_with_the_first_word_after_two_minutes() -> None:
    writer, out, reader = direction()
    writer.write(200, b"1", 0.0)
    writer.write(200, b"2", 119.9)
    writer.write(200, b"3", 120.0)
    writer.write(200, b"4", 121.0)
    assert [body for kind, body in read(reader, out)] == [b"1", b"2", b"", b"3", b"4"]


def test_an_idle_direction_changes_no_key() -> None:
    writer, out, reader = direction()
    writer.write(200, b"1", 1000.0)
    assert read(reader, out) == [(200, b"1")]


def test_a_session_changes_its_key_with_time() -> None:
    pair = met()
    pair.now = 130.0
    pair.to_bob(pair.say(text(number=1)) + pair.say(text(number=2)))
    pair.now = 260.0
    pair.to_bob(pair.say(text(number=3)))
    assert pair.bob.heard == [text(number=n) for n in (1, 2, 3)]
    assert pair.bob.error is None


@pytest.mark.timeout(60)
def test_the_limits_are_those_of_the_protocol() -> None:
    assert Limits(2**16, 2**30, 120.0) == SENDING
    assert Limits(2**20, 2**34, FOREVER) == RECEIVING
    writer, out, reader = direction()
    for _ in range(2**16 - 1):
        writer.write(200, b"", 0.0)
    assert len(out) == 2**16 - 1
    writer.write(200, b"", 0.0)
    assert len(out) == 2**16 + 1
    assert read(reader, out).count(UPDATE) == 1


def test_a_peer_that_never_changes_its_key_is_left() -> None:
    never = Limits(2**60, 2**60, FOREVER)
    for limits, good in ((Limits(4, 2**60, FOREVER), 4), (Limits(2**60, 600, FOREVER), 4)):
        writer, out, reader = direction(never, limits)
        for _ in range(good):
            writer.write(200, b"", 0.0)
        assert len(read(reader, out)) == good
        writer.write(200, b"", 0.0)
        with pytest.raises(PeerTooGreedy):
            read(reader, out)


def test_a_peer_at_its_limit_may_still_change_its_key() -> None:
    writer, out, reader = direction(receiving=Limits(4, 2**60, FOREVER))
    for _ in range(4):
        writer.write(200, b"", 0.0)
    read(reader, out)
    writer._update(0.0)
    writer.write(200, b"", 0.0)
    assert read(reader, out) == [UPDATE, (200, b"")]


def test_ten_key_updates_a_second_are_followed_and_no_more() -> None:
    writer, out, reader = direction()
    for second in (0.0, 1.0):
        for _ in range(10):
            writer._update(second)
        assert len(read(reader, out, second)) == 10
    writer._update(1.0)
    with pytest.raises(PeerTooGreedy, match="key updates"):
        read(reader, out, 1.0)


# --- anything at all --------------------------------------------------------------------


@given(st.binary(max_size=2000), st.booleans())
def test_arbitrary_bytes_never_raise_anything_but_a_breach(data: bytes, opened: bool) -> None:
    pair = met() if opened else Pair()
    for side in (pair.ann, pair.bob):
        try:
            events = list(side.session.receive(data, 0.0)) if data else []
        except RemoteProtocolError:
            events = []
        assert events == []
    assert pair.ann.heard == pair.bob.heard == []


@given(st.data())
def test_sealed_nonsense_never_raises_anything_but_a_breach(data: st.DataObject) -> None:
    pair = met()
    for _ in range(3):
        kind = data.draw(st.integers(0, 255))
        body = data.draw(st.binary(max_size=300))
        if pair.bob.error is None and pair.bob.session.stage is Stage.OPEN:
            pair.to_bob(pair.slip(kind, body))
    assert pair.bob.error is None or isinstance(pair.bob.error, RemoteProtocolError)


@given(cuts=st.lists(st.integers(1, 400), max_size=60))
def test_records_survive_any_way_the_stream_is_cut(cuts: list[int]) -> None:
    pair = met()
    said = [text("word " * n, n) for n in range(1, 30)]
    stream = b"".join(pair.say(payload) for payload in said)
    for cut in cuts:
        pair.to_bob(stream[:cut])
        stream = stream[cut:]
    pair.to_bob(stream)
    assert pair.bob.heard == said


@given(
    harm=st.sampled_from(["drop", "flip", "repeat", "swap", "cut"]),
    at=st.integers(0, 19),
    spot=st.integers(0, 10**6),
)
def test_a_harmed_stream_delivers_only_what_came_before_the_harm(
    harm: str, at: int, spot: int
) -> None:
    pair = met()
    said = [text(f"word {n}", n) for n in range(20)]
    stream = [pair.say(payload) for payload in said]
    good = at
    match harm:
        case "drop":
            del stream[at]
        case "flip":
            frame = bytearray(stream[at])
            frame[spot % len(frame)] ^= 1 << spot % 8
            stream[at] = bytes(frame)
        case "repeat":
            stream.insert(at, stream[at])
            good = at + 1
        case "swap":
            other = (at + 1 + spot % 18) % 20
            stream[at], stream[other] = stream[other], stream[at]
            good = min(at, other)
        case "cut":
            stream[at] = stream[at][: spot % len(stream[at])]
    pair.to_bob(b"".join(stream))
    assert pair.bob.heard == said[:good]
