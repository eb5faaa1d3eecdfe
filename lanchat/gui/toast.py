"""Toasts: a sentence for a moment, at the top right of the window; never takes the keys.

One that is about somebody leads there, by a click anywhere on it, and may be answered on the
spot.  It comes up under a pointer that was on its way to something else, so its buttons sleep
for a moment: after it came, after it moved, and after somebody came back to the window.
"""

import tkinter as tk
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from tkinter import ttk
from typing import Any, Final

from lanchat.gui import accessible, keys
from lanchat.gui.shaping import label
from lanchat.gui.text import ui_text
from lanchat.gui.theme import Theme
from lanchat.gui.tone import Tone
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _

TOP: Final = 84  # px at 100 %: below the header of a conversation
MOST: Final = 3  # at a time; the oldest goes first
STAYS: Final = 5_000  # ms, and longer for longer ones
ASKS: Final = 20_000  # ms, of one that can be answered
PER_LETTER: Final = 40  # ms
HELD: Final = 1_000  # ms between two looks whether somebody is still at it
WAKES: Final = 1_000  # ms until its buttons can be pressed
LONGEST: Final = 400  # characters
WIDTH: Final = 420  # px of a line at 100 %
_ICONS: Final[Mapping[Tone, tuple[str, str]]] = {
    Tone.PLAIN: ("info-circle", "muted"),
    Tone.GOOD: ("check-all", "ok"),
    Tone.WARN: ("exclamation-triangle-fill", "warn"),
    Tone.BAD: ("exclamation-circle-fill", "bad"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A button that answers on the spot: its name, what it says and what it does."""

    name: str
    text: str
    does: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a toast leads.  Another one of the same key takes its place."""

    key: str
    show: Callable[[], None]
    answers: tuple[Answer, ...] = ()


class _Toast(ttk.Frame):
    """One of them."""

    def __init__(
        self, root: tk.Misc, theme: Theme, text: str, tone: Tone, lead: Lead | None, name: str
    ) -> None:
        px = theme.px
        super().__init__(
            root, name=name, style="Toast.TFrame", cursor="hand2", padding=(px(14), px(10))
        )
        self.text: Final = text
        self.lead = lead
        self.drop: Callable[[], None] = lambda: None
        self.gone: Callable[[], None] = lambda: None
        self.attended: Callable[[], bool] = lambda: True
        self.top = -1  # px of the window, once it has a place
        self._theme = theme
        self._icon, self._colour = _ICONS[tone]
        self._buttons: list[ttk.Button] = []
        self._row: ttk.Frame | None = None  # of its answers
        self._close: ttk.Button | None = None
        self._waking: str | None = None
        self._mark = ttk.Label(self, style="Toast.TLabel")
        self._mark.grid(row=0, column=0, sticky="n" if lead else "", padx=(0, px(10)))
        said = ttk.Label(
            self, name="text", text=label(text), style="Toast.TLabel", wraplength=px(WIDTH)
        )
        said.grid(row=0, column=1, sticky="w")
        if lead is not None:
            self._offer(lead)
        for widget in (self, self._mark, said):
            widget.bind("<Button-1>", lambda _event: self._clicked())
        self.bind("<Destroy>", self._destroyed)
        self._end = theme.watch(self._draw)
        stays = ASKS if lead and lead.answers else STAYS
        self._job = self.after(stays + PER_LETTER * len(text), self._due)
        self._draw()

    def sleep(self) -> None:
        """Have no button pressed for a moment: no press until now was meant for it."""
        if not self._buttons:
            return
        for button in self._buttons:
            button.state(["disabled"])
        if self._waking is not None:
            self.after_cancel(self._waking)
        self._waking = self.after(WAKES, self._wake)

    def answer(self, answers: tuple[Answer, ...]) -> None:
        """Another row of buttons, asleep; keys that were in the old one stay in it."""
        if self.lead is None or self._row is None or _same_answers(self.lead.answers, answers):
            return
        held = f"{self.tk.call('focus')}.".startswith(f"{self._row}.")
        self._row.destroy()
        self.lead = replace(self.lead, answers=answers)
        self._answers(self.lead)
        if held:
            self._buttons[-1].focus_set()
        self.sleep()

    def follow(self) -> None:
        """Go where it leads."""
        lead = self.lead
        self.drop()
        if lead is not None:
            lead.show()

    # --- within -------------------------------------------------------------------------

    def _offer(self, lead: Lead) -> None:
        """What can be done about it, and a way to be rid of it."""
        self._answers(lead)
        px = self._theme.px
        close = ttk.Button(self, name="toast_close", style="Toast.Icon.TButton",
                           command=lambda: self.drop())  # fmt: skip
        close.grid(row=0, column=2, sticky="ne", padx=(px(12), 0))
        accessible.name(close, _("Close"))
        tip(close, keys.beside(_("Close"), "Esc"))
        self._close = close

    def _answers(self, lead: Lead) -> None:
        """A row of buttons."""
        px = self._theme.px
        row = self._row = ttk.Frame(self, name="answers", style="Toast.Row.TFrame")
        row.grid(row=1, column=1, sticky="w", pady=(px(8), 0))
        self._buttons.clear()
        for answer in lead.answers:
            self._button(answer.name, answer.text, row, answer.does)
        show = self._button("toast_show", _("Show"), row, lead.show)
        tip(show, keys.beside(_("Open the conversation"), "news"))

    def _button(
        self, name: str, text: str, row: ttk.Frame, does: Callable[[], None]
    ) -> ttk.Button:
        def pressed() -> None:
            self.drop()
            does()

        button = ttk.Button(row, name=name, text=text, style="Toast.TButton", command=pressed)
        button.pack(side="left", padx=(0, self._theme.px(8)))
        self._buttons.append(button)
        return button

    def _wake(self) -> None:
        self._waking = None
        if self.attended():  # else when somebody comes back
            for button in self._buttons:
                button.state(["!disabled"])

    def _clicked(self) -> None:
        if self.lead is None:
            self.drop()
        elif not self._buttons[-1].instate(["disabled"]):
            self.follow()

    def _due(self) -> None:
        """Its time is over, unless somebody is at it."""
        if self.lead is not None and self._held():
            self._job = self.after(HELD, self._due)
        else:
            self.drop()

    def _held(self) -> bool:
        call = self.tk.call
        x, y = self.winfo_pointerxy()
        places = (call("focus"), call("winfo", "containing", x, y))
        return any(f"{place}.".startswith(f"{self}.") for place in map(str, places))

    def _draw(self) -> None:
        self._mark.configure(image=self._theme.icon(self._icon, 18, self._colour, "surface"))
        if self._close is not None:
            picture: Any = self._theme.button_icon("x-lg", 12, "Toast.Icon.TButton")
            self._close.configure(image=picture)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
            for job in (self._job, self._waking):
                if job is not None:
                    self.after_cancel(job)
            self.gone()


class Toasts:
    """The toasts of one window.  Lives on the Tk thread."""

    def __init__(self, root: tk.Misc, theme: Theme) -> None:
        self._root = root
        self._theme = theme
        self._count = 0
        self._shown: list[_Toast] = []
        self._attended = True
        root.bind("<Escape>", self._escape, add=True)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown now, the newest last."""
        return tuple(toast.text for toast in self._shown)

    @property
    def leads(self) -> tuple[str, ...]:
        """The keys of those that lead somewhere, the newest last."""
        return tuple(toast.lead.key for toast in self._shown if toast.lead is not None)

    def show(self, text: str, tone: Tone = Tone.PLAIN, lead: Lead | None = None) -> None:
        """Show `text`; a click or Escape takes it away, and so does time.

        A click on one that leads somewhere goes there; the cross is for taking it away.
        """
        text = ui_text(text)[:LONGEST]
        for same in [one for one in self._shown if _same(one, text, lead)]:
            self._drop(same)
        while len(self._shown) >= MOST:
            self._drop(self._shown[0])
        self._count += 1
        name = f"toast{self._count}"
        toast = _Toast(self._root, self._theme, text, tone, lead, name)
        toast.drop = lambda: self._drop(toast)
        toast.gone = lambda: self._forget(toast)
        toast.attended = lambda: self._attended
        self._shown.append(toast)
        self._place()

    def follow(self) -> bool:
        """Go where the newest leads that leads anywhere; False if none does."""
        found = next((one for one in reversed(self._shown) if one.lead is not None), None)
        if found is not None:
            found.follow()
        return found is not None

    def withdraw(self, key: str) -> None:
        """What that one was about needs nobody any more."""
        for toast in [one for one in self._shown if one.lead and one.lead.key == key]:
            self._drop(toast)

    def answer(self, key: str, answers: tuple[Answer, ...]) -> None:
        """What can be answered to that one now; its buttons sleep if that is anything else."""
        for toast in self._shown:
            if toast.lead is not None and toast.lead.key == key:
                toast.answer(answers)

    def attend(self, *, here: bool) -> None:
        """Whether somebody is at this window: the press that brings them is for no button."""
        if here != self._attended:
            self._attended = here
            for toast in self._shown:
                toast.sleep()

    def clear(self) -> None:
        """Take all of them away."""
        for toast in tuple(self._shown):
            self._drop(toast)

    def _escape(self, _event: object) -> str | None:
        if not self._shown:
            return None
        self._drop(self._shown[-1])
        return "break"

    def _drop(self, toast: _Toast) -> None:
        if toast in self._shown:
            toast.destroy()
            self._place()

    def _forget(self, toast: _Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)

    def _place(self) -> None:
        """Under the top, where nothing is pressed; the newest is the highest."""
        self._root.update_idletasks()  # first: what waits to be drawn may take some away
        top = self._theme.px(TOP)
        for toast in reversed(self._shown):
            toast.place(relx=1.0, x=-self._theme.px(20), y=top, anchor="ne")
            if toast.top != top:
                toast.top = top
                toast.sleep()
            toast.lift()
            top += toast.winfo_reqheight() + self._theme.px(8)
        self._root.update_idletasks()


def _same_answers(some: tuple[Answer, ...], others: tuple[Answer, ...]) -> bool:
    """Whether the same buttons stand for them."""
    return [(one.name, one.text) for one in some] == [(one.name, one.text) for one in others]


def _same(toast: _Toast, text: str, lead: Lead | None) -> bool:
    if lead is None or toast.lead is None:
        return lead is toast.lead and toast.text == text
    return toast.lead.key == lead.key
