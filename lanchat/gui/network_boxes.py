"""Network boxes: the networks of this computer, each with a box to tick."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Final

from lanchat.gui.text import ui_text
from lanchat.gui.theme import Theme
from lanchat.gui.translate import _
from lanchat.gui.wrapping import wrap
from lanchat.node.networks import Network


class NetworkBoxes(ttk.Frame):
    """A box for each network, and for each that was chosen and is not there now."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        networks: Sequence[Network],
        chosen: Sequence[str],
        changed: Callable[[], None],
    ) -> None:
        super().__init__(parent, name="networks")
        self.boxes: Final[dict[str, ttk.Checkbutton]] = {}
        self._theme: Final = theme
        self._changed: Final = changed
        if not networks:
            words = _("You are not connected to a network. lanchat waits until you are.")
            label = ttk.Label(self, name="none", text=words)
            label.pack(anchor="w", fill="x")
            wrap(label)
        for network in networks:
            here = {network.name, *network.addresses} & set(chosen)
            self._box(network.name, _label(network), ticked=bool(here) or not chosen)
        known = {text for one in networks for text in (one.name, *one.addresses)}
        for name in chosen:
            if name not in known:
                words = _("{network} · not there now").format(network=ui_text(name))
                self._box(name, words, ticked=True)

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """What is chosen: nothing if it is all, so that new networks count; None: none is."""
        chosen = tuple(name for name, box in self.boxes.items() if box.instate(["selected"]))
        if len(chosen) == len(self.boxes):
            return ()
        return chosen or None

    def allow(self, allowed: bool) -> None:
        """Let the user choose, or not."""
        for box in self.boxes.values():
            box.state(["!disabled" if allowed else "disabled"])

    def _box(self, name: str, text: str, *, ticked: bool) -> None:
        box = ttk.Checkbutton(
            self, name=f"network_{len(self.boxes)}", text=text, command=self._changed
        )
        box.state(["!alternate", "selected" if ticked else "!selected"])
        box.pack(anchor="w", pady=(self._theme.px(4), 0))
        self.boxes[name] = box


def _label(network: Network) -> str:
    name = _("This computer only") if network.loopback else network.name
    return ui_text(f"{name} · {', '.join(network.addresses[:2])}")
