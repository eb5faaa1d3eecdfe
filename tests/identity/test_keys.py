"""Keys: what is an identity, what a signature is bound to."""

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, text

from lanchat.errors import AuthenticationError, BadKey
from lanchat.identity.keys import Identity, PeerId, check_key, label, verify

ANN = Identity(bytes(range(32)))
BOB = Identity(bytes(range(1, 33)))
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point, RFC 8032


def test_a_label_names_the_protocol_and_ends() -> None:
    assert label("reach") == b"lanchat/1 reach\0"


def test_the_public_key_of_rfc_8032_test_1() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Identity(seed).peer_id.key.hex() == public


@given(binary(min_size=32, max_size=32))
def test_a_peer_id_survives_being_written_and_read(key: bytes) -> None:
    peer_id = PeerId(key)
    written = str(peer_id)
    assert PeerId.parse(written) == peer_id
    assert (len(written), written) == (52, written.lower())
    assert written.startswith(peer_id.short)
    assert len(peer_id.short) == 8


@given(text(max_size=60))
def test_no_text_is_read_as_a_peer_id_that_is_written_otherwise(typed: str) -> None:
    try:
        peer_id = PeerId.parse(typed)
    except ValueError:
        return
    assert str(peer_id) == typed


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_peer_id_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} bytes"):
        PeerId(bytes(size))
    with pytest.raises(BadKey):
        check_key(bytes(size))


def test_peer_ids_have_an_order() -> None:
    assert sorted([PeerId(b"\2" * 32), PeerId(b"\1" * 32)])[0].key[0] == 1


@given(binary(min_size=32, max_size=32))
def test_every_honest_key_passes(seed: bytes) -> None:
    check_key(Identity(seed).peer_id.key)


@given(integers(0, 18), integers(0, 1))
def test_no_key_beyond_the_field_passes(above: int, sign: int) -> None:
    y = 2**255 - 19 + above
    with pytest.raises(BadKey):
        check_key((y | sign << 255).to_bytes(32, "little"))


@given(binary(max_size=200))
def test_a_signature_verifies(message: bytes) -> None:
    signature = ANN.sign("advert", message)
    assert len(signature) == 64
    verify(ANN.peer_id, "advert", message, signature)


def test_a_signature_counts_for_its_purpose_only() -> None:
    signature = ANN.sign("advert", b"x")
    with pytest.raises(AuthenticationError):
        verify(ANN.peer_id, "identity-proof", b"x", signature)


def test_a_purpose_cannot_run_into_the_message() -> None:
    signature = ANN.sign("advert", b"x")
    with pytest.raises(AuthenticationError):
        verify(ANN.peer_id, "adver", b"t\0x", signature)


def test_a_signature_counts_for_its_key_only() -> None:
    with pytest.raises(AuthenticationError):
        verify(BOB.peer_id, "advert", b"x", ANN.sign("advert", b"x"))


@pytest.mark.parametrize("bit", range(0, 512, 7))
def test_a_changed_signature_is_refused(bit: int) -> None:
    signature = bytearray(ANN.sign("advert", b"x"))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(AuthenticationError):
        verify(ANN.peer_id, "advert", b"x", bytes(signature))


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(AuthenticationError):
        verify(ANN.peer_id, "advert", b"x", bytes(size))


def test_a_signature_has_one_form_only() -> None:
    signature = ANN.sign("advert", b"x")
    s = int.from_bytes(signature[32:], "little") + L
    with pytest.raises(AuthenticationError):
        verify(ANN.peer_id, "advert", b"x", signature[:32] + s.to_bytes(32, "little"))


def test_a_forgery_under_the_neutral_point_is_refused_before_it_is_looked_at() -> None:
    neutral = (1).to_bytes(32, "little")
    forged = neutral + bytes(32)  # R the neutral point, S = 0: the equation holds for any text
    with pytest.raises(BadKey):
        verify(PeerId(neutral), "advert", b"anything", forged)


def test_an_identity_does_not_print_its_seed() -> None:
    assert repr(ANN) == f"Identity({ANN.peer_id.short})"


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        Identity(bytes(31))
