"""What one peer may take of us, minute by minute."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists, sampled_from, tuples

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.quotas import (
    IDS_AT_ONCE,
    INFOS_AT_ONCE,
    MOST_A_DAY,
    MOST_PEERS,
    MOST_REQUESTS,
    MOST_SOURCES,
    MOST_UNREAD,
    TEXTS_A_SECOND,
    TEXTS_AT_ONCE,
    WELCOME,
    WELCOME_SECONDS,
    Crowd,
    Quotas,
)

ANN = PeerId(b"\2" * 32)
STRANGERS = [Trust.NEW, Trust.CONFLICT]
FRIENDS = [Trust.KNOWN, Trust.VERIFIED]


@dataclass(frozen=True)
class Held:
    texts: int = 0
    size: int = 0
    unread_size: int = 0
    today: int = 0


NOTHING = Held()


def _stored(quotas: Quotas, tries: int, now: float, trust: Trust = Trust.KNOWN) -> int:
    return sum(quotas.may_store(10, trust, NOTHING, now) for _ in range(tries))


def test_a_friend_may_write_500_texts_at_once_and_then_20_a_second() -> None:
    quotas = Quotas(0.0)
    assert _stored(quotas, 600, 0.0) == TEXTS_AT_ONCE
    assert _stored(quotas, 600, 1.0) == TEXTS_A_SECOND
    assert _stored(quotas, 600, 1_000.0) == TEXTS_AT_ONCE


def test_a_friend_with_a_long_outbox_may_send_it_when_the_session_begins() -> None:
    quotas = Quotas(0.0)
    assert quotas.may_open(5.0)
    assert _stored(quotas, WELCOME + 600, 5.0) == WELCOME + TEXTS_AT_ONCE


def test_the_welcome_ends_after_a_minute() -> None:
    quotas = Quotas(0.0)
    assert quotas.may_open(0.0)
    assert _stored(quotas, 100, WELCOME_SECONDS - 1) == 100
    assert _stored(quotas, 600, WELCOME_SECONDS) == TEXTS_AT_ONCE


def test_a_session_too_many_brings_no_welcome() -> None:
    quotas = Quotas(0.0)
    assert sum(quotas.may_open(0.0) for _ in range(15)) == 10
    assert _stored(quotas, 11_000, 0.0) == WELCOME + TEXTS_AT_ONCE
    assert not quotas.may_open(0.0)
    assert _stored(quotas, 10, 0.0) == 0
    assert quotas.may_open(6.5)


@pytest.mark.parametrize("trust", FRIENDS)
def test_what_a_friend_wrote_unread_and_today_is_limited(trust: Trust) -> None:
    quotas = Quotas(0.0)
    fits = Held(unread_size=MOST_UNREAD - 10, today=MOST_A_DAY - 10)
    assert quotas.may_store(10, trust, fits, 0.0)
    assert not quotas.may_store(11, trust, Held(unread_size=MOST_UNREAD - 10), 0.0)
    assert not quotas.may_store(11, trust, Held(today=MOST_A_DAY - 10), 0.0)
    assert quotas.may_store(11, trust, Held(texts=10**6, size=2**40), 0.0)


@pytest.mark.parametrize("trust", STRANGERS)
def test_a_stranger_may_write_20_texts_of_16_kib_in_all(trust: Trust) -> None:
    quotas = Quotas(0.0)
    assert quotas.may_store(10, trust, Held(texts=19), 0.0)
    assert not quotas.may_store(10, trust, Held(texts=20), 0.0)
    assert quotas.may_store(16_384, trust, NOTHING, 0.0)
    assert not quotas.may_store(16_385, trust, NOTHING, 0.0)
    assert not quotas.may_store(10, trust, Held(texts=1, size=16_375), 0.0)


def test_a_blocked_peer_may_write_nothing() -> None:
    assert _stored(Quotas(0.0), 5, 0.0, Trust.BLOCKED) == 0


def test_a_text_that_has_no_room_does_not_cost_a_turn() -> None:
    quotas = Quotas(0.0)
    full = Held(texts=20)
    assert not any(quotas.may_store(1, Trust.NEW, full, 0.0) for _ in range(1_000))
    assert quotas.idle(0.0)


def test_infos_that_were_held_up_on_the_way_count_and_a_stream_of_them_does_not() -> None:
    quotas = Quotas(0.0)
    assert sum(quotas.may_inform(0.0) for _ in range(100)) == INFOS_AT_ONCE
    assert not quotas.may_inform(9.0)
    assert quotas.may_inform(10.5)


def test_receipts_are_counted_by_their_ids() -> None:
    quotas = Quotas(0.0)
    taken = sum(255 for _ in range(1_000) if quotas.may_receipt(255, 0.0))
    assert IDS_AT_ONCE - 255 < taken <= IDS_AT_ONCE
    assert quotas.may_receipt(10_000, 1.0)
    assert not quotas.may_receipt(255, 1.0)


def test_a_clock_that_stands_or_goes_back_gives_nothing() -> None:
    quotas = Quotas(100.0)
    assert _stored(quotas, 600, 100.0) == TEXTS_AT_ONCE
    assert _stored(quotas, 10, 50.0) == 0


steps = lists(tuples(floats(0, 30), integers(0, 400), sampled_from(FRIENDS)), max_size=30)


@given(steps)
def test_however_they_are_spread_the_texts_stay_below_the_rate(
    steps: list[tuple[float, int, Trust]],
) -> None:
    quotas, now, stored = Quotas(0.0), 0.0, 0
    for pause, tries, trust in steps:
        now += pause
        stored += _stored(quotas, tries, now, trust)
    assert stored <= TEXTS_AT_ONCE + TEXTS_A_SECOND * now + 1


# --- everybody --------------------------------------------------------------------------


def test_a_key_that_calls_again_has_the_quotas_it_left() -> None:
    crowd = Crowd()
    assert _stored(crowd.of(ANN, 0.0), 600, 0.0) == TEXTS_AT_ONCE
    assert _stored(crowd.of(ANN, 0.0), 10, 0.0) == 0


def test_no_more_keys_and_sources_are_remembered_than_there_is_room_for() -> None:
    crowd = Crowd()
    first = crowd.of(ANN, 0.0)
    for number in range(MOST_PEERS - 1):
        crowd.of(PeerId(number.to_bytes(32, "big")), 0.0)
    assert crowd.of(ANN, 0.0) is first
    for number in range(MOST_PEERS):
        crowd.of(PeerId(number.to_bytes(32, "big")), 0.0)
    assert crowd.of(ANN, 0.0) is not first
    for number in range(2 * MOST_SOURCES):
        crowd.may_request(str(number), 0, 0.0)
    assert crowd.remembered == (MOST_PEERS, MOST_SOURCES)


def test_sweeping_forgets_those_who_have_recovered() -> None:
    crowd = Crowd()
    crowd.of(ANN, 0.0).may_inform(0.0)
    crowd.may_request("192.0.2.1", 0, 0.0)
    crowd.sweep(5.0)
    assert crowd.remembered == (1, 1)
    crowd.sweep(30.0)
    assert crowd.remembered == (0, 1)
    crowd.sweep(3_600.0)
    assert crowd.remembered == (0, 0)


def test_five_new_requests_an_hour_come_from_one_source() -> None:
    crowd = Crowd()
    assert [crowd.may_request("192.0.2.1", 0, 0.0 + at) for at in range(7)] == [True] * 5 + [
        False
    ] * 2
    assert crowd.may_request("192.0.2.2", 0, 7.0)
    assert crowd.may_request("192.0.2.1", 0, 3_600.0)
    assert not crowd.may_request("192.0.2.1", 0, 3_600.5)
    assert crowd.may_request("192.0.2.1", 0, 3_601.0)


def test_fifty_requests_are_kept() -> None:
    crowd = Crowd()
    assert crowd.may_request("192.0.2.1", MOST_REQUESTS - 1, 0.0)
    assert not crowd.may_request("192.0.2.2", MOST_REQUESTS, 0.0)
