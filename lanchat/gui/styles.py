"""Styles: what ttk draws each kind of widget with, made of the theme's tokens."""

import tkinter as tk
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lanchat.gui import controls
from lanchat.gui.patches import Brush

RADIUS: Final = 8  # px at 100 %


def build(brush: Brush, name: str) -> None:
    """Make and use a ttk theme called `name`."""
    style, tokens, px = brush.style, brush.tokens, brush.px
    style.theme_create(name, parent="clam")
    style.theme_use(name)
    style.configure(
        ".",
        background=tokens.window,
        foreground=tokens.text,
        fieldbackground=tokens.field,
        bordercolor=tokens.line,
        lightcolor=tokens.window,
        darkcolor=tokens.window,
        troughcolor=tokens.track,
        insertcolor=tokens.text,
        selectbackground=tokens.accent,
        selectforeground=tokens.on_accent,
        font=brush.font("text"),
    )
    _frames(brush)
    _labels(brush)
    _buttons(brush)
    controls.build(brush)
    style.configure("TSeparator", background=tokens.line)
    _plain(brush)
    brush.root.configure(background=tokens.window)  # type: ignore[call-arg]  # a toplevel
    style.configure("TNotebook", background=tokens.window, borderwidth=0, padding=px(4))


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of button looks, by tokens."""

    fill: str
    hover: str
    press: str
    text: str
    behind: str = "window"
    edge: str | None = None
    pad: tuple[int, int] = (14, 7)
    ring: str = "ring"
    font: str = "text"

    @property
    def off(self) -> str:
        """What it is filled with while it cannot be used."""
        return "hover" if self.edge or self.fill == "accent" else self.behind


LOOKS: Final = {
    "TButton": Look("surface", "hover", "press", "text", edge="edge"),
    "Accent.TButton": Look("accent", "accent_hover", "accent_hover", "on_accent", ring="text"),
    "Danger.TButton": Look("surface", "hover", "press", "bad", edge="edge"),
    "Quiet.TButton": Look("window", "hover", "press", "link", pad=(8, 5)),
    "Title.TButton": Look("window", "hover", "press", "text", pad=(6, 3), font="strong"),
    "Icon.TButton": Look("window", "hover", "press", "text", pad=(7, 7)),
    "Small.Icon.TButton": Look("window", "hover", "press", "text", pad=(5, 3)),
    "Side.Icon.TButton": Look("side", "hover", "press", "text", "side", pad=(7, 7)),
    "Side.TButton": Look("side", "hover", "press", "text", "side", edge="edge"),
    "Side.Quiet.TButton": Look("side", "hover", "press", "link", "side", pad=(8, 5)),
    "Bar.TButton": Look("surface", "hover", "press", "text", edge="edge", pad=(10, 4)),
    "Bar.Plain.TButton": Look(
        "surface", "hover", "press", "text", "bar_plain", "edge", pad=(10, 4)
    ),
    "Bar.Warn.TButton": Look(
        "surface", "hover", "press", "text", "bar_warn", "edge", pad=(10, 4)
    ),
    "Bar.Bad.TButton": Look(
        "surface", "hover", "press", "text", "bar_bad", "edge", pad=(10, 4)
    ),
    "Toast.TButton": Look("surface", "hover", "press", "text", "surface", "edge", pad=(10, 4)),
    "Toast.Icon.TButton": Look("surface", "hover", "press", "text", "surface", pad=(5, 5)),
}


def _frames(brush: Brush) -> None:
    style, tokens = brush.style, brush.tokens
    for name, behind in {
        "TFrame": tokens.window,
        "Side.TFrame": tokens.side,
        "Chat.TFrame": tokens.chat,
        "Line.TFrame": tokens.line,
        "Ring.TFrame": tokens.ring,
        "Bar.Plain.TFrame": tokens.bar_plain,
        "Bar.Warn.TFrame": tokens.bar_warn,
        "Bar.Bad.TFrame": tokens.bar_bad,
        "Veil.TFrame": tokens.veil,
        "Toast.Row.TFrame": tokens.surface,
    }.items():
        style.configure(name, background=behind, borderwidth=0)
    for name, fill, behind, edge in (
        ("Field.TFrame", "field", "window", "edge"),
        ("Card.TFrame", "side", "window", None),
        ("Word.TFrame", "side", "window", None),
        ("Focus.TFrame", "window", "window", "window"),
        ("Toast.TFrame", "surface", "chat", "thumb"),
    ):
        _boxed(brush, name, fill, behind, edge)


def _boxed(brush: Brush, name: str, fill: str, behind: str, edge: str | None) -> None:
    """A frame in a rounded box.  ttk takes no padding of a frame from here: say it there."""
    px = brush.px
    states = [("focus", brush.patch(fill, behind, edge="ring", width=2))] if edge else []
    element = f"{name}.box"
    brush.style.element_create(
        element,
        "image",
        brush.patch(fill, behind, edge=edge),
        *states,
        border=px(RADIUS + 1),
        width=2 * px(RADIUS + 1),
        height=2 * px(RADIUS + 1),
        sticky="nsew",
    )
    brush.style.layout(name, [(element, {"sticky": "nsew"})])
    brush.style.configure(name, background=getattr(brush.tokens, fill))


def _labels(brush: Brush) -> None:
    style, tokens = brush.style, brush.tokens
    for name, colour, behind, font in (
        ("TLabel", "text", "window", "text"),
        ("Strong.TLabel", "text", "window", "strong"),
        ("H1.TLabel", "text", "window", "title"),
        ("H2.TLabel", "text", "window", "heading"),
        ("Muted.TLabel", "muted", "window", "small"),
        ("Meta.TLabel", "muted", "window", "meta"),
        ("Mono.TLabel", "text", "window", "mono"),
        ("Words.TLabel", "text", "side", "words"),
        ("Word.TLabel", "text", "side", "strong"),
        ("Word.Muted.TLabel", "muted", "side", "small"),
        ("Card.TLabel", "text", "side", "text"),
        ("Card.Muted.TLabel", "muted", "side", "small"),
        ("Card.Bad.TLabel", "bad", "side", "small"),
        ("Ok.TLabel", "ok", "window", "small"),
        ("Warn.TLabel", "warn", "window", "small"),
        ("Bad.TLabel", "bad", "window", "small"),
        ("BadH2.TLabel", "bad", "window", "heading"),
        ("Link.TLabel", "link", "window", "small"),
        ("Placeholder.TLabel", "muted", "field", "text"),
        ("Side.TLabel", "text", "side", "text"),
        ("SideH2.TLabel", "text", "side", "heading"),
        ("SideStrong.TLabel", "text", "side", "strong"),
        ("SideMuted.TLabel", "muted", "side", "small"),
        ("SideMeta.TLabel", "muted", "side", "meta"),
        ("SideWarn.TLabel", "warn", "side", "small"),
        ("Bar.Plain.TLabel", "text", "bar_plain", "small"),
        ("Bar.Warn.TLabel", "text", "bar_warn", "small"),
        ("Bar.Bad.TLabel", "text", "bar_bad", "small"),
        ("Chat.Strong.TLabel", "text", "chat", "strong"),
        ("Chat.Muted.TLabel", "muted", "chat", "small"),
        ("Veil.TLabel", "text", "veil", "heading"),
        ("Veil.Small.TLabel", "text", "veil", "small"),
        ("Toast.TLabel", "text", "surface", "text"),
        ("Tip.TLabel", "text", "surface", "small"),
    ):
        style.configure(
            name,
            foreground=getattr(tokens, colour),
            background=getattr(tokens, behind),
            font=brush.font(font),
        )
    style.configure("Tip.TLabel", padding=(brush.px(8), brush.px(5)), relief="solid")


def _buttons(brush: Brush) -> None:
    style, tokens, px = brush.style, brush.tokens, brush.px
    for name, look in LOOKS.items():
        edge, behind = look.edge, look.behind
        off = look.off
        element = f"{name}.face"
        style.element_create(
            element,
            "image",
            brush.patch(look.fill, behind, edge=edge),
            ("disabled", brush.patch(off, behind, edge="line" if edge else None)),
            ("pressed", brush.patch(look.press, behind, edge=edge)),
            ("focus", "active", brush.patch(look.hover, behind, edge=look.ring, width=2)),
            ("focus", brush.patch(look.fill, behind, edge=look.ring, width=2)),
            ("active", brush.patch(look.hover, behind, edge=edge)),
            border=px(RADIUS + 1),
            width=2 * px(RADIUS + 1),
            height=2 * px(RADIUS + 1),
            padding=(px(look.pad[0]), px(look.pad[1])),
            sticky="nsew",
        )
        inner: Any = {"sticky": "nsew", "children": [("Button.label", {"sticky": "nsew"})]}
        style.layout(name, [(element, inner)])
        fill = getattr(tokens, look.fill)
        style.configure(
            name,
            foreground=getattr(tokens, look.text),
            background=fill,
            anchor="center",
            space=px(6),  # between a picture and the words
            font=brush.font(look.font),
        )
        style.map(
            name,
            foreground=[("disabled", tokens.muted)],
            background=[
                ("disabled", getattr(tokens, off)),
                ("pressed", getattr(tokens, look.press)),
                ("active", getattr(tokens, look.hover)),
            ],
        )


def _plain(brush: Brush) -> None:
    """What is not ttk's: menus, the lists of combo boxes, windows; to come or here already."""
    tokens, root = brush.tokens, brush.root
    menu = {
        "background": tokens.surface,
        "foreground": tokens.text,
        "activeBackground": tokens.select,
        "activeForeground": tokens.text,
        "disabledForeground": tokens.muted,
        "selectColor": tokens.text,
        "relief": "raised",
        "borderWidth": "1",
        "activeBorderWidth": "0",
    }
    rows = {
        "background": tokens.field,
        "foreground": tokens.text,
        "selectBackground": tokens.select,
        "selectForeground": tokens.text,
        "borderWidth": "0",
        "highlightThickness": "0",
        "activeStyle": "none",
    }
    brush.style.configure("ComboboxPopdownFrame", relief="solid", bordercolor=tokens.edge)
    wanted = {"Menu": menu, "Listbox": rows, "Toplevel": {"background": tokens.window}}
    for kind, options in wanted.items():
        for option, value in options.items():
            root.option_add(f"*{kind}.{option}", value)
    for path in _below(root, "."):
        if options := wanted.get(str(root.tk.call("winfo", "class", path)), {}):
            words = (
                word for name, value in options.items() for word in (f"-{name.lower()}", value)
            )
            root.tk.call(path, "configure", *words)


def _below(root: tk.Misc, path: str) -> Iterator[str]:
    """Every widget under `path`, also those that Tk made itself and tkinter does not know."""
    for child in root.tk.splitlist(root.tk.call("winfo", "children", path)):
        yield str(child)
        yield from _below(root, str(child))
