"""A rate that lanes share: never more than it, equal shares, and no wait without one."""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.transfer import lane
from lanchat.transfer.disk import inspect
from lanchat.transfer.lane import Counters
from lanchat.transfer.pacing import BURST, LEAST_RATE, Pace, piece
from lanchat.transfer.throttle import FREE, Both, Brake, Throttle
from tests.transfer.lanepair import MIB, Transfer, grow, in_thread, tcp_pair, tree

RATES = st.integers(LEAST_RATE, 2**40)


@given(rate=RATES, asks=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 2**24)), min_size=1))
def test_no_more_goes_than_the_rate_lets_through(
    rate: int, asks: list[tuple[float, int]]
) -> None:
    """Whenever who asks comes, and however much it wants."""
    pace, now, sent = Pace(), 1000.0, 0
    for pause, wanted in asks:
        now += pause
        size = piece(rate, wanted)
        assert 0 < size <= wanted
        now += pace.allow(size, rate, now)  # who asked waits so long
        assert sent <= rate * (now - 1000.0 + BURST) * (1 + 1e-9) + 1
        sent += size


@given(rate=RATES, lanes=st.integers(1, 8))
def test_lanes_that_ask_in_turns_get_equal_shares(rate: int, lanes: int) -> None:
    """Each asks again when its wait is over; who waits less would starve the others."""
    pace = Pace()
    due, got = [1000.0 + number / 1e6 for number in range(lanes)], [0] * lanes
    for _ in range(40 * lanes):
        next_one = min(range(lanes), key=lambda number: due[number])
        now = due[next_one]
        due[next_one] = now + max(pace.allow(piece(rate, MIB), rate, now), 1e-6)
        got[next_one] += 1
    at_once = BURST * rate / piece(rate, MIB)  # what may be made up for goes first
    assert max(got) - min(got) <= at_once + 2


def test_time_that_nobody_used_leads_to_no_burst() -> None:
    pace = Pace()
    assert pace.allow(1000, 1000, 50.0) == 0.0
    assert pace.allow(1000, 1000, 5000.0) == 0.0
    assert pace.allow(1000, 1000, 5000.0) == pytest.approx(1.0 - BURST)


def test_without_a_rate_all_of_it_may_go() -> None:
    assert FREE.allow(10**9, Event()) == 10**9
    assert Both(FREE, FREE).allow(10**9, Event()) == 10**9


def test_a_rate_may_change_at_any_time_and_a_wait_be_stopped() -> None:
    rates, stop = [10**6], Event()
    throttle = Throttle(lambda: rates[-1])
    assert throttle.allow(MIB, stop) == 50_000
    rates.append(1)  # as good as nothing: the least that is taken
    assert throttle.allow(MIB, stop) == 16 * 1024
    waiting = Thread(target=lambda: [throttle.allow(MIB, stop) for _ in range(10_000)])
    waiting.start()
    stop.set()
    waiting.join(timeout=60)
    assert not waiting.is_alive()
    rates.append(0)
    assert throttle.allow(MIB, Event()) == MIB


Carry = Callable[[Transfer, Brake], None]


def _slow_sender(transfer: Transfer, brake: Brake) -> None:
    ours, theirs = tcp_pair()
    args = (transfer.attempt(number=1), transfer.source, Counters(), Event(), brake)
    with in_thread(lambda: lane.send(ours, *args)) as sent:
        transfer.number = 1
        transfer.receive(theirs)
    assert sent.result().chunks


def _slow_receiver(transfer: Transfer, brake: Brake) -> None:
    ours, theirs = tcp_pair()
    transfer.number = 1
    args = (transfer.attempt(), transfer.incoming, Counters(), Event(), brake)
    with in_thread(lambda: lane.receive(theirs, *args)) as got:
        transfer.send(ours)
    assert got.result().chunks


@pytest.mark.parametrize("carry", [_slow_sender, _slow_receiver])
def test_a_lane_keeps_to_its_rate_and_brings_every_byte(tmp_path: Path, carry: Carry) -> None:
    rate, size = 8 * MIB, 3 * MIB
    source = inspect([grow(tmp_path / "t", {"a": size, "b/c": 5})])
    (tmp_path / "downloads").mkdir()
    transfer = Transfer(source, tmp_path / "downloads")
    began = time.monotonic()
    carry(transfer, Both(Throttle(lambda: rate), FREE))
    assert size <= rate * (time.monotonic() - began + BURST)  # a slow machine is only slower
    transfer.incoming.publish()
    assert tree(tmp_path / "downloads" / "t") == tree(tmp_path / "t")


def test_who_takes_slowly_makes_nobody_hold_more_than_a_chunk(tmp_path: Path) -> None:
    """A slow disk is the same to a lane: nothing is read from the socket meanwhile."""
    source = inspect([grow(tmp_path / "t", {"a": 12 * MIB})])
    (tmp_path / "downloads").mkdir()
    transfer = Transfer(source, tmp_path / "downloads")
    tracemalloc.start()
    try:
        _slow_receiver(transfer, Throttle(lambda: 16 * MIB))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 2 * MIB <= most < 3 * MIB  # a buffer at each end, and little else
