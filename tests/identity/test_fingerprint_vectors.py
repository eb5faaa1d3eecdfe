"""Every case of vectors/fingerprints.json.  PROTOCOL.md, 1, 2, 5."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from lanchat.errors import BadInvite, BadKey, BadWords
from lanchat.identity.fingerprint import (
    Fingerprint,
    Invite,
    fingerprint,
    invite,
    parse_fingerprint,
    parse_invite,
    parse_words,
)
from lanchat.identity.keys import PeerId, check_key

Case = dict[str, Any]

_FILE: Final = Path(__file__).parent.parent / "vectors" / "fingerprints.json"
_VECTORS: Final[dict[str, list[Case]]] = json.loads(_FILE.read_text(encoding="ascii"))


def _cases(kind: str, *, good: bool) -> list[Any]:
    return [
        pytest.param(case, id=case["name"])
        for case in _VECTORS[kind]
        if (case["expect"] == "ok") is good
    ]


def _peer(case: Case) -> PeerId:
    return PeerId(bytes.fromhex(case["pub"]))


@pytest.mark.parametrize("case", _VECTORS["keys"], ids=lambda case: case["pub"][:8])
def test_a_key_is_written_as_the_vectors_say(case: Case) -> None:
    peer_id = _peer(case)
    printed = fingerprint(peer_id)
    check_key(peer_id.key)
    assert str(peer_id) == case["peer_id"]
    assert list(printed.words) == case["words"]
    assert printed.hex == case["hex"]
    assert invite(peer_id) == case["invite"]
    assert PeerId.parse(case["peer_id"]) == peer_id
    assert parse_words(" ".join(case["words"])) == printed
    assert parse_fingerprint(case["hex"]) == printed
    assert parse_invite(case["invite"]) == Invite(peer_id)


@pytest.mark.parametrize("case", _cases("words", good=True))
def test_typed_words_are_read(case: Case) -> None:
    assert parse_words(case["text"]) == Fingerprint(bytes.fromhex(case["hex"]))
    assert parse_fingerprint(case["text"]) == parse_words(case["text"])


@pytest.mark.parametrize("case", _cases("words", good=False))
def test_a_fault_in_typed_words_names_its_place(case: Case) -> None:
    with pytest.raises(BadWords) as caught:
        parse_words(case["text"])
    assert caught.value.place == case["expect"]


@pytest.mark.parametrize("case", _cases("invites", good=True))
def test_an_invite_is_read(case: Case) -> None:
    assert parse_invite(case["text"]) == Invite(_peer(case), tuple(case["addresses"]))


@pytest.mark.parametrize("case", _cases("invites", good=False))
def test_a_damaged_invite_is_refused(case: Case) -> None:
    with pytest.raises(BadInvite):
        parse_invite(case["text"])


@pytest.mark.parametrize("case", _cases("peer_ids", good=True))
def test_a_peer_id_is_read(case: Case) -> None:
    assert PeerId.parse(case["text"]) == _peer(case)


@pytest.mark.parametrize("case", _cases("peer_ids", good=False))
def test_anything_but_the_one_way_to_write_a_peer_id_is_refused(case: Case) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (this is all it promises)
        PeerId.parse(case["text"])


@pytest.mark.parametrize("case", _VECTORS["unfit"], ids=lambda case: case["name"])
def test_a_key_that_proves_nothing_is_no_identity(case: Case) -> None:
    with pytest.raises(BadKey):
        check_key(bytes.fromhex(case["pub"]))
