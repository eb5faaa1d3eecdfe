"""Types and bodies, padded to buckets and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import BadRecord
from lanchat.wire.records import BUCKETS, HEADER, MAX_BODY, pad, unpad

kinds = st.integers(0, 255)


@given(kind=kinds, size=st.integers(0, MAX_BODY))
def test_a_record_comes_back_as_it_was_padded(kind: int, size: int) -> None:
    body = b"x" * size
    plaintext = pad(kind, body)
    assert len(plaintext) in BUCKETS
    assert unpad(plaintext) == (kind, body)


def test_the_buckets_are_those_of_the_protocol() -> None:
    assert (*(2**n for n in range(7, 16)), 65_519) == BUCKETS
    assert MAX_BODY == 65_516


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_record_takes_the_smallest_bucket_that_holds_it(bucket: int) -> None:
    assert len(pad(16, bytes(bucket - HEADER))) == bucket
    if bucket != BUCKETS[-1]:
        assert len(pad(16, bytes(bucket - HEADER + 1))) > bucket


@given(st.binary(max_size=600) | st.builds(bytes.ljust, st.binary(max_size=128), st.just(128)))
def test_arbitrary_bytes_are_a_record_or_a_bad_one(plaintext: bytes) -> None:
    try:
        kind, body = unpad(plaintext)
    except BadRecord:
        return
    assert plaintext == (bytes((kind,)) + len(body).to_bytes(2, "big") + body).ljust(
        len(plaintext), b"\0"
    )


@pytest.mark.parametrize("size", [0, 2, 3, 127, 129, 65_518, 65_520])
def test_a_length_that_is_no_bucket_is_refused(size: int) -> None:
    with pytest.raises(BadRecord, match="no bucket") as caught:
        unpad(bytes(size))
    assert caught.value.reason == "BAD_RECORD"


def test_a_body_longer_than_its_record_is_refused() -> None:
    assert unpad(b"\1\0\x7d" + bytes(125)) == (1, bytes(125))
    with pytest.raises(BadRecord, match="longer"):
        unpad(b"\1\0\x7e" + bytes(125))


@given(place=st.integers(HEADER + 5, 127), value=st.integers(1, 255))
def test_padding_that_is_not_zero_is_refused(place: int, value: int) -> None:
    plaintext = bytearray(pad(3, b"token"))
    plaintext[place] = value
    with pytest.raises(BadRecord, match="not zero"):
        unpad(bytes(plaintext))


def test_a_record_in_a_larger_bucket_than_it_needs_is_taken() -> None:
    assert unpad(pad(3, b"token").ljust(256, b"\0")) == (3, b"token")


def test_a_body_that_fits_no_bucket_is_not_padded() -> None:
    with pytest.raises(ValueError, match="at most"):
        pad(16, bytes(MAX_BODY + 1))
