"""Address records: read and checked as the vectors say, and nothing but BadAdvert else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.discovery.addresses import LARGEST, LIFETIME, MOST_AHEAD, Record, read, sign
from lanchat.errors import BadAdvert
from lanchat.identity.keys import Identity, PeerId

VECTORS = Path(__file__).parents[1] / "vectors" / "addresses.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="ascii"))["cases"]
ANN = Identity(b"\x01" * 32)
EPOCH = 1_790_000_000_000


def _cases(*expected: str) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if case["expect"] in expected]
    assert chosen
    return pytest.mark.parametrize("case", chosen, ids=[case["name"] for case in chosen])


@_cases("ok")
def test_a_good_record_is_read_and_written_as_the_vectors_say(case: dict[str, Any]) -> None:
    fields, data = case["fields"], bytes.fromhex(case["record"])
    assert read(data) == Record(
        PeerId(bytes.fromhex(fields["peer"])),
        fields["epoch"],
        fields["until"],
        fields["port"],
        tuple(fields["addresses"]),
    )
    made = sign(ANN, EPOCH, EPOCH + LIFETIME, fields["port"], fields["addresses"])
    assert made == data or case["name"] == "the same twice"


@_cases("malformed", "forged")
def test_a_record_that_the_vectors_refuse_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(BadAdvert) as refused:
        read(bytes.fromhex(case["record"]))
    assert (str(refused.value) == "not signed by its key") == (case["expect"] == "forged")


@given(st.binary(max_size=LARGEST + 8))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(BadAdvert):
        read(data)


@given(place=st.integers(0, 120), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unnoticed(place: int, bit: int) -> None:
    whole = bytearray(sign(ANN, EPOCH, EPOCH + LIFETIME, 41_000, ["10.0.0.1"]))
    whole[place % len(whole)] ^= 1 << bit
    with pytest.raises(BadAdvert):
        read(bytes(whole))


def test_we_write_none_that_nobody_would_believe() -> None:
    for port, address in ((22, "10.0.0.1"), (41_000, "127.0.0.1"), (41_000, "fe80::1")):
        with pytest.raises(BadAdvert):
            sign(ANN, EPOCH, EPOCH, port, [address])
    eight = sign(ANN, EPOCH, EPOCH, 41_000, [f"10.0.0.{one}" for one in range(1, 20)])
    assert len(read(eight).addresses) == 8
    assert (
        len(sign(ANN, EPOCH, EPOCH, 41_000, [f"fd00::{one}" for one in range(1, 9)])) == LARGEST
    )


@pytest.mark.parametrize(
    ("until", "counts"),
    [(-1, False), (0, False), (1, True), (MOST_AHEAD, True), (MOST_AHEAD + 1, False)],
)
def test_a_record_counts_until_its_end_and_not_for_ever(until: int, counts: bool) -> None:
    record = Record(ANN.peer_id, 1, EPOCH + until, 41_000, ("10.0.0.1",))
    assert record.counts(EPOCH) is counts
