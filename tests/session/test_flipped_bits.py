"""One changed bit, anywhere before READY, and nobody gets a session.  PROTOCOL.md, 2.

Every bit of one handshake is tried: the preface, the three lengths and the three messages.
The sides are copied as they stand before the message, so that a bit costs what is said from
there on and not a handshake from its beginning; a sample goes the whole way without copies.
"""

import copy
import copyreg
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from lanchat.identity.keys import Identity, PeerId
from lanchat.session.channel import Limits
from lanchat.session.handshake import Ephemeral, Terms, Versions
from lanchat.session.keypairs import MlKemPair, X25519Pair
from lanchat.session.noise import Agree, Encapsulated, Public, Suite
from lanchat.wire.payloads import Close, Ready
from tests.pairs import Pair

#: What never changes, so that a copy may share it.
SHARED: Final[tuple[type[Any], ...]] = (
    *(AESGCM, Close, Ephemeral, Identity, Limits, MlKemPair, PeerId, Ready, Terms, Versions),
    X25519Pair,
    *(Agree, Encapsulated, Public, Suite),  # what is to be said, not what was
)
SIZES: Final = {1: 8 + 2 + 1240, 2: 2 + 1300, 3: 2 + 164}  # bytes of each turn
PARTS: Final = 4  # of a turn, so that none is long


def _before(turn: int) -> tuple[Pair, bytes]:
    """A pair just before the message of `turn` arrives, and that message."""
    pair = Pair()
    for number in range(1, turn + 1):
        speaker, hear = (pair.bob, pair.to_ann) if number == 2 else (pair.ann, pair.to_bob)
        said = speaker.session.outgoing()
        if number == turn:
            return pair, said
        hear(said)
    raise AssertionError("a handshake has three turns")


def test_the_sizes_are_those_of_a_handshake() -> None:
    assert {turn: len(_before(turn)[1]) for turn in (1, 2)} == {1: SIZES[1], 2: SIZES[2]}
    assert len(_before(3)[1]) > SIZES[3]  # READY rides behind the last message
    assert 8 * (sum(SIZES.values()) - 3 * 2) == 21_696


def test_a_copy_of_a_pair_goes_on_as_the_pair_would(monkeypatch: pytest.MonkeyPatch) -> None:
    _share(monkeypatch)
    for turn in SIZES:
        pair, said = _before(turn)
        for twin in (copy.deepcopy(pair), pair):
            (twin.to_ann if turn == 2 else twin.to_bob)(said)
            twin.exchange()
            assert [twin.ann.opened, twin.bob.opened] == [True, True]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("turn", SIZES)
def test_no_bit_of_a_handshake_can_be_changed(
    turn: int, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _share(monkeypatch)
    pair, said = _before(turn)
    hearer, speaker = (pair.ann, pair.bob) if turn == 2 else (pair.bob, pair.ann)
    for at in range(part, SIZES[turn], PARTS):
        for bit in range(8):
            hears = copy.deepcopy(hearer)
            hears.take(_changed(said, at, bit), pair.now)
            assert not hears.opened, (turn, at, bit)
            if answer := hears.session.outgoing():  # what is in clear may pass until here
                waits = copy.deepcopy(speaker)
                waits.take(answer, pair.now)
                assert not waits.opened, (turn, at, bit)
                assert waits.session.outgoing() == b"", (turn, at, bit)


@given(turn=st.sampled_from(sorted(SIZES)), data=st.data())
def test_a_changed_bit_ends_a_whole_handshake(turn: int, data: st.DataObject) -> None:
    pair, said = _before(turn)
    at, bit = data.draw(st.integers(0, SIZES[turn] - 1)), data.draw(st.integers(0, 7))
    (pair.to_ann if turn == 2 else pair.to_bob)(_changed(said, at, bit))
    pair.exchange()
    assert [pair.ann.opened, pair.bob.opened] == [False, False]


def _changed(said: bytes, at: int, bit: int) -> bytes:
    return said[:at] + bytes((said[at] ^ 1 << bit,)) + said[at + 1 :]


def _share(monkeypatch: pytest.MonkeyPatch) -> None:
    for shared in SHARED:
        monkeypatch.setitem(copyreg.dispatch_table, shared, lambda _one: "as it is")
