"""Which pictures are shown unasked, which wait for a click, and what is held of them."""

import tkinter as tk
from dataclasses import replace

import pytest
from PIL import Image

from lanchat.gui import thumbnails
from lanchat.gui.gestures import Cleared, PictureAsked, PictureFound, PicturesForgotten, Removed
from lanchat.gui.items import Act, CardState, FileCard, Picture
from lanchat.gui.pictures import carried
from lanchat.gui.screen import Conversation, Screen
from lanchat.gui.state import update
from lanchat.gui.theme import Theme
from lanchat.gui.thumbnails import MOST_BYTES, Thumbnails
from lanchat.identity.trust import Trust
from lanchat.node.events import ContactChanged, HistoryExpired, PeerChanged
from tests.gui.plain_shell import PlainShell
from tests.kit.people import NOON, Held, peer, person

BOB = peer(2)
PLACE = (BOB, False, "c" * 32)
SEEN = Picture(400, 300)


def card(
    *, mine: bool = False, count: int = 1, state: CardState = CardState.DONE, names: int = 1
) -> FileCard:
    named = tuple((f"{number}.png", 9) for number in range(names))
    return FileCard("c" * 32, mine, named, count, 9, NOON, state, acts=(Act.OPEN,))


def screen(trust: Trust, shown: FileCard | None = None) -> Screen:
    held = person(2, "Bob", Held(trust) if trust is not Trust.NEW else None)
    talk = Conversation(BOB, (shown or card(),), loaded=True)
    return Screen(people={BOB: held}, conversation=talk)


def drawn(now: Screen) -> FileCard:
    assert now.conversation is not None
    (shown,) = now.conversation.items
    assert isinstance(shown, FileCard)
    return shown


@pytest.mark.parametrize("trust", [Trust.KNOWN, Trust.VERIFIED])
def test_a_picture_of_somebody_known_is_shown(trust: Trust) -> None:
    shown = drawn(update(screen(trust), PictureFound(PLACE, SEEN)))
    assert shown.picture == SEEN
    assert shown.acts == (Act.OPEN,)


@pytest.mark.parametrize("trust", [Trust.NEW, Trust.CONFLICT, Trust.BLOCKED])
def test_one_of_anybody_else_waits_until_it_is_asked_for(trust: Trust) -> None:
    found = update(screen(trust), PictureFound(PLACE, Picture()))
    assert drawn(found).picture is None
    assert drawn(found).acts == (Act.OPEN, Act.PICTURE)
    known = update(found, PictureFound(PLACE, SEEN))  # decoded before the trust went
    assert drawn(known).picture is None
    asked = update(known, PictureAsked(PLACE))
    assert drawn(asked).picture == replace(SEEN, asked=True)
    assert drawn(asked).acts == (Act.OPEN,)


def test_one_of_ours_is_shown_whoever_it_went_to() -> None:
    place = (BOB, True, "c" * 32)
    now = screen(Trust.BLOCKED, card(mine=True, state=CardState.WAITING))
    assert drawn(update(now, PictureFound(place, SEEN))).picture == SEEN


def test_the_same_id_of_another_person_or_direction_says_nothing() -> None:
    for place in ((peer(3), False, "c" * 32), (BOB, True, "c" * 32)):
        now = update(screen(Trust.VERIFIED), PictureFound(place, SEEN))
        now = update(now, PictureAsked(place))
        assert drawn(now) == card()


def test_who_is_blocked_shows_no_picture_any_more_and_who_becomes_known_is_looked_at() -> None:
    now = update(screen(Trust.KNOWN), PictureFound(PLACE, SEEN))
    contact = now.people[BOB].contact
    assert contact is not None
    blocked = update(now, ContactChanged(BOB, replace(contact, trust=Trust.BLOCKED)))
    view = replace(blocked.people[BOB].view, trust=Trust.BLOCKED)
    blocked = update(blocked, PeerChanged(view))
    assert drawn(blocked).picture is None
    assert Act.PICTURE in drawn(blocked).acts

    waits = update(screen(Trust.NEW), PictureFound(PLACE, Picture()))
    view = replace(waits.people[BOB].view, trust=Trust.KNOWN)
    assert drawn(update(waits, PeerChanged(view))) == card()  # to be found out anew


def test_what_cannot_be_shown_keeps_its_card_as_it_was() -> None:
    now = update(screen(Trust.NEW), PictureFound(PLACE, Picture()))
    assert drawn(update(now, PictureFound(PLACE, None))) == card()


def test_of_what_is_deleted_no_picture_is_known_any_more() -> None:
    now = update(screen(Trust.KNOWN), PictureFound(PLACE, SEEN))
    other = (peer(3), False, "c" * 32)
    now = update(now, PictureFound(other, SEEN))
    for gone in (
        Removed(BOB, "c" * 32), Removed(BOB), HistoryExpired(BOB, frozenset({b"\xcc" * 16})),
    ):  # fmt: skip
        assert dict(update(now, gone).pictures) == {other: SEEN}
    assert update(now, Removed(BOB, "d" * 32)).pictures == now.pictures
    assert not update(now, Cleared()).pictures


def test_nothing_counts_any_more_when_the_user_chose_anew() -> None:
    now = update(screen(Trust.KNOWN), PictureFound(PLACE, SEEN))
    assert drawn(update(now, PicturesForgotten())) == card()


def test_a_folder_several_files_and_what_is_on_its_way_to_us_carry_none() -> None:
    assert carried(card())
    assert carried(card(mine=True, state=CardState.RUNNING))
    assert not carried(card(count=3))
    assert not carried(card(count=2, names=2))
    assert not carried(card(state=CardState.RUNNING))
    assert not carried(card(state=CardState.ASKING))


def test_only_so_many_are_held_and_no_more_than_so_much(tk_root: tk.Tk, theme: Theme) -> None:
    held = Thumbnails(PlainShell(tk_root, theme), lambda _key: None)
    small, large = Image.new("RGB", (312, 240)), Image.new("RGB", (1248, 960))
    for number in range(thumbnails.MOST + 50):
        held._hold((BOB, False, f"{number:x}"), SEEN, small)
    assert len(held._held) == thumbnails.MOST
    assert (BOB, False, "0") not in held._held
    for number in range(100):
        held._hold((BOB, False, f"large {number}"), SEEN, large)
    assert held._bytes <= MOST_BYTES
    assert held._bytes == sum(3 * one.width * one.height for _, one in held._held.values())
    held.close()
    assert not held._held
    assert held._bytes == 0


def test_who_scrolls_by_many_waits_for_none_of_them(tk_root: tk.Tk, theme: Theme) -> None:
    shell = PlainShell(tk_root, theme)
    held = Thumbnails(shell, lambda _key: None)
    held.follow(screen(Trust.KNOWN))
    for number in range(1000):
        assert held.look(replace(card(), key=f"{number:032x}"), (312, 240)) is None
    assert len(shell.asked) == 1  # one at a time
    assert len(held._waiting) == thumbnails.MOST_WAITING
    assert next(reversed(held._waiting))[2] == f"{999:032x}"  # which comes next
