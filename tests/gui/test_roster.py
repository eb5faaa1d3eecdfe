"""The list of people on the screen: what is drawn, and what pointer and keys do."""

from dataclasses import replace
from tkinter import ttk

import pytest

from lanchat.gui import roster_search
from lanchat.gui.adding import Adding
from lanchat.gui.gestures import Found, PeerChosen, Sought
from lanchat.gui.looking import Why
from lanchat.gui.menus import Menu
from lanchat.gui.roster_pane import RosterPane
from lanchat.gui.state import Me
from lanchat.gui.theme import Mode
from lanchat.identity.fingerprint import invite, parse_invite
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence, Showing
from lanchat.node.networks import Network
from tests.gui.plain_shell import PlainShell
from tests.kit.people import Held, peer, person, said
from tests.kit.tkwait import settled, until

ADA, BOB, EVE, ZED = (
    person(1, "Ada Lovelace", Held(Trust.VERIFIED, unread=2), said(1, "hello there")),
    person(2, "Bob Hale", Held(), said(2, "fine", ago=60, mine=True)),
    person(3, "Eve", Held(Trust.NEW), said(3, "who are you?", ago=5)),
    person(4, "Zed", Held(presence=Presence.OFFLINE)),
)


def drawn(pane: RosterPane) -> list[str]:
    """The texts of the list, from top to bottom and left to right."""
    canvas = pane.view.canvas
    call = canvas.tk.call
    items = [one for one in canvas.find_all() if str(call(canvas, "type", one)) == "text"]
    places = sorted((canvas.coords(one)[1], canvas.coords(one)[0], one) for one in items)
    return [str(call(canvas, "itemcget", one, "-text")) for _y, _x, one in places]


def chosen(shell: PlainShell) -> list[int]:
    """Whose conversations were opened."""
    numbers = {peer(number): number for number in range(2000)}
    opened = [one.peer_id for one in shell.gestures if isinstance(one, PeerChosen)]
    return [numbers[one] for one in opened if one is not None]


def why(pane: RosterPane) -> Why | None:
    return pane.looking.why


def focus_list(pane: RosterPane) -> None:
    pane.view.canvas.focus_force()
    settled(pane)


def press(pane: RosterPane, *keys: str) -> None:
    for key in keys:
        pane.view.canvas.event_generate(key)
    pane.update()


def ringed(pane: RosterPane) -> str:
    row = pane.view.cursor.at
    return row.name if row is not None and pane.view.cursor.shows(row.key) else ""


def test_it_shows_sections_names_times_lines_and_what_is_unread(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB, EVE, ZED)
    texts = drawn(pane)
    heads = [one for one in texts if "·" in one]
    assert heads == ["REQUESTS · 1", "ON THIS NETWORK · 2", "OFFLINE · 1"]
    for text in ("Ada Lovelace", "hello there", "2", "You: fine", "who are you?", "Offline"):
        assert text in texts


def test_a_click_opens_the_conversation(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    settled(pane)
    box = pane.view.bbox_of(str(peer(2)))
    assert box is not None
    pane.view.canvas.event_generate("<Button-1>", x=box[0] + 30, y=box[1] + 20)
    assert chosen(shell) == [2]


def test_up_down_home_end_move_a_ring_and_enter_opens(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB, EVE, ZED)
    focus_list(pane)
    assert ringed(pane) == "Eve"
    press(pane, "<Down>")
    assert ringed(pane) == "Ada Lovelace"
    press(pane, "<End>")
    assert ringed(pane) == "Zed"
    press(pane, "<Home>", "<Down>", "<Down>", "<Return>")
    assert chosen(shell) == [2]


def test_up_on_the_first_row_goes_to_the_search(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    focus_list(pane)
    press(pane, "<Up>")
    settled(pane)
    assert pane.focus_get() is pane.finder.entry


def test_letters_jump_and_the_same_letter_goes_on(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(person(1, "Ada"), person(2, "Bob"), person(3, "Bert"), person(5, "Émile"))
    focus_list(pane)
    press(pane, "<KeyPress-b>")
    assert ringed(pane) == "Bert"
    press(pane, "<KeyPress-b>")
    assert ringed(pane) == "Bob"
    until(pane, lambda: not pane.view.cursor._typed, "the letters forgotten")
    press(pane, "<KeyPress-b>", "<KeyPress-o>")
    assert ringed(pane) == "Bob"
    until(pane, lambda: not pane.view.cursor._typed, "the letters forgotten")
    press(pane, "<KeyPress-e>")
    assert ringed(pane) == "Émile"


def test_the_ring_stays_with_a_person_who_moves(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    focus_list(pane)
    press(pane, "<Down>")
    assert ringed(pane) == "Bob Hale"
    newest = replace(BOB, last=said(2, "news"))
    shell.people(replace(ADA, last=said(1, "old", ago=999)), newest)
    assert ringed(pane) == "Bob Hale"
    shell.people(ADA)
    assert ringed(pane) == "Ada Lovelace"


def test_a_pointer_leaves_no_ring(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    settled(pane)
    pane.view.canvas.event_generate("<Button-1>", x=60, y=50)
    settled(pane)
    assert ringed(pane) == ""


def test_steps_and_numbers_open_people_in_the_order_of_the_list(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB, EVE, ZED)
    pane.choose(1)
    pane.step(1)
    pane.step(1)
    pane.step(1)
    pane.step(-1)
    pane.choose(8)
    assert chosen(shell) == [1, 2, 4, 2]


def test_it_knows_whose_row_is_at_a_place_of_the_screen(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB)
    settled(pane)
    box = pane.view.bbox_of(str(peer(2)))
    assert box is not None
    canvas = pane.view.canvas
    x, y = canvas.winfo_rootx() + 40, canvas.winfo_rooty() + (box[1] + box[3]) // 2
    assert pane.person_at(x, y) == peer(2)
    assert pane.person_at(x, canvas.winfo_rooty() + 5) is None
    assert pane.person_at(x, y + 400) is None
    assert pane.person_at(x + 1000, y) is None


def test_files_held_over_a_row_mark_it(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    settled(pane)
    box = pane.view.bbox_of(str(peer(2)))
    assert box is not None
    canvas = pane.view.canvas
    before = drawn(pane)
    x, y = canvas.winfo_rootx() + 40, canvas.winfo_rooty() + (box[1] + box[3]) // 2
    pane.view.point(x, y)
    assert drawn(pane) == before
    assert pane.aim(x, y) == peer(2)
    assert set(drawn(pane)) - set(before) == {"Drop to send"}
    assert pane.aim(-1, -1) is None
    assert drawn(pane) == before


@pytest.mark.parametrize("trust", [Trust.BLOCKED, Trust.CONFLICT])
def test_files_held_over_somebody_we_are_warned_of_leave_the_warning(
    shell: PlainShell, pane: RosterPane, trust: Trust
) -> None:
    shell.people(ADA, person(2, "Bob Hale", Held(trust)))
    settled(pane)
    box = pane.view.bbox_of(str(peer(2)))
    assert box is not None
    before = drawn(pane)
    canvas = pane.view.canvas
    pane.aim(canvas.winfo_rootx() + 40, canvas.winfo_rooty() + (box[1] + box[3]) // 2)
    assert drawn(pane) == before


def test_only_what_is_in_sight_is_drawn_and_long_names_are_cut_to_fit(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(*(person(number, f"{number} " + "name " * 12) for number in range(1, 1001)))
    settled(pane)
    texts = drawn(pane)
    assert len(texts) < 40
    names = [one for one in texts if "name" in one]
    assert names
    assert all(one.endswith("…") for one in names)
    font = shell.theme.font("strong")
    assert all(font.measure(one) <= 288 - 60 for one in names)
    focus_list(pane)
    press(pane, "<End>")
    assert len(drawn(pane)) < 40
    assert "999 name" in " ".join(drawn(pane))


def test_a_row_that_says_the_same_is_not_drawn_again(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB, ZED)
    settled(pane)
    canvas = pane.view.canvas
    before = set(canvas.find_all())
    shell.people(ADA, replace(BOB, last=said(2, "news", ago=1)), ZED)
    kept = before & set(canvas.find_all())
    assert before - kept
    assert len(kept) > len(before) // 2


def test_the_menu_offers_what_can_be_done(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, EVE, person(5, "Mallory", Held(Trust.BLOCKED)))
    focus_list(pane)
    offered = {}
    for name in ("Eve", "Ada", "Mallory"):
        press(pane, "<Shift-F10>")
        menu = pane.nametowidget("person_menu")
        assert isinstance(menu, Menu)
        offered[name] = list(menu.texts)
        menu.close()
        press(pane, "<Down>")
    common = ["Verify…", "About this person…"]
    assert offered == {
        "Eve": ["Open", "Accept", *common, "Block…"],
        "Ada": ["Open", "Send files…", *common, "Mute", "Block…"],
        "Mallory": ["Open", "About this person…", "Unblock"],
    }


def test_the_avatar_has_a_menu_of_what_is_about_oneself(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA)
    settled(pane)
    face = next(one for one in pane.me.winfo_children() if one.winfo_name() == "my_face")
    assert isinstance(face, ttk.Button)
    face.invoke()
    settled(pane)
    menu = pane.nametowidget("my_menu")
    assert isinstance(menu, Menu)
    menu.choose("Lock")
    assert shell.commands == ["lock"]


def test_the_tooltip_of_a_row_says_trust_and_presence_in_words(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, replace(BOB, view=replace(BOB.view, presence=Presence.SEEN)))
    settled(pane)
    box = pane.view.bbox_of(str(peer(2)))
    assert box is not None
    canvas = pane.view.canvas
    canvas.event_generate("<Motion>", x=60, y=box[1] + 20)
    assert pane.view._tip.text == "Not verified\nSeen on the network, not proven yet"
    canvas.event_generate("<Motion>", x=60, y=65)
    assert pane.view._tip.text == "Verified\nOnline"


# --- the search ---------------------------------------------------------------------------


def type_search(pane: RosterPane, text: str) -> None:
    pane.finder.entry.focus_force()
    pane.update()
    pane.finder.entry.insert("end", text)
    pane.update()


def test_typing_filters_people_and_asks_for_messages_a_moment_later(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB)
    type_search(pane, "love")
    assert shell.screen.query == "love"
    assert "Bob Hale" not in drawn(pane)
    until(pane, lambda: shell.asked, "the question for messages")
    assert len(shell.asked) == 1
    shell.do(Found("love", (said(2, "I love this"),)))
    assert "MESSAGES · 1" in drawn(pane)
    assert "I love this" in drawn(pane)


def test_fast_typing_asks_for_messages_once(
    shell: PlainShell, pane: RosterPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_search, "DEBOUNCE", 1500)  # fast on any machine
    for letter in "love":
        type_search(pane, letter)
    until(pane, lambda: shell.asked, "the question for messages")
    settled(pane)
    assert len(shell.asked) == 1


def test_escape_clears_and_down_and_enter_go_on(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    type_search(pane, "bob")
    pane.finder.entry.event_generate("<Down>")
    settled(pane)
    assert pane.focus_get() is pane.view.canvas
    assert ringed(pane) == "Bob Hale"
    press(pane, "<Escape>")
    settled(pane)
    assert shell.screen.query == ""
    assert pane.finder.entry.get() == ""
    type_search(pane, "bob")
    pane.finder.entry.event_generate("<Return>")
    assert chosen(shell) == [2]
    assert shell.screen.query == ""
    assert pane.finder.entry.get() == ""


def test_a_message_that_was_found_opens_its_conversation(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB)
    type_search(pane, "zebra")
    shell.do(Found("zebra", (said(2, "a zebra"),)))
    pane.finder.entry.event_generate("<Return>")
    assert shell.gestures[-1] == Sought(peer(2), said(2, "a zebra").id.hex())
    assert shell.screen.chosen == peer(2)
    assert shell.screen.query == "zebra"


def test_a_search_that_finds_nothing_says_so(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA)
    type_search(pane, "xyz")
    assert why(pane) is Why.NOT_FOUND
    settled(pane)
    assert pane.looking.winfo_viewable()
    pane.finder.clear()
    settled(pane)
    assert not pane.looking.winfo_viewable()


def test_an_invite_in_the_search_leads_to_where_people_are_added(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA)
    given = invite(peer(7), [f"[2001:db8::{n}:1:2:3]:48321" for n in range(4)])
    type_search(pane, given)
    assert why(pane) is Why.INVITED
    settled(pane)
    pane.looking._buttons["add_somebody"].invoke()
    dialog = shell.root.children["adding"]
    assert isinstance(dialog, Adding)
    assert dialog._invited == parse_invite(given)
    dialog.destroy()


# --- nobody there -------------------------------------------------------------------------


def test_with_nobody_there_it_looks_then_says_what_to_check(
    shell: PlainShell, pane: RosterPane
) -> None:
    assert why(pane) is Why.LOOKING
    assert pane.looking._job is not None
    pane.looking.lose_patience()
    assert why(pane) is Why.NOBODY
    settled(pane)
    check = pane.looking.nametowidget(str(pane.looking._check_texts[2]))
    assert "TCP 48321" in str(check["text"])
    shell.people(ADA)
    settled(pane)
    assert not pane.looking.winfo_viewable()


def test_without_a_network_it_says_so(shell: PlainShell, pane: RosterPane) -> None:
    pane.foot.connected(())
    assert why(pane) is Why.UNCONNECTED
    settled(pane)
    assert str(pane.foot._text["text"]) == "No network"
    assert str(pane.me._state["text"]) == "Not connected"
    pane.foot.connected((Network("eth0", ("192.168.1.20",), loopback=False),))
    assert why(pane) is Why.LOOKING


def test_my_address_can_be_copied(shell: PlainShell, pane: RosterPane) -> None:
    pane.looking.lose_patience()
    settled(pane)
    pane.looking._buttons["copy_address"].invoke()
    assert pane.clipboard_get() == "192.168.1.20:48321"
    assert shell.said == ["192.168.1.20:48321 is on the clipboard."]


def test_my_code_is_shown_where_nobody_is(shell: PlainShell, pane: RosterPane) -> None:
    pane.looking.lose_patience()
    settled(pane)
    assert pane.looking._buttons["show_code"].winfo_viewable()
    pane.looking._buttons["show_code"].invoke()
    assert shell.commands == ["my_code"]


def test_nothing_moves_where_less_motion_is_wanted(shell: PlainShell, pane: RosterPane) -> None:
    pulse = pane.looking._pulse
    assert pulse.winfo_viewable()
    assert pulse._job is None
    shell.preferences = replace(shell.preferences, reduced_motion=False)
    pane.looking._redraw()
    settled(pane)
    assert pulse._job is not None
    shell.people(ADA)
    settled(pane)
    assert pulse._job is None


# --- around it ----------------------------------------------------------------------------


def test_my_line_and_the_foot_say_who_and_where_i_am(
    shell: PlainShell, pane: RosterPane
) -> None:
    assert str(pane.me._name["text"]) == "My laptop"
    assert str(pane.foot._text["text"]) == "eth0 192.168.1.20 · port 48321"
    assert pane.foot.address == "192.168.1.20:48321"
    shell.screen = replace(
        shell.screen, me=Me(peer(9999), "My laptop", 48321, ("fe80::1",), Showing())
    )
    shell.draw()
    assert pane.foot.address == "[fe80::1]:48321"


def test_the_buttons_do_their_commands(shell: PlainShell, pane: RosterPane) -> None:
    for name in ("add", "settings"):
        pane.me.nametowidget(name).invoke()
    assert shell.commands == ["add", "settings"]


def test_another_theme_and_zoom_draw_it_anew(shell: PlainShell, pane: RosterPane) -> None:
    shell.people(ADA, BOB)
    settled(pane)
    before = drawn(pane)
    shell.theme.switch(Mode.DARK, 1.5)
    shell.root.geometry("432x700")
    until(pane, lambda: pane.winfo_width() == 432, "a list as wide as the zoom makes it")
    settled(pane)
    canvas = pane.view.canvas
    assert str(canvas["background"]) == shell.theme.tokens.side
    assert [one for one in drawn(pane) if "Ada" in one]
    shell.theme.switch(Mode.LIGHT, 1.0)
    shell.root.geometry("288x700")
    until(pane, lambda: pane.winfo_width() == 288, "the width of before")
    settled(pane)
    assert drawn(pane) == before


def test_f6_stops_at_the_search_and_at_a_list_that_has_rows(
    shell: PlainShell, pane: RosterPane
) -> None:
    assert pane.stops() == (pane.finder.entry,)
    shell.people(ADA)
    assert pane.stops() == (pane.finder.entry, pane.view.canvas)
