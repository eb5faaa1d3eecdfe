"""Our engine speaks with `noiseprotocol`, which shares no line with it."""

import os

import pytest
from noise.connection import Keypair, NoiseConnection

from lanchat.errors import SealBroken
from lanchat.session.keypairs import X25519Pair
from lanchat.session.noise import XX, HandshakeState, Secrets, Suite

NAME = b"Noise_XX_25519_AESGCM_SHA256"
SUITE = Suite(NAME, XX)


def stranger(*, initiator: bool) -> NoiseConnection:
    peer = NoiseConnection.from_name(NAME)
    if initiator:
        peer.set_as_initiator()
    else:
        peer.set_as_responder()
    peer.set_prologue(b"prologue")
    peer.set_keypair_from_private_bytes(Keypair.STATIC, os.urandom(32))
    peer.start_handshake()
    return peer


def meet(*, initiator: bool) -> tuple[Secrets, NoiseConnection]:
    """A whole handshake; `initiator`: we are."""
    peer = stranger(initiator=not initiator)
    ours = HandshakeState(
        SUITE,
        initiator=initiator,
        prologue=b"prologue",
        keys={"e": X25519Pair(os.urandom(32)), "s": X25519Pair(os.urandom(32))},
    )
    for turn in range(3):
        payload = bytes([turn]) * turn
        if (turn % 2 == 0) == initiator:
            assert peer.read_message(ours.write(lambda h, p=payload: p)) == payload  # type: ignore[misc]  # bound now
        else:
            assert ours.read(bytes(peer.write_message(payload))) == payload
    assert peer.handshake_finished
    return ours.split(), peer


@pytest.mark.parametrize("initiator", [True, False], ids=["we dial", "we answer"])
def test_a_foreign_engine_finishes_our_handshake_and_follows_our_records(
    initiator: bool,
) -> None:
    ours, peer = meet(initiator=initiator)
    assert ours.binding == peer.get_handshake_hash()
    for turn in range(40):
        data = os.urandom(turn * 7)
        if turn in (11, 12, 30):
            ours.sending.rekey()
            peer.rekey_inbound_cipher()
        if turn in (5, 12, 31):
            ours.receiving.rekey()
            peer.rekey_outbound_cipher()
        assert peer.decrypt(ours.sending.seal(data)) == data
        assert ours.receiving.open(bytes(peer.encrypt(data))) == data


def test_a_key_that_only_one_side_renewed_opens_nothing() -> None:
    ours, peer = meet(initiator=True)
    peer.rekey_outbound_cipher()
    with pytest.raises(SealBroken):
        ours.receiving.open(bytes(peer.encrypt(b"x")))
