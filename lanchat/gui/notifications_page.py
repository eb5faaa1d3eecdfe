"""The page of settings about being told that somebody wrote."""

from dataclasses import replace
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, hours
from lanchat.gui.settings_rows import Rows
from lanchat.gui.spelling import Spelling
from lanchat.gui.text import clean
from lanchat.gui.translate import _

WIDTH: Final = 7  # characters of a time of day


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    at.part(_("Notifications"))
    at.tick("notify", _("Tell me when somebody writes while I am elsewhere"))
    at.tick("notify_busy", _("Also while I am busy"))
    at.tick("notify_text", _("Show what was written"))
    at.tick("sound", _("With a sound"))
    at.part(_("Quiet hours"))
    _Quiet(at)


class _Quiet:
    """A box to tick, and from when until when; kept while both make sense."""

    def __init__(self, at: Rows) -> None:
        self._at = at
        held = hours.parts(at.now.quiet)
        row = at.line()
        self._tick = ttk.Checkbutton(
            row, name="quiet", text=_("Stay quiet every day"), command=self._changed
        )
        self._tick.state(["!alternate", "selected" if held else "!selected"])
        self._tick.pack(side="left")
        px, boxes = at.theme.px, []
        for name, word, value in zip(
            ("quiet_from", "quiet_until"), (_("from"), _("until")), held or hours.FIRST,
            strict=True,
        ):  # fmt: skip
            ttk.Label(row, text=word).pack(side="left", padx=px(8))
            box = ttk.Combobox(row, name=name, values=hours.CHOICES, width=WIDTH)
            Spelling(box)
            box.set(value)
            box.pack(side="left")
            accessible.name(box, f"{_('Stay quiet every day')}, {word}")
            for event in ("<<ComboboxSelected>>", "<Return>", "<FocusOut>"):
                box.bind(event, self._changed)
            boxes.append(box)
        self._from, self._until = boxes
        self._note = at.note("", name="quiet_note")
        self._changed()

    def _changed(self, _event: object = None) -> None:
        on = self._tick.instate(["selected"])
        for box in (self._from, self._until):
            box.state(["!disabled" if on else "disabled"])
        typed = [hours.moment(clean(box.get())) for box in (self._from, self._until)]
        if None in typed:
            self._say(_("A time of day is written like 22:30."), "Bad.TLabel")
            return
        begin, end = typed
        if begin == end:
            self._say(_("These two are the same: nothing would ever be quiet."), "Bad.TLabel")
            return
        for box, text in ((self._from, begin), (self._until, end)):
            box.set(text or "")
            box.selection_clear()
        self._say(_("Messages come all the same, and nothing is shown or heard of them."))
        self._at.shell.prefer(replace(self._at.now, quiet=f"{begin}-{end}" if on else ""))

    def _say(self, text: str, style: str = "Muted.TLabel") -> None:
        self._note.configure(text=text, style=style)
