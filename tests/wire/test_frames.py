"""Frames out of a stream that is cut anywhere."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import BadLength, OversizedFrame
from lanchat.wire.frames import HEADER, MAX_BODY, FrameReader, encode_frame

bodies = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


def fed(reader: FrameReader, pieces: Iterable[bytes]) -> list[bytes]:
    return [body for piece in pieces for body in reader.receive(piece)]


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    at = 0
    for size in sizes:
        pieces.append(stream[at : at + size])
        at += size
    return [*pieces, stream[at:]]


@given(said=bodies, sizes=st.lists(st.integers(0, 50), max_size=30))
def test_frames_survive_any_way_the_stream_is_cut(said: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(encode_frame(body) for body in said)
    reader = FrameReader()
    assert fed(reader, cut(stream, sizes)) == said
    assert reader.held == 0


@given(said=bodies, missing=st.integers(1, 300))
def test_a_stream_cut_off_yields_whole_frames_only(said: list[bytes], missing: int) -> None:
    stream = b"".join(encode_frame(body) for body in said)
    got = fed(FrameReader(), [stream[:-missing]])
    assert got == said[: len(got)]
    assert len(got) < len(said) or not said


@given(pieces=st.lists(st.binary(max_size=200), max_size=20), most=st.integers(1, 300))
def test_arbitrary_bytes_are_frames_or_of_a_bad_length(pieces: list[bytes], most: int) -> None:
    reader = FrameReader(most=most)
    try:
        got = fed(reader, pieces)
    except BadLength:
        return
    assert all(1 <= len(body) <= most for body in got)
    assert reader.held < HEADER + most


def test_a_frame_of_the_largest_size_passes() -> None:
    body = bytes(MAX_BODY)
    assert fed(FrameReader(), [encode_frame(body)]) == [body]


def test_a_header_above_the_limit_is_refused_before_its_body_came() -> None:
    with pytest.raises(OversizedFrame) as caught:
        fed(FrameReader(most=1240), [(1241).to_bytes(HEADER, "big")])
    assert (caught.value.size, caught.value.limit) == (1241, 1240)
    assert caught.value.reason == "BAD_LENGTH"


@pytest.mark.parametrize("size", [0, 1, 1239])
def test_a_header_below_the_least_length_is_refused(size: int) -> None:
    with pytest.raises(BadLength):
        fed(FrameReader(least=1240, most=1240), [size.to_bytes(HEADER, "big")])


def test_the_bounds_may_change_between_two_frames() -> None:
    reader = FrameReader(least=3, most=3)
    got = []
    for body in reader.receive(encode_frame(b"one") + encode_frame(b"three")):
        got.append(body)
        reader.least = reader.most = 5
    assert got == [b"one", b"three"]


@pytest.mark.parametrize("size", [0, MAX_BODY + 1])
def test_no_frame_is_made_of_nothing_or_too_much(size: int) -> None:
    with pytest.raises(ValueError, match="frame body"):
        encode_frame(bytes(size))
