"""Admission: who is checked when more adverts come than can be afforded."""

import pytest

from lanchat.discovery.admission import (
    MAX_CONTACT_QUEUE,
    MAX_QUEUE,
    MAX_SOURCES,
    REST_BURST,
    Admission,
    Bucket,
    Heard,
    Waiting,
)
from lanchat.discovery.advert import Advert, Claim
from lanchat.identity.keys import PeerId

_ADVERT = Advert(PeerId(bytes(32)), "Ann", 4000, 1)


def _waiting(number: int, source: str | None = None, *addresses: str) -> Waiting:
    heard = Heard(f"l{number}", b"txt%d" % number, 4000, addresses, source)
    return Waiting(Claim(_ADVERT, b"", b""), heard)


def _labels(admission: Admission, now: float) -> list[str]:
    labels = []
    while (waiting := admission.take(now)) is not None:
        labels.append(waiting.heard.label)
    return labels


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(2.0, 3.0, 0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait(0.0) == 0.5
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]


def test_a_reserved_token_is_waited_for_in_turn() -> None:
    bucket = Bucket(2.0, 1.0, 0.0)
    assert [bucket.reserve(0.0) for _ in range(3)] == [0.0, 0.5, 1.0]


def test_claims_come_out_in_their_order_and_each_once() -> None:
    admission = Admission(0.0)
    for number in (1, 2, 1, 3, 2):
        assert admission.offer(_waiting(number, f"s{number}"), 0.0, contact=False)
    assert len(admission) == 3
    assert _labels(admission, 0.0) == ["l1", "l2", "l3"]
    assert admission.wait(0.0) is None


def test_the_queue_takes_512_and_drops_the_newest() -> None:
    admission = Admission(0.0)
    taken = [
        admission.offer(_waiting(n, f"s{n}"), 0.0, contact=False) for n in range(MAX_QUEUE + 9)
    ]
    assert taken == [True] * MAX_QUEUE + [False] * 9
    assert admission.full
    assert admission.counts["queue full"] == 9


def test_contacts_pass_a_full_queue_and_go_first() -> None:
    admission = Admission(0.0)
    for n in range(MAX_QUEUE):
        admission.offer(_waiting(n, f"s{n}"), 0.0, contact=False)
    assert admission.offer(_waiting(9999, "s1"), 0.0, contact=True)
    assert _labels(admission, 0.0)[0] == "l9999"


@pytest.mark.parametrize("contact", [True, False])
def test_forged_ones_of_one_label_take_four_places_and_keep_nobody_else_out(
    contact: bool,
) -> None:
    admission = Admission(0.0)

    def offer(number: int) -> bool:
        heard = Heard(
            "ann", b"txt%d" % number, 4000, (), f"10.0.{number // 250}.{number % 250}"
        )
        return admission.offer(Waiting(Claim(_ADVERT, b"", b""), heard), 0.0, contact=contact)

    assert [offer(number) for number in range(1000)].count(True) == 4
    assert admission.offer(_waiting(1), 0.0, contact=contact)
    assert _labels(admission, 0.0) == ["ann"] * 4 + ["l1"]
    assert offer(2000)


def test_contacts_have_50_a_second_and_a_queue_of_their_own() -> None:
    admission = Admission(0.0)
    for n in range(MAX_CONTACT_QUEUE + 1):
        admission.offer(_waiting(n), 0.0, contact=True)
    assert admission.counts["queue full"] == 1
    assert len(_labels(admission, 0.0)) == 50
    assert admission.wait(0.0) == 0.02
    assert len(_labels(admission, 1.0)) == 50


def test_the_rest_has_130_a_second_once_the_burst_is_used_up() -> None:
    admission = Admission(0.0)
    checked = 0
    for n in range(3 * MAX_QUEUE):
        admission.offer(_waiting(n, f"s{n}"), 0.0, contact=False)
        checked += len(_labels(admission, 0.0))
    assert checked == REST_BURST
    assert len(_labels(admission, 1.0)) == 130
    assert len(_labels(admission, 2.0)) == 130


def test_one_source_has_32_at_once_and_20_a_second() -> None:
    admission = Admission(0.0)
    for now, expected in ((0.0, 32), (1.0, 20)):
        offered = [
            admission.offer(_waiting(int(now) * 100 + n, "10.6.6.6"), now, contact=False)
            for n in range(50)
        ]
        assert offered.count(True) == expected
    assert admission.offer(_waiting(999, "10.0.0.7"), 1.0, contact=False)
    assert admission.counts["source too fast"] == 18 + 30


def test_where_the_source_is_unknown_the_first_address_stands_for_it() -> None:
    admission = Admission(0.0)
    offered = [
        admission.offer(_waiting(n, None, "10.6.6.6", f"10.0.0.{n}"), 0.0, contact=False)
        for n in range(50)
    ]
    assert offered.count(True) == 32


def test_the_memory_of_sources_is_bounded() -> None:
    admission = Admission(0.0)
    for n in range(MAX_SOURCES + 100):
        admission.offer(_waiting(n, f"s{n}"), 0.0, contact=False)
        _labels(admission, 0.0)
    assert len(admission._sources) == MAX_SOURCES
