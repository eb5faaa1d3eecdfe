"""Column: one narrow column in the middle of a window, which scrolls where it is too tall."""

import tkinter as tk
from contextlib import suppress
from tkinter import ttk
from typing import Final

from lanchat.gui.theme import Theme

WIDTH: Final = 408  # px at 100 %
MARGIN: Final = 36  # px left and right of it, at least
AIR: Final = 24  # px above and below it, where there is room
LOW: Final = 600  # px of a window that has no such room
TIGHT: Final = 0.6  # of all distances there
_WHEEL: Final = 60  # px of a notch
_TURNS: Final = ("<MouseWheel>", "<Button-4>", "<Button-5>", "<Prior>", "<Next>")


class Column(ttk.Frame):
    """A frame `body` of `WIDTH`, centred; what has the focus is scrolled into view."""

    def __init__(self, parent: tk.Misc, theme: Theme, *, name: str = "column") -> None:
        super().__init__(parent, name=name)
        self._theme: Final = theme
        self._canvas: Final = tk.Canvas(
            self, name="scrolled", highlightthickness=0, borderwidth=0, takefocus=0
        )
        self._bar: Final = ttk.Scrollbar(
            self, name="bar", orient="vertical", command=self._canvas.yview, takefocus=0
        )
        self.body: Final = ttk.Frame(self._canvas, name="body")
        self._item: Final = self._canvas.create_window(0, 0, window=self.body, anchor="nw")
        self._scrolls = False
        self._above: Final[dict[str, int]] = {}  # by the names of the widgets
        self._ornaments: Final[dict[str, tk.Misc]] = {}  # and what each stands before
        self._tight = False
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self._canvas.configure(yscrollcommand=self._bar.set)
        self._canvas.bind("<Configure>", self._place)
        self.body.bind("<Configure>", self._place)
        self._tag: Final = f"Column{self}"  # a class of bindings that all within it have
        self.bind_class(self._tag, "<FocusIn>", self._follow)
        for event in _TURNS:
            self.bind_class(self._tag, event, self._turned)
        self._unwatch: Final = theme.watch(self._recolour)
        self.bind("<Destroy>", self._destroyed)
        self._recolour()

    def stack(self, widget: tk.Widget, above: int = 0, **packed: object) -> None:
        """Pack a widget `above` px of 100 % below the one before, whatever the zoom will be."""
        self._above[str(widget)] = above
        widget.pack({"fill": "x", **packed, "pady": (self._distance(above), 0)})

    def see(self, widget: tk.Misc) -> None:
        """Scroll until `widget` is in view."""
        if not self._scrolls or not str(widget).startswith(f"{self.body}."):
            return
        air, height = self._distance(AIR), self._canvas.winfo_height()
        top = widget.winfo_rooty() - self.body.winfo_rooty() + air
        bottom = top + widget.winfo_height()
        seen = round(self._canvas.canvasy(0))
        if top - air < seen:
            self._to(top - air)
        elif bottom + air > seen + height:
            self._to(bottom + air - height)

    def ornament(self, widget: tk.Widget, before: tk.Misc) -> None:
        """Show what can be done without on top, where there is room for it."""
        self._ornaments[str(widget)] = before
        self._recolour()

    def _distance(self, length: float) -> int:
        return self._theme.px(length * (TIGHT if self._tight else 1))

    def _to(self, y: int) -> None:
        whole = self.body.winfo_reqheight() + 2 * self._distance(AIR)
        self._canvas.yview_moveto(max(y, 0) / max(whole, 1))

    def _adopt(self, widget: tk.Misc) -> None:
        """Hear of the keys, the wheel and the focus of all that stands in the column."""
        tags = widget.bindtags()
        if self._tag not in tags:
            widget.bindtags((*tags, self._tag))
        for child in widget.winfo_children():
            self._adopt(child)

    def _place(self, _event: object = None) -> None:
        self._adopt(self)
        px = self._theme.px
        width, height = self._canvas.winfo_width(), self._canvas.winfo_height()
        if self._tight != (1 < height < px(LOW)):
            self._tight = not self._tight
            self._spread()
        air = self._distance(AIR)
        wide = min(px(WIDTH), max(width - 2 * px(MARGIN), px(WIDTH) // 2))
        tall = self.body.winfo_reqheight()
        whole = tall + 2 * air
        self._scrolls = whole > height > 1
        # a little above the middle: that is where eyes take the middle to be
        top = air if self._scrolls else max((height - tall) * 4 // 9, air)
        self._canvas.coords(self._item, max((width - wide) // 2, 0), top)
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

    def _turned(self, event: "tk.Event[tk.Misc]") -> None:
        if not self._scrolls:
            return
        by = self._theme.px(_WHEEL)
        page = self._canvas.winfo_height() - by
        down = {"Prior": -page, "Next": page}.get(event.keysym)
        if down is None:
            up = event.num == 4 or (event.num != 5 and event.delta > 0)
            down = -by if up else by
        self._to(round(self._canvas.canvasy(0)) + down)

    def _recolour(self) -> None:
        self._canvas.configure(background=self._theme.tokens.window)
        self._spread()
        self._place()

    def _spread(self) -> None:
        """Give all that is stacked its distance, and ornaments their place or none."""
        for name, above in self._above.items():
            with suppress(tk.TclError, KeyError):  # not there any more
                widget = self.nametowidget(name)
                if widget.winfo_manager() == "pack":
                    widget.pack_configure(pady=(self._distance(above), 0))
        for name, before in self._ornaments.items():
            with suppress(tk.TclError, KeyError):
                widget = self.nametowidget(name)
                if self._tight:
                    widget.pack_forget()
                else:
                    widget.pack(fill="x", before=before)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is not self:
            return
        self._unwatch()
        for heard in ("<FocusIn>", *_TURNS):
            self.unbind_class(self._tag, heard)
