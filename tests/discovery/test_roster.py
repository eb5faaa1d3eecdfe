"""The roster: what adverts say one after another, and its bounds."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from lanchat.discovery.advert import Advert, label_of
from lanchat.discovery.roster import (
    ECHO,
    EPOCH_KEPT,
    MAX_PEERS,
    MAX_PER_SOURCE,
    SILENCE,
    Arrived,
    Changed,
    Departed,
    Roster,
    RosterEvent,
)
from lanchat.identity.keys import PeerId

NOW = 1_790_000_000_000  # ms, on our clock
ME = PeerId(bytes(32))
_number = count(1)


def _peer(epoch: int = NOW, *addresses: str, version: int = 1, nickname: str = "Ann") -> Advert:
    peer_id = PeerId(next(_number).to_bytes(32, "big"))
    return Advert(
        peer_id, nickname, 4000, epoch, "", addresses, label_of(peer_id), version=version
    )


def _see(
    roster: Roster, advert: Advert, now: float = 0.0, source: str | None = None
) -> list[RosterEvent]:
    return roster.see(advert, now, source, seen_at=NOW)


@pytest.fixture
def roster() -> Iterator[Roster]:
    roster = Roster(ME)
    yield roster
    assert len(list(roster)) == len(roster)


def test_the_first_advert_is_an_arrival_and_its_repetition_is_nothing(roster: Roster) -> None:
    ann = _peer()
    assert _see(roster, ann) == [Arrived(ann)]
    assert _see(roster, ann) == []
    assert roster.find(ann.peer_id) == ann


def test_a_higher_epoch_wins(roster: Roster) -> None:
    ann = _peer()
    _see(roster, ann)
    later = replace(ann, epoch=NOW + 1, nickname="Anne", port=4001)
    assert _see(roster, later) == [Changed(later)]


def test_an_older_epoch_is_a_replay(roster: Roster) -> None:
    ann = _peer()
    _see(roster, ann)
    assert _see(roster, replace(ann, epoch=NOW - 1, port=4001)) == []
    assert roster.counts["replayed"] == 1
    assert list(roster) == [ann]


@pytest.mark.parametrize(
    "other", [{"nickname": "Bob"}, {"port": 4001}, {"capabilities": "f"}], ids=str
)
def test_of_two_that_contradict_each_other_the_later_is_dropped(
    roster: Roster, other: dict[str, str]
) -> None:
    ann = _peer()
    _see(roster, ann)
    assert _see(roster, replace(ann, **other)) == []  # type: ignore[arg-type]  # by name
    assert roster.counts["contradicts itself"] == 1
    assert list(roster) == [ann]


def test_a_copy_of_the_last_advert_that_comes_behind_the_goodbye_is_nothing(
    roster: Roster,
) -> None:
    ann = _peer()
    _see(roster, ann)
    roster.lost(ann.label, 1.0)
    assert _see(roster, ann, 1.0 + ECHO / 2) == []
    assert roster.counts["echo"] == 1
    assert _see(roster, ann, 1.0 + ECHO) == [Arrived(ann)]


def test_a_peer_that_starts_again_at_once_is_there_at_once(roster: Roster) -> None:
    ann = _peer()
    _see(roster, ann)
    roster.lost(ann.label, 1.0)
    again = replace(ann, epoch=NOW + 1)
    assert _see(roster, again, 1.1) == [Arrived(again)]


def test_a_replay_is_still_one_after_the_peer_was_lost(roster: Roster) -> None:
    ann = _peer()
    _see(roster, ann)
    assert roster.lost(ann.label, 1.0) == [Departed(ann.peer_id, ann.label)]
    assert roster.lost(ann.label, 1.0) == []
    assert _see(roster, replace(ann, epoch=NOW - 1), 2.0) == []
    assert _see(roster, replace(ann, nickname="Bob"), 2.0) == []
    assert _see(roster, ann, 2.0) == [Arrived(ann)]


def test_six_hours_after_the_loss_its_epoch_is_forgotten(roster: Roster) -> None:
    ann = _peer()
    older = replace(ann, epoch=NOW - 1)
    _see(roster, ann)
    roster.lost(ann.label, 0.0)
    roster.expire(EPOCH_KEPT - 1)
    assert _see(roster, older, EPOCH_KEPT - 1) == []
    roster.expire(EPOCH_KEPT)
    assert _see(roster, older, EPOCH_KEPT) == [Arrived(older)]


def test_our_own_advert_is_hidden_from_wherever_it_comes(roster: Roster) -> None:
    mine = replace(_peer(NOW, "10.0.0.9"), peer_id=ME, label=label_of(ME))
    assert _see(roster, mine, 0.0, "10.6.6.6") == []
    assert roster.counts["own advert"] == 1
    assert len(roster) == 0


HOURS = 3600 * 1000


@pytest.mark.parametrize(
    ("epoch", "suspect"),
    [
        (NOW, False),
        (NOW - 3 * HOURS, False),
        (NOW + 3 * HOURS, False),
        (NOW - 3 * HOURS - 1, True),
        (NOW + 3 * HOURS + 1, True),
    ],
)
def test_a_clock_more_than_three_hours_off_is_marked(
    roster: Roster, epoch: int, suspect: bool
) -> None:
    ann = _peer(epoch)
    assert _see(roster, ann) == [Arrived(ann, clock_suspect=suspect)]
    assert roster.clock_suspect(ann.peer_id) is suspect


def test_new_addresses_come_first_and_there_are_never_more_than_eight(roster: Roster) -> None:
    ann = _peer(NOW, *(f"10.0.0.{n}" for n in range(6)))
    _see(roster, ann)
    moved = replace(ann, addresses=("10.0.1.1", "10.0.0.5", "10.0.1.2"))
    merged = (*moved.addresses, *(f"10.0.0.{n}" for n in range(5)))
    assert _see(roster, moved) == [Changed(replace(ann, addresses=merged))]


def test_the_same_addresses_in_another_order_are_no_change(roster: Roster) -> None:
    ann = _peer(NOW, "10.0.0.1", "10.0.0.2")
    _see(roster, ann)
    assert _see(roster, replace(ann, addresses=("10.0.0.2", "10.0.0.1"))) == []


def test_another_version_is_listed_but_never_takes_the_place_of_ours(roster: Roster) -> None:
    newer = _peer(0, version=2, nickname="")
    assert _see(roster, newer) == [Arrived(newer)]
    moved = replace(newer, addresses=("10.0.0.1",))
    assert _see(roster, moved) == [Changed(moved)]
    ours = replace(moved, version=1, epoch=NOW, nickname="Ann")
    assert _see(roster, ours) == [Changed(ours)]
    assert _see(roster, newer) == []
    assert roster.counts["other version"] == 1
    assert list(roster) == [ours]


def test_a_full_roster_gives_up_unchecked_versions_first_then_the_oldest_seen(
    roster: Roster,
) -> None:
    crowd = [_peer(NOW, f"10.1.{n // 200}.{n % 200}") for n in range(MAX_PEERS - 1)]
    for now, one in enumerate(crowd):
        _see(roster, one, now)
    other = _peer(0, "10.9.9.9", version=2)
    _see(roster, other, MAX_PEERS)
    roster.confirm(crowd[0].label, MAX_PEERS)
    first, second = _peer(NOW, "10.9.9.8"), _peer(NOW, "10.9.9.7")
    gone = [Departed(other.peer_id, other.label), Arrived(first)]
    assert _see(roster, first, MAX_PEERS + 1) == gone
    gone = [Departed(crowd[1].peer_id, crowd[1].label), Arrived(second)]
    assert _see(roster, second, MAX_PEERS + 2) == gone
    assert len(roster) == MAX_PEERS
    assert roster.counts["evicted"] == 2


def test_a_flood_of_instances_evicts_nobody_who_is_protected(roster: Roster) -> None:
    friends = [_peer(NOW, f"10.0.0.{n}") for n in range(40)]
    for friend in friends:
        roster.protect(friend.peer_id)
        _see(roster, friend, 0.0)
    for n in range(5 * MAX_PEERS):
        _see(roster, _peer(NOW, f"10.{n % 199 + 1}.{n % 241}.7"), 1.0 + n)
    assert len(roster) <= MAX_PEERS
    assert [roster.find(friend.peer_id) for friend in friends] == friends


def test_one_source_has_32_places(roster: Roster) -> None:
    for n in range(MAX_PER_SOURCE + 5):
        _see(roster, _peer(NOW, f"10.0.0.{n}"), n, "10.6.6.6")
    bob = _peer(NOW)
    _see(roster, bob, 99.0, "10.0.0.7")
    assert len(roster) == MAX_PER_SOURCE + 1
    assert roster.counts["evicted"] == 5


def test_without_a_known_source_the_first_address_counts(roster: Roster) -> None:
    for n in range(MAX_PER_SOURCE + 5):
        _see(roster, _peer(NOW, "10.6.6.6", f"10.0.0.{n}"), n)
    assert len(roster) == MAX_PER_SOURCE


def test_a_source_full_of_contacts_takes_no_stranger(roster: Roster) -> None:
    for n in range(MAX_PER_SOURCE):
        friend = _peer()
        roster.protect(friend.peer_id)
        _see(roster, friend, n, "10.0.0.7")
    assert _see(roster, _peer(), 99.0, "10.0.0.7") == []
    assert roster.counts["no room"] == 1
    another = _peer()
    roster.protect(another.peer_id)
    assert _see(roster, another, 99.0, "10.0.0.7") == [Arrived(another)]


def test_whose_label_is_protected_can_be_asked(roster: Roster) -> None:
    ann = _peer()
    roster.protect(ann.peer_id)
    assert [roster.protects(ann.label), roster.protects(_peer().label)] == [True, False]


def test_a_contact_given_up_may_be_evicted_again(roster: Roster) -> None:
    ann = _peer()
    roster.protect(ann.peer_id)
    _see(roster, ann, 0.0, "10.0.0.7")
    roster.protect(ann.peer_id, on=False)
    for n in range(MAX_PER_SOURCE):
        _see(roster, _peer(), 1.0 + n, "10.0.0.7")
    assert roster.find(ann.peer_id) is None


def test_silence_for_as_long_as_mdns_keeps_a_name_ends_a_rumour(roster: Roster) -> None:
    ann, bob, friend = _peer(), _peer(), _peer()
    roster.protect(friend.peer_id)
    for one in (ann, bob, friend):
        _see(roster, one, 0.0)
    roster.confirm(bob.label, 10.0)
    assert roster.expire(SILENCE) == [Departed(ann.peer_id, ann.label)]
    assert list(roster) == [friend, bob]


def test_peers_are_verified_once_a_minute_the_oldest_first_and_five_at_most(
    roster: Roster,
) -> None:
    crowd = [_peer() for _ in range(12)]
    for now, one in enumerate(crowd):
        _see(roster, one, float(now))
    assert roster.due(30.0) == []
    rounds = [roster.due(200.0) for _ in range(4)]
    assert [len(labels) for labels in rounds] == [5, 5, 2, 0]
    assert [label for labels in rounds for label in labels] == [one.label for one in crowd]


def test_who_answered_is_not_due(roster: Roster) -> None:
    ann = _peer()
    _see(roster, ann, 0.0)
    roster.confirm(ann.label, 190.0)
    roster.confirm("nobody", 190.0)
    assert roster.due(200.0) == []
