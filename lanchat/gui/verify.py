"""The verify dialog: four words to be read out loud, and the answer of the user.

Nothing is pressed by Enter and no button is chosen before the words are: saying yes without
having compared is the one thing this dialog must not make easy.  PROTOCOL.md, 5.
"""

from collections.abc import Mapping
from contextlib import suppress
from tkinter import ttk
from typing import Final

from lanchat.errors import LanchatError
from lanchat.gui import accessible, sentences, unspoken
from lanchat.gui.dialog import Dialog
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, later
from lanchat.identity.keys import PeerId
from lanchat.node import comparing
from lanchat.node.events import CheckChanged, CheckState
from lanchat.node.node import Node

READ_FIRST: Final = 3_000  # ms before the words can be confirmed

_ENDS: Final[Mapping[str, str]] = {
    "cancelled": later("It was cancelled here. Nothing has changed."),
    "they-cancelled": later("{name} cancelled it. Nothing has changed."),
    "nobody": later("{name} cannot be asked now: they have to press Verify too."),
    "busy": later("{name} is comparing words with somebody else. Try again in a while."),
    "timeout": later("There was no answer in two minutes. Nothing has changed."),
    "lost": later("The connection broke. Nothing has changed; try again."),
}


class VerifyDialog(Dialog):
    """A spoken check with one person, from the asking to its end."""

    @staticmethod
    def name_for(peer: PeerId) -> str:
        """The name of the dialog about a peer."""
        return f"verify_{str(peer)[:12]}"

    def __init__(self, shell: Shell, peer: PeerId) -> None:
        person = shell.screen.people.get(peer)
        self._called = one_line(name_text(person.name), 40) if person else peer.short
        title = _("Verify {name}").format(name=self._called)
        super().__init__(shell.root, shell.theme, title, name=self.name_for(peer), width=640)
        self._shell = shell
        self._peer = peer
        self._run = 0
        self._over = False
        self._job: str | None = None
        self._say = self.message("", style="TLabel")
        self._words = ttk.Frame(
            self.body, name="words", style="Focus.TFrame", padding=shell.theme.px(4)
        )
        for column in range(2):
            self._words.columnconfigure(column, weight=1, uniform="word")
        self._note = self.message("", style="Muted.TLabel")
        self.on_close = self._leave
        made = self.buttons(
            (_("Not now"), None, "not_now"),
            (_("Without a call…"), self._permanent, "permanent"),
            (_("They are different"), None, "different"),
            (_("They match"), None, "match"),
            danger="different",
        )
        self._buttons = made
        made["different"].configure(command=lambda: self._answer(match=False))
        made["match"].configure(command=lambda: self._answer(match=True))
        self._show_answers(shown=False)
        self._tell(
            _("Asking {name} to compare words…").format(name=self._called),
            _("They see a question in their window, or run lanchat verify."),
        )

    # --- what happens -------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether it only says how the check ended."""
        return self._over

    def show(self, check: CheckChanged) -> None:
        """Draw how far the check is."""
        match check.state:
            case CheckState.ASKED:
                pass  # and that the user agrees is on its way
            case CheckState.WAITING:
                self._tell(
                    _("Waiting for {name}…").format(name=self._called),
                    _("They see a question in their window, or run lanchat verify."),
                )
            case CheckState.WORDS:
                self._put_words(check)
            case CheckState.ANSWERED:
                self._show_answers(shown=False)
                self._buttons["not_now"].configure(text=_("Close"))
                text = _("You said that they match. Waiting for {name} to say the same…")
                self._tell(text.format(name=self._called), "")
            case CheckState.MATCHED:
                self._matched(check)
            case CheckState.FAILED:
                self._failed()
            case CheckState.INTERRUPTED:
                self._ended(_(_ENDS.get(check.reason, _ENDS["lost"])).format(name=self._called))

    def refused(self, error: LanchatError) -> None:
        """It could not even begin."""
        self._ended(sentences.of(error))

    def destroy(self) -> None:
        """Go, and let nothing come later."""
        if self._job is not None:
            with suppress(Exception):
                self.after_cancel(self._job)
            self._job = None
        super().destroy()

    # --- within -------------------------------------------------------------------------

    def _put_words(self, check: CheckChanged) -> None:
        if self._run == check.run:
            return
        self._run = check.run
        px = self.theme.px
        self._words.pack(fill="x", pady=(px(10), px(14)), before=self._note)
        for child in self._words.winfo_children():
            child.destroy()
        self._words.configure(takefocus=1)
        accessible.name(self._words, ", ".join(check.words), accessible.Role.TEXT)
        for place, word in enumerate(check.words):
            cell = ttk.Frame(self._words, style="Word.TFrame")
            cell.grid(row=place // 2, column=place % 2, sticky="ew", padx=px(5), pady=px(5))
            ttk.Label(cell, text=f"{place + 1}", style="Word.Muted.TLabel").pack(
                side="left", padx=(px(8), px(14)), pady=px(8)
            )
            ttk.Label(cell, name=f"word_{place + 1}", text=word, style="Words.TLabel").pack(
                side="left", pady=px(8)
            )
        self._tell(
            _(
                "Call {name} or walk over. Read these four words out loud, one of you after the"
                " other. They must be the same on both screens."
            ).format(name=self._called),
            _("Only press “They match” when you heard the other person say every word."),
        )
        self._show_answers(shown=True)
        self._buttons["match"].state(["disabled"])
        self._job = self.after(READ_FIRST, self._may_answer)
        self.present()
        self._words.focus_set()

    def _may_answer(self) -> None:
        self._job = None
        self._buttons["match"].state(["!disabled"])

    def _answer(self, *, match: bool) -> None:
        run, peer = self._run, self._peer
        self._show_answers(shown=False)
        self._words.focus_set()  # and not at a button that is no longer there
        self._shell.ask(
            lambda node: comparing.answer(node, peer, run, match=match), failed=self._unanswered
        )

    def _unanswered(self, error: LanchatError) -> None:
        if self.winfo_exists() and not self._over:
            self.refused(error)

    def _matched(self, check: CheckChanged) -> None:
        text = _("You verified {name}.").format(name=self._called)
        more = "" if not check.reason else _("They have not said so on their side yet.")
        self._shell.say(f"{text} {more}".strip(), Tone.GOOD)
        self._over = True
        self.on_close = None
        self.destroy()

    def _failed(self) -> None:
        sign = self.theme.icon("exclamation-triangle-fill", 20, "bad")
        self.heading.configure(
            text=" " + _("The words are different"), image=sign, compound="left",
            style="BadH2.TLabel",
        )  # fmt: skip
        self._ended(
            _(
                "Do not trust this connection. It was closed, and {name} is marked as"
                " “verification failed”."
            ).format(name=self._called),
            _(
                "Somebody may stand between you two, or one of you misheard a word. Talk to"
                " {name} another way, then compare again."
            ).format(name=self._called),
        )

    def _ended(self, text: str, more: str = "") -> None:
        self._over = True
        self.on_close = None
        self._words.pack_forget()
        for child in self._words.winfo_children():
            child.destroy()
        self._words.configure(takefocus=0)
        self._show_answers(shown=False)
        self._buttons["not_now"].configure(text=_("Close"))
        self._tell(text, more)
        self._buttons["not_now"].focus_set()

    def _tell(self, text: str, more: str) -> None:
        self._say.configure(text=label(text))
        self._note.configure(text=label(more))

    def _show_answers(self, *, shown: bool) -> None:
        for button in self._buttons.values():
            button.pack_forget()
        answers = ("match", "different") if shown else ()
        for name in (*answers, "permanent", "not_now"):
            self._buttons[name].pack(side="right", padx=(self.theme.px(8), 0))

    def _permanent(self) -> None:
        self._leave()
        unspoken.show(self._shell, self._peer)

    def _leave(self) -> None:
        """The user closed it: unless it is over, the other side is told."""
        peer = self._peer
        if self._over:
            return

        async def leave(node: Node) -> None:
            comparing.leave(node, peer)

        self._shell.ask(leave)
