"""What somebody is told who is not looking: the words, their length, and how often."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.gui import news
from lanchat.gui.news import News, Pace
from lanchat.gui.notifying import quiet
from lanchat.identity.trust import Trust
from lanchat.node.events import CheckChanged, CheckState, MessageAdded, OfferReceived
from tests.kit.people import Held, peer, person, said


def headline(told: News, *people: object) -> str:
    return news.headline(told, people, apart=False)  # type: ignore[arg-type]  # persons


@pytest.mark.parametrize(
    ("trust", "offer", "sentence"),
    [
        (Trust.KNOWN, False, "New message from Ada"),
        (Trust.VERIFIED, True, "Ada wants to send you files"),
        (Trust.NEW, False, "Ada, who is new here, wrote to you"),
        (Trust.NEW, True, "Ada, who is new here, wants to send you files"),
        (Trust.CONFLICT, False, "Somebody else who calls themselves Ada is here"),
        (Trust.CONFLICT, True, "Somebody else who calls themselves Ada is here"),
    ],
)
def test_whoever_took_a_name_is_not_told_of_as_the_one_who_has_it(
    trust: Trust, offer: bool, sentence: str
) -> None:
    told = News(peer(1), "Ada", trust, "the words", b"t" if offer else b"")
    assert headline(told) == sentence


def test_it_is_told_how_many_there_are() -> None:
    ada = News(peer(1), "Ada", Trust.KNOWN)
    assert headline(ada, person(1, "Ada", Held(unread=3))) == "3 new messages from Ada"
    crowd = [person(n, "x", Held(Trust.NEW, unread=n)) for n in range(4)]
    told = headline(News(peer(3), "x", Trust.NEW), *crowd, person(9, "Ada", Held(unread=5)))
    assert told == "3 people who are new here wrote to you"


@given(st.text(), st.sampled_from([*Trust]), st.binary(max_size=1), st.booleans())
def test_a_notice_is_one_line_of_80_characters(
    text: str, trust: Trust, offer: bytes, apart: bool
) -> None:
    told = News(peer(1), text, trust, text, offer)
    for line in (news.headline(told, (), apart=apart), news.body(told, wanted=True)):
        assert len(line) <= news.LONGEST
        assert len(line.splitlines()) <= 1
    assert news.body(told, wanted=False) == ""


def test_who_asks_to_compare_words_is_told_of_and_nothing_else_of_a_check() -> None:
    asked = CheckChanged(peer(1), "Ada", Trust.KNOWN, CheckState.ASKED, 1)
    told = news.of(asked)
    assert told is not None
    assert headline(told) == "Ada wants to compare words with you"
    assert news.of(replace(asked, state=CheckState.WAITING)) is None


def test_only_what_others_do_is_told() -> None:
    assert news.of(MessageAdded(said(1, "hi", mine=True), "Ada", Trust.KNOWN)) is None
    assert news.of(MessageAdded(said(1, "hi"), "Ada", Trust.BLOCKED)) is None
    taken = OfferReceived(peer(1), "Ada", Trust.VERIFIED, b"t", (), 1, 1, accepted=True)
    assert news.of(taken) is None
    vain = OfferReceived(peer(1), "x", Trust.NEW, b"t", (), 1, 1, accepted=False, declined=True)
    assert news.of(vain) is None
    told = news.of(MessageAdded(said(1, "hi"), "Ada", Trust.KNOWN))
    assert told == News(peer(1), "Ada", Trust.KNOWN, "hi")


def test_of_one_key_it_is_told_once_in_two_seconds() -> None:
    pace = Pace()
    assert pace.left("ada", 10.0) == 0
    assert pace.left("bob", 10.0) == 0
    assert pace.left("ada", 10.5) == 1.5
    assert pace.left("ada", 12.0) == 0
    assert pace.left("ada", 12.0) == news.PAUSE


@pytest.mark.parametrize(
    ("hours", "at", "told"),
    [
        ("22:00-07:00", "23:30", False),
        ("22:00-07:00", "06:59", False),
        ("22:00-07:00", "07:00", True),
        ("12:00-13:00", "12:30", False),
        ("12:00-13:00", "11:59", True),
        ("", "03:00", True),
        ("nonsense", "03:00", True),
    ],
)
def test_quiet_hours_go_over_midnight(hours: str, at: str, told: bool) -> None:
    now = datetime.fromisoformat(f"2026-11-26T{at}:00+00:00")
    assert quiet(hours, now) is not told
