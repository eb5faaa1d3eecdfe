"""When something was, and how much of something there is, as people read it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.gui import amounts, moments

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
TODAY = NOW.date()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (date(2026, 11, 23), "Today"),
        (date(2026, 11, 22), "Yesterday"),
        (date(2026, 11, 3), "Tue 3 Nov"),
        (date(2026, 11, 24), "Tue 24 Nov"),
        (date(2025, 3, 1), "Sat 1 Mar 2025"),
    ],
)
def test_a_day_is_named_as_people_name_it(one: date, shown: str) -> None:
    assert moments.day(one, TODAY) == shown


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(minutes=5), "09:07"),
        (timedelta(hours=10), "Yesterday"),
        (timedelta(days=3), "Fri"),
        (timedelta(days=20), "3 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
        (-timedelta(days=1), "24 Nov"),
    ],
)
def test_a_list_says_when_in_few_letters(ago: timedelta, shown: str) -> None:
    assert moments.brief(_ms(NOW - ago), _ms(NOW), UTC) == shown


def test_a_moment_is_told_by_the_readers_clock() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert moments.clock(_ms(NOW), east) == "14:42"
    assert moments.full(_ms(NOW), _ms(NOW), east) == "Today 14:42"
    assert moments.stamp(_ms(NOW), UTC) == "2026-11-23 09:12"


@pytest.mark.parametrize(
    ("ago", "shown", "short"),
    [
        (timedelta(minutes=5), "today at 09:07", "today at 09:07"),
        (timedelta(hours=10), "yesterday at 23:12", "yesterday"),
        (timedelta(days=3), "on Fri 20 Nov at 09:12", "on Fri"),
        (timedelta(days=400), "on Sun 19 Oct 2025 at 09:12", "on 19 Oct 2025"),
    ],
)
def test_within_a_sentence_a_moment_is_part_of_it(
    ago: timedelta, shown: str, short: str
) -> None:
    assert moments.when(_ms(NOW - ago), _ms(NOW), UTC) == shown
    assert moments.lately(_ms(NOW - ago), _ms(NOW), UTC) == short


def test_a_day_that_is_read_later_has_its_year() -> None:
    assert moments.dated(_ms(NOW), UTC) == "23 Nov 2026"


@given(st.integers(-(2**70), 2**70))
def test_any_number_a_stranger_claims_is_a_moment(claim: int) -> None:
    assert moments.clock(claim)
    assert moments.full(claim, _ms(NOW))
    assert moments.brief(claim, _ms(NOW))
    assert moments.when(claim, _ms(NOW))
    assert moments.lately(claim, _ms(NOW))
    assert moments.dated(claim)
    assert moments.stamp(claim)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (4_200_000, "4.2 MB"),
        (999_999, "1 MB"),
        (5 * 10**14, "500 TB"),
    ],
)
def test_a_size_has_two_or_three_digits(count: int, shown: str) -> None:
    assert amounts.size(count) == shown


def test_a_part_names_its_unit_once() -> None:
    assert amounts.part(1_200_000_000, 3_400_000_000) == "1.2 of 3.4 GB"
    assert amounts.part(86_000_000, 3_400_000_000) == "86 MB of 3.4 GB"
    assert amounts.part(9, 5) == "5 of 5 B"
    assert amounts.rate(86_000_000) == "86 MB/s"


def test_long_numbers_have_their_thousands_apart() -> None:
    assert [amounts.grouped(one) for one in (7, 60_000, 1_000_007)] == [
        "7", "60,000", "1,000,007",
    ]  # fmt: skip
    assert amounts.share(1, 3) == "33 %"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(26, "26 s left"), (61, "2 min left"), (3_900, "1 h 5 min left"), (10**9, "days left")],
)
def test_a_wait_is_told_in_the_unit_that_fits(seconds: int, shown: str) -> None:
    assert amounts.left(seconds) == shown


@given(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70))
def test_any_numbers_of_a_stranger_are_an_amount(done: int, total: int) -> None:
    assert amounts.part(done, total)
    assert 0 <= amounts.percent(done, total) <= 100
