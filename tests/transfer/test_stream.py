"""The stream and its chunks, keys and digests.  PROTOCOL.md, 4."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from lanchat.identity.keys import label
from lanchat.transfer.stream import Chunks, LaneKeys, Tally, context, lane_keys, stream_length
from lanchat.wire import bodies
from lanchat.wire.payloads import CHUNK, Accept, Offer

_FILE: Final = Path(__file__).parent.parent / "vectors" / "lanes.json"
LANES: Final = json.loads(_FILE.read_text(encoding="utf-8"))["lanes"]


@pytest.mark.parametrize("case", LANES, ids=lambda case: case["name"])
def test_keys_chunks_and_digest_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    def export(purpose: str, ctx: bytes, length: int) -> bytes:
        info = label("export " + purpose) + bytes.fromhex(case["binding"]) + ctx
        derive = HKDFExpand(algorithm=SHA256(), length=length, info=info).derive
        return derive(bytes.fromhex(case["exporter"]))

    offer = bodies.decode(32, bytes.fromhex(case["offer"]))
    accept = bodies.decode(33, bytes.fromhex(case["accept"]))
    assert isinstance(offer, Offer)
    assert isinstance(accept, Accept)
    ctx = context(
        accept,
        initiator_sends=case["initiator_sends"],
        offer_body=bytes.fromhex(case["offer"]),
    )
    assert ctx.hex() == case["ctx"]
    keys = lane_keys(export, ctx)
    assert (keys.token.hex(), keys.key.hex()) == (case["token"], case["key"])
    chunks = Chunks(stream_length(offer), case["offset"])
    assert [
        {"nonce": chunks.nonce(index).hex(), "size": chunks.size(index)}
        for index in range(chunks.count)
    ] == [{"nonce": each["nonce"], "size": each["size"]} for each in case["chunks"]]
    tally = Tally(accept.id, accept.attempt)
    for each in case["chunks"]:
        tally.add(bytes.fromhex(each["tag"]))
    assert (tally.chunks, tally.digest.hex()) == (len(case["chunks"]), case["digest"])


@given(length=st.integers(0, 2**41), chunks=st.integers(0, 2**20))
def test_the_chunks_are_the_whole_rest_of_the_stream(length: int, chunks: int) -> None:
    offset = min(chunks * CHUNK, length - length % CHUNK)
    cut = Chunks(length, offset)
    assert cut.count >= 1
    last = cut.count - 1
    assert cut.size(0) == min(CHUNK, length - offset)
    assert offset + last * CHUNK + cut.size(last) == length
    assert cut.nonce(last) == last.to_bytes(11, "big") + b"\x01"
    if last:
        assert cut.size(last - 1) == CHUNK
        assert cut.nonce(0) == bytes(12)


def test_there_is_no_chunk_beyond_the_last() -> None:
    with pytest.raises(ValueError, match="chunk 2 of 2"):
        Chunks(CHUNK + 1).size(2)
    with pytest.raises(ValueError, match="chunk -1 of 2"):
        Chunks(CHUNK + 1).nonce(-1)
    with pytest.raises(ValueError, match="offset 2"):
        Chunks(1, 2)


def test_a_raw_body_that_says_more_than_we_know_makes_other_keys() -> None:
    accept = Accept(bytes(16), 1, bytes(32), 0, bytes(32))
    plain = context(accept, initiator_sends=True, offer_body=b"offer")
    body = bodies.encode(accept)[1]
    assert plain == context(accept, initiator_sends=True, offer_body=b"offer", accept_body=body)
    more = context(accept, initiator_sends=True, offer_body=b"offer", accept_body=body + b"!")
    assert plain != more
    assert plain != context(accept, initiator_sends=False, offer_body=b"offer")


def test_keys_do_not_show_in_a_log() -> None:
    assert "73" not in repr(LaneKeys(b"s" * 32, b"s" * 32))
    assert "sss" not in repr(LaneKeys(b"s" * 32, b"s" * 32))
