"""What a zone says of peers: read whole or not at all, whoever wrote into it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.discovery import domain
from lanchat.discovery.advert import MAX_ADDRESSES, label_of, parse, sign
from lanchat.discovery.domain import MAX_LISTED, Fact, Registered
from lanchat.discovery.records import AAAA, PTR, SRV, TXT, A
from lanchat.discovery.site import Site, parse_site, shown
from lanchat.errors import BadRequest
from lanchat.identity.keys import Identity

EXPIRES = 1_790_003_600
SERVICE = "_lanchat._tcp"
FILE = Path(__file__).parents[1] / "vectors" / "registrations.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


def _of(number: int, expires: int = EXPIRES) -> Registered:
    signed = sign(Identity(number.to_bytes(32, "big")), "Ann", 4000, 1_790_000_000_000)
    record = domain.with_expiry(signed.txt, expires)
    return Registered(signed.label, record, signed.port, ("10.0.0.1", "fd00::1"))


def _facts(one: Registered) -> list[Fact]:
    instance = f"{one.label}.{SERVICE}"
    return [
        Fact(SERVICE, PTR, instance),
        Fact(instance, SRV, (one.port, one.label)),
        Fact(instance, TXT, one.record),
        Fact(one.label, A, "10.0.0.1"),
        Fact(one.label, AAAA, "fd00::1"),
    ]


def _read(facts: Iterable[Fact], *contacts: str) -> dict[str, Registered]:
    facts = list(facts)
    return domain.collect(facts, domain.pointed_at(facts, contacts.__contains__))


def test_what_was_registered_is_read_and_the_advert_in_it_is_the_one_that_was_signed() -> None:
    ann, bob = _of(1), _of(2, 0)
    assert _read([*_facts(ann), *_facts(bob)]) == {ann.label: ann, bob.label: bob}
    assert ann.expires == EXPIRES
    assert parse(ann.label, ann.txt, ann.port, ann.addresses).nickname == "Ann"


def test_without_one_of_its_records_or_with_two_of_one_nothing_is_said_of_a_label() -> None:
    ann = _of(1)
    facts = _facts(ann)
    assert _read([*facts[:3], facts[4]]) == {
        ann.label: Registered(ann.label, ann.record, ann.port, ("fd00::1",))
    }
    for missing in (facts[1:], [facts[0], *facts[2:]], [*facts[:2], *facts[3:]], facts[:3]):
        assert _read(missing) == {}
    instance = f"{ann.label}.{SERVICE}"
    for more in (
        Fact(instance, SRV, (5000, ann.label)),
        Fact(instance, TXT, b"\x03a=b"),
    ):
        assert _read([*facts, more]) == {}


def test_a_service_on_another_host_than_its_own_is_none() -> None:
    ann, bob = _of(1), _of(2)
    facts = _facts(ann)
    facts[1] = Fact(f"{ann.label}.{SERVICE}", SRV, (ann.port, bob.label))
    assert list(_read([*facts, *_facts(bob)])) == [bob.label]


def test_of_a_list_without_end_contacts_are_taken_and_no_more_than_the_roster_holds() -> None:
    labels = [label_of(Identity(n.to_bytes(32, "big")).peer_id) for n in range(1, 2102)]
    facts = [Fact(SERVICE, PTR, f"{label}.{SERVICE}") for label in labels]
    taken = domain.pointed_at(facts, {labels[-1]}.__contains__)
    assert len(taken) == MAX_LISTED
    assert taken[0] == labels[-1]


def test_of_many_addresses_as_many_are_taken_as_are_dialled() -> None:
    ann = _of(1)
    many = [Fact(ann.label, A, f"10.0.1.{n}") for n in range(60)]
    assert len(_read([*_facts(ann), *many])[ann.label].addresses) == MAX_ADDRESSES


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_records_are_read_as_the_vectors_say(case: dict[str, Any]) -> None:
    one = Registered("a", bytes.fromhex(case["record"]), 4000, ())
    assert (one.txt.hex(), one.expires) == (case["advert"], case["expires"])


@given(st.binary(max_size=600))
def test_no_bytes_of_a_record_raise(record: bytes) -> None:
    one = Registered("a", record, 4000, ())
    assert one.expires >= 0
    assert len(one.txt) <= len(record)


def test_only_what_ran_out_long_ago_may_be_swept_and_not_by_everybody_at_once() -> None:
    ann, sweepers = _of(1), [_of(number).label for number in range(2, 40)]
    longest = domain.SWEEP_GRACE + domain.SWEEP_SPREAD
    assert not any(domain.may_sweep(one, ann, EXPIRES + domain.SWEEP_GRACE) for one in sweepers)
    half = EXPIRES + domain.SWEEP_GRACE + domain.SWEEP_SPREAD / 2
    assert 0 < sum(domain.may_sweep(one, ann, half) for one in sweepers) < len(sweepers)
    assert all(domain.may_sweep(one, ann, EXPIRES + longest + 1) for one in sweepers)
    assert not domain.may_sweep(sweepers[0], _of(1, 0), EXPIRES * 2)  # it never says


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("chat.example.org", Site("chat.example.org")),
        ("Chat.Example.org.", Site("chat.example.org")),
        ("auto", Site()),
        ("auto@10.0.0.53", Site("", "10.0.0.53")),
        ("lan@ns.lan:5353", Site("lan", "ns.lan:5353")),
        ("lan@[fd00::53]:53", Site("lan", "[fd00::53]:53")),
    ],
)
def test_a_site_is_read_as_it_is_typed(text: str, site: Site) -> None:
    assert parse_site(text) == site
    assert parse_site(shown(site)) == site


@pytest.mark.parametrize(
    "text",
    ["", "@", "a b", "lan@", "lan@10.0.0.53:0", "lan@a:99999", "lan@@b", "-lan", "a..b",
     "a" * 64, ".".join(["a" * 60] * 4), "lan@fd00::53:x", "lan\n"[:3] + "\u202e",
     "\u017fite", "lan@\u212a"],
)  # fmt: skip
def test_what_is_no_site_is_explained(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_site(text, Path("key"))
    assert "chat.example.org" in caught.value.hint
