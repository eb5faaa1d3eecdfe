"""The composer: where the user writes.  A draft is kept for each person until it is sent.

The node keeps it, so that a locked window, a crash and a restart take nothing of it: at most a
second after it was typed, and as soon as the conversation is left.
"""

import tkinter as tk
from contextlib import suppress
from tkinter import ttk
from typing import Any, Final

from lanchat.conversation.text import MAX_DRAFT, shown
from lanchat.errors import LanchatError
from lanchat.gui import accessible, amounts, editing, files, keys, pasting
from lanchat.gui.gestures import Drafted
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.spelling import Spelling
from lanchat.gui.state import Screen
from lanchat.gui.text import clean
from lanchat.gui.tone import Tone
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts

MOST_LINES: Final = 6
MOST_BYTES: Final = 60_000  # of one message (docs/PROTOCOL.md, 3a)
MOST_HELD: Final = MAX_DRAFT  # bytes that can be pasted: Tk slows down with longer lines
KEEP_AFTER: Final = 1_000  # ms from a change until the node has it
COUNT_FROM: Final = 55_000  # bytes from which on the counter is shown
PAD: Final = 4  # px at 100 % left and right of what is written
CARET: Final = 2  # px
SHIFT: Final = 0x1
CONTROL: Final = 0x4


class Composer(Pane):
    """Attach, a growing text, Send."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="TFrame", name="composer_row")
        theme = shell.theme
        px = theme.px
        self._peer: PeerId | None = None
        self._held = ""  # what the screen said last of a draft for them
        self._unkept: set[PeerId] = set()  # whose the node could not keep
        self._job: str | None = None  # until it is kept
        self._blocked = False
        self.columnconfigure(1, weight=1)
        self._attach = ttk.Button(self, name="attach", style="Icon.TButton", command=self._pick)
        self._attach.grid(row=0, column=0, sticky="s", padx=(px(12), px(8)), pady=px(12))
        self._box = ttk.Frame(
            self, name="composer_box", style="Field.TFrame", padding=(px(10), px(7))
        )
        self._box.grid(row=0, column=1, sticky="ew", pady=px(12))
        self._box.columnconfigure(0, weight=1)
        self.text: Final = tk.Text(
            self._box,
            name="composer",
            height=1,
            wrap="word",
            undo=True,
            maxundo=200,
            borderwidth=0,
            highlightthickness=0,
            font=theme.font("text"),
        )
        self.text.grid(row=0, column=0, sticky="ew")
        self._spelling: Final = Spelling(self.text)
        accessible.name(self.text, _("Message"))
        self._hint = ttk.Label(self._box, name="composer_hint", style="Placeholder.TLabel")
        self._count = ttk.Label(self, name="counter", style="Meta.TLabel")
        self._send = ttk.Button(
            self, name="send", style="Accent.TButton", command=self._pushed, text=_("Send")
        )
        self._send.grid(row=0, column=2, sticky="s", padx=px(12), pady=px(12))
        tip(self._attach, keys.beside(_("Send files"), "attach"))
        self._listen()
        self._end = theme.watch(self._redraw)
        self._redraw()

    def stops(self) -> tuple[tk.Misc, ...]:
        """Where F6 comes by."""
        return (self.text,)

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        person = screen.person
        blocked = person is not None and person.trust is Trust.BLOCKED
        held = screen.drafts.get(screen.chosen, "") if screen.chosen else ""
        if screen.chosen != self._peer:
            left, written = self._peer, self._written()
            self._peer, self._held = screen.chosen, held
            self._fill(held)
            self._keep(left, written)
        elif held != self._held:  # it was deleted with the conversation
            self._held = held
            self._fill(held)
        if blocked != self._blocked:
            self._blocked = blocked
            self.text.configure(state="disabled" if blocked else "normal")
            self._attach.state(["disabled" if blocked else "!disabled"])
            self._name_hint()
            self._ring(focused=str(self.tk.call("focus")) == str(self.text))
            self._changed()

    def submit(self) -> None:
        """Send what is written; if it could not be stored, it stands above what was begun."""
        peer, text = self._peer, self._written().strip("\n")
        if peer is None or not text.strip() or len(text.encode()) > MOST_BYTES:
            return
        drafted, self._held = self._held, ""
        self._fill("")
        self.text.focus_set()  # a click on the button took the keys
        if drafted:
            self.shell.do(Drafted(peer, ""))

        def failed(error: LanchatError) -> None:
            here, begun = self._peer == peer, self.shell.screen.drafts.get(peer, "")
            whole = "\n".join(filter(None, (text, self._written() if here else begun)))
            self._fill(whole) if here else self._keep(peer, whole)
            self.shell.tell(error)

        self.shell.ask(lambda node: acts.write(node, peer, text, drafted), failed=failed)

    def insert(self, text: str) -> None:
        """Put text where the cursor is, as if it had been typed."""
        self.text.insert("insert", shown(text))
        self.text.focus_set()

    def hand_over(self) -> None:
        """Have the node keep what is written now: the window locks, or closes."""
        self._rest()
        self._keep(self._peer, self._written())
        for peer in tuple(self._unkept - {self._peer}):
            self._keep(peer, self.shell.screen.drafts.get(peer, ""))

    # --- within -------------------------------------------------------------------------

    def _listen(self) -> None:
        text = self.text
        for event in ("<Return>", "<KP_Enter>"):
            text.bind(event, self._entered)
        text.bind("<Tab>", lambda _event: self._leave(forward=True))
        for event in ("<Shift-Tab>", "<ISO_Left_Tab>"):
            try:
                text.bind(event, lambda _event: self._leave(forward=False))
            except tk.TclError:  # ISO_Left_Tab is X11's name
                continue
        text.bind("<<Paste>>", self._paste)
        text.bind("<<PasteSelection>>", self._paste_selection)
        text.bind("<<Modified>>", self._modified)
        text.bind("<Configure>", self._resized)
        text.bind("<FocusIn>", lambda _event: self._ring(focused=True))
        text.bind("<FocusOut>", lambda _event: self._ring(focused=False))
        self._hint.bind("<Button-1>", lambda _event: text.focus_set())
        self.bind("<Destroy>", self._destroyed)

    def _entered(self, event: "tk.Event[tk.Text]") -> str | None:
        state = int(event.state)
        with_modifier = bool(state & CONTROL)
        if state & SHIFT:
            return None
        if self.shell.preferences.enter_sends or with_modifier:
            self.submit()
            return "break"
        return None

    def _pushed(self) -> None:
        """The button: the keys go back to where one writes, as nothing is left to send."""
        self.submit()
        self.text.focus_set()

    def _leave(self, *, forward: bool) -> str:
        target = self.text.tk_focusNext() if forward else self.text.tk_focusPrev()
        if target is not None:
            target.focus_set()
        return "break"

    def _paste(self, _event: object) -> str | None:
        if self._peer is not None and pasting.paste(self.shell, self._peer):
            return "break"
        try:
            pasted = self.clipboard_get()
        except tk.TclError:  # no text: what is selected stays
            return "break"
        if not self._fits(pasted):
            return "break"
        editing.drop_selected(self.text)  # Tk on X11 would write beside it
        return None

    def _paste_selection(self, _event: object) -> str | None:
        """The middle button, on X11: what is selected anywhere is written where it points."""
        try:
            picked = str(self.tk.call("::tk::GetSelection", self.text, "PRIMARY"))
        except tk.TclError:  # nothing is
            return "break"
        return None if self._fits(picked) else "break"

    def _fits(self, pasted: str) -> bool:
        """Whether there is room for that; what stands there is left alone if not."""
        size = _size(self.text.get("1.0", "end-1c")) + _size(pasted)
        with suppress(tk.TclError):  # nothing is selected
            size -= _size(self.text.get("sel.first", "sel.last"))
        if size <= MOST_HELD:
            return True
        self.shell.say(
            _("{size} bytes are too many to paste: a message has at most {most}.").format(
                size=amounts.grouped(size), most=amounts.grouped(MOST_BYTES)
            ),
            Tone.BAD,
        )
        return False

    def _pick(self) -> None:
        if self._peer is not None:
            files.pick(self.shell, self._peer, folder=False)

    def _modified(self, _event: object) -> None:
        if self.text.edit_modified():
            self.text.edit_modified(False)
            self._changed()
            if self._job is None:
                self._job = self.after(KEEP_AFTER, self.hand_over)

    def _changed(self) -> None:
        written = self.text.get("1.0", "end-1c")
        size = _size(self._spelling.meant(written))
        if written:
            self._hint.place_forget()
        else:
            px = self.shell.theme.px
            self._hint.place(x=px(PAD) + CARET, rely=0.5, anchor="w")
        too_long = size > MOST_BYTES
        usable = bool(written.strip()) and not too_long and not self._blocked
        self._send.state(["!disabled" if usable else "disabled"])
        if size >= COUNT_FROM:
            self._count.configure(
                text=_("{size} of {most} bytes").format(
                    size=amounts.grouped(size), most=amounts.grouped(MOST_BYTES)
                ),
                style="Bad.TLabel" if too_long else "Meta.TLabel",
            )
            self._count.grid(row=1, column=1, sticky="e")
        else:
            self._count.grid_forget()
        self._grow()

    def _resized(self, _event: object) -> None:
        self._grow()
        self._name_hint()

    def _grow(self) -> None:
        """As high as what is written, up to six lines; longer than that is scrolled."""
        try:
            counted = self.text.count("1.0", "end", "displaylines")
        except tk.TclError:
            return
        lines = counted[0] if isinstance(counted, tuple) else counted or 1
        wanted = min(max(int(lines), 1), MOST_LINES)
        if wanted != int(self.text.cget("height")):
            self.text.configure(height=wanted)

    def _written(self) -> str:
        return clean(self._spelling.meant(self.text.get("1.0", "end-1c")))

    def _rest(self) -> None:
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None

    def _keep(self, peer: PeerId | None, written: str) -> None:
        """Have the node keep what was written to somebody, and nothing if nothing was."""
        held = self.shell.screen.drafts.get(peer, "") if peer else ""
        if peer is None or (written == held and peer not in self._unkept):
            return
        if peer == self._peer:
            self._held = written

        def kept(_none: None) -> None:
            self._unkept.discard(peer)

        def failed(error: LanchatError) -> None:
            if not self._unkept:  # once, and not with each letter
                self.shell.tell(error)
            self._unkept.add(peer)

        self.shell.do(Drafted(peer, written))
        self.shell.ask(lambda node: acts.draft(node, peer, written), kept, failed)

    def _fill(self, text: str) -> None:
        self.text.configure(state="normal")
        self.text.delete("1.0", "end")
        self._spelling.forget()
        self.text.insert("1.0", shown(text))
        self.text.edit_reset()
        self._changed()
        if self._blocked:
            self.text.configure(state="disabled")

    def _ring(self, *, focused: bool) -> None:
        self._box.state(["focus" if focused and not self._blocked else "!focus"])

    def _name_hint(self) -> None:
        whole = _("Nothing can be sent to somebody you blocked")
        texts = (whole, _("Blocked")) if self._blocked else (_("Write a message"),)
        room = self._box.winfo_width() - 2 * self.shell.theme.px(PAD)
        for text in texts:
            self._hint.configure(text=text)
            if self._hint.winfo_reqwidth() <= room:
                break

    def _redraw(self) -> None:
        theme, tokens = self.shell.theme, self.shell.theme.tokens
        px = theme.px
        self.text.configure(
            background=tokens.field,
            foreground=tokens.text,
            insertbackground=tokens.text,
            selectbackground=tokens.accent,
            selectforeground=tokens.on_accent,
            font=theme.font("text"),
            insertwidth=CARET,
            padx=px(PAD),
            pady=px(2),
        )
        attach: Any = theme.button_icon("paperclip", 20, "Icon.TButton")
        send: Any = theme.button_icon("send-fill", 15, "Accent.TButton")
        self._attach.configure(image=attach)
        self._send.configure(image=send, compound="left")
        self._name_hint()
        self._changed()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._rest()
            self._end()


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
