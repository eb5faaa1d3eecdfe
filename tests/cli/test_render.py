"""Rows for people: aligned, friendly, and without an order to the terminal in them."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lanchat.cli import render
from lanchat.node.events import CheckState

NASTY = "\x1b]0;owned\x07 \x9b31m \x1b[2J a\rb \u202egpj.exe\u202c \x00 \u2028"
ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
WORDS = ["adroitness", "cannonball", "Belfast", "megaton"] * 4
FINGERPRINT = {"hex": "00112233445566778899aabbccddeeff", "words": WORDS}
EVENTS = [
    "ready",
    "renamed",
    "peer-found",
    "peer-changed",
    "peer-lost",
    "session-opened",
    "session-closed",
    "message",
    "receipt",
    "offer",
    "progress",
    "file-received",
    "transfer-ended",
    "verification",
    "warning",
    "unheard-of",
]


def _local(moment: str, form: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime(form)


def test_an_identity_is_shown_with_words_in_fours_and_digits_in_groups() -> None:
    lines = render.identity({"name": "Ann", "peer_id": "a" * 52, "fingerprint": FINGERPRINT})
    assert lines == [
        "Ann",
        f"  peer id      {'a' * 52}",
        "  fingerprint  adroitness  cannonball  Belfast     megaton",
        *["               adroitness  cannonball  Belfast     megaton"] * 3,
        "               0011 2233 4455 6677 8899 aabb ccdd eeff",
    ]


@pytest.mark.parametrize("event", ["peer-found", "peer-changed", "peer-lost", "session-opened"])
def test_what_a_stranger_calls_himself_begins_no_line(event: str) -> None:
    row = {
        "event": event, "name": "Bob: I lost my phone, write to 555-0123", "trust": "new",
        "peer_id": "abcdefghij", "at": "2026-01-01T12:00:00Z", "presence": "seen",
    }  # fmt: skip
    (line,) = render.event(row)
    assert line[10:].startswith("(new abcdefgh) Bob: I lost")
    (line,) = render.event({**row, "trust": "known", "name": "Bob"})
    assert line[10:].startswith("Bob ")


def test_a_table_keeps_its_columns_with_wide_names() -> None:
    rows = [
        {"name": name, "trust": "new", "presence": "seen", "peer_id": "x"}
        for name in (
            "Ann",
            "漢字の名前",
            "e\u0301ric",
            "a name that is far too long for a table",
        )
    ]
    lines = render.peers(rows)
    starts = {render.columns(line[: line.rindex("  x")]) for line in lines[1:]}
    assert len(starts) == 1
    assert "a name that is far too …" in lines[4]


def test_nobody_is_a_sentence() -> None:
    assert render.peers([]) == [
        "nobody is here yet (lanchat doctor says why somebody is not seen)"
    ]


def test_who_listens_and_is_invisible_is_told_so() -> None:
    row = {"event": "ready", "name": "Ann", "port": 0, "peer_id": "a" * 52, "addresses": []}
    assert render.event(row)[0].startswith("Ann is here, invisible (whoami --be available")
    assert render.event({**row, "port": 4000})[0] == "Ann is here, port 4000; Ctrl-C ends it"


def test_what_people_say_of_being_there_stands_beside_how_sure_we_are() -> None:
    row = {
        "name": "Ann", "trust": "known", "presence": "online", "addresses": [], "port": 0,
        "peer_id": "a" * 52, "availability": "busy", "status": "\x1b[2Jin a\nmeeting",
    }  # fmt: skip
    line = render.peers([row])[1]
    assert "  online, busy  " in line
    assert line.endswith("“\ufffd[2Jin a meeting”")
    row |= {"availability": "available", "status": ""}
    assert render.peers([row])[1].endswith("a" * 52)
    seen = {**row, "presence": "seen", "version": "newer"}
    assert "  seen, newer lanchat  " in render.peers([seen])[1]
    assert "  seen  " in render.peers([{**seen, "version": "\x1b[2J"}])[1]
    me = render.identity({**row, "availability": "away", "status": "lunch"})
    assert me[-1] == "  shown as     away, “lunch”"


def test_the_lines_of_a_message_cannot_pass_for_other_messages() -> None:
    moment = "2026-01-02T03:04:05.678Z"
    row = {"text": "one\n2026-01-02 03:04  me: two", "sent_at": moment, "state": "received"}
    when = _local(moment, "%Y-%m-%d %H:%M")
    assert render.message(row, "Ann") == [
        f"{when}  Ann: one",
        "    2026-01-02 03:04  me: two",
    ]


@pytest.mark.parametrize("name", ["Ann", "Ann: no", "warning", "(known) Ann"])
@pytest.mark.parametrize("trust", ["new", "conflict"])
def test_a_stranger_of_whatever_name_is_marked_before_it(name: str, trust: str) -> None:
    said = {"event": "message", "name": name, "text": "hi", "peer_id": "a" * 52}
    (line,) = render.event(said | {"trust": trust})
    assert line[10:] == f"({trust} aaaaaaaa) {name}: hi"
    (line,) = render.event(
        {"event": "offer", "name": name, "peer_id": "a" * 52, "trust": trust}
    )
    assert line[10:].startswith(f"({trust} aaaaaaaa) {name} offers")
    for friend in ("known", "verified"):
        (line,) = render.event(said | {"trust": friend})
        assert line[10:] == f"{name}: hi"


@pytest.mark.parametrize(
    ("sent", "odd"),
    [
        ("2026-01-02T03:04:05.678Z", False),
        ("2026-01-01T03:05:05.678Z", False),
        ("2026-01-01T03:03:05.678Z", True),
        ("2026-01-02T03:05:05.678Z", True),
        ("1970-01-01T00:00:00.000Z", True),
        ("9999-12-31T00:00:00.000Z", True),
    ],
)
def test_a_claim_that_cannot_be_is_shown_beside_the_time_of_arrival(
    sent: str, odd: bool
) -> None:
    arrived = "2026-01-02T03:04:05.678Z"
    row = {"text": "hi", "sent_at": sent, "arrived_at": arrived, "state": "received"}
    (line,) = render.message(row, "Ann")
    claim = render.day_and_time(sent)
    shown = f"{render.day_and_time(arrived)} (it says {claim})" if odd else claim
    assert line == f"{shown}  Ann: hi"


@pytest.mark.parametrize(
    ("state", "mark"), [("queued", " (waits)"), ("delivered", ""), ("read", " (read)")]
)
def test_my_message_tells_how_far_it_came(state: str, mark: str) -> None:
    row = {"text": "hi", "sent_at": "never", "state": state}
    assert render.message(row, "me") == [f"never  me: hi{mark}"]


@pytest.mark.parametrize("event", EVENTS)
def test_no_event_gives_the_terminal_an_order(event: str) -> None:
    row: dict[str, object] = dict.fromkeys(
        ("name", "text", "peer_id", "path", "reason", "detail", "state", "trust"), NASTY
    )
    row |= {"event": event, "addresses": [NASTY], "files": [{"path": NASTY, "size": 1}]}
    for line in render.event(row):
        assert not ORDERS.search(line), repr(line)


@given(
    row=st.dictionaries(
        st.sampled_from(
            [
                "event",
                "at",
                "name",
                "text",
                "peer_id",
                "addresses",
                "port",
                "files",
                "count",
                "bytes",
                "accepted",
                "path",
                "size",
                "reason",
                "detail",
                "state",
                "trust",
                "presence",
                "fingerprint",
                "first_seen",
                "seconds",
                "resumed_from",
                "sent_at",
                "arrived_at",
                "file",
            ]
        ),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=20)
        | st.lists(st.text(max_size=5), max_size=3)
        | st.sampled_from(EVENTS)
        | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    )
)
def test_any_row_can_be_shown(row: dict[str, object]) -> None:
    lines = [
        *render.event(row),
        *render.identity(row),
        *render.contact(row),
        *render.peers([row]),
        *render.message(row, "Ann"),
        render.said(row),
        render.sent(row),
    ]
    for line in lines:
        assert not ORDERS.search(line), repr(line)
        assert "\n" not in line


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (64 * 2**20, "64.0 MiB"),
        (5 * 2**40, "5.0 TiB"),
        (5000 * 2**40, "5000.0 TiB"),
    ],
)
def test_a_size_is_read_by_people(count: int, text: str) -> None:
    assert render.size(count) == text


def test_the_end_of_a_transfer_tells_its_rate_and_what_was_resumed() -> None:
    row = {"state": "done", "files": 3, "bytes": 30 * 2**20, "seconds": 2.0}
    assert (
        render.sent(row | {"resumed_from": 0})
        == "sent 3 files, 30.0 MiB, in 2.0 s (15.0 MiB/s)"
    )
    assert render.sent(row | {"resumed_from": 2**20}).endswith(", resumed at 1.0 MiB")
    assert render.sent(row | {"skipped": 1}).endswith("s; 1 of them was there already")
    assert render.sent(row | {"skipped": 9}).endswith("s; 9 of them were there already")


def test_what_did_not_come_is_told_with_what_became_of_the_rest() -> None:
    ended = {"event": "transfer-ended", "state": "done", "skipped": 0, "clash": "rename"}
    assert render.event(ended) == []
    assert render.event(ended | {"skipped": 1, "clash": "skip"}) == [
        "  1 file was here already; changed ones lie beside the older ones"
    ]
    assert render.event(ended | {"skipped": 3, "clash": "overwrite"}) == [
        "  3 files were here already; changed ones took the place of the older ones"
    ]
    assert "failed" in render.event(ended | {"skipped": 3, "state": "failed"})[0]


@given(
    text=st.text(st.sampled_from("ab \u0301漢🎏\U0001faef"), max_size=300),
    width=st.integers(20, 90),
)
@example(text="aaa a" + "漢" * 8, width=20)  # what is carried over has less room
@example(text="aa a" + "漢" * 8 + "a", width=20)
def test_a_line_is_broken_so_that_no_part_begins_like_a_line_of_its_own(
    text: str, width: int
) -> None:
    first, *rest = render.wrapped(text, width)
    assert all(render.columns(line) <= width for line in (first, *rest))
    assert all(line.startswith("    ") for line in rest)
    assert "".join((first, *rest)).replace(" ", "") == text.replace(" ", "")


def test_a_line_of_60000_letters_is_broken_in_one_pass() -> None:
    assert len(list(render.wrapped("x" * 60_000, 80))) == 790


@pytest.mark.parametrize("state", CheckState)
def test_each_state_of_a_spoken_check_has_a_line(state: CheckState) -> None:
    check = {"event": "verification", "name": "Bob", "state": state.value, "peer_id": "b" * 52}
    (line,) = render.event(check)
    assert line[8:].startswith("  Bob ")
    assert ("lanchat verify " + "b" * 52 in line) == (state is CheckState.ASKED)
    (ended,) = render.event({**check, "state": "interrupted", "reason": "lost"})
    assert ended.endswith("(lost)")


def test_what_is_held_says_how_somebody_was_verified_and_that_it_failed_once() -> None:
    moment = "2026-11-22T12:00:00.000Z"
    shown = _local(moment, "%Y-%m-%d %H:%M")
    lines = render.contact(
        {"name": "Bob", "verified_at": moment, "verified_how": "words", "failed_at": moment}
    )
    assert f"  verified     {shown}, by words" in lines
    assert f"  FAILED       {shown}, a comparison" in lines
    assert not any("verified " in line for line in render.contact({"name": "Bob"}))


def test_who_was_named_by_the_key_alone_has_no_name_yet() -> None:
    assert render.contact({"name": "", "trust": "blocked"})[0] == "no name yet: blocked"


def test_of_somebody_forgotten_nothing_is_said_to_have_been_seen_never() -> None:
    row = {"name": "Bob", "trust": "new", "peer_id": "b" * 52, "last_seen": None}
    assert len(render.contact(row)) == 2
    seen = render.contact({**row, "first_seen": "2026-11-22T12:00:00.000Z"})
    shown = _local("2026-11-22T12:00:00.000Z", "%Y-%m-%d %H:%M")
    assert seen[2:] == [f"  first seen   {shown}"]


def test_of_somebody_with_a_name_it_comes_first() -> None:
    assert render.contact({"name": "Bob", "trust": "known"})[0] == "Bob: known"
