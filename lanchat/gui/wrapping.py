"""Wrapping: a label whose text takes as many lines as the width it was given asks for."""

import tkinter as tk
from tkinter import ttk
from typing import Final

NOWHERE: Final = 16  # px: what is no wider has no place yet
EDGE: Final = 4  # px that ttk keeps around a text, at any scale


def wrap(label: ttk.Label) -> None:
    """Have a label wrap its text whenever its width changes."""

    def placed(event: "tk.Event[tk.Misc]") -> None:
        if event.width > NOWHERE:
            fit(label, event.width)

    label.bind("<Configure>", placed, add=True)


def fit(label: ttk.Label, width: int) -> None:
    """Have a label of `width` px wrap its text so that all of it is seen."""
    label.configure(wraplength=max(width - EDGE, 1))
