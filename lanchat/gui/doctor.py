"""Doctor: why do I not see them?  Each check as it comes in, and a report to be passed on."""

import tkinter as tk
from collections.abc import AsyncGenerator
from tkinter import ttk
from typing import TYPE_CHECKING, Final

from lanchat.errors import LanchatError
from lanchat.gui import sentences
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.searching import Search
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import one_line, ui_text
from lanchat.gui.translate import _, later
from lanchat.node import doctoring
from lanchat.node.doctoring import Check, Status

if TYPE_CHECKING:
    from lanchat.node.node import Node

WIDTH: Final = 620
ICON: Final = 16
LONGEST: Final = 600  # characters of a sentence

#: What each check is called; docs/COMMANDS.md, *doctor*.
_CALLED: Final = {
    "interfaces": later("Networks"),
    "port": later("Port for finding others"),
    "hearing": later("What is sent to everybody"),
    "multicast": later("What others send"),
    "known": later("People from before"),
    "vpn": later("VPN"),
    "subnet": later("The network of this address"),
    "peer": later("The computer at this address"),
    "one-sided": later("Heard and connected"),
    "heard": later("Heard by others"),
    "invisible": later("Invisible"),
    "tcp": later("Port for others"),
    "dns": later("DNS server"),
    "clock": later("Clocks"),
    "identity": later("Identity"),
    "pressure": later("Load"),
}
#: How each status looks: icon, colour, style and word.
_LOOKS: Final = {
    Status.OK: ("check-lg", "ok", "Ok.TLabel", later("fine")),
    Status.WARN: ("exclamation-triangle", "warn", "Warn.TLabel", later("worth a look")),
    Status.FAIL: ("x-circle", "bad", "Bad.TLabel", later("trouble")),
}


def show(shell: Shell) -> None:
    """Look, and show what is found."""
    _Doctor(shell)


class _Doctor(Dialog):
    """The dialog.  It looks at once, and again with an address if one is typed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.root, shell.theme, _("Why don't I see them?"), name="doctor", width=WIDTH
        )
        self._shell = shell
        self._turn = 0  # of looking; answers of an earlier one are dropped
        self._found: list[Check] = []
        self.message(
            _("lanchat looks at this computer and its networks, and asks who answers."),
            style="Muted.TLabel",
        )
        self._field = Field(
            self.body, shell.theme, _("Address of somebody you miss, if you know it"),
            name="missed", submit=self._look,
        )  # fmt: skip
        self._field.pack(fill="x")
        self._field.hint(_("Like 192.168.1.31 or 192.168.1.31:48321, or their invite"))
        Search(self.body, shell).pack(fill="x", pady=(self.theme.px(12), 0))
        self._rows = ttk.Frame(self.body, name="checks_made")
        self._rows.pack(fill="x", pady=(self.theme.px(10), 0))
        self._rows.columnconfigure(1, weight=1)
        self._busy = ttk.Progressbar(
            self.body, name="looking_around", style="Busy.Horizontal.TProgressbar",
            mode="indeterminate",
        )  # fmt: skip
        made = self.buttons(
            (_("Close"), None, "close"),
            (_("Copy report"), None, "copy_report"),
            (_("Look again"), None, "look_again"),
        )
        self._copy = made["copy_report"]
        self._copy.configure(command=self._copy_report)
        self._again = made["look_again"]
        self._again.configure(command=self._look)
        self._look()

    # --- looking ------------------------------------------------------------------------

    def _look(self) -> None:
        peer = self._field.text.strip()
        self._turn += 1
        turn = self._turn
        self._found = []
        self._field.wrong("")
        for child in self._rows.winfo_children():
            child.destroy()
        self._work(looking=True)

        async def begin(node: "Node") -> AsyncGenerator[Check, None]:
            return doctoring.examine(node, peer=peer)

        self._shell.ask(begin, lambda made: self._next(turn, made), self._failed)

    def _next(self, turn: int, made: AsyncGenerator[Check, None]) -> None:
        """Have one more check made; none if nobody waits for it any more."""
        if turn != self._turn or not self.winfo_exists():

            async def end(_node: "Node") -> None:
                await made.aclose()

            self._shell.ask(end)
            return

        async def step(_node: "Node") -> Check | None:
            return await anext(made, None)

        def came(check: Check | None) -> None:
            if check is not None:
                self._came(turn, check)
                self._next(turn, made)
            elif turn == self._turn and self.winfo_exists():
                self._work(looking=False)

        self._shell.ask(step, came, self._failed)

    def _came(self, turn: int, check: Check) -> None:
        if turn == self._turn and self.winfo_exists():
            self._found.append(check)
            self._draw(check, len(self._found) - 1)

    def _failed(self, error: LanchatError) -> None:
        if self.winfo_exists():
            self._work(looking=False)
            self._field.wrong(sentences.of(error, " "))
            self._field.focus_entry()

    def _work(self, *, looking: bool) -> None:
        self._again.state(["disabled" if looking else "!disabled"])
        self._copy.state(["!disabled" if self._found and not looking else "disabled"])
        if looking:
            self._busy.pack(fill="x", pady=(self.theme.px(10), 0))
            self._busy.start(15)
        else:
            self._busy.stop()
            self._busy.pack_forget()

    # --- what is shown ------------------------------------------------------------------

    def _draw(self, check: Check, place: int) -> None:
        """An icon, the name with a word for how it is, and the sentences."""
        px = self.theme.px
        icon, colour, style, word = _LOOKS[check.status]
        sign = self.theme.icon(icon, ICON, colour)
        picture = ttk.Label(self._rows, image=sign)
        picture.picture = sign  # type: ignore[attr-defined]  # Tk forgets it otherwise
        picture.grid(row=place, column=0, sticky="n", padx=(0, px(10)), pady=(px(4), 0))
        cell = ttk.Frame(self._rows, name=f"check_{check.name}")
        cell.grid(row=place, column=1, sticky="ew", pady=(px(2), px(6)))
        head = ttk.Frame(cell)
        head.pack(fill="x")
        ttk.Label(head, text=_(_CALLED[check.name]), style="Strong.TLabel").pack(side="left")
        ttk.Label(head, name="how", text=_(word), style=style).pack(
            side="left", padx=(px(8), 0)
        )
        self._sentence(cell, "detail", _detail(check), "Muted.TLabel")
        if check.advice is not None:
            self._sentence(cell, "advice", _advice(check), "TLabel")

    def _sentence(self, parent: tk.Misc, name: str, text: str, style: str) -> None:
        wide = self.theme.px(WIDTH - 90)  # fixed: the dialog grows while it is looked at
        said = ttk.Label(parent, name=name, text=label(text), style=style, wraplength=wide)
        said.pack(anchor="w")

    def _copy_report(self) -> None:
        lines = [ui_text(doctoring.machine())]
        for check in self._found:
            word = _(_LOOKS[check.status][3])
            lines.append(f"{_(_CALLED[check.name])} ({word}): {_detail(check)}")
            if check.advice is not None:
                lines.append(f"    {_advice(check)}")
        self.clipboard_clear()
        self.clipboard_append("\n".join(lines))
        self._shell.say(_("The report is on the clipboard; it holds no name and no key."))


def _detail(check: Check) -> str:
    return one_line(sentences.said(check.detail), LONGEST)


def _advice(check: Check) -> str:
    return one_line(sentences.said(check.advice), LONGEST) if check.advice is not None else ""
