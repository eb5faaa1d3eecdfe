"""One changed bit, anywhere before READY, and nobody gets a session.  PROTOCOL.md, 2.

All 21,696 bits take minutes, so a third of the bytes is tried with one bit each, others in
every run; and every bit of what is in clear, where a flip is not simply a broken seal.
"""

import random

import pytest

from tests.pairs import Pair

IN_CLEAR = [*range(8 + 2), *range(8 + 2 + 1216, 8 + 2 + 1240)]  # preface, length, P1


def carried(turn: int, at: int, bit: int) -> Pair:
    """A pair whose message of that turn has one bit changed."""
    pair = Pair()
    for number in (1, 2, 3):
        speaker, hear = (pair.bob, pair.to_ann) if number == 2 else (pair.ann, pair.to_bob)
        said = bytearray(speaker.session.outgoing())
        if number == turn:
            said[at] ^= 1 << bit
        hear(bytes(said))
    pair.exchange()
    return pair


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("turn", "size"), [(1, 1250), (2, 1302), (3, 166)])
def test_no_byte_of_a_handshake_can_be_changed(turn: int, size: int) -> None:
    for at in range(0, size, 1 if turn == 3 else 3):
        bit = random.randrange(8)
        spot = min(at + random.randrange(3), size - 1)
        pair = carried(turn, spot, bit)
        assert [pair.ann.opened, pair.bob.opened] == [False, False], (turn, spot, bit)


@pytest.mark.parametrize("at", IN_CLEAR)
def test_no_bit_of_what_is_in_clear_can_be_changed(at: int) -> None:
    for bit in range(8):
        pair = carried(1, at, bit)
        assert not pair.ann.opened, bit
        assert not pair.bob.opened, bit
