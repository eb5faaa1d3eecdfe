"""How many may stand in the door, who has to go, what a source may ask for.  PROTOCOL.md, 2."""

from hypothesis import given
from hypothesis import strategies as st

from lanchat.session.bucket import Bucket
from lanchat.session.doorkeeper import (
    BURST,
    FRIENDS,
    LANES,
    PER_SOURCE,
    SOURCES,
    STRANGERS,
    Caller,
    Doorkeeper,
)


class Door:
    """A doorkeeper, and who was shown out."""

    def __init__(self) -> None:
        self.keeper = Doorkeeper(lambda count: count - 1)
        self.dropped: list[str] = []

    def knock(self, source: str, name: str = "") -> Caller | None:
        return self.keeper.knock(source, lambda: self.dropped.append(name or source))

    def enter(self, source: str) -> Caller:
        caller = self.knock(source)
        assert caller is not None
        return caller


def full() -> tuple[Door, list[Caller]]:
    door = Door()
    return door, [door.enter(f"10.0.0.{number}") for number in range(STRANGERS)]


def test_eight_of_one_source_may_wait_and_the_ninth_may_not() -> None:
    door = Door()
    first = [door.knock("10.0.0.1") for _ in range(PER_SOURCE)]
    assert door.knock("10.0.0.1") is None
    assert door.knock("10.0.0.2") is not None
    assert first[0] is not None
    door.keeper.leave(first[0])
    assert door.knock("10.0.0.1") is not None
    assert door.keeper.refused == 1


def test_a_newcomer_takes_the_place_of_the_oldest_that_has_said_nothing() -> None:
    door, callers = full()
    assert door.keeper.spoke(callers[0], 0.0)
    assert door.knock("10.0.1.1") is not None
    assert door.dropped == ["10.0.0.1"]
    assert door.keeper.pending == STRANGERS
    assert door.keeper.evicted == 1


def test_when_all_have_spoken_any_of_them_makes_room() -> None:
    door, callers = full()
    for caller in callers:
        assert door.keeper.spoke(caller, 0.0)
    assert door.knock("10.0.1.1") is not None
    assert door.dropped == [callers[-1].source], "as drawn"


def test_strangers_cannot_fill_the_places_of_friends_and_lanes() -> None:
    door, callers = full()
    for number in range(FRIENDS):
        friend = callers[number]
        assert door.keeper.spoke(friend, 0.0, friend=True)
    for number in range(FRIENDS, FRIENDS + LANES):
        assert door.keeper.lane(callers[number])
    assert not door.keeper.lane(callers[-1])
    for number in range(FRIENDS + LANES):
        assert door.knock(f"10.0.2.{number}") is not None
    assert door.dropped == []
    assert door.keeper.pending == STRANGERS + FRIENDS + LANES


def test_a_friend_is_never_shown_out_for_a_stranger() -> None:
    door = Door()
    for number in range(STRANGERS + FRIENDS):
        assert door.keeper.spoke(door.enter(f"10.0.0.{number}"), 0.0, friend=True)
    assert door.knock("10.0.1.1") is None
    assert door.dropped == []


def test_whoever_left_may_leave_again() -> None:
    door = Door()
    caller = door.enter("10.0.0.1")
    door.keeper.leave(caller)
    door.keeper.leave(caller)
    assert door.keeper.pending == 0
    assert not door.keeper._pending


def test_a_source_gets_ten_handshakes_at_once_and_then_two_a_second() -> None:
    door = Door()

    def handshakes(now: float, source: str = "10.0.0.1", *, friend: bool = False) -> int:
        done = 0
        for _ in range(20):
            caller = door.enter(source)
            done += door.keeper.spoke(caller, now, friend=friend)
            door.keeper.leave(caller)
        return done

    assert handshakes(0.0) == BURST
    assert handshakes(1.0) == 2
    assert handshakes(1.0, "10.0.0.2") == BURST
    assert handshakes(1.0, friend=True) == BURST, "who knows a secret of ours is counted apart"
    assert handshakes(1000.0) == BURST


def test_a_million_sources_do_not_fill_the_memory() -> None:
    door = Door()
    for number in range(3 * SOURCES):
        caller = door.enter(f"fe80::{number:x}")
        door.keeper.spoke(caller, 0.0)
        door.keeper.leave(caller)
    assert len(door.keeper._buckets) == SOURCES
    assert not door.keeper._pending


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 80)), max_size=300))
def test_no_order_of_coming_and_going_breaks_a_bound(steps: list[tuple[int, int]]) -> None:
    door = Door()
    present: list[Caller] = []
    for action, number in steps:
        if action <= 2 or not present:
            if (caller := door.knock(f"10.0.0.{number % 12}")) is not None:
                present.append(caller)
            continue
        caller = present[number % len(present)]
        match action:
            case 3:
                door.keeper.leave(caller)
            case 4:
                door.keeper.spoke(caller, float(number), friend=number % 2 == 0)
            case 5:
                door.keeper.lane(caller)
        assert door.keeper.pending <= STRANGERS + FRIENDS + LANES
        assert all(0 < n <= PER_SOURCE for n in door.keeper._pending.values())
        assert sum(door.keeper._pending.values()) <= STRANGERS


@given(st.lists(st.floats(0, 1), max_size=100))
def test_a_bucket_never_gives_more_than_its_burst_and_its_rate(waits: list[float]) -> None:
    bucket, now, taken = Bucket(10, 2, 0.0), 0.0, 0
    for wait in waits:
        now += wait
        taken += bucket.take(now)
        assert taken <= 10 + 2 * now + 1e-6


def test_a_bucket_does_not_mind_a_clock_that_goes_back() -> None:
    bucket = Bucket(1, 1, 100.0)
    assert bucket.take(50.0)
    assert not bucket.take(100.5)
    assert bucket.take(101.0)
