"""Scrolled: a frame that scrolls where it is taller than its place.

The wheel and the page keys work wherever the pointer or the focus is in it, and what has
the focus is scrolled into view.
"""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui.theme import Theme

_WHEEL: Final = 60  # px of a notch
_KEYS: Final = ("<Prior>", "<Next>")
_WHEELS: Final = ("<MouseWheel>", "<Button-4>", "<Button-5>")
_CHANGED_BY_WHEEL: Final = "TCombobox"  # Tk turns its value: here the page is meant


class Scrolled(ttk.Frame):
    """A frame `body` as wide as there is room."""

    def __init__(self, parent: tk.Misc, theme: Theme, *, name: str) -> None:
        super().__init__(parent, name=name)
        self._theme: Final = theme
        self._canvas: Final = tk.Canvas(
            self, name="scrolled", highlightthickness=0, borderwidth=0, takefocus=0,
            background=theme.tokens.window,
        )  # fmt: skip
        self._bar: Final = ttk.Scrollbar(
            self, name="bar", orient="vertical", command=self._canvas.yview, takefocus=0,
            style="Page.Vertical.TScrollbar",
        )  # fmt: skip
        self.body: Final = ttk.Frame(self._canvas, name="body")
        self._item: Final = self._canvas.create_window(0, 0, window=self.body, anchor="nw")
        self._scrolls = False
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self._canvas.configure(yscrollcommand=self._bar.set)
        self._canvas.bind("<Configure>", self._changed)
        # Tk forgets the width it was told of a window while the canvas was not on the screen.
        self._canvas.bind("<Map>", self._changed)
        self.body.bind("<Configure>", self._changed)
        self._tag: Final = f"Scrolled{self}"  # a class of bindings that all within it have
        self.bind_class(self._tag, "<FocusIn>", self._follow)
        for event in (*_KEYS, *_WHEELS):
            self.bind_class(self._tag, event, self._turned)
        self._unwatch: Final = theme.watch(self._recolour)
        self.bind("<Destroy>", self._destroyed)

    @property
    def scrolls(self) -> bool:
        """Whether there is more than is seen."""
        return self._scrolls

    def see(self, widget: tk.Misc) -> None:
        """Scroll until `widget` is in view."""
        if not self._scrolls or not str(widget).startswith(f"{self.body}."):
            return
        air, height = self._air(), self._canvas.winfo_height()
        top = widget.winfo_rooty() - self.body.winfo_rooty() + air
        bottom = top + widget.winfo_height()
        seen = round(self._canvas.canvasy(0))
        if top - air < seen:
            self._to(top - air)
        elif bottom + air > seen + height:
            self._to(bottom + air - height)

    def to_top(self) -> None:
        """Show the beginning."""
        self._canvas.yview_moveto(0)

    # --- what another shape differs in --------------------------------------------------

    def _air(self) -> int:
        """Pixels above and below the body."""
        return self._theme.px(0)

    def _place(self, width: int, height: int) -> tuple[int, int, int]:
        """Where the body goes in a place of that size: left, top, and its width."""
        del height
        return 0, self._air(), width

    def _overflows(self, whole: int, height: int) -> bool:
        """Whether `whole` px of body are more than are seen of it."""
        return whole > height > 1

    # --- within -------------------------------------------------------------------------

    def _whole(self) -> int:
        return self.body.winfo_reqheight() + 2 * self._air()

    def _to(self, y: int) -> None:
        self._canvas.yview_moveto(max(y, 0) / max(self._whole(), 1))

    def _adopt(self, widget: tk.Misc) -> None:
        """Hear of the keys, the wheel and the focus of all that stands in here."""
        tags = widget.bindtags()
        if self._tag not in tags:
            first = widget.winfo_class() == _CHANGED_BY_WHEEL
            widget.bindtags((self._tag, *tags) if first else (*tags, self._tag))
        for child in widget.winfo_children():
            self._adopt(child)

    def _changed(self, _event: object = None) -> None:
        """Something has another size."""
        self._adopt(self)
        width, height = self._canvas.winfo_width(), self._canvas.winfo_height()
        if width <= 1:
            return  # it has no place yet, and texts would wrap at every letter
        left, top, wide = self._place(width, height)
        whole = self._whole()
        self._scrolls = self._overflows(whole, height)
        self._canvas.coords(self._item, left, top)
        self._canvas.itemconfigure(self._item, width=wide)
        self._canvas.configure(scrollregion=(0, 0, width, max(whole, height)))
        if self._scrolls:
            self._bar.grid(row=0, column=1, sticky="ns")
        else:
            self._bar.grid_remove()
            self._canvas.yview_moveto(0)

    def _follow(self, event: "tk.Event[tk.Misc]") -> None:
        if isinstance(event.widget, tk.Misc):
            self.see(event.widget)

    def _turned(self, event: "tk.Event[tk.Misc]") -> str | None:
        by = self._theme.px(_WHEEL)
        page = self._canvas.winfo_height() - by
        down = {"Prior": -page, "Next": page}.get(event.keysym)
        by_wheel = down is None
        if down is None:
            up = event.num == 4 or (event.num != 5 and event.delta > 0)
            down = -by if up else by
        if self._scrolls:
            self._to(round(self._canvas.canvasy(0)) + down)
        changes = str(event.widget.winfo_class()) == _CHANGED_BY_WHEEL
        return "break" if by_wheel and changes else None

    def _recolour(self) -> None:
        self._canvas.configure(background=self._theme.tokens.window)
        self._changed()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is not self:
            return
        self._unwatch()
        for heard in ("<FocusIn>", *_KEYS, *_WHEELS):
            self.unbind_class(self._tag, heard)
