"""What both sides say before ACCEPT, and the vectors of it.  PROTOCOL.md, 4."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import FileChanged, MalformedPayload, OutOfTurn, TransferAbandoned
from lanchat.identity.keys import label
from lanchat.transfer.disk import inspect
from lanchat.transfer.manifest import Entry, Manifest, decode, make_offer
from lanchat.transfer.plan import Plan
from lanchat.transfer.proofs import prove
from lanchat.transfer.skips import pack, unpack
from lanchat.transfer.stream import Chunks, Tally, context, lane_keys, survey_key
from lanchat.transfer.survey import Asking, Telling
from lanchat.wire import bodies
from lanchat.wire.payloads import (
    MOST_ASKED,
    MOST_LISTED,
    Accept,
    Listing,
    Look,
    Offer,
    Proof,
    Prove,
    TopKind,
)
from tests.transfer.lanepair import ID, MIB, grow

_FILE: Final = Path(__file__).parent.parent / "vectors" / "surveys.json"
VECTORS: Final = json.loads(_FILE.read_text(encoding="utf-8"))
SURVEYS: Final = {case["name"]: case for case in VECTORS["surveys"]}
LANES: Final = VECTORS["lanes"]
ABC: Final = Manifest(tuple(Entry(TopKind.FILE, 0, n, 0, name) for n, name in enumerate("abc")))


def nothing(_size: int) -> None:
    """Nobody stops it."""


# --- the vectors --------------------------------------------------------------------------


def _export(case: dict[str, Any]) -> Callable[[str, bytes, int], bytes]:
    def export(purpose: str, ctx: bytes, length: int) -> bytes:
        info = label("export " + purpose) + bytes.fromhex(case["binding"]) + ctx
        derive = HKDFExpand(algorithm=SHA256(), length=length, info=info).derive
        return derive(bytes.fromhex(case["exporter"]))

    return export


def _content(said: str) -> bytes:
    piece, _, times = said.partition("*")
    return bytes.fromhex(piece) * int(times)


def _planted(case: dict[str, Any], root: Path) -> list[Path]:
    entries = decode(bytes.fromhex(case["manifest"])).entries
    for entry, said in zip(entries, case["contents"], strict=True):
        place = root / entry.path
        place.mkdir() if said is None else place.write_bytes(_content(said))
    return [root / entry.path for entry in entries if "/" not in entry.path]


@pytest.mark.parametrize("case", SURVEYS.values(), ids=lambda case: case["name"])
def test_proofs_are_those_of_the_vectors(case: dict[str, Any], tmp_path: Path) -> None:
    body = bytes.fromhex(case["offer"])
    offer = bodies.decode(32, body)
    assert isinstance(offer, Offer)
    key = survey_key(_export(case), offer.id, case["attempt"], body)
    assert key.hex() == case["key"]
    source = inspect(_planted(case, tmp_path))
    files = [n for n, proof in enumerate(case["proofs"]) if proof is not None]
    wanted = "".join(case["proofs"][n] for n in files)
    assert prove(source, files, key, nothing).hex() == wanted


@pytest.mark.parametrize("case", LANES, ids=lambda case: case["name"])
def test_what_is_left_is_sent_as_the_vectors_say(case: dict[str, Any], tmp_path: Path) -> None:
    survey = SURVEYS[case["of"]]
    accept = bodies.decode(33, bytes.fromhex(case["accept"]))
    assert isinstance(accept, Accept)
    assert (accept.skip.hex(), unpack(accept.skip)) == (case["set"], case["skip"])
    assert bodies.encode(accept)[1].hex() == case["accept"]
    offer = bytes.fromhex(survey["offer"])
    ctx = context(accept, initiator_sends=True, offer_body=offer)
    keys = lane_keys(_export(survey), ctx)
    assert (ctx.hex(), keys.token.hex(), keys.key.hex()) == (
        case["ctx"],
        case["token"],
        case["key"],
    )
    source = inspect(_planted(survey, tmp_path)).without(accept.skip)
    view = memoryview(bytearray(source.length))
    with source.read() as reading:
        reading.readinto(view)
    assert (source.length, hashlib.sha256(view).hexdigest()) == (
        case["length"],
        case["stream_sha256"],
    )
    offset = accept.offset
    if offset:
        assert source.prefix_digest(offset, Event()) == accept.prefix_sha256
    chunks, tally = Chunks(source.length, offset), Tally(accept.id, accept.attempt)
    for index, chunk in enumerate(case["chunks"]):
        piece = view[offset + index * MIB :][: chunks.size(index)]
        sealed = AESGCM(keys.key).encrypt(chunks.nonce(index), piece, b"")
        assert (chunks.nonce(index).hex(), len(piece)) == (chunk["nonce"], chunk["size"])
        assert sealed[-16:].hex() == chunk["tag"]
        tally.add(sealed[-16:])
    assert (tally.chunks, tally.digest.hex()) == (chunks.count, case["digest"])


@pytest.mark.parametrize("case", VECTORS["refusals"], ids=lambda case: case["name"])
def test_a_set_that_the_vectors_refuse_is_refused(case: dict[str, Any]) -> None:
    manifest = decode(bytes.fromhex(SURVEYS[case["of"]]["manifest"]))
    with pytest.raises(MalformedPayload) as caught:
        Plan(manifest, bytes.fromhex(case["set"]))
    assert caught.value.reason == "BAD_MESSAGE"


# --- both halves --------------------------------------------------------------------------


def _halves(manifest: Manifest) -> tuple[Asking, Telling]:
    return Asking(make_offer(ID, manifest), 3), Telling(manifest, ID, 3)


@pytest.mark.parametrize("length", [1, 30, 200])
def test_a_manifest_of_many_pieces_comes_whole(length: int) -> None:
    rows = [
        Entry(TopKind.FILE, 0, 1, 0, f"{n:06}".ljust(length, "x")[: max(length, 6)])
        for n in range(4000)
    ]
    manifest = Manifest(tuple(rows))
    asking, telling = _halves(manifest)
    pieces = 0
    while (look := asking.look()) is not None:
        asking.take(telling.look(look))
        pieces += 1
    assert bytes(asking.head) == manifest.encoded
    assert pieces == -(-len(manifest.encoded) // MOST_LISTED)


@given(
    kinds=st.lists(st.booleans(), min_size=1, max_size=60),
    asked=st.lists(st.sets(st.integers(0, 59), min_size=1), max_size=6),
)
def test_any_questions_get_their_answers_or_a_refusal(
    kinds: list[bool], asked: list[set[int]]
) -> None:
    manifest = Manifest(
        tuple(
            Entry(TopKind.FILE if file else TopKind.FOLDER, 0, 0, 0, f"{n:02}")
            for n, file in enumerate(kinds)
        )
    )
    asking, telling = _halves(manifest)
    furthest = -1
    for entries in map(sorted, asked):
        good = entries[-1] < len(kinds) and all(kinds[entry] for entry in entries)
        prove_ = Prove(ID, 3, entries[0], pack(entry - entries[0] for entry in entries))
        if not good or entries[0] <= furthest:
            with pytest.raises((MalformedPayload, OutOfTurn)):
                telling.prove(prove_)
            continue
        assert asking.prove(entries) == prove_
        assert telling.prove(prove_) == entries
        proofs = [hashlib.sha256(bytes((entry,))).digest() for entry in entries]
        asking.take(telling.proof(b"".join(proofs)))
        assert asking.proofs == tuple(proofs)
        assert asking.answered
        furthest = entries[-1]


def test_one_question_is_open_at_a_time() -> None:
    asking, telling = _halves(ABC)
    telling.prove(asking.prove([0]))
    with pytest.raises(OutOfTurn):
        telling.prove(Prove(ID, 3, 1, b"\x01"))
    telling.proof(bytes(32))
    telling.prove(Prove(ID, 3, 1, b"\x01"))


@pytest.mark.parametrize(
    "foul",
    [
        Listing(ID, 3, 1, b"x"),
        Listing(ID, 3, 0, b"x"),
        Listing(ID, 3, 0, bytes(60_000)),
        Proof(ID, 3, 0, bytes(32)),
    ],
    ids=["another place", "too little", "too much", "a proof"],
)
def test_an_answer_that_was_not_asked_for_breaks_the_protocol(foul: Listing | Proof) -> None:
    asking, telling = _halves(ABC)
    look = asking.look()
    assert look is not None
    with pytest.raises((OutOfTurn, MalformedPayload)):
        asking.take(foul)
    asking.take(telling.look(look))
    with pytest.raises(OutOfTurn):
        asking.take(Listing(ID, 3, 0, ABC.encoded))


@pytest.mark.parametrize(
    "foul",
    [
        Proof(ID, 3, 1, bytes(64)),
        Proof(ID, 3, 0, bytes(32)),
        Proof(ID, 3, 0, bytes(96)),
        Listing(ID, 3, 0, b"x"),
    ],
    ids=["of other files", "too few", "too many", "a listing"],
)
def test_proofs_that_were_not_asked_for_break_the_protocol(foul: Listing | Proof) -> None:
    asking, _ = _halves(ABC)
    asking.prove([0, 2])
    with pytest.raises((OutOfTurn, MalformedPayload)):
        asking.take(foul)
    assert not asking.answered


@pytest.mark.parametrize("offset", [0, 10, 59])
def test_nothing_is_listed_twice(offset: int) -> None:
    telling = Telling(ABC, ID, 3)
    telling.look(Look(ID, 3, 0))
    with pytest.raises(OutOfTurn):
        telling.look(Look(ID, 3, offset))


def test_there_is_nothing_behind_the_end() -> None:
    with pytest.raises(MalformedPayload):
        Telling(ABC, ID, 3).look(Look(ID, 3, len(ABC.encoded)))


@pytest.mark.parametrize("first", [3, 200_000])
def test_there_is_no_proof_of_what_is_not_offered(first: int) -> None:
    with pytest.raises(MalformedPayload):
        Telling(ABC, ID, 3).prove(Prove(ID, 3, first, b"\x01"))


def test_the_reach_of_one_question_fits_its_record() -> None:
    manifest = Manifest(tuple(Entry(TopKind.FILE, 0, 0, 0, f"{n:05}") for n in range(3000)))
    asking, telling = _halves(manifest)
    files = list(range(500, 500 + MOST_ASKED))
    kind, body = bodies.encode(asking.prove(files))
    said = bodies.decode(kind, body)
    assert isinstance(said, Prove)
    assert telling.prove(said) == files
    kind, body = bodies.encode(telling.proof(bytes(32 * MOST_ASKED)))
    assert bodies.decode(kind, body) == Proof(ID, 3, 500, bytes(32 * MOST_ASKED))


# --- the sender's disk --------------------------------------------------------------------


def test_a_file_that_changed_since_it_was_offered_is_not_proven(tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a": 100})
    source = inspect([root])
    (root / "a").write_bytes(bytes(100))
    with pytest.raises(FileChanged):
        prove(source, [1], bytes(32), nothing)


def test_hashing_stops_where_it_is(tmp_path: Path) -> None:
    source = inspect([grow(tmp_path / "t", {"a": 5 * MIB})])
    read: list[int] = []

    def go_on(size: int) -> None:
        read.append(size)
        if sum(read) >= 2 * MIB:
            raise TransferAbandoned("stopped")

    with pytest.raises(TransferAbandoned):
        prove(source, [1], bytes(32), go_on)
    assert sum(read) == 2 * MIB
