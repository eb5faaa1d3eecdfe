"""Prints: the fingerprint of a key on a card, as words in rows of four and as digits."""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui.theme import Theme
from lanchat.identity.fingerprint import ROW, fingerprint
from lanchat.identity.keys import PeerId

ROWS: Final = ROW + 1  # that it takes of the grid


def put(parent: tk.Misc, theme: Theme, peer: PeerId, *, wide: int) -> None:
    """Put it into a frame of the colour of a card; the digits take `wide` px at 100 %."""
    px, printed = theme.px, fingerprint(peer)
    for place, word in enumerate(printed.words):
        ttk.Label(parent, text=word, style="Card.TLabel").grid(
            row=place // ROW, column=place % ROW, sticky="w", padx=(0, px(14)), pady=px(1)
        )
    for column in range(ROW):
        parent.columnconfigure(column, weight=1)
    ttk.Label(
        parent, name="digits", text=" ".join(printed.groups),
        style="Card.Muted.TLabel", font=theme.font("mono"), wraplength=px(wide),
    ).grid(row=ROW, column=0, columnspan=ROW, sticky="w", pady=(px(6), 0))  # fmt: skip
