"""Contrast of what is drawn, in both modes: styles in every state, bubbles, rows, menus."""

import tkinter as tk
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from tkinter import ttk
from typing import Any, Final

import pytest

from lanchat.conversation.message import State
from lanchat.gui import styles
from lanchat.gui.chat_brush import Brush as ChatBrush
from lanchat.gui.chat_brush import Paint
from lanchat.gui.chat_cards import Look
from lanchat.gui.chat_view import ChatView, Hooks
from lanchat.gui.items import Act, CardState, DayMark, FileCard, Item, NewMark, Notice, Said
from lanchat.gui.listing import Heading, Note, PersonRow, Row
from lanchat.gui.menus import Choice, Menu
from lanchat.gui.patches import Brush
from lanchat.gui.roster_rows import ENTRY, RowPainter
from lanchat.gui.roster_rows import Look as RowLook
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.tokens import TOKENS, contrast
from lanchat.gui.tone import Tone
from lanchat.identity.trust import Trust
from tests.gui.readable import SIGN, TEXT, faint, faint_signs, read
from tests.kit.display import Display
from tests.kit.people import Held, person
from tests.kit.tkwait import settled

AT: Final = 1_700_000_000_000
WIDGETS: Final = {
    "TLabel": ttk.Label,
    "TButton": ttk.Button,
    "TCheckbutton": ttk.Checkbutton,
    "TRadiobutton": ttk.Radiobutton,
    "TEntry": ttk.Entry,
    "TCombobox": ttk.Combobox,
}
SILENT: Final = {  # kinds that draw no text
    "", "TFrame", "TSeparator", "TScrollbar", "TProgressbar", "TNotebook",
    "ComboboxPopdownFrame",
}  # fmt: skip
STATES: Final = (
    (), ("active",), ("pressed",), ("focus",), ("focus", "active"), ("selected",),
    ("selected", "active"), ("selected", "focus"), ("readonly",), ("disabled",),
)  # fmt: skip
PLAIN_EDGES: Final = ("line", "thumb")  # between parts, and around what cannot be used


class Noting(ttk.Style):
    """Styles, and the names of those that were made."""

    def __init__(self, root: tk.Misc) -> None:
        super().__init__(root)
        self.names: dict[str, None] = {}

    def configure(self, style: str, query_opt: Any = None, **options: Any) -> Any:
        self.names[style] = None
        return super().configure(style, query_opt, **options)


@pytest.fixture(params=Mode)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Light, then dark."""
    found: Mode = request.param
    return found


@pytest.fixture
def lit(theme: Theme, mode: Mode) -> Theme:
    """The theme in that mode."""
    theme.switch(mode)
    return theme


# --- styles -------------------------------------------------------------------------------


def test_every_text_of_every_style_can_be_read_in_every_state(
    tk_root: tk.Tk, theme: Theme, mode: Mode, display: Display
) -> None:
    noting = Noting(tk_root)
    brush = Brush(tk_root, noting, TOKENS[mode], theme.px, theme.font)
    styles.build(brush, f"noted-{mode}")
    kinds = {name: name.rpartition(".")[2] for name in noting.names}
    assert set(kinds.values()) <= {*WIDGETS, *SILENT}, "a kind that nobody measures"
    speaking = [name for name, kind in kinds.items() if kind in WIDGETS]
    found: list[str] = []
    for first in range(0, len(speaking), 20):
        names = speaking[first : first + 20]
        page = ttk.Frame(tk_root, name="page")
        page.pack(fill="both", expand=True)
        for row, name in enumerate(names):
            for column, state in enumerate(STATES):
                made = _said(page, WIDGETS[kinds[name]], name, state)
                made.grid(row=row, column=column, sticky="w")
        settled(tk_root)
        assert read(page) == len(names) * len(STATES)
        found += faint(page, display)
        page.destroy()
    assert found == []


def _said(page: ttk.Frame, kind: Any, style: str, state: tuple[str, ...]) -> ttk.Widget:
    name = f"{style} {' '.join(state)}".strip().replace(".", "-")
    made: ttk.Widget = kind(page, style=style, name=name.lower())
    if isinstance(made, ttk.Entry):  # a combo box is one
        made.configure(width=5)
        made.insert(0, "Abc")
    else:
        made["text"] = "Abc"
    made.state(["!alternate", *state])
    return made


def test_every_edge_and_ring_of_a_style_stands_out(
    tk_root: tk.Tk, theme: Theme, mode: Mode
) -> None:
    tokens = TOKENS[mode]
    brush = Brush(tk_root, ttk.Style(tk_root), tokens, theme.px, theme.font)
    styles.build(brush, f"edges-{mode}")
    found = []
    for fill, behind, edge, width, *_rest in brush.made:
        assert isinstance(edge, str | None)
        if edge is None or edge in (*PLAIN_EDGES, fill, behind):
            continue
        ring = width == 2  # which has to be told from the button as well
        for beside in (behind, fill) if ring else (behind,):
            ratio = contrast(getattr(tokens, edge), getattr(tokens, str(beside)))
            if ratio < SIGN:
                found.append(f"{edge} on {beside} is {ratio:.2f}")
    assert brush.made
    assert found == []


# --- canvases -----------------------------------------------------------------------------


def card(state: CardState, *, mine: bool) -> FileCard:
    """A card with every button there is."""
    names = (("report.pdf", 4_200), ("setup.exe", 1_900))
    return FileCard(
        "c" * 32, mine, names, 2, 6_100, AT, state, 3_000, 5, 9, acts=tuple(Act),
        detail="The disk refused to read or write.", landing="It would go to Downloads.",
    )  # fmt: skip


def talk() -> Iterator[Item]:
    """What stands in a conversation."""
    yield DayMark("day:2023-11-14", date(2023, 11, 14))
    yield NewMark()
    for mine in (False, True):
        for state in State:
            text = f"see https://example.org/ {state} " + "word " * 30
            yield Said("a" * 32, mine, text, AT, state, quoted="what was said before")
            yield Said("b" * 32, mine, "word " * 3000, AT, state)
        for how in CardState:
            yield card(how, mine=mine)
    for tone in Tone:
        yield Notice("d" * 32, "something happened", tone)


@pytest.fixture
def view(tk_root: tk.Tk, lit: Theme) -> ChatView:
    """A conversation with nothing in it."""
    hooks = Hooks(
        older=lambda: None, act=lambda _key, _act: None, link=lambda _link: None,
        menu=lambda _key, _x, _y, _link: None, copied=lambda _items: None,
        delete=lambda _keys: None,
    )  # fmt: skip
    shown = ChatView(tk_root, lit, hooks, now=lambda: AT / 1000)
    shown.pack(fill="both", expand=True)
    tk_root.update()
    return shown


def test_everything_in_a_conversation_can_be_read(
    view: ChatView, lit: Theme, display: Display
) -> None:
    found = {}
    for item in talk():
        view.show((item,))
        if faults := faint(view, display):
            found[str(item)] = faults
        assert read(view), item
    assert found == {}
    assert faint_signs(lit) == []


@pytest.mark.parametrize("mine", [True, False], ids=["ours", "theirs"])
def test_a_button_of_a_card_can_be_read_also_under_the_pointer(
    view: ChatView, mine: bool, display: Display
) -> None:
    view.show((card(CardState.RUNNING, mine=mine),))
    (drawn,) = view._window.drawn.values()
    found = {}
    for look in Look:
        for spot in drawn.spots:
            view._painter.cards.button(drawn, spot, look)
        if faults := faint(view, display):
            found[look] = faults
    assert read(view) > len(Act)
    assert found == {}


@pytest.mark.parametrize("mine", [True, False], ids=["ours", "theirs"])
def test_a_button_of_a_card_stands_out_and_so_does_its_ring(view: ChatView, mine: bool) -> None:
    cards = view._painter.cards
    paint = cards._brush.paint(mine=mine)
    found = []
    for act in Act:
        for look in Look:
            fill, _ink, edge, ring = cards._colours(act, look, paint, mine=mine)
            pairs = [("edge", edge, paint.fill), ("ring", ring, paint.fill)]
            for what, colour, behind in (*pairs, ("ring", ring, fill)):
                if contrast(colour, behind) < SIGN:
                    found.append(f"{what} of {act}: {colour} on {behind}")
    assert found == []


#: What of a bubble's colours stands on what, and how much it has to stand out.
PAINTED: Final = (
    ("text", "fill", TEXT), ("meta", "fill", TEXT), ("link", "fill", TEXT),
    ("text", "button", TEXT), ("text", "hover", TEXT), ("meta", "button", TEXT),
    ("on_chosen", "chosen", TEXT), ("chosen", "fill", SIGN), ("icon", "button", SIGN),
    ("bar", "track", SIGN), ("edge", "fill", SIGN), ("ring", "fill", SIGN),
)  # fmt: skip


@pytest.mark.parametrize("mine", [True, False], ids=["ours", "theirs"])
def test_every_colour_of_a_bubble_stands_out(tk_root: tk.Tk, lit: Theme, mine: bool) -> None:
    paint = ChatBrush(tk.Canvas(tk_root), lit).paint(mine=mine)
    named = {name for one, other, _least in PAINTED for name in (one, other)}
    assert {one.name for one in fields(Paint)} == named, "a colour that nobody measures"
    found = []
    for one, other, least in PAINTED:
        ratio = contrast(getattr(paint, one), getattr(paint, other))
        if ratio < least:
            found.append(f"{one} on {other} is {ratio:.2f}")
    assert found == []


@pytest.mark.parametrize("on", ["side", "hover", "select"])
@pytest.mark.parametrize("ring", [True, False], ids=["with the keys", "without"])
def test_every_row_of_the_list_can_be_read(
    tk_root: tk.Tk, lit: Theme, on: str, ring: bool, display: Display
) -> None:
    canvas = tk.Canvas(tk_root, background=lit.tokens.side)
    canvas.pack(fill="both", expand=True)
    painter = RowPainter(canvas, lit)
    kept, top = [], 0
    for row in rows():
        kept.append(painter.paint("row", row, RowLook(on, ring), top, 400))
        top += lit.px(ENTRY)
    assert faint(tk_root, display) == []
    assert faint_signs(lit) == []
    assert read(tk_root) > 2 * len(Trust)


def rows() -> Iterator[Row]:
    """Somebody of every trust, with and without news."""
    yield Heading("head", "On this network · 2")
    yield Note("note", "Nobody found")
    for number, trust in enumerate(Trust):
        for unread in (0, 3):
            name = f"{trust} {unread}"
            one = person(10 * number + unread, name, Held(trust=trust, unread=unread))
            yield PersonRow(name, one, name, "what was said last", "36 %", "12:04", "image")


def test_every_row_of_a_menu_can_be_read(tk_root: tk.Tk, lit: Theme, display: Display) -> None:
    def nothing() -> None:
        """Nobody chooses it."""

    offered = [
        Choice("Copy", nothing, "copy", "Ctrl+C"),
        None,
        Choice("Delete", nothing, "trash", danger=True),
    ]
    menu = Menu(tk_root, lit, offered, name="menu")
    menu.post(10, 10)
    found = []
    for key in ("<Home>", "<End>"):
        menu.canvas.event_generate(key)
        found += faint(tk_root, display)
    assert read(tk_root) == 3
    menu.close()
    assert found == []
    assert faint_signs(lit) == []


# --- what is faint would be found ---------------------------------------------------------


@pytest.mark.parametrize("kind", ["label", "button", "canvas"])
def test_what_is_faint_is_found(
    tk_root: tk.Tk, lit: Theme, kind: str, display: Display
) -> None:
    tokens, style = lit.tokens, ttk.Style(tk_root)
    style.configure("Faint.TLabel", foreground=tokens.line)
    style.map("Faint.TButton", foreground=[("active", tokens.surface)])
    if kind == "canvas":
        canvas = tk.Canvas(tk_root, background=tokens.chat)
        canvas.pack()
        canvas.create_rectangle(20, 20, 200, 80, fill=tokens.mine)
        canvas.create_text(60, 40, text="some words", fill=tokens.mine_track)
    elif kind == "label":
        ttk.Label(tk_root, text="some words", style="Faint.TLabel").pack()
    else:
        button = ttk.Button(tk_root, text="some words", style="Faint.TButton")
        button.pack()
        assert faint(tk_root, display) == []
        button.state(["active"])
    (found,) = faint(tk_root, display)
    assert "'some words'" in found
