"""A session between READY and its end: what may be said, what is refused, how it closes."""

from dataclasses import replace
from types import NoneType
from typing import get_args

import pytest

from lanchat.errors import (
    BadRecord,
    LocalProtocolError,
    MalformedPayload,
    OutOfTurn,
    PeerRefused,
    PeerSilent,
    PeerTooGreedy,
    PeerUnreachable,
)
from lanchat.session.events import Closed, Opened, PayloadReceived
from lanchat.session.stages import ITS_OWN, STEPS, Stage
from lanchat.wire.payloads import (
    LOOKS,
    Close,
    CloseCode,
    Info,
    KeyUpdate,
    Payload,
    Ping,
    Pong,
    Ready,
)
from tests.pairs import ANN, BOB, Pair, met, ready, text

OPEN_STAGES = (Stage.OPEN, Stage.DRAINING, Stage.CLOSING)
PING, PONG, CLOSE = 3, 4, 2


def greeted() -> Pair:
    """Both know who is there; neither has read the other's READY."""
    pair = Pair()
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    pair.to_bob(pair.ann.session.outgoing()[: 2 + 164])
    return pair


# --- the table --------------------------------------------------------------------------


def test_only_ready_may_come_first_and_it_comes_once() -> None:
    first = {payload for stage, payload in STEPS if stage is Stage.GREETING}
    assert first == {Ready}
    assert [stage for stage, payload in STEPS if payload is Ready] == [Stage.GREETING]


def test_every_other_payload_may_come_in_every_stage_after_that() -> None:
    for stage in OPEN_STAGES:
        allowed = {payload for at, payload in STEPS if at is stage}
        assert allowed == {*get_args(Payload), NoneType} - {Ready}
        assert STEPS[stage, Close] is Stage.CLOSED


def test_nothing_comes_before_the_handshake_or_after_the_end() -> None:
    assert {stage for stage, _ in STEPS} == {Stage.GREETING, *OPEN_STAGES}


# --- READY ------------------------------------------------------------------------------


def test_ready_goes_out_right_behind_the_third_message() -> None:
    pair = Pair()
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    pair.to_bob(pair.ann.session.outgoing())
    assert pair.bob.opened
    assert not pair.ann.opened


def test_who_is_turned_away_for_what_its_ready_says_gets_no_word() -> None:
    pair = Pair(
        greet_ann=lambda peer, initiator: replace(ready("ann")(peer, initiator), flags=LOOKS)
    )
    pair.bob.session.admits = lambda peer, said: not (peer and said.flags & LOOKS)
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    pair.to_bob(pair.ann.session.outgoing())
    assert isinstance(pair.bob.error, PeerRefused)
    assert pair.bob.session.outgoing() == b""
    assert pair.bob.session.closed


def test_nothing_may_be_said_before_their_ready_was_read() -> None:
    pair = greeted()
    with pytest.raises(LocalProtocolError, match="greeting"):
        pair.ann.session.send(text(), 0.0)


@pytest.mark.parametrize(
    ("kind", "body"),
    [(16, bytes(60)), (PING, bytes(8)), (CLOSE, b"\1\0\0"), (5, b""), (200, b"")],
    ids=["text", "ping", "close", "key update", "unknown"],
)
def test_another_record_before_ready_is_out_of_turn(kind: int, body: bytes) -> None:
    if kind == 16:
        body = bytes(16 + 8 + 8 + 1 + 16) + b"\0\1x"
    pair = Pair(greet_ann=ready("ann"))
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    pair.to_bob(pair.ann.session.outgoing()[: 2 + 164])
    sending = pair.ann.session._sending
    assert sending is not None
    sending._cipher._n = 0  # in place of her READY, which Bob never gets
    pair.to_bob(pair.slip(kind, body))
    assert isinstance(pair.bob.error, OutOfTurn)
    assert pair.bob.heard == []
    assert pair.bob.session.stage is Stage.CLOSED


def test_a_second_ready_is_out_of_turn() -> None:
    pair = met()
    said = pair.ann.session.sent_ready
    assert said is not None
    pair.ann.session._say(said, 0.0)
    pair.exchange()
    assert isinstance(pair.bob.error, OutOfTurn)
    assert pair.ann.closed == Closed("PROTOCOL", by_peer=True)


def test_the_first_record_is_no_larger_than_a_stranger_may_send() -> None:
    pair = greeted()
    pair.to_bob((8192 + 16).to_bytes(2, "big"))
    assert pair.bob.session.stage is Stage.CLOSED


def test_much_may_stand_behind_the_first_record() -> None:
    pair = Pair()
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    pair.to_bob(pair.ann.session.outgoing())
    for number in range(100):
        pair.bob.session.send(text("x" * 1000, number), 0.0)
    pair.to_ann(pair.bob.session.outgoing())
    assert len(pair.ann.heard) == 100


# --- what may be said -------------------------------------------------------------------


def test_what_is_said_arrives_whole_and_in_order() -> None:
    pair = met()
    said = [text("word " * number, number) for number in range(1, 40)]
    for payload in said:
        pair.ann.session.send(payload, pair.now)
    pair.exchange()
    assert pair.bob.heard == said


def test_an_info_arrives_like_any_payload() -> None:
    pair = met()
    info = Info(0, bytes(32), bytes(32), "new name")
    pair.to_bob(pair.say(info))
    assert pair.bob.events[-1] == PayloadReceived(info)


def test_nobody_else_says_what_is_the_sessions_own() -> None:
    said: list[Payload] = [
        ready("x")(ANN.peer_id, True),
        Close(CloseCode.GOODBYE),
        Ping(bytes(8)),
        Pong(bytes(8)),
        KeyUpdate(),
    ]
    assert {type(payload) for payload in said} == ITS_OWN
    session = met().ann.session
    for payload in said:
        with pytest.raises(LocalProtocolError):
            session.send(payload, 0.0)


def test_a_text_above_what_the_peer_takes_is_refused_here() -> None:
    pair = met(greet_bob=ready("bob", max_text=10))
    pair.to_bob(pair.say(text("x" * 10)))
    for words in ("x" * 11, "ü" * 6):
        with pytest.raises(LocalProtocolError, match="10 bytes"):
            pair.ann.session.send(text(words), 0.0)
    pair.to_bob(pair.say(text("y", 2)))  # a refusal costs nothing on the wire
    assert [payload.text for payload in pair.bob.heard if hasattr(payload, "text")] == [
        "x" * 10,
        "y",
    ]


def test_a_payload_out_of_range_is_our_fault_and_costs_no_nonce() -> None:
    pair = met()
    with pytest.raises(LocalProtocolError):
        pair.ann.session.send(replace(text(), seq=2**64), 0.0)
    pair.to_bob(pair.say(text()))
    assert pair.bob.heard == [text()]


def test_what_waits_to_be_written_is_counted() -> None:
    session = met().ann.session
    assert session.unsent == 0
    session.send(text(), 0.0)
    assert session.unsent == 2 + 128 + 16 == len(session.outgoing())
    assert session.unsent == 0


# --- what may come ----------------------------------------------------------------------


def test_unknown_types_are_refused_below_128_and_ignored_above() -> None:
    pair = met()
    pair.to_bob(pair.slip(200, b"later"))
    assert pair.bob.error is None
    assert pair.bob.heard == []
    pair.to_bob(pair.slip(19, b"an edit"))
    assert isinstance(pair.bob.error, MalformedPayload)


def test_a_proven_peer_is_told_the_kind_of_its_fault() -> None:
    pair = met()
    pair.to_bob(pair.slip(19, b""))
    pair.exchange()
    assert pair.ann.closed == Closed("PROTOCOL", by_peer=True)


def test_a_broken_seal_is_answered_with_nothing() -> None:
    pair = met()
    pair.to_bob(b"\0\x90" + bytes(144))
    assert pair.bob.session.stage is Stage.CLOSED
    assert pair.bob.session.outgoing() == b""


def test_a_key_update_with_a_body_is_a_bad_record() -> None:
    pair = met()
    pair.to_bob(pair.slip(5, b"\0"))
    assert isinstance(pair.bob.error, BadRecord)


def test_pings_are_answered_five_a_second_and_then_it_is_too_much() -> None:
    pair = met()
    for number in range(5):
        pair.to_bob(pair.slip(PING, number.to_bytes(8, "big")))
    pair.to_ann(pair.bob.session.outgoing())
    assert pair.ann.error is None
    assert pair.bob.error is None
    pair.now += 1.0
    for number in range(6):
        pair.to_bob(pair.slip(PING, number.to_bytes(8, "big")))
    assert isinstance(pair.bob.error, PeerTooGreedy)
    pair.exchange()
    assert pair.ann.closed == Closed("LIMIT", by_peer=True)


@pytest.mark.parametrize(
    ("kind", "body"),
    [(200, b"later"), (255, b""), (PONG, bytes(8)), (PONG, b"\xff" * 8)],
    ids=["a later type", "another", "a pong of 0", "a pong to come"],
)
def test_what_means_nothing_is_heard_now_and_then_and_not_without_end(
    kind: int, body: bytes
) -> None:
    pair = met()
    for _ in range(1000):
        pair.to_bob(pair.slip(kind, body))
    for pair.now in (1.0, 2.0, 3.0):
        for _ in range(20):
            pair.to_bob(pair.slip(kind, body))
    assert pair.bob.error is None
    assert pair.bob.heard == []
    pair.to_bob(pair.slip(kind, body))
    assert isinstance(pair.bob.error, PeerTooGreedy)
    pair.exchange()
    assert pair.ann.closed == Closed("LIMIT", by_peer=True)


def test_a_pong_counts_as_asked_for_once() -> None:
    pair = met()
    pair.bob.session.probe(0.0)
    pair.exchange()
    for _ in range(1000):
        pair.to_bob(pair.slip(PONG, (1).to_bytes(8, "big")))
    assert pair.bob.error is None
    pair.to_bob(pair.slip(PONG, (1).to_bytes(8, "big")))
    assert isinstance(pair.bob.error, PeerTooGreedy)


def test_however_often_we_ask_the_answers_are_never_too_many() -> None:
    pair = met()
    for number in range(3000):
        pair.now = number * 0.2
        pair.ann.session.probe(pair.now)
        pair.exchange()
    assert pair.ann.error is pair.bob.error is None
    assert pair.ann.session.stage is Stage.OPEN


def test_a_ping_comes_back_with_its_token() -> None:
    pair = met()
    pair.ann.session.probe(0.0)
    ping = pair.ann.session.outgoing()
    assert ping != b""
    pair.to_bob(ping)
    assert pair.bob.session.outgoing() != b""
    pair.ann.session.probe(0.0)
    assert pair.ann.session.outgoing() == b"", "one ping is under way already"


# --- the end ----------------------------------------------------------------------------


def test_a_goodbye_ends_both_sides_in_order() -> None:
    pair = met()
    pair.ann.session.begin_close(CloseCode.GOODBYE, 0.0)
    pair.exchange()
    assert pair.bob.closed == Closed("GOODBYE", by_peer=True)
    pair.ann.events += pair.ann.session.receive(b"", 0.0)
    assert pair.ann.closed == Closed("GOODBYE")
    assert pair.ann.session.stage is pair.bob.session.stage is Stage.CLOSED


def test_a_close_may_say_when_to_come_back() -> None:
    pair = met()
    pair.ann.session.begin_close(CloseCode.LIMIT, 0.0, retry_s=30)
    pair.exchange()
    assert pair.bob.closed == Closed("LIMIT", by_peer=True, retry_s=30)


def test_a_code_of_later_versions_counts_as_protocol_and_the_rest_is_ignored() -> None:
    pair = met()
    pair.to_bob(pair.slip(CLOSE, b"\xc8\0\x07" + bytes(60_000)))
    assert pair.bob.closed == Closed("PROTOCOL", by_peer=True, retry_s=7)


def test_a_cut_connection_does_not_look_like_a_goodbye() -> None:
    pair = met()
    pair.bob.events += pair.bob.session.receive(b"", 0.0)
    assert pair.bob.closed.reason == "LOST"
    assert isinstance(pair.bob.closed.error, PeerUnreachable)


def test_a_connection_cut_before_ready_is_a_refusal() -> None:
    pair = Pair()
    pair.ann.events += pair.ann.session.receive(b"", 0.0)
    assert isinstance(pair.ann.closed.error, PeerRefused)


def test_the_end_comes_once() -> None:
    pair = met()
    for _ in range(2):
        pair.bob.events += pair.bob.session.receive(b"", 0.0)
    assert pair.bob.closed.reason == "LOST"
    assert pair.bob.session.deadline() is None
    assert pair.bob.session.expire(1e9) == ()


def test_after_its_close_a_side_says_nothing_and_delivers_nothing() -> None:
    pair = met()
    late = pair.say(text())
    pair.bob.session.begin_close(CloseCode.LOCKED, 0.0)
    with pytest.raises(LocalProtocolError):
        pair.bob.session.send(text(), 0.0)
    with pytest.raises(LocalProtocolError):
        pair.bob.session.begin_close(CloseCode.LOCKED, 0.0)
    pair.to_bob(late)
    assert pair.bob.heard == []


def test_a_peer_that_ignores_a_close_is_left() -> None:
    pair = met()
    pair.ann.session.begin_close(CloseCode.GOODBYE, 0.0)
    pair.ann.wait(0.9)
    assert pair.ann.session.stage is Stage.CLOSING
    pair.ann.wait(1.0)
    assert pair.ann.closed == Closed("GOODBYE")


@pytest.mark.parametrize("code", [CloseCode.DUPLICATE, CloseCode.REPLACED])
def test_a_session_that_lost_listens_for_two_seconds_and_then_closes(code: CloseCode) -> None:
    pair = met()
    late = pair.say(text())
    ping = pair.slip(PING, bytes(8))
    pair.bob.session.begin_close(code, 0.0)
    assert pair.bob.session.outgoing() == b""
    with pytest.raises(LocalProtocolError):
        pair.bob.session.send(text(), 0.0)
    pair.to_bob(late)
    pair.to_bob(ping)
    assert pair.bob.heard == [text()]
    assert pair.bob.session.outgoing() == b"", "a loser says nothing, not even a pong"
    pair.bob.wait(2.0)
    pair.to_ann(pair.bob.session.outgoing())
    assert pair.ann.closed == Closed(code.name, by_peer=True)


def test_a_session_that_drains_can_be_ended_at_once() -> None:
    pair = met()
    pair.bob.session.begin_close(CloseCode.DUPLICATE, 0.0)
    pair.bob.session.begin_close(CloseCode.REPLACED, 1.0)
    assert pair.bob.session.deadline() == 2.0, "the first word on it counts"
    pair.bob.session.begin_close(CloseCode.LOCKED, 1.0)
    pair.exchange()
    assert pair.ann.closed == Closed("LOCKED", by_peer=True)


def test_two_sides_that_drain_the_same_session_both_end() -> None:
    pair = met()
    for side in (pair.ann, pair.bob):
        side.session.begin_close(CloseCode.DUPLICATE, 0.0)
        side.wait(2.0)
    pair.exchange()
    assert pair.ann.closed == pair.bob.closed == Closed("DUPLICATE", by_peer=True)


def test_an_owner_who_cuts_in_the_middle_of_a_batch_hears_no_more_of_it() -> None:
    pair = met()
    batch = b"".join(pair.say(text(number=n)) for n in range(5))
    heard = []
    for event in pair.bob.session.receive(batch, 0.0):
        heard.append(event)
        pair.bob.session.abandon()
    assert heard == [PayloadReceived(text(number=0))]


def test_a_session_without_keys_opens_and_seals_nothing() -> None:
    session = met().ann.session
    session.abandon()
    session.probe(0.0)
    assert session.outgoing() == b""
    assert list(session.receive(bytes(200), 0.0)) == []


def test_a_session_that_is_not_open_cannot_be_closed_in_order() -> None:
    with pytest.raises(LocalProtocolError):
        Pair().ann.session.begin_close(CloseCode.GOODBYE, 0.0)


# --- time -------------------------------------------------------------------------------


def test_a_stranger_has_one_second_for_the_first_message() -> None:
    pair = Pair()
    pair.to_bob(pair.ann.session.outgoing()[:-1])
    assert pair.bob.session.deadline() == 1.0
    pair.bob.wait(1.0)
    assert isinstance(pair.bob.closed.error, PeerSilent)
    assert pair.bob.closed.reason == "TIMEOUT"


def test_and_five_seconds_until_ready() -> None:
    pair = greeted()
    for side in (pair.ann, pair.bob):
        assert side.session.deadline() == 5.0
        side.wait(4.9)
        side.wait(5.0)
        assert side.closed.reason == "TIMEOUT"


def test_whoever_was_dialled_has_five_seconds_as_well() -> None:
    pair = Pair()
    assert pair.ann.session.deadline() == 5.0
    pair.ann.wait(5.0)
    assert pair.ann.closed.reason == "TIMEOUT"


def test_the_moment_of_opening_is_kept() -> None:
    pair = Pair()
    pair.now = 3.0
    pair.exchange()
    assert pair.ann.session.opened_at == pair.bob.session.last_heard == 3.0
    assert pair.ann.events[-1] == Opened(ready("bob")(BOB.peer_id, False))
