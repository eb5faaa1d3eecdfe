"""Silence, pings, doubt and the end.  PROTOCOL.md, 3."""

from lanchat.errors import PeerSilent
from lanchat.session.events import Closed, Doubtful, PayloadReceived, Restored
from lanchat.session.keepalive import Keepalive, Verdict
from tests.pairs import Pair, met, text


def silent(pair: Pair, until: float) -> None:
    """Bob hears nothing, and asks whenever his session wants to, until then."""
    while (deadline := pair.bob.session.deadline()) is not None and deadline <= until:
        pair.now = deadline
        pair.bob.wait(deadline)
        pair.bob.session.outgoing()


def test_a_quiet_peer_is_asked_after_ten_seconds_and_answers() -> None:
    pair = met()
    pair.bob.wait(9.9)
    assert pair.bob.session.outgoing() == b""
    pair.now = 10.0
    pair.bob.wait(10.0)
    pair.exchange()
    assert pair.bob.session.last_heard == 10.0
    assert pair.bob.session.deadline() == 20.0
    assert pair.bob.events[2:] == []


def test_two_missed_pings_make_a_peer_doubtful_and_four_end_the_session() -> None:
    pair = met()
    silent(pair, 15.9)
    assert Doubtful() not in pair.bob.events
    silent(pair, 16.0)
    assert pair.bob.events[2:] == [Doubtful()]
    silent(pair, 100.0)
    assert pair.now == 22.0
    assert pair.bob.closed.reason == "TIMEOUT"
    assert isinstance(pair.bob.closed.error, PeerSilent)
    assert pair.bob.events.count(Doubtful()) == 1


def test_any_record_restores_a_doubtful_peer() -> None:
    pair = met()
    late = pair.say(text())
    silent(pair, 17.0)
    pair.to_bob(late)
    assert pair.bob.events[2:] == [Doubtful(), Restored(), PayloadReceived(text())]
    assert pair.bob.session.deadline() == pair.now + 10


def test_a_late_pong_restores_a_doubtful_peer() -> None:
    pair = met()
    pair.bob.wait(10.0)
    ping = pair.bob.session.outgoing()
    silent(pair, 17.0)
    pair.to_ann(ping)
    pair.exchange()
    assert pair.bob.events[2:] == [Doubtful(), Restored()]


def test_two_misses_with_a_word_in_between_are_not_two_in_a_row() -> None:
    pair = met()
    for start in (0.0, 13.0, 26.0):
        pair.now = start
        pair.to_bob(pair.say(text(number=int(start))))
        silent(pair, start + 13.0)
    assert Doubtful() not in pair.bob.events
    assert not any(isinstance(event, Closed) for event in pair.bob.events)


def test_a_probe_asks_at_once_and_a_silent_peer_is_doubtful_sooner() -> None:
    pair = met()
    pair.bob.session.probe(1.0)
    assert pair.bob.session.deadline() == 4.0
    silent(pair, 7.0)
    assert pair.bob.events[2:] == [Doubtful()]


def test_silence_while_we_did_not_listen_is_not_the_peers() -> None:
    pair = met()
    pair.bob.wait(10.0)
    pair.bob.session.excuse(12.0)
    assert pair.bob.session.deadline() == 22.0
    assert pair.bob.session.expire(13.0) == ()


def test_a_clock_asked_late_counts_one_miss_at_a_time() -> None:
    keepalive = Keepalive(0.0)
    assert keepalive.expire(9.0) is None
    assert keepalive.expire(1000.0) is Verdict.ASK
    assert keepalive.expire(1001.0) is None
    assert keepalive.expire(9000.0) is Verdict.ASK
    assert keepalive.expire(9003.0) is Verdict.DOUBT
    assert keepalive.expire(9006.0) is Verdict.ASK
    assert keepalive.expire(9009.0) is Verdict.DEAD
