"""Records: what packets say, and that no bytes at all make their reading fail."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zeroconf._dns import DNSAddress, DNSNsec, DNSPointer, DNSRecord, DNSService, DNSText
from zeroconf._protocol.incoming import DNSIncoming

from lanchat.discovery.admission import Heard
from lanchat.discovery.advert import MAX_ADDRESSES, MAX_TXT, SERVICE
from lanchat.discovery.records import (
    Packet,
    answers,
    digest,
    gather,
    host_of,
    instance_of,
    newest,
)
from tests.discovery.packets import announcement, goodbye, noise

ANN = "a" * 26
BOB = "b" * 26
UNIQUE = 0x8001


def _records(label: str = ANN, ttl: int = 120, created: float = 1.0) -> list[DNSRecord]:
    name, host = instance_of(label), host_of(label)
    return [
        DNSPointer(SERVICE, 12, 1, ttl, name, created),
        DNSService(name, 33, UNIQUE, ttl, 0, 0, 4000, host, created),
        DNSText(name, 16, UNIQUE, ttl, b"txt", created),
        DNSAddress(host, 1, UNIQUE, ttl, bytes((10, 0, 0, 1)), created=created),
        DNSAddress(host, 28, UNIQUE, ttl, bytes.fromhex("fe80" + "00" * 13 + "07"), 2, created),
        DNSNsec(host, 47, UNIQUE, ttl, host, [1, 28], created),
    ]


WHOLE = Heard(ANN, b"txt", 4000, ("10.0.0.1", "fe80::7%2"))
LATER = 1000.0  # ms after the records were made


def test_a_whole_announcement_is_one_advert() -> None:
    packet = digest([(record, True) for record in _records()], LATER)
    assert packet == Packet(heard=[WHOLE], alive={ANN}, names=1)


def test_of_a_label_that_is_not_heeded_nothing_is_read_but_that_it_was_there() -> None:
    records = _records(ANN) + _records(BOB)
    packet = digest([(record, True) for record in records], LATER, {ANN}.__contains__)
    assert packet == Packet(heard=[WHOLE], alive={ANN}, names=2, unheeded=1)
    gone = [(record, False) for record in _records(BOB, ttl=0)[1:]]
    assert digest(gone, LATER, {ANN}.__contains__) == Packet(unheeded=1)


def test_the_same_again_is_heard_again_but_no_new_name() -> None:
    packet = digest([(record, False) for record in _records()], LATER)
    assert packet == Packet(heard=[WHOLE], alive={ANN})


def test_of_two_peers_in_a_packet_neither_gets_what_is_the_others() -> None:
    records = _records(ANN) + _records(BOB)[:3]
    assert gather(records) == [WHOLE, Heard(BOB, b"txt", 4000)]


def test_of_too_much_no_more_is_kept_than_shows_that_it_is_too_much() -> None:
    records: list[DNSRecord] = [
        DNSService(instance_of(ANN), 33, UNIQUE, 120, 0, 0, 4000, host_of(ANN), 1.0),
        DNSText(instance_of(ANN), 16, UNIQUE, 120, b"x" * 65_535, 1.0),
        *(
            DNSAddress(
                host_of(ANN), 1, UNIQUE, 120, bytes((10, 0, n // 250, n % 250)), created=1.0
            )
            for n in range(550)
        ),
    ]
    (heard,) = gather(records)
    assert len(heard.addresses) == MAX_ADDRESSES + 1
    assert len(heard.txt) == MAX_TXT + 1
    (remembered,) = newest(records, LATER)
    assert remembered.addresses[0] == "10.0.2.49"


def test_the_source_and_the_interface_go_with_it() -> None:
    (heard,) = gather(_records()[:3], source="10.0.0.1", interface="eth0")
    assert heard == Heard(ANN, b"txt", 4000, (), "10.0.0.1", "eth0")


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_something_new_alone_is_partial_and_completed_from_what_is_remembered(
    kind: int,
) -> None:
    assert digest([(_records()[kind], True)], LATER).partial == {ANN}
    assert digest([(_records()[kind], False)], LATER).partial == set()
    assert newest(_records(), LATER) == [
        Heard(ANN, b"txt", 4000, ("fe80::7%2", "10.0.0.1"))  # the last remembered first
    ]


def test_the_newest_of_what_is_remembered_counts() -> None:
    name = instance_of(ANN)
    newer = DNSText(name, 16, UNIQUE, 120, b"new", 500.0)
    address = DNSAddress(host_of(ANN), 1, UNIQUE, 120, bytes((10, 0, 0, 2)), created=500.0)
    (heard,) = newest([newer, address, *_records()], LATER)
    assert heard == Heard(ANN, b"new", 4000, ("10.0.0.2", "fe80::7%2", "10.0.0.1"))


def test_no_more_than_eight_are_remembered_of_many_addresses() -> None:
    many = [
        DNSAddress(host_of(ANN), 1, UNIQUE, 120, bytes((10, 0, 0, n)), created=1.0 + n)
        for n in range(20)
    ]
    (heard,) = newest([*_records()[:3], *many], LATER)
    assert heard.addresses == tuple(f"10.0.0.{19 - n}" for n in range(8))


def test_a_goodbye_is_no_advert() -> None:
    packet = digest([(record, False) for record in _records(ttl=0)], LATER)
    assert packet == Packet(gone={ANN})


def test_a_name_that_ran_out_is_gone_but_a_service_that_did_is_not() -> None:
    pointer, service, *_rest = _records()
    long_after = 121_000.0
    assert digest([(pointer, False)], long_after).gone == {ANN}
    assert digest([(service, False)], long_after) == Packet()


def test_an_answer_is_the_service_of_that_label_and_no_goodbye() -> None:
    assert answers(_records(), ANN)
    assert not answers(_records(), BOB)
    assert not answers(_records(ttl=0), ANN)
    assert not answers(_records()[2:], ANN)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        SERVICE,
        f"A\x1b{'a' * 24}.{SERVICE}",
        f"{'a' * 25}.{SERVICE}",
        f"{'a' * 27}.{SERVICE}",
        f"{'1' * 26}.{SERVICE}",
        f"{'a' * 26}._other._tcp.local.",
        f"{'a' * 26}.x.{SERVICE}",
        "\u202e" * 26 + "." + SERVICE,
    ],
)
def test_a_name_that_is_no_label_is_nobody(name: str) -> None:
    service = DNSService(name, 33, UNIQUE, 120, 0, 0, 4000, "h.", 0.0)
    text = DNSText(name, 16, UNIQUE, 120, b"txt", 0.0)
    pointer = DNSPointer(SERVICE, 12, 1, 0, name, 0.0)
    updates = [(record, True) for record in (service, text, pointer)]
    assert digest(updates, LATER) == Packet(names=1)


def test_names_have_no_case() -> None:
    records: list[DNSRecord] = [
        DNSService(instance_of(ANN).upper(), 33, UNIQUE, 120, 0, 0, 4000, "h.", 0.0),
        DNSText(instance_of(ANN).title(), 16, UNIQUE, 120, b"txt", 0.0),
    ]
    assert gather(records) == [Heard(ANN, b"txt", 4000)]


def _read(data: bytes) -> Packet:
    message = DNSIncoming(data, ("10.0.0.1", 5353), 2)
    records = message.answers()
    gather(records, source="10.0.0.1")
    newest(records, message.now)
    answers(records, ANN)
    return digest([(record, True) for record in records], message.now)


@given(st.binary(max_size=1500))
def test_any_bytes_can_be_read(data: bytes) -> None:
    _read(data)


@given(data=st.data())
def test_a_packet_cut_or_bent_anywhere_can_be_read(data: st.DataObject) -> None:
    whole = announcement(ANN, b"\x03v=1", 4000, "10.0.0.1")
    cut = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8)) if cut else 0):
        cut[data.draw(st.integers(0, len(cut) - 1))] = data.draw(st.integers(0, 255))
    _read(bytes(cut))


@pytest.mark.parametrize("seed", range(8))
def test_noise_can_be_read(seed: int) -> None:
    for packet in noise(500, seed):
        _read(packet)


def test_compression_pointers_in_a_loop_end() -> None:
    head = struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0)
    for chain in (b"\xc0\x0c", b"\xc0\x0e\xc0\x0c", b"\x01a\xc0\x0c", b"\xc0\x0d\x0c\xc0"):
        assert _read(head + chain + b"\x00\x0c\x00\x01" * 3) == Packet()


def test_our_own_packets_are_read_as_they_were_meant() -> None:
    assert _read(announcement(ANN, b"txt", 4000, "10.0.0.1")) == Packet(
        heard=[Heard(ANN, b"txt", 4000, ("10.0.0.1",))], alive={ANN}, names=1
    )
    assert _read(goodbye(ANN)) == Packet(gone={ANN}, names=1)
