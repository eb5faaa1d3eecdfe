"""Pills: what floats over a conversation: the day of what is seen, the way to the newest."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from lanchat.gui.chat_brush import Brush
from lanchat.gui.theme import Theme

HEIGHT: Final = 24
BUTTON: Final = 32
PAD: Final = 12
RADIUS: Final = 8  # no more: what is behind a corner is not always the canvas


class Pill(tk.Canvas):
    """A rounded line of text; a button if it has something to do.  Lives on the Tk thread."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, name: str, do: Callable[[], None] | None = None
    ) -> None:
        super().__init__(
            parent, name=name, highlightthickness=0, borderwidth=0, takefocus=0, height=1,
            width=1, cursor="hand2" if do else "",
        )  # fmt: skip
        self.text = ""
        self._brush = Brush(self, theme)
        self._do = do
        self._hover = False
        if do is not None:
            self.bind("<ButtonRelease-1>", lambda _event: do())
            self.bind("<Enter>", lambda _event: self._look(hover=True))
            self.bind("<Leave>", lambda _event: self._look(hover=False))

    def show(self, text: str) -> None:
        """Say something else; text that is safe to draw."""
        if text != self.text:
            self.text = text
            self._draw()

    def redraw(self) -> None:
        """Draw anew, in the colours of now."""
        self._brush.refresh()
        self._draw()

    def _draw(self) -> None:
        brush, px, t = self._brush, self._brush.px, self._brush.theme.tokens
        self.delete("all")
        self.configure(background=t.chat)
        if not self.text:
            return
        height = px(BUTTON if self._do else HEIGHT)
        role = "small" if self._do else "meta"
        icon = px(20) if self._do else 0
        width = brush.font(role).measure(self.text) + 2 * px(PAD) + icon
        self.configure(width=width, height=height)
        if self._do:
            fill, ink = (t.accent_hover if self._hover else t.accent), t.on_accent
            brush.box(0, 0, width, height, fill, t.chat, px(RADIUS), "pill")
            brush.icon(px(PAD), height // 2, "arrow-down", 14, ink, fill, "pill", "w")
        else:
            fill, ink = t.surface, t.muted
            brush.box(0, 0, width, height, fill, t.chat, px(RADIUS), "pill",
                      (t.line, px(1)))  # fmt: skip
        brush.text(px(PAD) + icon, height // 2, self.text, role, ink, "pill", "w")

    def _look(self, *, hover: bool) -> None:
        self._hover = hover
        self._draw()


class Hover:
    """A word beside the pointer, after a moment.  Lives on the Tk thread."""

    DELAY: Final = 500  # ms

    def __init__(self, widget: tk.Misc, theme: Theme) -> None:
        self._widget = widget
        self._theme = theme
        self._window: tk.Toplevel | None = None
        self._text = ""
        self._after = ""

    def say(self, text: str, x: int, y: int) -> None:
        """Say something beside a point of the screen, if it is not being said; "" nothing."""
        if text == self._text:
            return
        self.hide()
        self._text = text
        if text:
            self._after = self._widget.after(self.DELAY, lambda: self._show(text, x, y))

    def hide(self) -> None:
        """Say nothing."""
        self._text = ""
        if self._after:
            self._widget.after_cancel(self._after)
            self._after = ""
        if self._window is not None:
            self._window.destroy()
            self._window = None

    def _show(self, text: str, x: int, y: int) -> None:
        self._after = ""
        px = self._theme.px
        window = self._window = tk.Toplevel(self._widget, name="hover")
        window.withdraw()
        window.overrideredirect(boolean=True)
        window.configure(background=self._theme.tokens.line)
        label = ttk.Label(window, name="word", text=text, style="Tip.TLabel")
        label.pack(padx=1, pady=1)
        window.update_idletasks()
        left = min(x + px(12), window.winfo_screenwidth() - window.winfo_reqwidth())
        window.geometry(f"+{left}+{y + px(18)}")
        window.deiconify()
