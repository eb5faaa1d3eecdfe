"""The page of settings about who may look, what others learn, and what is kept."""

from math import inf
from tkinter import ttk
from typing import Final

from lanchat.gui.dialog import Dialog
from lanchat.gui.gestures import Cleared
from lanchat.gui.settings_rows import Rows
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, ngettext
from lanchat.node import acts
from lanchat.node.fleeting import UNTIL_CLOSED

LOCKS: Final = (0, 1, 5, 15, 30, 60, 240)  # minutes
KEPT: Final = (0, 365, 90, 30, 7, UNTIL_CLOSED)  # days


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    at.part(_("Privacy"))
    said = {0: _("never")}
    at.choose(
        "lock_after",
        _("Lock when nobody touches the window"),
        [(one, said.get(one, _("after {number} min").format(number=one))) for one in LOCKS],
    )
    at.choose(
        "away_after",
        _("Show me as away when nobody touches this computer"),
        [(one, said.get(one, _("after {number} min").format(number=one))) for one in LOCKS],
    )
    at.act("lock_now", _("Lock now"), lambda: at.shell.command("lock"))
    at.tick("read_receipts", _("Tell people I know when I have read what they wrote"))
    at.tick("show_pictures", _("Show pictures that people I know send me"))
    at.part(_("What is kept"))
    _Kept(at)
    at.act("delete_all", _("Delete all conversations…"), lambda: _ask_all(at)).configure(
        style="Danger.TButton"
    )


def spoken(days: int) -> str:
    """A time for which messages are kept, in words."""
    if not days:
        return _("forever")
    if days == UNTIL_CLOSED:
        return _("until it is locked")
    if days == 365:
        return _("for a year")
    return ngettext("for {number} day", "for {number} days", days).format(number=days)


def _long(days: int) -> float:
    """What is to be compared of such a time."""
    return {0: inf, UNTIL_CLOSED: 0}.get(days, days)


class _Kept:
    """For how long messages are kept: the profile knows it, so it comes a moment later."""

    def __init__(self, at: Rows) -> None:
        self._at = at
        self._days = list(KEPT)
        self._held: int | None = None
        self._box: ttk.Combobox = at.choice(
            "keep", _("Keep messages"), [(one, spoken(one)) for one in KEPT], None, self._chosen
        )
        self._box.state(["disabled"])
        at.note(
            _(
                "Everything is encrypted on this computer. What you have not read and what"
                " waits to be sent is kept in any case, and the others keep their own."
            )
        )
        at.shell.ask(acts.kept, self._show)

    def _show(self, days: int) -> None:
        if not self._box.winfo_exists():
            return
        self._held = days
        self._box.state(["!disabled", "readonly"])
        self._box.set(spoken(days))

    def _chosen(self, value: object) -> None:
        days = int(str(value))
        if self._held is None or days == self._held:
            return
        if _long(days) < _long(self._held):
            self._ask(days)
        else:
            self._keep(days)

    def _ask(self, days: int) -> None:
        """Older ones go at once, or all when it is closed: that is not to be taken back."""
        at, told, yes = self._at, self._older(days), _("Delete older ones")
        title = _("Delete older messages?")
        if days == UNTIL_CLOSED:
            title, yes = _("Keep nothing?"), _("Keep nothing")
            told = _(
                "Whenever lanchat is locked or closed, what was said is deleted from this"
                " computer, for good: all that you have read, all that was delivered, and your"
                " drafts."
            )
        dialog = Dialog(at.window, at.theme, title, name="keeping")
        dialog.message(told)
        dialog.on_close = lambda: self._show(self._held or 0)
        dialog.buttons(
            (_("Cancel"), lambda: self._show(self._held or 0), "cancel"),
            (yes, lambda: self._keep(days), "confirm_keep"),
            danger="confirm_keep",
        )

    @staticmethod
    def _older(days: int) -> str:
        return ngettext(
            "What is older than {number} day is deleted from this computer now, and from"
            " then on every day.",
            "What is older than {number} days is deleted from this computer now, and from"
            " then on every day.",
            days,
        ).format(number=days)

    def _keep(self, days: int) -> None:
        self._held = days
        self._at.shell.ask(lambda node: acts.keep(node, days))


def _ask_all(at: Rows) -> None:
    shell = at.shell

    def deleted(_none: None) -> None:
        shell.do(Cleared())
        shell.say(_("All conversations are deleted."), Tone.GOOD)

    dialog = Dialog(at.window, at.theme, _("Delete all conversations?"), name="deleting_all")
    dialog.message(
        _(
            "Everything that was said with anybody is deleted from this computer, for good,"
            " and so are your drafts. What still waits to be sent will not be. People and how"
            " far you trust them stay, and so do files that you received. The others keep"
            " their own."
        )
    )
    dialog.buttons(
        (_("Cancel"), None, "cancel"),
        (_("Delete all"), lambda: shell.ask(acts.clear_all, deleted), "confirm_delete_all"),
        danger="confirm_delete_all",
    )
