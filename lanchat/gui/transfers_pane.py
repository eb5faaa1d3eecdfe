"""Transfers: a strip above the composer that sums up, and a panel with all of them."""

import tkinter as tk
from collections.abc import Iterable
from functools import partial
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, amounts, chat_words, files, keys, wrapping
from lanchat.gui.cards import Transfer, Which, card
from lanchat.gui.dialog import Dialog
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.items import Act, CardState
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.shortening import fitted
from lanchat.gui.state import Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _, ngettext
from lanchat.identity.trust import Trust

EVERY: Final = 250  # ms between two looks of an open panel
MOST: Final = 60  # transfers the panel shows
NAME: Final = "transfers_panel"
WIDTH: Final = 600  # px of the panel at 100 %
TALLEST: Final = 420  # px of the list; more of it scrolls
TITLE: Final = 6  # px from the left of a row to its words
NARROW: Final = 260  # px of a title: with less than that its buttons stand below

#: What a card of the conversation has room for, and sentences.
_THERE: Final = frozenset({Act.VERIFY, Act.COPY, Act.REPLACE, Act.ALLOW})
_UNDER_WAY: Final = frozenset(
    {CardState.RUNNING, CardState.LOST, CardState.CHECKING, CardState.PAUSED, CardState.HELD}
)


def running(transfers: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """Those that carry something now."""
    moving = (CardState.RUNNING, CardState.CHECKING)
    return tuple(one for one in transfers if one.state in moving)


def summary(transfers: Iterable[Transfer]) -> str:
    """What is under way, in a few words; "" if nothing is."""
    moving = running(transfers)
    if not moving:
        return ""
    done, total = sum(one.done for one in moving), sum(one.total for one in moving)
    rate = sum(one.rate for one in moving)
    parts = [
        ngettext("{number} transfer", "{number} transfers", len(moving)).format(
            number=len(moving)
        ),
        amounts.share(done, total),
    ]
    if rate:
        parts.append(amounts.rate(rate))
        parts.append(amounts.left(-(-max(total - done, 0) // rate)))
    return " · ".join(parts)


class Strip(Pane):
    """One line above the composer while something is on its way, with a way to the panel."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="Bar.Plain.TFrame", name="transfers_strip")
        px = shell.theme.px
        self._text = ""
        self._line: Final = ttk.Frame(self, style="Bar.Plain.TFrame")
        self._mark: Final = ttk.Label(self._line, style="Bar.Plain.TLabel")
        self._mark.pack(side="left", padx=(px(16), px(10)), pady=px(9))
        self._says: Final = ttk.Label(self._line, name="text", style="Bar.Plain.TLabel")
        button = ttk.Button(
            self._line, name="open_transfers", style="Bar.Plain.TButton", text=_("Show all"),
            command=lambda: toggle(shell),
        )  # fmt: skip
        button.pack(side="right", padx=(px(6), px(12)), pady=px(5))
        self._says.pack(side="left", fill="x", expand=True)  # in the room that is left
        self._says.bind("<Configure>", self._fit)
        tip(button, keys.beside(_("Files on their way"), "transfers"))
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)
        self._redraw()

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        text = summary(screen.transfers.values())
        if text == self._text:
            return
        self._text = text
        self._fit()
        if text:
            self._line.pack(fill="x", pady=(0, self.shell.theme.px(1)))
        else:
            self._line.pack_forget()
            self.configure(height=1)

    def _fit(self, _event: object = None) -> None:
        room = self._says.winfo_width() - wrapping.EDGE
        font = self.shell.theme.font("small")
        self._says.configure(text=label(fitted(font, self._text, room) if room > 0 else ""))

    def _redraw(self) -> None:
        picture = self.shell.theme.icon("hourglass-split", 14, "muted", "bar_plain")
        self._mark.configure(image=picture)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()


def toggle(shell: Shell) -> None:
    """Show the panel, or close it."""
    if NAME in shell.root.children:
        shell.root.nametowidget(NAME).destroy()
        return
    _Panel(shell)


class _Panel(Dialog):
    """Everything on its way, and what ended while the window was open."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.root, shell.theme, _("Files on their way"), name=NAME, width=WIDTH
        )
        self._shell = shell
        self._rows: dict[Which, _Row] = {}
        self._rest = ttk.Label(self.body, name="no_transfers", style="Muted.TLabel")
        self._job: str | None = None
        self._look()
        self.buttons((_("Close"), None, "close"))

    def _room(self) -> int:
        return min(super()._room(), self.theme.px(TALLEST))

    def destroy(self) -> None:
        """Go, and look no more."""
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None
        super().destroy()

    def _look(self) -> None:
        every = sorted(
            self._shell.screen.transfers.values(), key=lambda one: (not one.active, -one.at)
        )
        held = every[:MOST]
        wanted = {one.which for one in held}
        for gone in [one for one in self._rows if one not in wanted]:
            self._rows.pop(gone).destroy()
        for one in held:
            if one.which not in self._rows:
                self._rows[one.which] = _Row(self.body, self._shell, one)
                self._rows[one.which].pack(
                    fill="x", pady=(0, self.theme.px(12)), padx=(0, self.theme.px(8))
                )
            self._rows[one.which].show(one)
        self._say_rest(len(held), len(every))
        self._job = self.after(EVERY, self._look)

    def _say_rest(self, shown: int, held: int) -> None:
        rest = held - shown
        text = _("Nothing is on its way.")
        if rest:
            text = ngettext("and {number} more", "and {number} more", rest).format(number=rest)
        self._rest.configure(text=text)
        self._rest.pack_forget()
        if rest or not held:
            self._rest.pack(anchor="w")


class _Row(ttk.Frame):
    """One transfer in the panel."""

    def __init__(self, parent: tk.Misc, shell: Shell, transfer: Transfer) -> None:
        who, which = transfer.peer_id.key.hex(), transfer.id.hex()  # who offers chose its id
        super().__init__(parent, name=f"transfer_{who}_{which}")
        self._does: dict[Act, ttk.Button] = {}
        self._shell = shell
        self._shown: Transfer | None = None
        self._called = "", "", ""  # what it is, to or from, whom
        px = shell.theme.px
        self.columnconfigure(0, weight=1)
        self._title = ttk.Button(self, name="go_there", style="Title.TButton", command=self._go)
        self._title.grid(row=0, column=0, sticky="w")
        self._state = ttk.Label(self, style="Muted.TLabel", wraplength=px(WIDTH - 64))
        self._state.grid(row=1, column=0, columnspan=2, sticky="w", padx=px(TITLE))
        self._bar = ttk.Progressbar(self, maximum=1000)
        self._acts = ttk.Frame(self)
        tip(self._title, _("Open the conversation"))
        self.bind("<Configure>", self._fit)

    def show(self, transfer: Transfer) -> None:
        """Draw how far it is."""
        before, self._shown = self._shown, transfer
        if transfer == before:
            return
        px, person = self._shell.theme.px, self._shell.screen.people.get(transfer.peer_id)
        trust, called = (person.trust, person.name) if person else (Trust.NEW, "")
        shown = card(transfer, trust, self._shell.screen.landing, name=called)
        name = one_line(name_text(person.name), 24) if person else transfer.peer_id.short
        arrow = "→" if transfer.mine else "←"
        self._called = chat_words.title(shown), f" {arrow} ", name
        accessible.name(self._title, "".join(self._called))  # as it is read, and whole
        said = (chat_words.state(shown), chat_words.detail(shown))
        self._state.configure(text=" · ".join(filter(None, said)).replace("\n", " · "))
        self._bar.configure(value=transfer.done * 1000 // max(transfer.total, 1))
        if transfer.state in _UNDER_WAY:
            self._bar.grid(row=2, column=0, columnspan=2, sticky="ew", padx=px(TITLE),
                           pady=(px(6), 0))  # fmt: skip
        else:
            self._bar.grid_remove()
        if before is None or before.state is not transfer.state:
            self._buttons(shown.acts)
        self._fit()

    def _fit(self, _event: object = None) -> None:
        """As much of the title as fits; where buttons leave it too little they are below."""
        (what, arrow, who), px = self._called, self._shell.theme.px
        font, wide = self._shell.theme.font("strong"), self.winfo_width()
        if wide <= wrapping.NOWHERE:
            return
        wants = sum(one.winfo_reqwidth() + px(6) for one in self._does.values())
        beside = wide - wants >= px(NARROW)
        room = wide - (wants if beside else 0) - px(2 * TITLE) - font.measure(arrow)
        who = fitted(font, who, max(room // 2, room - font.measure(what)))
        what = fitted(font, what, room - font.measure(who), keep_end=True)
        self._title.configure(text=f"{label(what)}{arrow}{label(who)}")
        if beside:
            self._acts.grid(row=0, column=1, sticky="e", pady=0)
        else:
            self._acts.grid(row=3, column=0, columnspan=2, sticky="w", pady=(px(6), 0))

    def _buttons(self, acts: tuple[Act, ...]) -> None:
        """A button that stays keeps the keys; of one that goes they go to the next."""
        wanted = [act for act in acts if act not in _THERE]  # that is said where they write
        at = str(self.tk.call("focus"))
        lost = any(str(one) == at for act, one in self._does.items() if act not in wanted)
        for act in [one for one in self._does if one not in wanted]:
            self._does.pop(act).destroy()
        for act in wanted:
            if act not in self._does:
                self._does[act] = ttk.Button(
                    self._acts, name=act.value, text=files.label(act), style="Bar.TButton",
                    command=partial(self._do, act),
                )  # fmt: skip
            self._does[act].pack_forget()
            self._does[act].pack(side="left", padx=(self._shell.theme.px(6), 0))
            self._does[act].lift()  # Tab goes in this order
        if lost:
            (self._does[wanted[0]] if wanted else self._title).focus_set()

    def _do(self, act: Act) -> None:
        if self._shown is not None:
            files.act_on(self._shell, self._shown, act)

    def _go(self) -> None:
        if self._shown is not None:
            self._shell.do(PeerChosen(self._shown.peer_id))
            self.winfo_toplevel().destroy()
