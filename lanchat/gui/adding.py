"""Adding: somebody whom multicast does not reach, by their invite or a typed address.

Whoever answers may be anybody, or call themselves what they like: who it is and their
fingerprint are shown, and nothing is held of them before the user says yes.  An invite may
come from a link on any page: until a button is pressed nobody is dialled.
"""

import asyncio
from tkinter import ttk
from typing import Final

from lanchat.errors import BadInvite, LanchatError, UnconfirmedPeer
from lanchat.gui import sentences, whom
from lanchat.gui.code_pictures import CodePictures
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import LONGEST, Field
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.my_invite import MyInvite
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line, ui_text
from lanchat.gui.translate import _
from lanchat.gui.whom import WIDTH
from lanchat.identity.fingerprint import Invite, invite_in, is_invite, parse_invite
from lanchat.identity.keys import PeerId
from lanchat.node import acts
from lanchat.node.node import Node

SHORT_PORT: Final = 5  # digits


def show(shell: Shell, opened: str = "") -> None:
    """Ask for an invite or an address; `opened` is one that came from outside.

    While another one is being looked at, that stays what the next press is about.
    """
    there = shell.root.children.get("adding")
    if opened and isinstance(there, Adding) and there.in_use:
        shell.say(_("Another invite was opened. Finish or cancel this one first."))
        return
    dialog = Adding(shell)
    if opened:
        dialog.put(opened)


class Adding(Dialog):
    """The dialog, from an invite or an address to the person."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.root, shell.theme, _("Add or invite somebody"), name="adding", width=WIDTH
        )
        self._shell = shell
        self._text = ""  # what who is shown belongs to
        self._confirmed: PeerId | None = None  # who answered there, once shown
        self._invited: Invite | None = None  # what is shown of an invite
        self._working = False
        px = shell.theme.px
        self.message(
            _(
                "For somebody whom lanchat does not find by itself. Their invite is behind this"
                " same button in their window; their address stands at its lower left."
            ),
            style="Muted.TLabel",
        )
        self._field = Field(
            self.body, shell.theme, _("Their invite, or address and port"), name="address",
            changed=self._changed, submit=self._entered,
        )  # fmt: skip
        self._field.pack(fill="x", pady=(px(4), 0))
        self._field.hint(_("Like lanchat:1:… or 192.168.1.31:48321"))
        self._pictures = CodePictures(
            self, self._field.entry, shell,
            found=self.put, failed=self._unread, busy=lambda busy: self._work(working=busy),
        )  # fmt: skip
        self._ways = self._pictures.offer(self.body)
        self._busy = ttk.Progressbar(
            self.body, name="dialling", style="Busy.Horizontal.TProgressbar",
            mode="indeterminate",
        )  # fmt: skip
        self._answer = ttk.Frame(self.body, name="answer")
        self._mine = MyInvite(self.body, shell)
        self._rest(shown=True)
        made = self.buttons((_("Cancel"), None, "cancel"), (_("Connect"), None, "connect"))
        self._button = made["connect"]
        self._button.configure(command=self._dial)
        self._changed()

    @property
    def in_use(self) -> bool:
        """Whether something was typed, or somebody is being dialled."""
        return bool(self._field.text.strip()) or self._working

    def put(self, text: str) -> None:
        """Take an invite from outside, as if it had been typed; nobody is dialled by that."""
        if not is_invite(text):
            self._field.wrong(sentences.of(BadInvite("opened"), " "))
            return
        self._field.put(one_line(text, LONGEST))
        self._changed()
        if self._invited is None:
            self._field.wrong(sentences.of(BadInvite("opened"), " "))

    # --- what happens -------------------------------------------------------------------

    def _changed(self) -> None:
        """Another address: who answered at the last one does not count any more."""
        text = invite_in(self._field.text)
        if text != self._text:
            self._text = text
            self._forget_answer()
            self._show_invite(text)
        self._changed_button()

    def _entered(self) -> None:
        """Enter dials, but adds nobody: that is done on purpose."""
        if self._confirmed is None:
            self._dial()
        else:
            self._button.focus_set()

    def _dial(self) -> None:
        text, confirmed = invite_in(self._field.text), self._confirmed
        if not text or self._working:
            return
        wrong = _amiss(text)
        if wrong:
            self._field.wrong(wrong)
            self._field.focus_entry()
            return
        self._work(working=True)
        dial = _Dial(text, confirmed)
        self.on_close = lambda: self._shell.ask(dial.end)
        self._shell.ask(dial.run, self._added, self._failed)

    def _added(self, peer: PeerId) -> None:
        if self.winfo_exists():  # else the user writes to somebody else by now
            self.on_close = None
            self.destroy()
            self._shell.do(PeerChosen(peer))

    def _failed(self, error: LanchatError) -> None:
        if not self.winfo_exists():
            return
        self.on_close = None
        self._work(working=False)
        if isinstance(error, UnconfirmedPeer):
            self._show_answer(error)
            return
        self._field.wrong(ui_text(sentences.of(error, " ")))
        self._field.focus_entry()

    def _unread(self, error: LanchatError) -> None:
        self._field.wrong(sentences.of(error, " "))
        self._field.focus_entry()

    def _work(self, *, working: bool) -> None:
        self._working = working
        self._field.allow(not working)
        self._changed_button()
        if working:
            self._busy.pack(fill="x", pady=(self.theme.px(10), 0), after=self._field)
            self._busy.start(15)
        else:
            self._busy.stop()
            self._busy.pack_forget()

    def _changed_button(self) -> None:
        ready = bool(self._field.text.strip()) and not self._working
        self._button.state(["!disabled" if ready else "disabled"])

    # --- who it is ----------------------------------------------------------------------

    def _rest(self, *, shown: bool) -> None:
        """What is there while nobody is shown: other ways, and my own invite."""
        px = self.theme.px
        for part, above in ((self._ways, 8), (self._mine, 16)):
            if part is not None and shown:
                part.pack(fill="x", pady=(px(above), 0))
            elif part is not None:
                part.pack_forget()

    def _forget_answer(self) -> None:
        self._confirmed = self._invited = None
        self._answer.pack_forget()
        for child in self._answer.winfo_children():
            child.destroy()
        if hasattr(self, "_button"):
            self._button.configure(text=_("Connect"))
        self._rest(shown=True)

    def _show_invite(self, text: str) -> None:
        """Whom an invite names, as soon as it is whole."""
        try:
            given = parse_invite(text)
        except BadInvite:
            return
        self._invited = given
        leads = ", ".join(given.addresses) or _("it does not say where")
        said = _("Where it leads: {addresses}").format(addresses=leads)
        says = _("An invite of the person with these words"), one_line(said, 300)
        self._show(given.peer_id, "", says, _("Connecting shows them who you are."))

    def _show_answer(self, found: UnconfirmedPeer) -> None:
        """Somebody answered whom the user does not know: show who."""
        invited = self._invited
        self._forget_answer()
        self._invited = invited
        self._confirmed = PeerId.parse(found.peer_id)
        name = one_line(name_text(found.name), 40)
        says = (
            _("{name} answers").format(name=name),
            _("You do not know them yet, and anyone can use any name."),
        )
        advice = _("If you can, ask them for these words before you add them.")
        card = self._show(self._confirmed, name, says, advice)
        if found.namesake:
            whom.warn(card, self.theme, found)
        self._button.configure(text=_("Add them"))

    def _show(self, peer: PeerId, name: str, says: tuple[str, str], advice: str) -> ttk.Frame:
        px = self.theme.px
        self._rest(shown=False)
        card = whom.card(self._answer, self.theme, peer, name=name, says=says)
        ttk.Label(
            self._answer, name="advice", style="Muted.TLabel", text=advice,
            wraplength=px(WIDTH - 48),
        ).pack(anchor="w", pady=(px(8), 0))  # fmt: skip
        self._answer.pack(fill="x", pady=(px(12), 0))
        return card


class _Dial:
    """A dial that ends when nobody waits for it any more.  Lives on the node thread."""

    def __init__(self, text: str, confirmed: PeerId | None) -> None:
        self._text = text
        self._confirmed = confirmed
        self._task: asyncio.Task[object] | None = None

    async def run(self, node: Node) -> PeerId:
        """Dial, and know from then on who answers; see acts.py."""
        self._task = asyncio.current_task()
        return await acts.add(node, self._text, self._confirmed)

    async def end(self, _node: Node) -> None:
        """The user cancelled it: nobody is told how it would have ended."""
        if self._task is not None:
            self._task.cancel()


def _amiss(text: str) -> str:
    """What keeps it from being dialled; "" if nothing does."""
    if is_invite(text):
        try:
            parse_invite(text)
        except BadInvite as error:
            return sentences.of(error, " ")
        return ""
    host, colon, port = text.rpartition(":")
    number = port.isascii() and port.isdigit() and len(port) <= SHORT_PORT
    if host and colon and number and 0 < int(port) < 65536:
        return ""
    return _("Write an address and a port, such as 192.168.1.31:48321, or paste their invite.")
