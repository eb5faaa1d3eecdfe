"""Whom: a card with somebody's key as words and digits, before anything is held of them."""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.errors import UnconfirmedPeer
from lanchat.gui import prints
from lanchat.gui.avatars import avatar
from lanchat.gui.shaping import label
from lanchat.gui.text import name_text, one_line
from lanchat.gui.theme import Theme
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId

WIDTH: Final = 500  # px at 100 % of the dialog that it stands in
AVATAR: Final = 44


def card(
    parent: tk.Misc, theme: Theme, peer: PeerId, *, name: str, says: tuple[str, str]
) -> ttk.Frame:
    """Draw it: the face of the key, who that is, a remark, and the fingerprint.

    `name` is what they call themselves, "" if that is not known; `says` are safe to draw.
    """
    px = theme.px
    whole = ttk.Frame(parent, name="card", style="Card.TFrame", padding=(px(12), px(10)))
    whole.pack(fill="x")
    whole.grid_columnconfigure(1, weight=1)
    face = avatar(theme, peer, name, AVATAR, None, on="side")
    picture = ttk.Label(whole, image=face, style="Card.TLabel")
    picture.picture = face  # type: ignore[attr-defined]  # Tk forgets it otherwise
    picture.grid(row=0, column=0, rowspan=2, padx=(0, px(12)), sticky="n")
    ttk.Label(whole, name="answered", text=label(says[0]), style="SideStrong.TLabel").grid(
        row=0, column=1, sticky="w"
    )
    ttk.Label(
        whole, name="new_here", text=label(says[1]), style="Card.Muted.TLabel",
        wraplength=px(WIDTH - 140),
    ).grid(row=1, column=1, sticky="w")  # fmt: skip
    _words(whole, theme, peer, "answered_words", 2)
    return whole


def warn(card: ttk.Frame, theme: Theme, found: UnconfirmedPeer) -> None:
    """Somebody else has that name: show both."""
    px, named = theme.px, one_line(name_text(found.known_as), 40)
    text = (
        _("This is not the {name} you know, who has these words:").format(name=named)
        if named
        else _("This is not you: they use your name, and these words are yours:")
    )
    ttk.Label(
        card, name="not_the_same", style="Card.Bad.TLabel", wraplength=px(WIDTH - 80),
        text=label(text),
    ).grid(row=3, column=0, columnspan=2, sticky="w", pady=(px(10), 0))  # fmt: skip
    _words(card, theme, PeerId.parse(found.namesake), "known_words", 4)


def _words(card: ttk.Frame, theme: Theme, peer: PeerId, name: str, row: int) -> None:
    words = ttk.Frame(card, name=name, style="Side.TFrame")
    words.grid(row=row, column=0, columnspan=2, sticky="ew", pady=(theme.px(10), 0))
    prints.put(words, theme, peer, wide=WIDTH - 80)
