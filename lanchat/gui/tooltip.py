"""Tooltips: the name of a control, when the pointer rests on it or the keys reach it."""

import tkinter as tk
from tkinter import font as tkfont
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible
from lanchat.gui.shaping import label

DELAY: Final = 500  # ms
LINE: Final = 48  # letters
_OFFSET: Final = 6  # px under the widget

Box = tuple[int, int, int, int]  # left, top, right, bottom within a widget


class Tip:
    """The tooltip of one widget.  Lives on the Tk thread."""

    def __init__(self, widget: tk.Misc, text: str) -> None:
        self.text = text
        self._widget = widget
        self._box: Box | None = None  # the part it is about; None: the whole
        self._job: str | None = None
        self._shown: tk.Toplevel | None = None
        if widget.winfo_class() == "TLabel":
            widget.configure(takefocus=0)  # type: ignore[call-arg]  # it does nothing for keys
        if text and not accessible.said(widget):
            accessible.name(widget, text)
        for event in ("<Enter>", "<FocusIn>"):
            widget.bind(event, self._soon, add=True)
        for event in ("<Leave>", "<FocusOut>", "<ButtonPress>", "<KeyPress>", "<Destroy>"):
            widget.bind(event, self._hide, add=True)

    def about(self, text: str, box: Box | None) -> None:
        """Say this from now on, of a part of the widget such as a row; "" for nothing."""
        self._hide(None)
        self.text, self._box = text, box
        if text:
            self._soon(None)

    def _soon(self, _event: object) -> None:
        self._hide(None)
        self._job = self._widget.after(DELAY, self._show)

    def _show(self) -> None:
        self._job = None
        widget = self._widget
        if not self.text or not widget.winfo_viewable():
            return
        shown = tk.Toplevel(widget, name="tooltip")
        shown.withdraw()
        shown.overrideredirect(True)
        line = tkfont.nametofont("TkTooltipFont", root=widget).measure("n" * LINE)
        ttk.Label(
            shown, name="text", text=label(self.text), style="Tip.TLabel", wraplength=line
        ).pack()
        shown.update_idletasks()
        wide, high = shown.winfo_reqwidth(), shown.winfo_reqheight()
        x0, y0, x1, y1 = self._box or (0, 0, widget.winfo_width(), widget.winfo_height())
        left = widget.winfo_rootx() + (x0 + x1 - wide) // 2
        top = widget.winfo_rooty() + y1 + _OFFSET
        if top + high > widget.winfo_screenheight():
            top = widget.winfo_rooty() + y0 - high - _OFFSET
        left = min(max(left, 0), max(widget.winfo_screenwidth() - wide, 0))
        shown.geometry(f"+{left}+{top}")
        shown.deiconify()
        self._shown = shown

    def _hide(self, _event: object) -> None:
        if self._job is not None:
            self._widget.after_cancel(self._job)
            self._job = None
        if self._shown is not None:
            self._shown.destroy()
            self._shown = None


def tip(widget: tk.Misc, text: str) -> Tip:
    """Give a widget a tooltip; its `text` may be changed later."""
    return Tip(widget, text)
