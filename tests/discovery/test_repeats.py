"""Repeats: how often somebody announces again who misses somebody."""

import pytest

from lanchat.discovery.repeats import longest


@pytest.mark.parametrize(
    ("heard", "seconds"), [(0, 10.0), (8, 10.0), (50, 10.0), (100, 20.0), (1000, 60.0)]
)
def test_many_who_miss_somebody_are_no_louder_than_a_few(heard: int, seconds: float) -> None:
    assert longest(heard) == seconds
