"""What is told of a control to somebody who does not see it."""

import datetime
import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk

import pytest

from lanchat.conversation.message import State
from lanchat.gui import accessible, moments
from lanchat.gui.accessible import Role
from lanchat.gui.chat_view import ChatView, Hooks
from lanchat.gui.items import Act, CardState, FileCard, Said
from lanchat.gui.theme import Theme
from lanchat.gui.tooltip import tip

#: What Tk 9.1 does with it, of which this Tk knows nothing: a name needs a role before it.
TK_9_1 = """
namespace eval ::tk::accessible {
    proc set_acc_role {window value} {set ::heard($window,role) $value}
    proc set_acc_name {window value} {
        if {![info exists ::heard($window,role)]} {error "set the role first"}
        set ::heard($window,name) $value
    }
    proc set_acc_value {window value} {set ::heard($window,value) $value}
    proc emit_selection_change {window} {append ::heard($window,told) "!"}
}
"""


@pytest.fixture
def hearing(tk_root: tk.Tk) -> Iterator[tk.Tk]:
    """A root that hands on what is said, as Tk does from 9.1 on."""
    tk_root.tk.eval(TK_9_1)
    accessible.prepare(tk_root)
    yield tk_root
    tk_root.unbind_all("<Map>")
    tk_root.tk.eval("namespace delete ::tk::accessible; array unset ::heard")


def heard(widget: tk.Misc, what: str) -> str:
    held = dict.fromkeys(
        map(str, widget.tk.splitlist(widget.tk.call("array", "names", "::heard")))
    )
    key = f"{widget},{what}"
    return str(widget.tk.call("set", f"::heard({key})")) if key in held else ""


def test_a_control_is_called_by_its_text_its_tooltip_or_what_was_said(tk_root: tk.Tk) -> None:
    plain, sign, field = ttk.Button(tk_root, text="Send"), ttk.Button(tk_root), tk.Text(tk_root)
    tip(plain, "Send what is written")
    tip(sign, "Settings")
    accessible.name(field, "Message")
    said = [accessible.said(one) for one in (plain, sign, field, tk.Text(tk_root))]
    assert said == ["Send", "Settings", "Message", ""]


def test_a_tk_that_tells_screen_readers_is_given_role_name_and_what_has_the_keys(
    hearing: tk.Tk,
) -> None:
    people = tk.Canvas(hearing)
    accessible.name(people, "People", Role.LIST)
    accessible.tell(people, "Ada: hello")
    assert [heard(people, what) for what in ("role", "name", "value", "told")] == [
        "Listbox", "People", "Ada: hello", "!",
    ]  # fmt: skip


def test_what_tk_guesses_when_a_control_appears_is_put_right(hearing: tk.Tk) -> None:
    sign = ttk.Button(hearing)
    tip(sign, "Settings")
    hearing.tk.eval("bind TButton <Map> {::tk::accessible::set_acc_role %W Button}")
    sign.pack()
    hearing.update()
    hearing.tk.eval("bind TButton <Map> {}")
    assert (heard(sign, "role"), heard(sign, "name")) == ("Button", "Settings")


def test_a_message_is_told_with_its_author_moment_and_state(
    hearing: tk.Tk, theme: Theme
) -> None:
    at = 1_793_000_000_000
    view = ChatView(hearing, theme, Hooks(author=lambda mine: "Ada" if mine else "Bob\nX"),
                    now=lambda: at / 1000, zone=datetime.UTC)  # fmt: skip
    view.pack(fill="both", expand=True)
    offered = FileCard("c" * 32, False, (("a.zip", 9),), 1, 9, at, CardState.ASKING,
                       acts=(Act.ACCEPT,), landing="It would go to Downloads.")  # fmt: skip
    text = "see http://ada@evil.lan/"
    view.show((
        Said("0" * 32, True, text, at, State.DELIVERED, last=False),
        Said("1" * 32, False, "שלום", at, State.RECEIVED, late=True, sent_at=at - 86_400_000),
        offered,
    ))  # fmt: skip
    view.canvas.focus_force()
    hearing.update()
    told = []
    for key in ("Up", "Right", "Up", "Up", "Right"):
        view.canvas.event_generate(f"<{key}>")
        told.append(heard(view.canvas, "value"))
    clock = moments.clock(at, datetime.UTC)
    assert told == [
        f"Bob X: a.zip: Offered to you · 9 B, {clock}\nIt would go to Downloads.",
        "Accept",
        f"Bob X: שלום\n{clock} · says yesterday at {clock}",
        f"Ada: {text}\n{clock}, Delivered",
        "Opens evil.lan",
    ]


def test_an_older_tk_is_not_asked(tk_root: tk.Tk) -> None:
    people = tk.Canvas(tk_root)
    accessible.name(people, "People", Role.LIST)
    accessible.tell(people, "Ada")
    assert accessible.said(people) == "People"
