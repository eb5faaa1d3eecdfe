"""Which of two sessions stays: both sides say the same, each in its view.  PROTOCOL.md, 2."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.identity.keys import PeerId
from lanchat.session.rivals import SETTLED, Rank, loser

SMALL, LARGE = PeerId(b"\1" * 32), PeerId(b"\2" * 32)
HANDSHAKE = 5.0  # seconds that opening may take at one side, and be late at the other


@dataclass(frozen=True)
class Truth:
    """One session as it is: `by_small`, the smaller key dialled it."""

    by_small: bool
    dial: int
    replace: bool
    small_epoch: int
    large_epoch: int
    binding: bytes

    def seen_by(self, peer: PeerId, opened_at: float) -> Rank:
        epochs = (self.large_epoch, self.small_epoch)
        epoch, own = epochs if peer is SMALL else reversed(epochs)
        return Rank(
            epoch=epoch,
            dial=self.dial,
            replace=self.replace,
            initiator_mine=self.by_small == (peer is SMALL),
            own_epoch=own,
            opened_at=opened_at,
            binding=self.binding,
        )


def truths(binding: bytes) -> st.SearchStrategy[Truth]:
    few = st.integers(1, 3)
    return st.builds(Truth, st.booleans(), few, st.booleans(), few, few, st.just(binding))


def verdict(peer: PeerId, one: Truth, other: Truth, times: tuple[float, float]) -> Truth:
    """Which one `peer` ends, who saw them open at these times."""
    ranks = {one.seen_by(peer, times[0]): one, other.seen_by(peer, times[1]): other}
    older, newer = sorted(ranks, key=lambda rank: rank.opened_at)
    mine, theirs = (SMALL, LARGE) if peer is SMALL else (LARGE, SMALL)
    return ranks[loser(older, newer, mine, theirs)]


X, Y = truths(b"x"), truths(b"y")


@given(X, Y, st.lists(st.floats(0, HANDSHAKE), min_size=4, max_size=4))
def test_both_sides_end_the_same_of_two_sessions_that_crossed(
    x: Truth, y: Truth, at: list[float]
) -> None:
    small = verdict(SMALL, x, y, (at[0], at[1]))
    assert small == verdict(LARGE, x, y, (at[2], at[3]))


@given(X, Y, st.floats(SETTLED + HANDSHAKE, 1e6), st.floats(0, 0.9 * HANDSHAKE))
def test_both_sides_end_the_same_of_an_old_session_and_a_new_one(
    x: Truth, y: Truth, gap: float, skew: float
) -> None:
    small = verdict(SMALL, x, y, (0.0, gap))
    assert small == verdict(LARGE, x, y, (skew, gap))


@given(X, Y, X, st.permutations([0, 1, 2]))
def test_of_three_sessions_that_crossed_the_same_one_stays_in_any_order(
    x: Truth, y: Truth, z: Truth, order: list[int]
) -> None:
    epochs = {"small_epoch": 1, "large_epoch": 1}
    three = [
        Truth(t.by_small, d, False, **epochs, binding=t.binding)
        for d, t in enumerate((x, y, z))
    ]

    def last(sessions: list[Truth]) -> Truth:
        left = sessions[0]
        for other in sessions[1:]:
            left = other if verdict(SMALL, left, other, (0.0, 1.0)) == left else left
        return left

    assert last(three) == last([three[at] for at in order])


def rank(**changes: object) -> Rank:
    said: dict[str, object] = {"epoch": 1, "dial": 1, "replace": False, "initiator_mine": True}
    return Rank(**(said | changes))  # type: ignore[arg-type]  # the changes are of the tests


def test_a_restarted_peer_ends_what_its_old_process_opened() -> None:
    old = rank(epoch=1, dial=900, replace=True)
    new = rank(epoch=2, initiator_mine=False)
    assert loser(old, new, SMALL, LARGE) is loser(new, old, SMALL, LARGE) is old


@pytest.mark.parametrize("mine", [SMALL, LARGE])
def test_a_session_that_replaces_ends_an_older_one_of_either_side(mine: PeerId) -> None:
    theirs = LARGE if mine is SMALL else SMALL
    for by_me in (True, False):
        old = rank(initiator_mine=not by_me, opened_at=0.0)
        new = rank(initiator_mine=by_me, replace=True, opened_at=3600.0, binding=b"n")
        assert loser(old, new, mine, theirs) is old


def test_a_renewal_that_is_long_done_does_not_resist_the_next_one() -> None:
    renewed = rank(replace=True, opened_at=0.0)
    moved = rank(replace=True, initiator_mine=False, opened_at=600.0)
    assert loser(renewed, moved, SMALL, LARGE) is renewed


@pytest.mark.parametrize("replace", [True, False])
def test_of_two_that_crossed_the_one_of_the_smaller_key_stays(replace: bool) -> None:
    mine = rank(replace=replace, opened_at=0.0)
    theirs = rank(replace=replace, initiator_mine=False, opened_at=0.1)
    assert loser(mine, theirs, SMALL, LARGE) is theirs
    assert loser(mine, theirs, LARGE, SMALL) is mine


def test_of_two_by_the_same_side_the_later_dial_stays() -> None:
    one, two = rank(dial=7, replace=True, opened_at=0.2), rank(dial=8, opened_at=0.1)
    assert loser(two, one, SMALL, LARGE) is one


def test_a_dialler_that_cannot_count_is_sorted_by_the_names_of_its_sessions() -> None:
    one, two = rank(binding=b"1"), rank(binding=b"2")
    assert loser(one, two, SMALL, LARGE) is loser(two, one, LARGE, SMALL) is two
