"""DNS messages: read as another library writes them, and bounded for any bytes."""

import dns.message
import dns.rcode
import dns.rrset
import dns.xfr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.discovery import packets
from lanchat.discovery.packets import AXFR, IXFR, SOA, Row, Transfer
from lanchat.discovery.records import AAAA, PTR, SRV, TXT, A
from lanchat.errors import DnsError, DnsNonsense, DnsRefused

ZONE = "chat.example.org"
LABEL = "abcdefghijklmnopqrstuvwxyz"
INSTANCE = f"{LABEL}._lanchat._tcp.{ZONE}"
RECORDS = (
    (f"_lanchat._tcp.{ZONE}.", "PTR", f"{INSTANCE}."),
    (f"{INSTANCE}.", "SRV", f"0 0 4000 {LABEL}.{ZONE}."),
    (f"{INSTANCE}.", "TXT", '"v=1" "n=Ann"'),
    (f"{LABEL}.{ZONE}.", "A", "10.0.0.1"),
    (f"{LABEL}.{ZONE}.", "AAAA", "fd00::1"),
    (f"{ZONE}.", "MX", "10 mail.example.org."),
    (f"{ZONE}.", "SOA", f"ns.{ZONE}. a.{ZONE}. 7 1 1 1 1"),
)


def _answer(*records: tuple[str, str, str], code: int = 0) -> dns.message.Message:
    answer = dns.message.make_response(dns.message.make_query(f"{ZONE}.", "SOA", id=77))
    answer.set_rcode(dns.rcode.Rcode(code))
    for name, kind, data in records:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, data))
    return answer


def test_what_another_library_writes_is_read() -> None:
    reply = packets.read(_answer(*RECORDS).to_wire())
    assert reply.number == 77
    assert reply.rows == (
        Row(f"_lanchat._tcp.{ZONE}", PTR, INSTANCE),
        Row(INSTANCE, SRV, (4000, f"{LABEL}.{ZONE}")),
        Row(INSTANCE, TXT, b"\x03v=1\x05n=Ann"),
        Row(f"{LABEL}.{ZONE}", A, "10.0.0.1"),
        Row(f"{LABEL}.{ZONE}", AAAA, "fd00::1"),
        Row(ZONE, SOA, 7),
    )


def test_what_comes_along_is_read_and_who_is_responsible_is_not() -> None:
    answer = _answer(RECORDS[1])
    answer.additional.append(dns.rrset.from_text(RECORDS[3][0], 60, "IN", *RECORDS[3][1:]))
    answer.authority.append(dns.rrset.from_text(RECORDS[4][0], 60, "IN", *RECORDS[4][1:]))
    answer.use_edns(0)
    assert [row.kind for row in packets.read(answer.to_wire()).rows] == [SRV, A]


def test_case_is_no_difference_and_a_dot_within_a_label_is() -> None:
    answer = _answer((f"{LABEL.upper()}.{ZONE.upper()}.", "A", "10.0.0.1"))
    answer.answer.append(dns.rrset.from_text(f"a\\.b.{ZONE}.", 60, "IN", "A", "10.0.0.2"))
    first, second = packets.read(answer.to_wire()).rows
    assert (first.name, second.name) == (f"{LABEL}.{ZONE}", f"a\\.b.{ZONE}")


@pytest.mark.parametrize(
    ("code", "error"), [(5, DnsRefused), (9, DnsRefused), (2, DnsNonsense), (1, DnsNonsense)]
)
def test_a_refusal_is_told_from_a_failure(code: int, error: type[DnsError]) -> None:
    with pytest.raises(error):
        packets.read(_answer(code=code).to_wire())
    assert packets.read(_answer(code=3).to_wire()).rows == ()


def test_questions_are_read_by_another_library() -> None:
    asked = dns.message.from_wire(packets.query(9, f"_lanchat._tcp.{ZONE}", PTR))
    assert (asked.id, str(asked.question[0])) == (9, f"_lanchat._tcp.{ZONE}. IN PTR")
    asked = dns.message.from_wire(packets.query(9, ZONE, IXFR, serial=4_000_000_000))
    assert dns.xfr.extract_serial_from_query(asked) == 4_000_000_000
    assert dns.message.from_wire(packets.query(9, ZONE, AXFR)).question[0].rdtype == AXFR


HEAD = bytes.fromhex("004d 8400 0000 0001 0000 0000")


@pytest.mark.parametrize(
    "name",
    [
        "c00c",  # itself
        "c00e 00",  # forwards
        "c0ff",
        "01 61 c00c",  # round and round
        "ff" * 10,
        "41 61",
        "3f 61",
        "01",
    ],
)
def test_names_that_lead_nowhere_end_the_message(name: str) -> None:
    with pytest.raises(DnsNonsense):
        packets.read(HEAD + bytes.fromhex(name) + b"\0\1\0\1\0\0\0\0\0\4\1\2\3\4")


def test_names_at_the_end_of_a_chain_of_pointers_are_not_followed() -> None:
    """Three thousand records, eight thousand steps each, took seconds in one message."""
    chain = b"\0\0" + b"".join((0xC000 | at).to_bytes(2, "big") for at in range(23, 16_000, 2))
    private = b"\0\xff\x01\0\1\0\0\0\0" + len(chain).to_bytes(2, "big") + chain
    top = (0xC000 | len(HEAD) + len(private) - 2).to_bytes(2, "big")
    record = top + b"\0\1\0\1\0\0\0\0\0\4\1\2\3\4"
    head = bytes.fromhex("004d 8400 0000 0bb8 0000 0000")
    with pytest.raises(DnsNonsense):
        packets.read(head + private + record * 2999)


def test_names_that_grow_with_each_record_have_an_end() -> None:
    wire = bytearray(bytes.fromhex("004d 8400 0000 00ff 0000 0000"))
    target = None
    for _ in range(255):
        begin = len(wire)
        wire += b"\x3f" + b"a" * 63
        wire += b"\0" if target is None else (0xC000 | target).to_bytes(2, "big")
        wire += b"\0\1\0\1\0\0\0\0\0\4\1\2\3\4"
        target = begin
    with pytest.raises(DnsNonsense):
        packets.read(bytes(wire))


@given(st.data())
def test_no_bytes_raise_anything_else(data: st.DataObject) -> None:
    wire = bytearray(_answer(*RECORDS).to_wire())
    for _ in range(data.draw(st.integers(0, 6))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(wire)))
    for one in (bytes(wire), bytes(wire[:cut]), data.draw(st.binary(max_size=80))):
        try:
            packets.read(one)
        except DnsError:
            continue


def _soa(serial: int) -> Row:
    return Row(ZONE, SOA, serial)


def _row(number: int) -> Row:
    return Row(f"h{number}.{ZONE}", A, f"10.0.0.{number}")


OLD = frozenset({_row(1), _row(2)})


@pytest.mark.parametrize(
    ("rows", "after"),
    [
        ([_soa(5)], OLD),  # nothing changed
        ([_soa(6), _soa(5), _row(1), _soa(6), _row(3), _soa(6)], {_row(2), _row(3)}),
        (
            [_soa(8), _soa(5), _row(1), _soa(7), _row(3), _soa(7), _row(3), _soa(8), _soa(8)],
            {_row(2)},
        ),
        ([_soa(6), _row(4), _soa(6)], {_row(4)}),  # all of it instead
        ([_soa(6), _soa(6)], set()),
    ],
)
def test_changes_lead_to_the_zone_that_they_describe(rows: list[Row], after: set[Row]) -> None:
    whole = Transfer(ZONE, OLD, 5)
    assert whole.take(rows)
    assert (whole.rows, whole.reached) == (after, rows[0].value)
    piecewise = Transfer(ZONE, OLD, 5)
    assert [piecewise.take([row]) for row in rows][-1]
    assert piecewise.rows == after


def test_a_zone_comes_in_as_many_messages_as_the_server_likes() -> None:
    transfer = Transfer(ZONE, frozenset(), None)
    assert not transfer.take([_soa(5)])
    assert not transfer.take([_row(1)])
    assert transfer.take([_row(2), _soa(5)])
    assert transfer.rows == OLD


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [_row(1)],
        [_soa(6), _row(4), _soa(7)],
        [_soa(6), _row(4), _soa(6), _row(5)],
        [_soa(6), _soa(5), _row(1), _soa(7), _soa(6)],
        [_soa(6), _soa(4), _row(1)],
    ],
)
def test_what_is_not_how_a_zone_is_sent_is_refused(rows: list[Row]) -> None:
    with pytest.raises(DnsNonsense):
        Transfer(ZONE, OLD, 5).take(rows)


def test_a_zone_has_an_end() -> None:
    transfer = Transfer(ZONE, frozenset(), None)
    transfer.take([_soa(5)])
    with pytest.raises(DnsNonsense):
        transfer.take(Row(f"h.{ZONE}", A, str(number)) for number in range(50_000))
