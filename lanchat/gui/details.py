"""Details: all that is held of one person, and what can be changed about it.

What cannot be taken back is asked in the dialog itself: the question takes the place of the
buttons, and Escape goes back to them.
"""

import time
import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui import attending, muting, namesakes, prints
from lanchat.gui.avatars import avatar
from lanchat.gui.badges import badge, presence
from lanchat.gui.details_acts import Acts
from lanchat.gui.dialog import Dialog
from lanchat.gui.facts import called, facts, standing
from lanchat.gui.field import Field
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import NodeEvent
from lanchat.node.person import Person

WIDTH: Final = 560
LABELS: Final = 132  # px of the column of labels
AVATAR: Final = 60
LONGEST_ALIAS: Final = 40  # characters


def show(shell: Shell, peer: PeerId) -> None:
    """Show what is held of a person."""
    person = shell.screen.people.get(peer)
    if person is not None:
        _Details(shell, person)


class _Details(Dialog):
    """The dialog about one person; it follows what happens while it is open."""

    def __init__(self, shell: Shell, person: Person) -> None:
        super().__init__(shell.root, shell.theme, called(person), name="details", width=WIDTH)
        self._shell = shell
        self._person = person
        self._peer = person.peer_id
        px = shell.theme.px
        self.heading.pack_forget()
        self._top = ttk.Frame(self.body, name="who")
        self._top.pack(fill="x")
        self._alias_row()
        self._grid = ttk.Frame(self.body, name="facts")
        self._grid.pack(fill="x", pady=(px(12), 0))
        self._print()
        self._quiet = muting.Tick(self.body, shell)
        self._quiet.pack(fill="x")
        self._acts = Acts(self.body, shell, self._peer, self.destroy)
        self._acts.pack(fill="x", pady=(px(16), 0))
        self._deaf = shell.listen(self._heard)
        self.bind("<Destroy>", self._destroyed)
        self.bind("<Escape>", self._escaped)
        self._fill()
        verify = (_("Verify…"), self._verify, "verify_here")
        blocked = person.trust is Trust.BLOCKED
        self.buttons((_("Close"), None, "close"), *(() if blocked else (verify,)))

    # --- what stands there --------------------------------------------------------------

    def _fill(self) -> None:
        """All that may change while the dialog is open."""
        now = time.time_ns() // 1_000_000
        for part in (self._top, self._grid):
            for child in part.winfo_children():
                child.destroy()
        self._who(now)
        for row, fact in enumerate(facts(self._person, now)):
            self._label(self._grid, fact.label, row)
            text = ttk.Label(
                self._grid, name=f"fact_{fact.name}", text=label(fact.text),
                wraplength=self.theme.px(WIDTH - LABELS - 60),
            )  # fmt: skip
            text.grid(row=row, column=1, sticky="w", pady=self.theme.px(2))
            if fact.name == "claimed":
                ttk.Button(
                    self._grid, name="adopt", text=_("Use this name"), style="Quiet.TButton",
                    command=self._adopt,
                ).grid(row=row, column=2, sticky="w", padx=(self.theme.px(8), 0))  # fmt: skip
        self._other()
        self._quiet.show(self._person)
        self._acts.show(self._person)

    def _who(self, now: int) -> None:
        """Face, name, trust and presence."""
        theme, person, px = self.theme, self._person, self.theme.px
        self._top.columnconfigure(1, weight=1)
        face = avatar(
            theme, self._peer, called(person), AVATAR, attending.dot(person), on="window"
        )
        picture = ttk.Label(self._top, image=face)
        picture.picture = face  # type: ignore[attr-defined]  # Tk forgets it otherwise
        picture.grid(row=0, column=0, rowspan=3, padx=(0, px(16)), sticky="n")
        ttk.Label(
            self._top, name="called", text=label(one_line(called(person), 40)),
            style="H2.TLabel", wraplength=px(WIDTH - 130),
        ).grid(row=0, column=1, sticky="w")  # fmt: skip
        shown = badge(person)
        sign = theme.icon(shown.icon, 15, shown.colour)
        line = ttk.Label(
            self._top, name="standing", text=" " + standing(person, now), image=sign,
            compound="left", style=_STYLES[shown.colour], wraplength=px(WIDTH - 150),
        )  # fmt: skip
        line.picture = sign  # type: ignore[attr-defined]  # Tk forgets it otherwise
        line.grid(row=1, column=1, sticky="w", pady=(px(2), 0))
        there = presence(person, now)
        ttk.Label(
            self._top, name="presence", text=there[:1].upper() + there[1:],
            style="Muted.TLabel",
        ).grid(row=2, column=1, sticky="w", pady=(px(2), 0))  # fmt: skip

    def _alias_row(self) -> None:
        px = self.theme.px
        row = ttk.Frame(self.body, name="alias_row")
        row.pack(fill="x", pady=(px(14), 0))
        row.columnconfigure(0, weight=1)
        self._alias = Field(
            row, self.theme, _("Your own name for them"), name="alias",
            changed=self._alias_changed, submit=self._call,
        )  # fmt: skip
        self._alias.grid(row=0, column=0, sticky="ew")
        self._alias.put(self._held_alias())
        self._save = ttk.Button(
            row, name="save_alias", text=_("Save"), command=self._call, state="disabled"
        )
        self._save.grid(row=0, column=1, sticky="n", padx=(px(8), 0), pady=(px(28), 0))
        self._alias.hint(_("Only you see it. Empty for the name they chose."))

    def _print(self) -> None:
        """The fingerprint; below it there is room for that of somebody else of that name."""
        frame = ttk.Frame(self.body, name="fingerprint")
        frame.pack(fill="x", pady=(self.theme.px(10), 0))
        frame.columnconfigure(1, weight=1)
        self._prints = frame
        self._card(self._peer, _("Fingerprint"), 0)

    def _other(self) -> None:
        """Whoever else uses this name, so that nobody takes one for the other."""
        screen, person = self._shell.screen, self._person
        whose = namesakes.borrowed(screen, person)
        borrower = namesakes.borrower(screen, person)
        for old in self._prints.grid_slaves(row=1):
            old.destroy()
        if screen.me is not None and whose == screen.me.peer_id:
            self._card(whose, _("Yours"), 1)
        elif whose is not None and whose in screen.people:
            named = one_line(called(screen.people[whose]), 40)
            self._card(whose, _("The {name} you know").format(name=named), 1)
        elif borrower is not None:
            named = one_line(called(borrower), 40)
            self._card(borrower.peer_id, _("The other {name}").format(name=named), 1)

    def _card(self, peer: PeerId, text: str, row: int) -> None:
        px, above = self.theme.px, (self.theme.px(8 * row), 0)
        name = "words" if row == 0 else "other_words"
        self._label(self._prints, text, row)
        card = ttk.Frame(self._prints, name=name, style="Card.TFrame", padding=(px(12), px(8)))
        card.grid(row=row, column=1, sticky="ew", pady=above)
        prints.put(card, self.theme, peer, wide=WIDTH - LABELS - 80)

    def _label(self, parent: tk.Misc, text: str, row: int) -> None:
        px = self.theme.px
        ttk.Label(
            parent, text=label(text), style="Muted.TLabel", wraplength=px(LABELS - 12)
        ).grid(row=row, column=0, sticky="nw", pady=px(3))
        parent.grid_columnconfigure(0, minsize=self.theme.px(LABELS))

    # --- what happens -------------------------------------------------------------------

    def _heard(self, _event: NodeEvent) -> None:
        """The screen was folded already: take what it holds of this person."""
        person = self._shell.screen.people.get(self._peer)
        if person is None or person == self._person:
            return
        before = self._held_alias()
        self._person = person
        self._fill()
        if self._alias.text == before:
            self._alias.put(self._held_alias())
        self._alias_changed()

    def _held_alias(self) -> str:
        return self._person.contact.alias if self._person.contact else ""

    def _alias_changed(self) -> None:
        same = self._alias.text.strip() == self._held_alias()
        self._save.state(["disabled" if same else "!disabled"])

    def _call(self) -> None:
        alias, peer = self._alias.text.strip()[:LONGEST_ALIAS], self._peer
        if alias == self._held_alias():
            return
        self._shell.ask(lambda node: acts.call(node, peer, alias))

    def _adopt(self) -> None:
        peer = self._peer
        self._shell.ask(lambda node: acts.adopt(node, peer))

    def _verify(self) -> None:
        from lanchat.gui import verifying

        verifying.start(self._shell, self._peer)

    def _escaped(self, _event: object) -> str:
        if not self._acts.dismiss():
            self.close()
        return "break"

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._deaf()


_STYLES: Final = {
    "ok": "Ok.TLabel",
    "warn": "Warn.TLabel",
    "bad": "Bad.TLabel",
    "muted": "Muted.TLabel",
}
