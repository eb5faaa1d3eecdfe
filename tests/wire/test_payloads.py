"""Every payload there and back, and nothing but payloads out of arbitrary bytes."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lanchat.errors import MalformedPayload
from lanchat.wire.bodies import LAYOUTS, decode, encode
from lanchat.wire.payloads import (
    CHUNK,
    MAX_ENTRIES,
    MAX_MANIFEST,
    MAX_NAME,
    MAX_SHOWN,
    MAX_STATUS,
    MAX_TEXT,
    MAX_TOTAL,
    MOST_ASKED,
    MOST_LISTED,
    MOST_RECORD,
    MOST_SKIPPED,
    MOST_SOUGHT,
    NO_ID,
    NO_KEY,
    Accept,
    Addresses,
    Availability,
    Cancel,
    CancelCode,
    Close,
    CloseCode,
    Decline,
    DeclineCode,
    DialBack,
    Dialled,
    Done,
    DoneStage,
    Fault,
    Info,
    KeyUpdate,
    Listing,
    Look,
    Offer,
    Payload,
    Ping,
    Pong,
    Proof,
    Prove,
    Reached,
    Ready,
    Receipt,
    ReceiptState,
    SasCode,
    SasCommit,
    SasNonce,
    SasResult,
    SasReveal,
    Seek,
    Start,
    Text,
    Top,
    TopKind,
)
from lanchat.wire.records import MAX_BODY, pad, unpad

KINDS = {layout.number for layout in LAYOUTS.values()}

u8, u16, u32, u64 = (st.integers(0, 256**n - 1) for n in (1, 2, 4, 8))
attempts = st.integers(1, 2**32 - 1)
ids, keys, tokens = (st.binary(min_size=n, max_size=n) for n in (16, 32, 8))


def sets(least: int, most: int) -> st.SearchStrategy[bytes]:
    some = st.binary(min_size=least, max_size=most)
    return some.filter(lambda said: not said.endswith(b"\0"))


def texts(least: int, most: int) -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    return (
        st.text(letters, min_size=least, max_size=min(most, 80))
        .map(lambda text: unicodedata.normalize("NFC", text))
        .filter(lambda text: least <= len(text.encode()) <= most)
    )


tops = st.builds(Top, st.sampled_from(TopKind), st.integers(0, MAX_TOTAL), texts(1, 255))


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    shown = tuple(draw(st.lists(tops, min_size=1, max_size=MAX_SHOWN)))
    more = draw(st.integers(0, 1000)) if len(shown) == MAX_SHOWN else 0
    count = len(shown) + more
    files = draw(st.integers(count, MAX_ENTRIES))
    folders = draw(st.integers(0, MAX_ENTRIES - files))
    total = draw(st.integers(0, MAX_TOTAL))
    length = draw(st.integers(0, MAX_MANIFEST))
    head = (draw(ids), draw(u16), files, folders, total, length, draw(keys))
    return Offer(*head, tops=count, shown=shown)


@st.composite
def accepts(draw: st.DrawFn) -> Accept:
    offset = draw(st.integers(0, 2**44 - 1)) * CHUNK
    prefix = draw(keys.filter(lambda key: key != NO_KEY)) if offset else NO_KEY
    skip = draw(sets(0, 300))
    return Accept(draw(ids), draw(attempts), draw(keys), offset, prefix, skip)


payloads: st.SearchStrategy[Payload] = st.one_of(
    st.builds(
        Ready,
        u16,
        st.integers(0, 2**63),
        u32,
        u16,
        u32,
        u32,
        u64,
        keys,
        keys,
        texts(0, MAX_NAME),
    ),
    st.builds(Close, st.sampled_from(CloseCode), u16),
    st.builds(Ping, tokens),
    st.builds(Pong, tokens),
    st.builds(KeyUpdate),
    st.builds(
        Info,
        u16,
        keys,
        keys,
        texts(0, MAX_NAME),
        st.sampled_from(Availability),
        texts(0, MAX_STATUS),
    ),
    st.builds(Seek, st.lists(ids, min_size=1, max_size=MOST_SOUGHT).map(tuple)),
    st.builds(Addresses, st.binary(min_size=1, max_size=MOST_RECORD)),
    st.builds(DialBack, tokens),
    st.builds(Dialled, tokens, st.sampled_from(Reached), u8),
    st.builds(Text, ids, u64, u64, u8, ids, texts(1, MAX_TEXT)),
    st.builds(
        Receipt,
        st.sampled_from(ReceiptState),
        st.lists(ids, min_size=1, max_size=255).map(tuple),
    ),
    offers(),
    accepts(),
    st.builds(Decline, ids, st.sampled_from(DeclineCode), u64),
    st.builds(Cancel, ids, u32, st.sampled_from(CancelCode), u8, u64, st.sampled_from(Fault)),
    st.builds(Done, ids, attempts, st.sampled_from(DoneStage), u32, keys),
    st.builds(Start, ids, attempts, u64),
    st.builds(Look, ids, attempts, st.integers(0, MAX_MANIFEST)),
    st.builds(
        Listing,
        ids,
        attempts,
        st.integers(0, MAX_MANIFEST),
        st.binary(min_size=1, max_size=MOST_LISTED),
    ),
    st.builds(Prove, ids, attempts, st.integers(0, MAX_ENTRIES), sets(1, MOST_ASKED // 8)),
    st.builds(
        Proof,
        ids,
        attempts,
        st.integers(0, MAX_ENTRIES),
        st.lists(keys, min_size=1, max_size=40).map(b"".join),
    ),
    st.builds(SasCommit, u32, keys),
    st.builds(SasNonce, u32, keys),
    st.builds(SasReveal, u32, keys),
    st.builds(SasResult, u32, st.sampled_from(SasCode)),
)

TEXT = Text(NO_ID, 1, 2, 0, NO_ID, "hello")
OFFER = Offer(NO_ID, 0, 1, 0, 4, 31, NO_KEY, 1, (Top(TopKind.FILE, 4, "a.txt"),))
ACCEPT = Accept(NO_ID, 1, NO_KEY, 0, NO_KEY)
LATER_IN_CANCEL = 9  # bytes of the fields that an older peer does not send


@given(payloads)
def test_every_payload_comes_back_as_it_was_said(payload: Payload) -> None:
    kind, body = encode(payload)
    assert len(body) <= MAX_BODY
    assert decode(*unpad(pad(kind, body))) == payload


@given(payload=payloads, missing=st.integers(1, 40))
def test_a_body_cut_short_is_never_taken(payload: Payload, missing: int) -> None:
    kind, body = encode(payload)
    if isinstance(payload, Accept):  # without the set that came later it says something too
        assume(body[:-missing] != encode(replace(payload, skip=b""))[1])
    if isinstance(payload, Info):  # it may end before what came later
        line = len(payload.status.encode()) + 1
        assume(missing not in (line, line + 1))
    if isinstance(payload, Cancel) and missing == LATER_IN_CANCEL:
        assert decode(kind, body[:-missing]) == replace(payload, missing=0, fault=Fault.UNSAID)
    elif body:
        with pytest.raises(MalformedPayload):
            decode(kind, body[:-missing])


@given(kind=st.sampled_from(sorted(KINDS)) | st.integers(0, 255), body=st.binary(max_size=400))
def test_arbitrary_bytes_are_a_payload_or_malformed(kind: int, body: bytes) -> None:
    try:
        payload = decode(kind, body)
    except MalformedPayload:
        return
    assert (payload is None) == (kind >= 128)
    if payload is not None:
        assert decode(*encode(payload)) == payload  # what is read can be kept


@given(payload=payloads, place=st.integers(0, 10_000), value=u8)
def test_a_body_with_one_byte_changed_is_a_payload_or_malformed(
    payload: Payload, place: int, value: int
) -> None:
    kind, body = encode(payload)
    changed = bytearray(body or b"\0")
    changed[place % len(changed)] = value
    try:
        again = decode(kind, bytes(changed))
    except MalformedPayload:
        return
    assert type(again) is type(payload)
    assert decode(*encode(again)) == _normal(again)


def _normal(payload: Payload) -> Payload:
    match payload:
        case Ready(name=name) | Info(name=name, status=""):
            return replace(payload, name=unicodedata.normalize("NFC", name))
        case Info(name=name, status=status):
            name, status = (unicodedata.normalize("NFC", one) for one in (name, status))
            return replace(payload, name=name, status=status)
        case Text(text=text):
            return replace(payload, text=unicodedata.normalize("NFC", text))
        case Offer(shown=shown):
            tops = (replace(t, name=unicodedata.normalize("NFC", t.name)) for t in shown)
            return replace(payload, shown=tuple(tops))
    return payload


READY = Ready(0, 1, 2, 40_000, 0, MAX_TEXT, MAX_TOTAL, NO_KEY, NO_KEY, "")
INFO = Info(0, NO_KEY, NO_KEY, "")
SHORT_TEXTS = (  # every payload with one: what says it, and its bytes
    (lambda words: replace(READY, name=words), MAX_NAME),
    (lambda words: replace(INFO, name=words), MAX_NAME),
    (lambda words: replace(INFO, status=words), MAX_STATUS),
    (lambda words: replace(OFFER, shown=(Top(TopKind.FILE, 4, words),)), 255),
)
#: letters of which normal form C makes more bytes, fewer, or others
GROWING = "\u0958\u0344\u0390\U0001d160e\u0301\u00e9\u0323\u1100\u1161"


@given(
    field=st.sampled_from(SHORT_TEXTS),
    words=st.text(st.sampled_from(GROWING), min_size=1, max_size=130),
)
def test_a_short_text_in_any_form_can_be_kept_or_is_refused(
    field: tuple[Callable[[str], Payload], int], words: str
) -> None:
    make, most = field
    raw, normal = words.encode(), unicodedata.normalize("NFC", words)
    assume(len(raw) <= most)
    stand_in = "#" * len(raw)
    kind, body = encode(make(stand_in))
    head, _, rest = body.rpartition(stand_in.encode())  # the last: a length may be "#", too
    body = head + raw + rest
    if len(normal.encode()) > most:
        with pytest.raises(MalformedPayload):
            decode(kind, body)
    else:
        payload = decode(kind, body)
        assert payload == make(words)
        assert payload is not None
        assert decode(*encode(payload)) == make(normal)


def test_a_text_is_written_in_normal_form_c() -> None:
    kind, body = encode(replace(TEXT, text="e\u0301"))
    assert decode(kind, body) == replace(TEXT, text="\u00e9")


@pytest.mark.parametrize(
    ("payload", "change"),
    [
        (TEXT, {"text": ""}),
        (TEXT, {"text": "a" * (MAX_TEXT + 1)}),
        (TEXT, {"text": "a\0b"}),
        (TEXT, {"id": b"short"}),
        (TEXT, {"seq": -1}),
        (TEXT, {"sent_at": 2**64}),
        (Close(CloseCode.GOODBYE), {"retry_s": 65_536}),
        (Receipt(ReceiptState.READ, (NO_ID,)), {"ids": ()}),
        (Receipt(ReceiptState.READ, (NO_ID,)), {"ids": (NO_ID,) * 256}),
        (Done(NO_ID, 1, DoneStage.SENT, 1, NO_KEY), {"attempt": 0}),
        (ACCEPT, {"skip": b"s" * (MOST_SKIPPED + 1)}),
        (Look(NO_ID, 1, 0), {"offset": MAX_MANIFEST + 1}),
        (Listing(NO_ID, 1, 0, b"m"), {"data": b""}),
        (Listing(NO_ID, 1, 0, b"m"), {"data": b"m" * (MOST_LISTED + 1)}),
        (Prove(NO_ID, 1, 0, b"s"), {"asked": b""}),
        (Prove(NO_ID, 1, 0, b"s"), {"asked": b"s" * (MOST_ASKED // 8 + 1)}),
        (Proof(NO_ID, 1, 0, NO_KEY), {"proofs": b""}),
        (Proof(NO_ID, 1, 0, NO_KEY), {"proofs": NO_KEY * (MOST_ASKED + 1)}),
        (OFFER, {"total": MAX_TOTAL + 1}),
        (OFFER, {"manifest_len": MAX_MANIFEST + 1}),
    ],
)
def test_what_a_peer_would_refuse_is_not_written(
    payload: Payload, change: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        encode(replace(payload, **change))


@pytest.mark.parametrize(
    ("payload", "change"),
    [
        (OFFER, {"files": 0}),
        (OFFER, {"files": MAX_ENTRIES, "folders": 1}),
        (OFFER, {"tops": 2}),
        (OFFER, {"tops": 0, "shown": ()}),
        (OFFER, {"shown": ()}),
        (ACCEPT, {"offset": 1, "prefix_sha256": b"d" * 32}),
        (ACCEPT, {"offset": CHUNK}),
        (ACCEPT, {"prefix_sha256": b"d" * 32}),
        (ACCEPT, {"skip": b"s\0"}),
        (Prove(NO_ID, 1, 0, b"s"), {"asked": b"\0"}),
        (Proof(NO_ID, 1, 0, NO_KEY), {"proofs": b"half"}),
    ],
)
def test_what_contradicts_itself_cannot_be_made(
    payload: Payload, change: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"offer|offset|prefix|set|proof"):
        replace(payload, **change)


def test_type_numbers_are_those_of_the_protocol() -> None:
    assert {*range(1, 11), 16, 17, *range(32, 42), *range(48, 52)} == KINDS
