"""What the list of people shows, and in what order."""

from dataclasses import replace

import pytest

from lanchat.conversation.message import Message
from lanchat.gui import badges, bars
from lanchat.gui.cards import Transfer
from lanchat.gui.items import CardState
from lanchat.gui.listing import Heading, Listing, MessageRow, Note, PersonRow, Row
from lanchat.gui.row_words import excerpt
from lanchat.gui.screen import Conversation, Me, Screen
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence, Version
from lanchat.node.person import Person
from lanchat.node.presence import Showing
from tests.kit.people import NOON, Held, peer, person, said


def screen(*people: Person, query: str = "", found: tuple[Message, ...] = ()) -> Screen:
    return Screen(people={one.peer_id: one for one in people}, query=query, found=found)


def rows(shown: Screen) -> tuple[Row, ...]:
    return Listing().rows(shown, NOON)


def told(shown: Screen) -> list[str]:
    """Headings and names, from top to bottom."""
    return [row.text if isinstance(row, Heading | Note) else row.name for row in rows(shown)]


def row_of(shown: Screen, number: int) -> PersonRow:
    return next(
        row for row in rows(shown) if isinstance(row, PersonRow) and row.peer_id == peer(number)
    )


def transfer(number: int, state: CardState, *, mine: bool = True, done: int = 36) -> Transfer:
    names = (("capture.zip", 100),)
    return Transfer(peer(number), b"t" * 16, mine, names, 1, 100, NOON, state, done=done)


def test_requests_stand_apart_at_the_top() -> None:
    new = Held(Trust.NEW)
    shown = screen(person(1, "Ada"), person(2, "Mallory", new, said(2, "hi")))
    assert told(shown) == ["Requests · 1", "Mallory", "On this network · 1", "Ada"]


def test_a_stranger_who_offers_a_file_is_a_request_too() -> None:
    shown = screen(person(1, "Ada"), person(2, "Mallory", Held(Trust.NEW)))
    assert told(shown)[0] == "On this network · 2"
    asking = transfer(2, CardState.ASKING, mine=False)
    asked = replace(shown, transfers={asking.which: asking})
    assert told(asked)[:2] == ["Requests · 1", "Mallory"]
    assert row_of(asked, 2).line == "Wants to send capture.zip"


@pytest.mark.parametrize("version", [Version.NEWER, Version.OLDER])
def test_who_has_another_lanchat_is_told_of_as_that_while_nothing_proves_otherwise(
    version: Version,
) -> None:
    friend = person(1, "Ada", Held(presence=Presence.SEEN), said(1, "hi"))
    other = replace(friend, view=replace(friend.view, version=version))
    assert row_of(screen(friend), 1).line == "hi"
    words = f"{version.value} lanchat than you"
    assert row_of(screen(other), 1).line.endswith(words)
    assert words in badges.presence(other, NOON)
    (_, bar) = bars.bars(replace(screen(other), conversation=Conversation(peer(1))))
    assert f"{version.value} lanchat" in bar.text
    for presence in (Presence.ONLINE, Presence.OFFLINE):
        here = replace(other, view=replace(other.view, presence=presence))
        assert row_of(screen(here), 1).line == "hi"


def test_people_i_know_come_before_strangers_and_who_talked_last_comes_first() -> None:
    shown = screen(
        person(1, "Aaron", None),
        person(2, "Zoe"),
        person(3, "Bob", Held(), said(3, "old", ago=900)),
        person(4, "Carl", Held(), said(4, "new", ago=9)),
        person(5, "Ann"),
    )
    assert told(shown)[1:] == ["Carl", "Bob", "Ann", "Zoe", "Aaron"]


def test_whoever_is_away_comes_below_and_blocked_people_last() -> None:
    shown = screen(
        person(1, "Eve", Held(Trust.BLOCKED)),
        person(2, "Bob", Held(presence=Presence.OFFLINE)),
        person(3, "Ada"),
    )
    assert told(shown) == [
        "On this network · 1", "Ada", "Offline · 1", "Bob", "Blocked · 1", "Eve",
    ]  # fmt: skip


def test_while_only_others_are_away_it_says_that_it_looks() -> None:
    shown = screen(person(2, "Bob", Held(presence=Presence.OFFLINE)))
    assert told(shown) == ["On this network", "Looking for people…", "Offline · 1", "Bob"]


def test_nobody_at_all_makes_no_rows() -> None:
    assert rows(screen()) == ()


def test_the_line_says_what_was_said_last_and_by_whom() -> None:
    shown = screen(
        person(1, "Ada", Held(), said(1, "see\nyou", mine=True)),
        person(2, "Bob", Held(), said(2, "hello\x1b[2J\u202e")),
    )
    assert row_of(shown, 1).line == "You: see you"
    assert "\x1b" not in row_of(shown, 2).line
    assert "\u202e" not in row_of(shown, 2).line


def test_a_transfer_under_way_takes_the_place_of_what_was_said() -> None:
    shown = screen(person(1, "Ada", Held(), said(1, "hi")))
    moving = transfer(1, CardState.RUNNING)
    row = row_of(replace(shown, transfers={moving.which: moving}), 1)
    assert (row.line, row.tail) == ("Sending capture.zip", "36 %")
    over = transfer(1, CardState.DONE)
    assert row_of(replace(shown, transfers={over.which: over}), 1).line == "hi"


def test_what_was_begun_and_not_sent_is_told_but_not_of_whom_one_writes_to_now() -> None:
    shown = screen(person(1, "Ada", last=said(1, "hi")), person(2, "Bob"))
    shown = replace(shown, drafts={peer(1): "see\nyou", peer(2): "well"})
    assert (row_of(shown, 1).line, row_of(shown, 1).sign) == ("Draft: see you", "pencil")
    shown = replace(shown, conversation=Conversation(peer(1)))
    assert [row_of(shown, number).line for number in (1, 2)] == ["hi", "Draft: well"]


def test_an_impostor_is_told_by_the_line_whatever_it_writes() -> None:
    shown = screen(person(1, "Ada", Held(Trust.CONFLICT), said(1, "it is really me")))
    assert row_of(shown, 1).line == "Same name, other person"


def test_beside_a_friend_it_is_the_other_one_who_is_blocked_by_the_bar() -> None:
    shown = screen(
        person(1, "Ada", Held(presence=Presence.OFFLINE)),
        person(2, "Ada", Held(Trust.CONFLICT)),
    )
    own = Me(peer(9), "Me", 48321, ("192.168.1.20",), Showing())
    shown = replace(shown, me=own, conversation=Conversation(peer(1)))
    (bar, *_rest) = bars.bars(shown)
    assert bar.name == "impostor"
    assert [(one.does, one.whom) for one in bar.buttons] == [
        ("verify", None), ("block_other", peer(2)), ("details", None),
    ]  # fmt: skip


def test_with_nothing_said_the_line_says_how_somebody_is_there() -> None:
    shown = screen(
        person(1, "Ada"),
        person(2, "Bob", Held(presence=Presence.DOUBTFUL)),
        person(3, "Carl", Held(presence=Presence.OFFLINE)),
        person(4, "Dan", None),
    )
    lines = [row_of(shown, number).line for number in (1, 2, 3, 4)]
    assert lines == ["Say hello", "Not answering", "Offline", "New here"]
    away = screen(person(5, "Eve", Held(presence=Presence.OFFLINE, seen=86_400)))
    assert row_of(away, 5).line.startswith("Last seen yesterday")


def test_names_that_turn_text_around_are_written_out() -> None:
    assert row_of(screen(person(1, "evil\u202egpj.exe")), 1).name == "evil[U+202E]gpj.exe"


def test_a_search_finds_people_whatever_case_and_accents_the_best_first() -> None:
    shown = screen(
        person(1, "Renée"), person(2, "Irene"), person(3, "Mary Renner"), person(4, "Bob"),
        query="REN",
    )  # fmt: skip
    assert told(shown) == ["People · 3", "Renée", "Mary Renner", "Irene"]


def test_a_search_knows_both_names_of_somebody_and_the_start_of_their_id() -> None:
    shown = screen(person(1, "Ada", Held(alias="Countess")), person(2, "Bob"))
    assert told(replace(shown, query="ada"))[1:] == ["Countess"]
    assert told(replace(shown, query=str(peer(2))[:12]))[1:] == ["Bob"]


def test_a_search_finds_blocked_people() -> None:
    assert told(screen(person(1, "Eve", Held(Trust.BLOCKED)), query="eve"))[1:] == ["Eve"]


def test_messages_that_fit_come_newest_first_with_whom_they_are() -> None:
    found = (said(1, "old capture", ago=9), said(2, "new capture", mine=True))
    shown = screen(person(1, "Ada"), query="capture", found=found)
    messages = [row for row in rows(shown) if isinstance(row, MessageRow)]
    assert [(row.name, row.line) for row in messages] == [
        (peer(2).short, "You: new capture"), ("Ada", "old capture"),
    ]  # fmt: skip
    assert told(shown)[0] == "Messages · 2"


def test_an_excerpt_begins_a_little_before_what_was_looked_for() -> None:
    text = "first of all there is a lot that nobody asked for, then the capture of today"
    assert excerpt(text, "capture") == "…for, then the capture of today"
    assert excerpt("the capture", "capture") == "the capture"
    assert excerpt(text, "nothing") == text


def test_a_row_that_did_not_change_is_the_same_object() -> None:
    listing = Listing()
    shown = screen(*(person(number, f"P{number}") for number in range(1, 50)))
    before = listing.rows(shown, NOON)
    changed = person(7, "P7", Held(), said(7, "hi"))
    after = listing.rows(replace(shown, people={**shown.people, peer(7): changed}), NOON)
    old = {row.key: row for row in before}
    assert sum(row is old.get(row.key) for row in after) == 48


def test_another_day_makes_every_row_anew() -> None:
    listing = Listing()
    shown = screen(person(1, "Ada", Held(), said(1, "hi")))
    listing.rows(shown, NOON)
    (_, row) = listing.rows(shown, NOON + 86_400_000)
    assert isinstance(row, PersonRow)
    assert row.when == "Yesterday"


def test_keys_are_all_different() -> None:
    people = [person(number, "Same") for number in range(1, 30)]
    found = tuple(said(number, "x", ago=number) for number in range(1, 30))
    shown = screen(*people, query="same", found=found)
    keys = [row.key for row in rows(shown)]
    assert len(keys) == len(set(keys))
