"""The main page: people at the left, the conversation at the right; above, what is urgent."""

import sys
import tkinter as tk
from dataclasses import replace
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, drop, verifying
from lanchat.gui.alert_pane import AlertPane
from lanchat.gui.conversation_pane import ConversationPane
from lanchat.gui.idle import TOUCH
from lanchat.gui.notifying import Notifier
from lanchat.gui.question_pane import QuestionPane
from lanchat.gui.reading import Reader
from lanchat.gui.roster_pane import RosterPane
from lanchat.gui.shell import Page, Shell
from lanchat.gui.state import Screen
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _

NARROWEST: Final = 220  # px of the list at 100 %
WIDEST: Final = 420
STEP: Final = 16  # of a key
SASH: Final = 5  # px between the two sides, to be dragged; a line is seen of it


class MainPage(Page):
    """All panes of an open profile.  Lives on the Tk thread."""

    def __init__(self, root: tk.Tk, shell: Shell) -> None:
        super().__init__(root, name="main", style="TFrame")
        self.shell: Final = shell
        self.reader: Final = Reader(shell)
        self.roster: Final = RosterPane(self, shell)
        self.alerts: Final = AlertPane(self, shell)
        self.questions: Final = QuestionPane(self, shell)
        self.sash: Final = ttk.Frame(
            self, name="sash", style="Side.TFrame", cursor="sb_h_double_arrow", takefocus=1
        )
        self._line: Final = ttk.Frame(self.sash, name="line", style="Line.TFrame")
        self._line.place(relx=1.0, relheight=1.0, width=1, anchor="ne")
        self.conversation: Final = ConversationPane(self, shell, self.reader)
        self._thick = 1  # px of the line at 100 %
        self._width = 0  # while the sash is dragged, in px at 100 %
        self._notifier: Final = Notifier(shell)
        self._ends: Final = [verifying.watch(shell), self._notifier.end]
        self.columnconfigure(2, weight=1)
        self.rowconfigure(2, weight=1)
        self.alerts.grid(row=0, column=0, columnspan=3, sticky="ew")
        self.alerts.grid_remove()
        self.questions.grid(row=1, column=0, columnspan=3, sticky="ew")
        self.questions.grid_remove()
        self.roster.grid(row=2, column=0, sticky="nsew")
        self.sash.grid(row=2, column=1, sticky="ns")
        self.conversation.grid(row=2, column=2, sticky="nsew")
        drop.accept_drops(self.roster, shell, self.roster.person_at, mark=self.roster.aim)
        self._unwatch = shell.theme.watch(self._measure)
        self._measure()
        self._listen_to_sash()
        self.bind("<Destroy>", self._destroyed)

    def stops(self) -> tuple[tk.Misc, ...]:
        """The parts that F6 goes through, in order."""
        above = (*self.alerts.stops(), *self.questions.stops())
        return (*above, *self.roster.stops(), *self.conversation.stops())

    def home(self) -> tk.Misc:
        """Where the keys are when nothing else has them: where one writes, or searches."""
        return (self.conversation.stops() or self.roster.stops())[-1]

    def leave(self) -> None:
        """Escape: everybody is shown again, and back to writing."""
        if self.shell.screen.query:
            self.roster.finder.clear()
        if self.shell.screen.chosen is not None:
            self.home().focus_set()

    def hand_over(self) -> None:
        """Give the node what was written and not sent: the page is about to go."""
        try:
            self.conversation.composer.hand_over()
        except Exception:  # a bug is told as one behind any key is, and stops no lock
            self.shell.root.report_callback_exception(*sys.exc_info())

    def step(self, by: int) -> None:
        """Open the conversation of the next or the previous person."""
        self.roster.step(by)

    def choose(self, place: int) -> None:
        """Open the conversation of the person at `place` of the list, from 0 on."""
        self.roster.choose(place)

    def search(self) -> None:
        """Let the user search."""
        self.roster.search()

    def catch_up(self) -> None:
        """Open what was told of last, or else the next conversation with something new."""
        if not self.shell.toasts.follow():
            self.roster.to_news()

    def show(self, screen: Screen) -> None:
        """Draw what the screen says."""
        self.reader.follow(screen)
        if self.shell.screen is not screen:
            return  # the reader moved it on, and with that it was drawn
        self.alerts.show(screen)
        self.questions.show(screen)
        self.roster.show(screen)
        self.conversation.show(screen)
        self._notifier.follow(screen)

    def _measure(self) -> None:
        theme, width = self.shell.theme, self.shell.preferences.list_width
        self.columnconfigure(0, minsize=theme.px(width))
        self.sash.configure(width=theme.px(SASH))
        self._line.place_configure(width=theme.px(self._thick))

    def _listen_to_sash(self) -> None:
        sash = self.sash
        sash.lift()  # the last that Tab comes to
        accessible.name(sash, _("Width of the list"), accessible.Role.SCALE)
        tip(sash, _("Left and Right change the width of the list."))
        self._line.bindtags((TOUCH, str(sash)))  # it is a part of it
        sash.bind("<B1-Motion>", self._drag)
        sash.bind("<ButtonRelease-1>", self._keep)
        sash.bind("<Left>", lambda _event: self._step(-STEP))
        sash.bind("<Right>", lambda _event: self._step(STEP))
        sash.bind("<FocusIn>", lambda _event: self._ring(shown=True))
        sash.bind("<FocusOut>", lambda _event: self._ring(shown=False))

    def _ring(self, *, shown: bool) -> None:
        """A line so thin would not show that the keys are there: it becomes broader."""
        style, self._thick = ("Ring.TFrame", 3) if shown else ("Line.TFrame", 1)
        self._line.configure(style=style)
        self._measure()

    def _step(self, by: int) -> None:
        wanted = (self._width or self.shell.preferences.list_width) + by
        self._widen(wanted)
        self._keep(None)

    def _drag(self, event: "tk.Event[ttk.Frame]") -> None:
        self._widen((event.x_root - self.winfo_rootx()) / self.shell.theme.scale)

    def _widen(self, wanted: float) -> None:
        self._width = round(min(max(wanted, NARROWEST), WIDEST))
        self.columnconfigure(0, minsize=self.shell.theme.px(self._width))

    def _keep(self, _event: object) -> None:
        if self._width:
            self.shell.prefer(replace(self.shell.preferences, list_width=self._width))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()
            for end in self._ends:
                end()
