"""Several: the same files for more than one person, each of whom gets an offer of their own."""

from collections.abc import Sequence
from pathlib import Path
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, choosing, files
from lanchat.gui.amounts import files as number_of_files
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.scrolled import Scrolled
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, ngettext
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence
from lanchat.node.person import Person

MOST: Final = 40  # people that the dialog shows; a name finds the others
HEIGHT: Final = 240  # px at 100 % of the list
LONGEST: Final = 40  # characters of a name
_FRIENDS: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})


def pick(shell: Shell, first: PeerId | None = None) -> None:
    """Let the user choose files, and then who gets them; `first` is ticked already."""

    def chosen(found: Sequence[Path]) -> None:
        paths = files.sendable(shell, found)
        if paths:
            ask(shell, paths, first)

    choosing.files(shell, _("Choose files to send to several people"), chosen)


def ask(shell: Shell, paths: Sequence[Path], first: PeerId | None = None) -> None:
    """Let the user choose who gets these."""
    _Several(shell, paths, first)


class _Several(Dialog):
    """The people one knows, each with a box to tick."""

    def __init__(self, shell: Shell, paths: Sequence[Path], first: PeerId | None) -> None:
        title = _("Send {files} to…").format(files=number_of_files(len(paths)))
        super().__init__(shell.root, shell.theme, title, name="several")
        self._shell = shell
        self._paths = paths
        people = shell.screen.people
        self._friends = sorted(
            (one for one in people.values() if one.trust in _FRIENDS),
            key=lambda one: (one.presence is Presence.OFFLINE, one.name.casefold()),
        )
        self._chosen: set[PeerId] = {one.peer_id for one in self._friends} & {first}
        self._send: ttk.Button | None = None
        if not self._friends:
            self.message(_("You know nobody yet. Answer or verify somebody first."))
            self.buttons((_("Close"), None, "close"))
            return
        self._field = Field(
            self.body, self.theme, _("Find"), name="find", changed=self._fill, submit=self._go
        )
        self._field.pack(fill="x")
        self._list = Scrolled(self.body, self.theme, name="people")
        self._list.configure(height=self.theme.px(HEIGHT))
        self._list.grid_propagate(False)
        self._list.pack(fill="both", expand=True)
        self._said = self.message("", "Muted.TLabel")
        made = self.buttons((_("Cancel"), None, "cancel"), (_("Send"), self._offer, "confirm"))
        self._send = made["confirm"]
        self._fill()

    def _fill(self) -> None:
        """Show who fits what was typed, those who are ticked first."""
        for old in self._list.body.winfo_children():
            old.destroy()
        wanted = self._field.text.strip().casefold()
        fit = [one for one in self._friends if wanted in one.name.casefold()]
        fit.sort(key=lambda one: one.peer_id not in self._chosen)
        for number, person in enumerate(fit[:MOST]):
            self._box(number, person)
        more = len(fit) - MOST
        if more > 0:
            text = ngettext(
                "and {number} more: type a name", "and {number} more: type a name", more
            )
            ttk.Label(
                self._list.body, name="more", style="Muted.TLabel",
                text=text.format(number=more),
            ).pack(anchor="w")  # fmt: skip
        elif not fit:
            ttk.Label(
                self._list.body, name="nobody", style="Muted.TLabel", text=_("Nobody found")
            ).pack(anchor="w")
        self._list.to_top()
        self._count()

    def _box(self, number: int, person: Person) -> None:
        name = one_line(name_text(person.name), LONGEST)
        away = person.presence is Presence.OFFLINE
        text = _("{name} · away, gets it later").format(name=name) if away else name

        def turned() -> None:
            self._chosen ^= {person.peer_id}
            self._count()

        box = ttk.Checkbutton(
            self._list.body, name=f"person_{number}", text=label(text), command=turned
        )
        accessible.name(box, text)
        ticked = person.peer_id in self._chosen
        box.state(["!alternate", "selected" if ticked else "!selected"])
        box.bind("<Return>", lambda _event: self._go())
        box.pack(anchor="w", pady=(self.theme.px(4), 0))

    def _count(self) -> None:
        number = len(self._chosen)
        text = ngettext("{number} person gets it", "{number} people get it", number)
        self._said.configure(text=text.format(number=number) if number else "")
        if self._send is not None:
            self._send.state(["!disabled" if number else "disabled"])

    def _go(self) -> None:
        """Enter does what the button does, once somebody is ticked."""
        if self._send is not None and self._chosen:
            self._send.invoke()

    def _offer(self) -> None:
        for peer in self._chosen:
            files.offer(self._shell, peer, self._paths)
        number = len(self._chosen)
        text = ngettext(
            "It is offered to {number} person.", "It is offered to {number} people.", number
        )
        self._shell.say(text.format(number=number), Tone.GOOD)
