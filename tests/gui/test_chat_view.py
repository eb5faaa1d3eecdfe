"""The conversation on the screen: what is drawn, what stays, what clicks and keys do."""

import datetime
import tkinter as tk
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from lanchat.conversation.message import State
from lanchat.gui import chat_emoji
from lanchat.gui import keys as table
from lanchat.gui.cards import AGAIN
from lanchat.gui.chat_copying import lines
from lanchat.gui.chat_view import ChatView, Hooks
from lanchat.gui.items import (
    Act,
    CardState,
    DayMark,
    FileCard,
    Item,
    NewMark,
    Notice,
    Said,
)
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.tone import Tone
from tests.kit.tkwait import until

START = datetime.datetime(2026, 11, 23, 9, 12, tzinfo=datetime.UTC)
AT = int(START.timestamp() * 1000)


@dataclass
class Heard:
    """What the view asked for."""

    older: int = 0
    acts: list[tuple[str, Act]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    menus: list[tuple[str, str]] = field(default_factory=list)
    copied: list[tuple[Item, ...]] = field(default_factory=list)
    deleted: list[tuple[str, ...]] = field(default_factory=list)

    def more(self) -> None:
        self.older += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def view(tk_root: tk.Tk, theme: Theme, heard: Heard) -> ChatView:
    hooks = Hooks(
        older=heard.more,
        act=lambda key, act: heard.acts.append((key, act)),
        link=lambda link: heard.links.append(link.url),
        menu=lambda key, _x, _y, link: heard.menus.append((key, link.url if link else "")),
        copied=heard.copied.append,
        delete=heard.deleted.append,
    )
    shown = ChatView(tk_root, theme, hooks, now=START.timestamp, zone=datetime.UTC)
    tk_root.geometry("700x640+0+0")
    shown.pack(fill="both", expand=True)
    tk_root.update()
    return shown


def said(number: int, text: str = "", *, mine: bool = False) -> Said:
    state = State.DELIVERED if mine else State.RECEIVED
    return Said(f"{number:032x}", mine, text or f"message {number}", AT, state)


def given(view: ChatView, text: str) -> str:
    """What Tk is given of a text: blanks under the emoji."""
    inline = chat_emoji.compose(view._painter.brush, text)
    return text if inline is None else inline.text


def card(state: CardState = CardState.RUNNING, done: int = 100, *acts: Act) -> FileCard:
    named = (("capture.zip", 1_000),)
    chosen = acts or (Act.PAUSE, Act.CANCEL)
    return FileCard("c" * 32, False, named, 1, 1_000, AT, state, done, 5, 9, acts=chosen)


def many(count: int) -> tuple[Item, ...]:
    return tuple(said(number, mine=number % 3 == 0) for number in range(count))


def seen(view: ChatView) -> tuple[str, ...]:
    view.update()
    return view.texts


def chosen(view: ChatView) -> tuple[str, ...]:
    return view.selected


def click(view: ChatView, key: str, *, state: int = 0, button: int = 1) -> None:
    box = view.bbox_of(key)
    assert box is not None
    press(view, box[0] + 20, (box[1] + box[3]) // 2, state=state, button=button)


def press(view: ChatView, x: int, y: int, *, state: int = 0, button: int = 1) -> None:
    for what in ("ButtonPress", "ButtonRelease"):
        view.canvas.event_generate(f"<{what}-{button}>", x=x, y=y, state=state)
    view.update()


def keys(view: ChatView, *names: str) -> None:
    view.canvas.focus_force()
    view.update()
    for name in names:
        view.canvas.event_generate(f"<{name}>")
    view.update()


def test_a_conversation_opens_at_its_newest(view: ChatView) -> None:
    view.show(many(200))
    assert view.at_end
    assert seen(view)[-1] == "message 199"
    assert "message 100" not in seen(view)


def test_few_messages_stand_at_the_top(view: ChatView) -> None:
    view.show(many(2))
    assert seen(view) == ("message 0", "message 1")
    box = view.bbox_of(said(0).key)
    assert box is not None
    assert box[1] < 30


def test_only_what_can_be_seen_is_on_the_canvas(view: ChatView) -> None:
    view.show(many(3_000))
    view.update()
    assert len(view.canvas.find_all()) < 500
    view._scrolled_to("moveto", "0.5")
    view.update()
    assert len(view.canvas.find_all()) < 500


def test_who_is_at_the_end_stays_there_when_messages_come(view: ChatView) -> None:
    view.show(many(50))
    view.show((*many(50), said(50)))
    assert view.at_end
    assert seen(view)[-1] == "message 50"
    assert view.news == 0


def test_who_reads_above_stays_there_and_hears_of_what_came(view: ChatView) -> None:
    items = many(100)
    view.show(items)
    view._scrolled_to("moveto", "0.4")
    before = seen(view), [view.bbox_of(one.key) for one in items]
    for number in (100, 101):
        items = (*items, said(number))
        view.show(items)
    assert (seen(view), [view.bbox_of(one.key) for one in items[:100]]) == before
    assert view.news == 2
    assert not view.at_end
    pill = view.nametowidget("new_messages")
    assert pill.winfo_ismapped()
    pill.event_generate("<ButtonRelease-1>")
    assert view.at_end
    assert view.news == 0
    view.update()
    assert not pill.winfo_ismapped()


def test_who_writes_looks_at_what_was_written(view: ChatView) -> None:
    view.show(many(100))
    view._scrolled_to("moveto", "0.2")
    view.show((*many(100), said(100, mine=True)))
    assert seen(view)[-1] == "message 100"


def test_an_older_page_moves_nothing(view: ChatView, heard: Heard) -> None:
    newer = tuple(said(number) for number in range(200, 260))
    view.show(newer)
    view._scrolled_to("moveto", "0")
    assert heard.older == 1
    before = seen(view), view.bbox_of(newer[0].key)
    view.show((*(said(number) for number in range(200)), *newer))
    assert (seen(view), view.bbox_of(newer[0].key)) == before
    keys(view, "Home")
    assert seen(view)[0] == "message 0"
    assert heard.older == 2


def test_a_delivery_is_shown_in_place(view: ChatView) -> None:
    items = list(many(60))
    view.show(tuple(items))
    before = view.bbox_of(items[57].key)
    items[57] = replace(said(57, mine=True), state=State.READ)
    view.show(tuple(items))
    assert view.bbox_of(items[57].key) == before


def test_a_running_card_moves_its_bar_only(view: ChatView) -> None:
    view.show((*many(5), card()))
    view.update()
    before = set(view.canvas.find_all())
    view.show((*many(5), card(done=600)))
    view.update()
    assert set(view.canvas.find_all()) == before
    shown = [_text(view, one) for one in before if _is_text(view, one)]
    assert "600 B of 1 kB · 5 B/s · 9 s left" in shown


def _text(view: ChatView, item: int) -> str:
    return str(view.canvas.tk.call(str(view.canvas), "itemcget", item, "-text"))


def _is_text(view: ChatView, item: int) -> bool:
    return str(view.canvas.type(item)) == "text"


def test_a_removed_message_closes_its_gap(view: ChatView) -> None:
    items = many(5)
    view.show(items)
    view.show((*items[:2], *items[3:]))
    assert seen(view) == tuple(f"message {number}" for number in (0, 1, 3, 4))


def test_another_conversation_opens_at_its_own_end(view: ChatView) -> None:
    view.show(many(100))
    view._scrolled_to("moveto", "0.1")
    view.show(tuple(said(number, f"other {number}") for number in range(500, 600)))
    assert view.at_end
    assert seen(view)[-1] == "other 599"
    view.show(())
    assert seen(view) == ()


def test_what_is_new_is_shown_first_if_it_is_more_than_a_screen(view: ChatView) -> None:
    items = many(200)
    view.show((*items[:100], NewMark(), *items[100:]))
    assert "message 100" in seen(view)
    assert not view.at_end


def test_the_day_floats_above_while_one_scrolls_and_its_mark_is_out_of_sight(
    view: ChatView, tk_root: tk.Tk
) -> None:
    first, second = datetime.date(2026, 11, 22), datetime.date(2026, 11, 23)
    items = many(80)
    view.show((DayMark("a", first), *items[:40], DayMark("b", second), *items[40:]))
    assert view.sticky_day == ""  # nobody goes anywhere
    view._scrolled_to("moveto", "0.9")
    assert view.sticky_day == "Today"
    view._scrolled_to("moveto", "0.2")
    assert view.sticky_day == "Yesterday"
    until(tk_root, lambda: view.sticky_day == "", "the day is gone")
    view.canvas.event_generate("<Button-4>")
    assert view.sticky_day == "Yesterday"
    view._scrolled_to("moveto", "0")
    assert view.sticky_day == ""


@pytest.mark.parametrize("width", [260, 480, 701, 1300])
def test_a_window_of_another_width_keeps_the_place(
    view: ChatView, tk_root: tk.Tk, width: int
) -> None:
    view.show(
        tuple(said(number, f"{number} " + "words and more " * 20) for number in range(90))
    )
    view._scrolled_to("moveto", "0.5")
    first = seen(view)[0]
    tk_root.geometry(f"{width}x640")
    tk_root.update()
    assert first in seen(view)
    boxes = [view.bbox_of(said(number).key) for number in range(90)]
    drawn = [box for box in boxes if box is not None]
    assert all(one[3] <= other[1] for one, other in pairwise(drawn))
    assert all(box[0] >= 0 and box[2] <= max(width, 200) for box in drawn)


def test_ours_stay_at_the_right_edge(view: ChatView, tk_root: tk.Tk) -> None:
    view.show((said(0, mine=True),))
    for width in (700, 900, 640):
        tk_root.geometry(f"{width}x640")
        tk_root.update()
        box = view.bbox_of(said(0).key)
        assert box is not None
        assert box[2] == view.canvas.winfo_width() - 16


def test_a_switch_of_theme_and_zoom_keeps_the_place(view: ChatView, theme: Theme) -> None:
    view.show(many(200))
    view._scrolled_to("moveto", "0.5")
    first = seen(view)[0]
    theme.switch(Mode.DARK, 2.0)
    assert first in seen(view)
    assert str(view.canvas.cget("background")) == theme.tokens.chat
    theme.switch(Mode.LIGHT, 1.0)
    assert first in seen(view)


def test_clicks_select_one_several_and_none(view: ChatView) -> None:
    view.show(many(8))
    view.update()
    key = [said(number).key for number in range(8)]
    click(view, key[1])
    assert chosen(view) == (key[1],)
    click(view, key[4], state=0x1)
    assert chosen(view) == tuple(key[1:5])
    click(view, key[2], state=0x4)
    assert chosen(view) == (key[1], key[3], key[4])
    press(view, 350, 600)
    assert chosen(view) == ()


def test_copying_gives_the_messages_and_not_what_is_drawn(view: ChatView, heard: Heard) -> None:
    view.show((said(1, "a\x1b[31m"), said(2, "b", mine=True)))
    click(view, said(1).key)
    keys(view, "Shift-Down", "Control-c", "c")
    assert [[one.key for one in items] for items in heard.copied] == [
        [said(1).key, said(2).key]
    ] * 2
    names = {True: "Me", False: "Ada"}
    assert lines(heard.copied[0], names.__getitem__, datetime.UTC) == (
        "[2026-11-23 09:12] Ada: a\ufffd[31m\n[2026-11-23 09:12] Me: b"
    )


def test_words_of_one_bubble_are_selected_by_dragging_and_copied(
    view: ChatView, tk_root: tk.Tk
) -> None:
    view.show((said(1, "👍👍 first second third"),))
    view.update()
    box = view.bbox_of(said(1).key)
    assert box is not None
    y = box[1] + 16
    font = view.theme.font("text")
    start = box[0] + 12 + font.measure(given(view, "👍👍 ")) + 1
    canvas = view.canvas
    canvas.event_generate("<ButtonPress-1>", x=start, y=y)
    canvas.event_generate("<B1-Motion>", x=start + font.measure("first secon"), y=y)
    canvas.event_generate("<ButtonRelease-1>", x=start + font.measure("first secon"), y=y)
    view.copy()
    assert tk_root.clipboard_get().startswith("first secon")
    assert chosen(view) == ()


def test_a_double_click_selects_a_word(view: ChatView, tk_root: tk.Tk) -> None:
    view.show((said(1, "😀 first second third"),))
    view.update()
    box = view.bbox_of(said(1).key)
    assert box is not None
    font = view.theme.font("text")
    x, y = box[0] + 12 + font.measure(given(view, "😀 first se")), box[1] + 16
    for _click in range(2):
        view.canvas.event_generate("<ButtonPress-1>", x=x, y=y)
        view.canvas.event_generate("<ButtonRelease-1>", x=x, y=y)
    view.copy()
    assert tk_root.clipboard_get() == "second"


def test_arrows_go_from_message_to_message_and_over_marks(view: ChatView) -> None:
    items = (said(0), Notice("n", "You verified Ada.", Tone.GOOD), said(1), NewMark(), said(2))
    view.show(items)
    view.update()
    keys(view, "Up")
    assert chosen(view) == (said(2).key,)
    keys(view, "Up", "Up")
    assert chosen(view) == (said(0).key,)
    keys(view, "Shift-Down")
    assert chosen(view) == (said(0).key, said(1).key)
    keys(view, "Escape")
    assert chosen(view) == ()


def test_the_keys_reach_every_message_of_a_long_conversation(view: ChatView) -> None:
    view.show(many(120))
    keys(view, *["Up"] * 100)
    assert chosen(view) == (said(20).key,)
    assert view.bbox_of(said(20).key) is not None
    keys(view, "End")
    assert view.at_end
    keys(view, "Prior")
    assert not view.at_end
    keys(view, "Next")
    assert view.at_end


def test_the_buttons_of_a_card_are_reached_by_keys(view: ChatView, heard: Heard) -> None:
    shown = card(CardState.ASKING, 0, Act.ACCEPT, Act.CHOOSE, Act.DECLINE)
    view.show((said(0), shown))
    keys(view, "Up", "Return")
    assert heard.acts == [], "Enter shows what it would do before it takes files"
    keys(view, "Return")
    keys(view, "Tab", "Right", "space")
    assert heard.acts == [(shown.key, Act.ACCEPT), (shown.key, Act.DECLINE)]


def test_what_came_before_is_skipped_or_replaced_by_keys(view: ChatView, heard: Heard) -> None:
    shown = replace(card(CardState.ASKING, 0, *AGAIN, Act.VERIFY), earlier=True)
    view.show((said(0), shown))
    keys(view, "Up", "Return", "Return")
    keys(view, "Tab", "space")
    keys(view, "Tab", "space")
    assert heard.acts == [(shown.key, act) for act in (Act.SKIP, Act.COPY, Act.REPLACE)]


def test_enter_opens_what_is_there_to_be_opened(view: ChatView, heard: Heard) -> None:
    done = card(CardState.DONE, 0, Act.OPEN)
    view.show((said(0, "see https://bank.com@evil.example/x"), done))
    keys(view, "Up", "Return", "Up", "Return")
    assert heard.acts == [(done.key, Act.OPEN)]
    assert heard.links == ["https://bank.com@evil.example/x"]


TWO = (
    "http://one.lan/ or, if that does not answer, "
    + "and so on " * 6
    + "http://two.lan/"
    + "x" * 60
)


def around(view: ChatView) -> list[tuple[int, ...]]:
    """Where rings are drawn within a message: one on each line of a link."""
    ring, call = view.theme.tokens.ring, view.canvas.tk.call
    items = [
        one
        for one in view.canvas.find_withtag("stop")
        if str(view.canvas.type(one)) == "polygon"
        and str(call(str(view.canvas), "itemcget", one, "-fill")) == ring
    ]
    return [view.canvas.bbox(one) for one in items]


def test_every_link_of_a_message_is_reached_by_keys(view: ChatView, heard: Heard) -> None:
    view.show((said(0), said(1, TWO), said(2)))
    keys(view, "Up", "Up", "Tab", "Return", "Right", "Return", "space", "Left", "Return")
    one, two = "http://one.lan/", "http://two.lan/" + "x" * 60
    assert heard.links == [one, two, two, one]
    assert chosen(view) == (said(1).key,)
    keys(view, "Shift-F10", "Tab", "Menu")
    assert heard.menus == [(said(1).key, one), (said(1).key, two)]


def test_a_ring_is_around_the_link_that_has_the_keys_and_nothing_else(
    view: ChatView, tk_root: tk.Tk
) -> None:
    tk_root.geometry("420x640")
    view.show((said(0), said(1, TWO), card(CardState.ASKING, 0, Act.ACCEPT, Act.DECLINE)))
    keys(view, "Up", "Up")
    assert around(view) == []
    keys(view, "Tab")
    assert len(around(view)) == 1
    first = around(view)
    keys(view, "Tab")
    assert len(around(view)) == 2, "a line each"
    upper, lower = around(view)
    assert upper[3] <= lower[3]
    assert first[0] not in (upper, lower)
    box = view.bbox_of(said(1).key)
    assert box is not None
    assert all(box[0] <= one[0] and one[2] <= box[2] + 4 for one in (upper, lower))
    tk_root.geometry("640x640")  # all is drawn anew
    tk_root.update()
    assert around(view)
    assert around(view) != [upper, lower]
    click(view, said(0).key)
    assert around(view) == [], "the keys act on another message"


def test_a_link_far_down_in_a_long_message_is_brought_into_sight(
    view: ChatView, tk_root: tk.Tk
) -> None:
    tk_root.geometry("500x300")
    view.show((said(0, "http://top.lan/\n" + "line\n" * 30 + "http://low.lan/"), said(1)))
    keys(view, "Up", "Up", "Home", "Tab")
    for key in ("Tab", "Shift-Tab", "Right"):
        keys(view, key)
        (ring,) = around(view)
        seen_from = view.canvas.canvasy(0)
        assert seen_from <= ring[1]
        assert ring[3] <= seen_from + view.canvas.winfo_height()


def test_the_whole_of_a_message_is_reached_behind_its_links(
    view: ChatView, heard: Heard
) -> None:
    view.show((said(0, "http://one.lan/\n" + "x = 1\n" * 500),))
    keys(view, "Up", "Right", "Right")
    assert len(around(view)) == 1
    keys(view, "Return")
    assert heard.links == []
    whole = view.canvas.nametowidget("whole_message.text")
    assert whole.get("1.0", "end").count("x = 1") == 500
    whole.event_generate("<Escape>")


def test_a_menu_is_about_the_link_under_the_pointer(view: ChatView, heard: Heard) -> None:
    view.show((said(0, "http://one.lan/ http://two.lan/"),))
    view.update()
    box = view.bbox_of(said(0).key)
    assert box is not None
    wide = view.theme.font("text").measure("http://one.lan/ http:")
    for x, y in ((box[0] + 12 + wide, box[1] + 16), (box[0] + 4, box[3] - 4)):
        press(view, x, y, button=3)
    assert heard.menus == [(said(0).key, "http://two.lan/"), (said(0).key, "http://one.lan/")]


def events(view: ChatView, rows: tuple[table.Row, ...]) -> set[str]:
    """What Tk calls the keys of these rows."""
    asked = tk.Canvas(view)
    for event in (event for row in rows for key in row.keys for event in table.events(key)):
        with suppress(tk.TclError):  # of another windowing system
            asked.bind(event, lambda _event: None)
    return set(asked.bind())


def test_the_list_of_keys_has_every_key_among_messages_and_no_other(view: ChatView) -> None:
    others = ("Button", "Motion", "Leave", "Mouse", "Focus", "Configure")
    bound = {one for one in view.canvas.bind() if not any(word in one for word in others)}
    copying = events(view, (table.Row(("Ctrl+C",), ""),))
    assert "<<Copy>>" in bound, "which Ctrl+C is"
    bound |= copying
    left = {"<<Copy>>", "<Alt-Key-Up>", "<Alt-Key-Down>"}
    assert bound - events(view, (*table.MESSAGES, *table.MORE)) == left
    assert events(view, table.MESSAGES) <= bound


def test_buttons_and_links_are_clicked(view: ChatView, heard: Heard) -> None:
    view.show((said(0, "https://wiki.lan/build " + "and so on " * 30), card()))
    view.update()
    box = view.bbox_of_act(card().key, Act.CANCEL)
    assert box is not None
    press(view, (box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
    bubble = view.bbox_of(said(0).key)
    assert bubble is not None
    press(view, bubble[0] + 30, bubble[1] + 16)
    assert heard.acts == [(card().key, Act.CANCEL)]
    assert heard.links == ["https://wiki.lan/build"]
    assert chosen(view) == ()


def test_the_right_button_and_the_menu_key_ask_for_a_menu(view: ChatView, heard: Heard) -> None:
    view.show(many(3))
    view.update()
    click(view, said(1).key, button=3)
    keys(view, "Shift-F10", "Delete")
    assert heard.menus == [(said(1).key, "")] * 2
    assert heard.deleted == [(said(1).key,)]


def test_a_long_message_is_cut_and_shown_whole_on_demand(view: ChatView) -> None:
    view.show((said(0, "x = 1\n" * 500),))
    assert seen(view)[0].count("\n") < 40
    keys(view, "Up", "Return")
    whole = view.canvas.nametowidget("whole_message.text")
    assert whole.get("1.0", "end").count("x = 1") == 500
    whole.event_generate("<Escape>")


def test_words_are_chosen_by_keys_behind_a_caret(view: ChatView, tk_root: tk.Tk) -> None:
    view.whole(Said("0" * 32, False, "one two three\n" + "line\n" * 100, AT, State.RECEIVED))
    text = view.canvas.nametowidget("whole_message.text")
    text.focus_force()
    until(tk_root, lambda: text.focus_get() is text, "the keys")
    caret = text.nametowidget("caret")

    def stands() -> bool:
        text.update()
        box = text.bbox("insert")
        return box is not None and (caret.winfo_x() + 1, caret.winfo_y()) == box[:2]

    assert stands()
    for key in ("Control-Right", "Control-Shift-Right"):
        text.event_generate(f"<{key}>")
        assert stands(), key
    text.event_generate("<<Copy>>")
    assert tk_root.clipboard_get().strip() == "two"
    text.event_generate("<Key>", keysym="x")
    assert text.get("1.0", "1.end") == "one two three"
    text.event_generate("<Control-End>")
    assert stands()
    text.yview_moveto(0)
    text.event_generate("<Key>", keysym="Shift_L")
    text.update()
    assert not caret.winfo_ismapped()
    text.event_generate("<Escape>")


def test_hebrew_is_drawn_in_pieces_and_copied_from_the_model(
    view: ChatView, heard: Heard
) -> None:
    view.show((said(0, "שלום עולם abc"),))
    assert seen(view) == (), "no text of Tk's own"
    click(view, said(0).key)
    keys(view, "c")
    assert heard.copied[0] == (said(0, "שלום עולם abc"),)


def test_emoji_alone_are_large(view: ChatView) -> None:
    view.show((said(0, "👍🏽👨‍👩‍👧"), said(1, "👍🏽 ok")))
    view.update()
    large, plain = view.bbox_of(said(0).key), view.bbox_of(said(1).key)
    assert large is not None
    assert plain is not None
    assert large[3] - large[1] > plain[3] - plain[1]


@pytest.mark.parametrize("state", list(CardState))
def test_every_state_of_a_card_is_drawn_as_high_as_guessed(
    view: ChatView, state: CardState
) -> None:
    shown = card(state, 100, Act.OPEN)
    view.show((shown,))
    view.update()
    drawn = next(iter(view._window.drawn.values()))
    guessed = view._painter.bulk(shown).fixed
    assert abs(drawn.total - guessed) <= 2


def test_the_ring_shows_where_the_keys_are(view: ChatView, tk_root: tk.Tk) -> None:
    view.show(many(3))
    keys(view)
    ring = view.nametowidget("ring_n")
    assert ring.winfo_ismapped()
    keys(view, "Up")
    assert not ring.winfo_ismapped()
    assert view.canvas.find_withtag("ring")
    tk_root.focus_force()
    tk_root.update()
