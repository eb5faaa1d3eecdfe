"""A window that shows the worst anybody sent, in a process of its own: it may die of it.

`python -m tests.gui.hostile_window SPELLED` draws, scrolls, selects and copies everything,
then says so.  With SPELLED 1 emoji are spelled out, as on a display that cannot draw them.
"""

import datetime
import sys
import tkinter as tk
from collections.abc import Iterator
from dataclasses import replace
from tkinter import ttk

from lanchat.conversation.message import State
from lanchat.gui import badges, chat_whole, emoji, text, x_environment
from lanchat.gui.chat_copying import lines
from lanchat.gui.chat_view import ChatView
from lanchat.gui.facts import facts
from lanchat.gui.header import Header
from lanchat.gui.items import Act, CardState, DayMark, FileCard, Item, Notice, Said
from lanchat.gui.listing import Listing
from lanchat.gui.roster_keys import Hooks
from lanchat.gui.roster_me import MyLine
from lanchat.gui.roster_view import RosterView
from lanchat.gui.state import Conversation, Me, Screen
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.tone import Tone
from lanchat.identity.trust import Trust
from lanchat.node import presence
from lanchat.node.events import Availability, PeerView, Presence, Showing
from lanchat.node.person import Person
from tests.gui.plain_shell import PlainShell
from tests.kit.people import NOON, peer

PICTURES = "".join(
    chr(code)
    for first, last in ((0x203C, 0x3299), (0x1F000, 0x1FAFF))
    for code in range(first, last + 1)
)
FLAGS = "".join(
    chr(0x1F1E6 + one) + chr(0x1F1E6 + other) for one in range(26) for other in range(26)
)
BIDI = "\u202agpj\u202bexe\u202c.\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
MARKUP = ("<b>&amp;</b> [exit] $env(HOME) {", "} \\x41 ; destroy . %s %n", "\\", '"', "[")


def texts() -> Iterator[str]:
    """Every text on a line of its own purpose."""
    for start in range(0, len(PICTURES), 400):
        yield PICTURES[start : start + 400]
        yield "\ufe0f".join(PICTURES[start : start + 200])
    yield from (FLAGS[at : at + 400] for at in range(0, len(FLAGS), 400))
    yield "\u200d".join("👨👩👧👦" * 100)
    yield "".join("👍" + chr(0x1F3FB + at % 5) for at in range(300))
    yield "1\ufe0f\u20e3" * 8
    yield "👍" * 8
    yield "\ud83d"
    yield "\udc4d\ud83d" * 2_000
    yield "half \ud83d and half \ude00"
    yield "x" * 1_000_000
    yield "👍" * 500_000
    yield "\u0416" * 1_000_000
    yield "\n" * 200_000
    yield "\t" * 50_000
    yield " " * 1_000_000
    yield BIDI * 200
    yield "א" + "\u202e" * 1_000 + "ب" + "\u0301" * 5_000
    yield "aא" * 2_000
    yield "(א[ב{ג)ד]ה}1+2,3٤" * 100
    yield "\u0627" * 4_000
    yield "\u0915\u094d" * 2_000
    yield "Z" + "".join(chr(0x300 + at % 112) for at in range(20_000))
    yield "a\0b\x1b]8;;http://x\x07\x1b[31m\x9b31m\x7f\x08\r"
    yield "".join(map(chr, range(0x20)))
    yield "".join(chr(plane * 0x10000 + 0xFFFF) for plane in range(17))
    yield "\U000e0041\U000e0001" * 500 + "\ufe00\u3164\u115f"
    yield "https://" * 20_000
    yield "https://a.b/" + "(" * 50_000
    yield "http://" + "a@" * 30_000 + "\U0001f4a9.example"
    yield " ".join(f"https://xn--{number}.\u0430pple.com/" for number in range(500))
    yield from MARKUP


def items() -> Iterator[Item]:
    """The texts as messages, as notices with somebody's name, as file names and reasons."""
    states = list(CardState)
    yield DayMark("day", datetime.date(1, 1, 1))
    for number, one in enumerate(texts()):
        key, mine = f"{number:032x}", number % 2 == 0
        state = State.READ if mine else State.RECEIVED
        yield Said(key, mine, one, 2**62, state, late=True, sent_at=-(2**62), quoted=one)
        yield Said(key, not mine, one, -1, state, last=False)
        yield Notice(f"n{number}", f"{one} calls themselves {one} now.", Tone.WARN)
        named = ((one, 2**62), (f"{one}.exe", -1), (f".{one}", 0))
        for where in (CardState.ASKING, states[number % len(states)]):
            yield FileCard(
                f"c{number}{where}", mine, named[: 1 + number % 3], 1 + number % 4, 2**62, 0,
                where, 2**61, 2**50, 2**40, detail=one, acts=tuple(Act),
            )  # fmt: skip


def people(root: tk.Tk, theme: Theme) -> None:
    """The texts as somebody's name and status line, and as our own, wherever those stand."""
    shell = PlainShell(root, theme)
    frame = ttk.Frame(root)
    frame.pack()
    header, me = Header(frame, shell), MyLine(frame, shell)
    for pane in (header, me):
        pane.pack(fill="x")
    list_of_people = RosterView(frame, theme, Hooks(print, print, print))
    list_of_people.pack(fill="both")
    listing = Listing()
    for number, one in enumerate(texts()):
        says = presence.Said(list(Availability)[number % 4], one)
        view = PeerView(
            peer(1), one, Trust.KNOWN, Presence.ONLINE, (one[:9],), 4000, says
        )  # fmt: skip
        who = Person(view)
        mine = Me(peer(2), one, 4000, (), Showing(says.availability, one))
        shell.screen = Screen(mine, {view.peer_id: who}, Conversation(view.peer_id))
        header.show(shell.screen)
        me.show(shell.screen)
        list_of_people.show(listing.rows(shell.screen, NOON), None)
        badges.about(who, NOON)
        facts(who, NOON)
        root.update()
    frame.destroy()


def main() -> None:
    """Show everything, then say so."""
    with x_environment.around_root():
        root = tk.Tk(className="Lanchat")
        emoji.prepare(root)
    root.report_callback_exception = lambda *_what: sys.exit(_told())
    text.learn(emoji=sys.argv[1] != "1", pairs=text._Display.pairs)
    theme = Theme(root, Mode.LIGHT)
    root.geometry("700x900")
    label = ttk.Label(root, name="status")
    label.pack()
    view = ChatView(root, theme)
    view.pack(fill="both", expand=True)
    root.update()
    shown = tuple(items())
    view.show(shown)
    root.update()
    for name in texts():
        root.title(text.one_line(name, 80))
        label.configure(text=text.name_text(name)[:80])
        label.update()
    people(root, theme)
    while not view._window.at_start:
        view._window.scroll(-800)
        view._moved()
        root.update()
    for number, one in enumerate(shown):
        if isinstance(one, Said) and number % 40 == 1:
            chat_whole.show(view.canvas, theme, one.text).update()
            view.select(one.key)
            lines([one], dict.fromkeys((True, False), one.text).__getitem__)
    view.show(tuple(replace(one) for one in shown[:40]))
    theme.switch(Mode.DARK, 2.0)
    root.update()
    root.winfo_pointerxy()
    root.destroy()
    sys.stdout.write("survived\n")


def _told() -> str:
    import traceback

    return traceback.format_exc()


if __name__ == "__main__":
    main()
