"""A broken source of randomness stops a handshake before it begins."""

import os
from collections.abc import Callable

import pytest

from lanchat.errors import NoRandomness
from lanchat.session.draw import Draw, draw_ephemeral
from lanchat.session.handshake import RANDOM


def test_each_draw_is_another_one() -> None:
    drawn = [draw_ephemeral() for _ in range(50)]
    assert len({each.e for each in drawn} | {each.s for each in drawn}) == 100
    assert len({each.e1 for each in drawn}) == len({each.filler for each in drawn}) == 50


def test_a_source_that_repeats_itself_is_refused() -> None:
    once = os.urandom(RANDOM)
    draw = Draw(lambda size: once)
    draw.ephemeral()
    with pytest.raises(NoRandomness):
        draw.ephemeral()


@pytest.mark.parametrize(
    "urandom",
    [bytes, lambda size: b"\7" * size, lambda size: b"", lambda size: os.urandom(size - 1)],
    ids=["zeros", "the same byte", "nothing", "too little"],
)
def test_a_source_that_is_none_is_refused_at_once(urandom: Callable[[int], bytes]) -> None:
    with pytest.raises(NoRandomness):
        Draw(urandom).ephemeral()


@pytest.mark.parametrize("error", [OSError(5, "EIO"), NotImplementedError()])
def test_a_source_that_fails_is_refused(error: Exception) -> None:
    def urandom(size: int) -> bytes:
        raise error

    with pytest.raises(NoRandomness):
        Draw(urandom).ephemeral()
