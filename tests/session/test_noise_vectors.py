"""The engine replays every vector of vectors/noise_vectors.json, in both roles.

The suites and tokens that lanchat does not use (ChaChaPoly, the old `f`, `ff` form with
X448) are values of this test: the engine takes them, the product does not hold them.
"""

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from kyber_py.ml_kem import ML_KEM_768

from lanchat.session.keypairs import KeyPair, MlKemPair, X25519Pair
from lanchat.session.noise import (
    EE,
    ES,
    LANCHAT,
    SE,
    XX,
    XXHFS,
    Agree,
    E,
    HandshakeState,
    Public,
    S,
    Secrets,
    Suite,
)

_FILE: Final = Path(__file__).parent.parent / "vectors" / "noise_vectors.json"
_ALL: Final = json.loads(_FILE.read_text(encoding="ascii"))["vectors"]


class X448Pair:
    def __init__(self, private: bytes) -> None:
        self._private = X448PrivateKey.from_private_bytes(private)
        self.public: Final = self._private.public_key().public_bytes_raw()

    def shared(self, other: bytes) -> bytes:
        return self._private.exchange(X448PublicKey.from_public_bytes(other))


_F: Final = Public("f", 56)
_FF: Final = Agree("f", "f")
_XX: Final = Suite(b"Noise_XX_25519_AESGCM_SHA256", XX)
_XX_448: Final = Suite(
    b"Noise_XXhfs_25519+448_AESGCM_SHA256", ((E, _F), (E, _F, EE, _FF, S, ES), (S, SE))
)
_CHACHA: Final = Suite(
    b"Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256",
    XXHFS,
    cipher=ChaCha20Poly1305,
    nonce=struct.Struct("<4xQ").pack,
)
_SUITES: Final = {suite.name: suite for suite in (_XX, _XX_448, _CHACHA, LANCHAT)}


def _name(entry: dict[str, Any]) -> str:
    vector = entry["vector"]
    protocol = vector.get("protocol_name") or vector["name"]
    return f"{protocol}-{entry['origin']['repo'].rpartition('/')[2]}"


def _suite(vector: Mapping[str, Any]) -> Suite:
    return _SUITES[(vector.get("protocol_name") or vector["name"]).encode("ascii")]


def _keys(vector: Mapping[str, Any], side: str) -> dict[str, KeyPair]:
    makers: dict[str, tuple[str, Callable[[bytes], KeyPair]]] = {
        "e": ("ephemeral", X25519Pair),
        "s": ("static", X25519Pair),
        "f": ("hybrid_ephemeral", X448Pair),
        "e1": ("mlkem768_seed", MlKemPair),
    }
    return {
        name: make(bytes.fromhex(vector[f"{side}_{field}"]))
        for name, (field, make) in makers.items()
        if f"{side}_{field}" in vector
    }


def _side(vector: Mapping[str, Any], side: str) -> HandshakeState:
    def encapsulate(public: bytes) -> tuple[bytes, bytes]:
        randomness = bytes.fromhex(vector["resp_encaps_m"])
        secret, ciphertext = ML_KEM_768._encaps_internal(public, randomness)
        return ciphertext, secret

    prologue = vector.get(f"{side}_prologue", vector.get("prologue", ""))
    return HandshakeState(
        _suite(vector),
        initiator=side == "init",
        prologue=bytes.fromhex(prologue),
        keys=_keys(vector, side),
        encapsulate=encapsulate,
    )


def _messages(vector: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    if "payloads" in vector:
        for payload, message in zip(vector["payloads"], vector["messages"], strict=True):
            yield bytes.fromhex(payload), bytes.fromhex(message)
    else:
        for message in vector["messages"]:
            yield bytes.fromhex(message["payload"]), bytes.fromhex(message["ciphertext"])


def _replay(vector: Mapping[str, Any]) -> Iterator[Secrets]:
    """Write what this side writes and read what the vector says the other wrote."""
    transport = list(_messages(vector))[3:]
    for side in ("init", "resp"):
        state = _side(vector, side)
        for turn, (payload, message) in enumerate(_messages(vector)):
            if turn == 3:
                break
            if (turn % 2 == 0) == (side == "init"):
                assert state.write(lambda h, p=payload: p) == message  # type: ignore[misc]  # bound now
            else:
                assert state.read(message) == payload
        assert state.finished
        secrets = state.split()
        for turn, (payload, message) in enumerate(transport, start=3):
            if (turn % 2 == 0) == (side == "init"):
                assert secrets.sending.seal(payload) == message
            else:
                assert secrets.receiving.open(message) == payload
        yield secrets


@pytest.mark.parametrize("entry", _ALL, ids=_name)
def test_both_roles_replay_a_vector_byte_for_byte(entry: dict[str, Any]) -> None:
    vector = entry["vector"]
    ours, theirs = _replay(vector)
    assert ours.binding == theirs.binding
    assert ours.exporter == theirs.exporter
    if "handshake_hash" in vector:
        assert ours.binding.hex() == vector["handshake_hash"]


@pytest.mark.parametrize("entry", [e for e in _ALL if "cs1_k" in e["vector"]], ids=_name)
def test_the_keys_of_a_vector_are_the_keys_of_both_directions(entry: dict[str, Any]) -> None:
    vector = entry["vector"]
    suite = _suite(vector)
    ours, theirs = _replay(vector)
    for key, sender, reader in (
        ("cs1_k", ours.sending, theirs.receiving),
        ("cs2_k", theirs.sending, ours.receiving),
    ):
        aead = suite.cipher(bytes.fromhex(vector[key]))
        sealed = aead.encrypt(bytes(12), b"under that key", None)
        assert sender.seal(b"under that key") == sealed
        assert reader.open(sealed) == b"under that key"


def test_every_vector_says_where_it_is_from_and_under_which_licence() -> None:
    assert {_suite(entry["vector"]).name for entry in _ALL} == set(_SUITES)
    for entry in _ALL:
        assert entry["origin"]["repo"]
        assert entry["origin"]["licence"]


def test_a_rekeyed_direction_goes_on_with_the_key_that_the_specification_makes() -> None:
    vector = next(e["vector"] for e in _ALL if _suite(e["vector"]) is LANCHAT)
    ours, _ = _replay(vector)
    ours.sending.seal(b"")
    ours.sending.rekey()
    old = AESGCM(bytes.fromhex(vector["cs1_k"]))
    new = AESGCM(old.encrypt(bytes(4) + b"\xff" * 8, bytes(32), b"")[:32])
    assert ours.sending.seal(b"x") == new.encrypt(bytes(11) + b"\x01", b"x", b"")
