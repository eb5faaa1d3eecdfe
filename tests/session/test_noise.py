"""The engine alone: nonces run out in time, keys prove something, errors are in our words."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import (
    AuthenticationError,
    BadKey,
    BadLength,
    LocalProtocolError,
    PeerTooGreedy,
    RemoteProtocolError,
    SealBroken,
)
from lanchat.session.keypairs import KeyPair, MlKemPair, X25519Pair, encapsulate
from lanchat.session.noise import LANCHAT, MAX_NONCE, CipherState, HandshakeState

KEY = bytes(range(32))
P = 2**255 - 19
LOW_ORDER = [
    value.to_bytes(32, "little")
    for value in (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        P - 1,
        P,
        P + 1,
    )
]


def keys(number: int) -> dict[str, KeyPair]:
    seed = bytes([number])
    return {
        "e": X25519Pair(seed * 32),
        "s": X25519Pair(bytes([number + 100]) * 32),
        "e1": MlKemPair(seed * 64),
    }


def side(*, initiator: bool, other: Mapping[str, KeyPair] | None = None) -> HandshakeState:
    mine = keys(1 if initiator else 2) | dict(other or {})
    return HandshakeState(LANCHAT, initiator=initiator, prologue=b"p", keys=mine)


def nothing(h: bytes) -> bytes:
    return b""


def test_a_direction_gives_out_the_last_nonce_and_then_no_more() -> None:
    writer = CipherState(LANCHAT, KEY, MAX_NONCE - 1)
    reader = CipherState(LANCHAT, KEY, MAX_NONCE - 1)
    assert reader.open(writer.seal(b"last")) == b"last"
    with pytest.raises(LocalProtocolError):
        writer.seal(b"one more")
    with pytest.raises(PeerTooGreedy):
        reader.open(bytes(16))


def test_a_new_key_does_not_begin_the_count_anew() -> None:
    writer, reader = CipherState(LANCHAT, KEY), CipherState(LANCHAT, KEY)
    reader.open(writer.seal(b"0"))
    writer.rekey()
    reader.rekey()
    late = CipherState(LANCHAT, KEY)
    late.rekey()
    sealed = writer.seal(b"1")
    assert reader.open(sealed) == b"1"
    with pytest.raises(SealBroken):
        late.open(sealed)


@given(st.binary(max_size=80))
def test_nothing_that_was_not_sealed_opens(data: bytes) -> None:
    with pytest.raises(SealBroken):
        CipherState(LANCHAT, KEY).open(data)


def test_a_broken_seal_does_not_move_the_count() -> None:
    writer, reader = CipherState(LANCHAT, KEY), CipherState(LANCHAT, KEY)
    with pytest.raises(SealBroken):
        reader.open(bytes(20))
    assert reader.open(writer.seal(b"first")) == b"first"


@pytest.mark.parametrize("public", LOW_ORDER, ids=lambda key: key[:4].hex())
def test_a_key_of_low_order_is_refused_in_our_own_words(public: bytes) -> None:
    with pytest.raises(BadKey, match=r"^X25519 key of low order$"):
        X25519Pair(KEY).shared(public)


@pytest.mark.parametrize("public", [b"\xff" * 1184, bytes(1183), b""], ids=len)
def test_a_kem_key_beyond_the_modulus_or_of_another_size_is_refused(public: bytes) -> None:
    with pytest.raises(BadKey, match=r"^ML-KEM key refused$"):
        encapsulate(public)


def test_a_kem_key_of_zeros_harms_its_owner_only() -> None:
    ciphertext, secret = encapsulate(bytes(1184))
    assert (len(ciphertext), len(secret)) == (1088, 32)


def test_a_kem_ciphertext_of_another_size_is_refused() -> None:
    with pytest.raises(BadKey, match=r"^ML-KEM ciphertext refused$"):
        MlKemPair(bytes(64)).shared(bytes(1087))


def test_a_foreign_ciphertext_gives_another_secret_and_never_an_error() -> None:
    assert len(MlKemPair(bytes(64)).shared(bytes(1088))) == 32


def test_a_payload_is_made_from_the_hash_that_its_reader_sees() -> None:
    ann, bob = side(initiator=True), side(initiator=False)
    seen: list[bytes] = []

    def payload(h: bytes) -> bytes:
        seen.append(h)
        return h

    for writer, reader in ((ann, bob), (bob, ann), (ann, bob)):
        assert reader.read(writer.write(payload)) == seen[-1] == reader.payload_hash
    assert len(set(seen)) == 3


def test_another_prologue_ends_the_handshake() -> None:
    ann = side(initiator=True)
    bob = HandshakeState(LANCHAT, initiator=False, prologue=b"q", keys=keys(2))
    bob.read(ann.write(nothing))
    with pytest.raises(AuthenticationError):
        ann.read(bob.write(nothing))


def test_a_finished_handshake_holds_no_key() -> None:
    ann, bob = side(initiator=True), side(initiator=False)
    for writer, reader in ((ann, bob), (bob, ann), (ann, bob)):
        reader.read(writer.write(nothing))
    ours, theirs = ann.split(), bob.split()
    assert (ours.binding, ours.exporter) == (theirs.binding, theirs.exporter)
    assert [*ann.keys, *bob.keys, *ann.remote, *bob.remote] == []


@given(st.binary(max_size=1400))
def test_arbitrary_bytes_are_no_handshake_message(message: bytes) -> None:
    bob = side(initiator=False)
    try:
        bob.read(message)
        bob.write(nothing)
    except RemoteProtocolError:
        return
    assert len(message) >= 1216  # a whole message 1 has no seal yet


@given(cut=st.integers(0, 1300 - 25), turn=st.sampled_from((1, 2)))
def test_a_message_that_ends_early_is_refused(cut: int, turn: int) -> None:
    ann, bob = side(initiator=True), side(initiator=False)
    bob.read(ann.write(nothing))
    reader, message = ann, bob.write(nothing)
    if turn == 2:
        ann.read(message)
        reader, message = bob, ann.write(nothing)
    with pytest.raises((BadLength, AuthenticationError)):
        reader.read(message[: min(cut, len(message) - 1)])
