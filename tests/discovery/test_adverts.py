"""Adverts: read and checked as the vectors say, and nothing but BadAdvert for any bytes."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.discovery.advert import (
    MAX_EPOCH,
    Advert,
    check,
    clean_name,
    is_label,
    label_of,
    parse,
    read,
    sign,
)
from lanchat.errors import BadAdvert
from lanchat.identity.keys import Identity, PeerId

VECTORS = Path(__file__).parents[1] / "vectors" / "adverts.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="ascii"))["cases"]
ANN = Identity(b"\x01" * 32)
EPOCH = 1_790_000_000_000


def _cases(*expected: str) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if case["expect"] in expected]
    assert chosen
    return pytest.mark.parametrize("case", chosen, ids=[case["name"] for case in chosen])


def _parts(case: dict[str, Any]) -> tuple[str, bytes, int]:
    return case["label"], bytes.fromhex(case["txt"]), case["port"]


@_cases("ok")
def test_a_good_advert_is_read(case: dict[str, Any]) -> None:
    fields = case["fields"]
    label, txt, port = _parts(case)
    assert parse(label, txt, port, ["10.0.0.1"]) == Advert(
        PeerId(bytes.fromhex(fields["peer"])),
        fields["nickname"],
        port,
        fields["epoch"],
        fields["capabilities"],
        ("10.0.0.1",),
        label,
    )


@_cases("malformed", "label of another key")
def test_a_bad_one_is_refused_before_its_signature_is_checked(case: dict[str, Any]) -> None:
    with pytest.raises(BadAdvert):
        read(*_parts(case))


@_cases("label of another key")
def test_a_label_belongs_to_one_key(case: dict[str, Any]) -> None:
    with pytest.raises(BadAdvert, match="another key"):
        read(*_parts(case))


@_cases("forged")
def test_a_forged_one_is_refused_by_its_signature_alone(case: dict[str, Any]) -> None:
    claim = read(*_parts(case))
    with pytest.raises(BadAdvert, match="not signed by its key"):
        check(claim)


@_cases("other version")
def test_another_version_is_listed_with_its_number_and_nothing_more(
    case: dict[str, Any],
) -> None:
    fields = case["fields"]
    label, txt, port = _parts(case)
    peer_id = PeerId(bytes.fromhex(fields["peer"]))
    expected = Advert(peer_id, "", port, 0, label=label, version=fields["version"])
    assert parse(label, txt, port) == expected


def test_what_we_sign_is_what_others_read() -> None:
    signed = sign(ANN, " Zoe\u0308\u202e\n", 41_000, EPOCH, capabilities="fv")
    expected = Advert(
        ANN.peer_id, "Zoë", 41_000, EPOCH, "fv", ("10.0.0.1",), label_of(ANN.peer_id)
    )
    assert parse(signed.label, signed.txt, signed.port, ["10.0.0.1"]) == expected
    assert len(signed.txt) <= 400


@pytest.mark.parametrize(
    ("port", "epoch", "capabilities"),
    [(80, 1, ""), (41_000, -1, ""), (41_000, MAX_EPOCH + 1, ""), (41_000, 1, "a b")],
)
def test_what_nobody_would_believe_is_not_signed(
    port: int, epoch: int, capabilities: str
) -> None:
    with pytest.raises(BadAdvert):
        sign(ANN, "Ann", port, epoch, capabilities=capabilities)


def test_the_strings_stand_in_their_order() -> None:
    txt = sign(ANN, "Ann", 41_000, EPOCH, capabilities="f").txt
    keys = []
    while txt:
        part, txt = txt[1 : 1 + txt[0]], txt[1 + txt[0] :]
        keys.append(part.partition(b"=")[0])
    assert keys == [b"v", b"pk", b"n", b"e", b"c", b"s"]


def test_nine_addresses_are_too_many() -> None:
    signed = sign(ANN, "Ann", 41_000, EPOCH)
    with pytest.raises(BadAdvert, match="9 addresses"):
        read(signed.label, signed.txt, signed.port, [f"10.0.0.{n}" for n in range(9)])


def test_addresses_are_not_signed() -> None:
    signed = sign(ANN, "Ann", 41_000, EPOCH)
    here = parse(signed.label, signed.txt, signed.port, ["10.0.0.1"])
    there = parse(signed.label, signed.txt, signed.port, ["10.9.9.9"])
    assert here == replace(there, addresses=("10.0.0.1",))


@given(
    label=st.one_of(st.text(max_size=40), st.just(label_of(ANN.peer_id))),
    txt=st.binary(max_size=500),
    port=st.integers(0, 65_535),
)
def test_no_bytes_raise_anything_else(label: str, txt: bytes, port: int) -> None:
    with pytest.raises(BadAdvert):
        parse(label, txt, port)


@given(data=st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    signed = sign(ANN, "Ann", 41_000, EPOCH, capabilities="f")
    at = data.draw(st.integers(0, len(signed.txt) - 1))
    bent = bytearray(signed.txt)
    bent[at] ^= data.draw(st.integers(1, 255))
    original = parse(signed.label, signed.txt, signed.port)
    try:
        read_back = parse(signed.label, bytes(bent), signed.port)
    except BadAdvert:
        return
    # Only what is not signed may differ: the case of a key, a later version's number.
    assert read_back == original or read_back.version != original.version


@given(st.text())
def test_a_clean_name_is_short_one_line_and_stays_as_it_is(text: str) -> None:
    name = clean_name(text)
    assert len(name.encode("utf-8")) <= 63
    assert {unicodedata.category(c) for c in name}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert clean_name(name) == name


@given(st.binary(min_size=32, max_size=32))
def test_a_label_is_26_letters_of_base32(key: bytes) -> None:
    assert is_label(label_of(PeerId(key)))
