"""Nothing: what stands at the right while nobody is chosen, or nothing was said yet."""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui import keys, wrapping
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _

ICON: Final = 56
SMALLER: Final = 40
HEIGHT: Final = 0.45  # of the room above its middle


class _Page(ttk.Frame):
    """An icon, a heading and a sentence under each other."""

    def __init__(
        self, parent: tk.Misc, shell: Shell, name: str, icon: tuple[str, int, str],
        styles: tuple[str, str, str], texts: tuple[str, str],
    ) -> None:  # fmt: skip
        frame, heading, sentence = styles
        super().__init__(parent, name=name, style=frame)
        self._shell: Final = shell
        self._icon: Final = icon
        px = shell.theme.px
        self.inner: Final = ttk.Frame(self, style=frame)
        self._picture: Final = ttk.Label(self.inner, style=heading)
        self._picture.pack(pady=(0, px(14)))
        for text, style, above in ((texts[0], heading, 0), (texts[1], sentence, 6)):
            said = ttk.Label(
                self.inner, text=text, style=style, anchor="center", justify="center"
            )
            wrapping.wrap(said)
            said.pack(fill="x", padx=px(16), pady=(px(above), 0))
        self._end: Final = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)
        self._redraw()

    def _redraw(self) -> None:
        name, size, on = self._icon
        self._picture.configure(image=self._shell.theme.icon(name, size, "edge", on))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()


class NobodyChosen(_Page):
    """No conversation is open."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        search = keys.shown(keys.BY_NAME["search"].keys)
        text = _("Choose somebody at the left, or press {keys} to search.").format(keys=search)
        super().__init__(
            parent, shell, "nobody", ("chat", ICON, "window"),
            ("TFrame", "H2.TLabel", "Muted.TLabel"),
            (_("No conversation selected"), text),
        )  # fmt: skip
        self.inner.place(relx=0, rely=HEIGHT, relwidth=1, anchor="w")


class NothingSaid(_Page):
    """A conversation in which nothing stands; over its view."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(
            parent, shell, "nothing_said", ("shield-lock", SMALLER, "chat"),
            ("Chat.TFrame", "Chat.Strong.TLabel", "Chat.Muted.TLabel"),
            (
                _("Nothing was said yet"),
                _("What you write here is encrypted end to end.\nDrop a file to send it."),
            ),
        )  # fmt: skip
        self.inner.pack(fill="x")

    def show(self, *, shown: bool) -> None:
        """Stand there, or go."""
        if shown:
            self.place(relx=0, rely=HEIGHT, relwidth=1, anchor="w")
        else:
            self.place_forget()
