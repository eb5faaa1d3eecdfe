"""Controls: how entries, check boxes, bars that fill and scroll bars are drawn.

ttk finds some parts by the last word of an element's name: a bar that fills must be called
`pbar`, the piece of a scroll bar that moves `thumb`.
"""

from typing import Any, Final

from PIL import Image, ImageTk

from lanchat.gui import icons, patches
from lanchat.gui.patches import Brush

RADIUS: Final = 8  # px at 100 %


def build(brush: Brush) -> None:
    """Make the styles of controls in the ttk theme that is in use."""
    _entries(brush)
    _marks(brush)
    _subjects(brush)
    _bars(brush)


def _entries(brush: Brush) -> None:
    style, tokens, px = brush.style, brush.tokens, brush.px
    for name, behind in (
        ("TEntry", "window"),
        ("Side.TEntry", "side"),
        ("TCombobox", "window"),
    ):
        element = f"{name}.box"
        style.element_create(
            element,
            "image",
            brush.patch("field", behind, edge="edge"),
            ("focus", brush.patch("field", behind, edge="ring", width=2)),
            ("disabled", brush.patch(behind, behind, edge="line")),
            border=px(RADIUS + 1),
            width=2 * px(RADIUS + 1),
            height=2 * px(RADIUS + 1),
            padding=(px(10), px(8)),
            sticky="nsew",
        )
        inner: list[Any] = [(f"{'Combobox' if 'Combo' in name else 'Entry'}.textarea",
                             {"sticky": "nsew"})]  # fmt: skip
        held: Any = {"sticky": "nsew", "children": [
            ("Entry.padding", {"sticky": "nsew", "children": inner})]}  # fmt: skip
        if name == "TCombobox":
            arrow = f"{name}.downarrow"
            style.element_create(
                arrow, "image", _icon(brush, "chevron-down", 14, "muted", "field"), sticky=""
            )
            held["children"] = [(arrow, {"side": "right", "sticky": "ns"}), *held["children"]]
        style.layout(name, [(element, held)])
        style.configure(name, foreground=tokens.text, fieldbackground=tokens.field)
        style.map(
            name,
            foreground=[("disabled", tokens.muted)],
            fieldbackground=[("readonly", tokens.field)],
            selectbackground=[("readonly", tokens.field)],
            selectforeground=[("readonly", tokens.text)],
        )


def _marks(brush: Brush) -> None:
    """Check boxes and radio buttons: their marks are pictures, crisp at any scale."""
    style, tokens, px = brush.style, brush.tokens, brush.px
    for name, round_ in (("TCheckbutton", False), ("TRadiobutton", True)):
        element = f"{name}.mark"
        off, on = _mark(brush, on=False, round_=round_), _mark(brush, on=True, round_=round_)
        style.element_create(
            element,
            "image",
            off,
            ("selected", "focus", _mark(brush, on=True, round_=round_, ring=True)),
            ("selected", on),
            ("focus", _mark(brush, on=False, round_=round_, ring=True)),
            sticky="",
            padding=(0, 0, px(8), 0),
        )
        label: Any = (f"{name[1:].title()}.label", {"side": "left", "sticky": "nsew"})
        inner: Any = [(element, {"side": "left", "sticky": ""}), label]
        style.layout(
            name, [(f"{name[1:].title()}.padding", {"sticky": "nsew", "children": inner})]
        )
        style.configure(name, background=tokens.window, padding=(0, px(2)))
        style.map(
            name,
            background=[("active", tokens.window)],
            foreground=[("disabled", tokens.muted)],
        )


def _subjects(brush: Brush) -> None:
    """A list of subjects of which one is chosen: a radio button that looks like a row."""
    name, style, tokens, px = "Subject.TRadiobutton", brush.style, brush.tokens, brush.px
    style.element_create(
        f"{name}.row",
        "image",
        brush.patch("window", "window"),
        ("selected", "focus", brush.patch("select", "window", edge="ring", width=2)),
        ("selected", brush.patch("select", "window")),
        ("focus", brush.patch("window", "window", edge="ring", width=2)),
        ("active", brush.patch("hover", "window")),
        border=px(RADIUS + 1),
        padding=(px(10), px(6)),
        sticky="nsew",
    )
    inner: Any = [("Radiobutton.label", {"side": "left", "sticky": "nsew"})]
    style.layout(name, [(f"{name}.row", {"sticky": "nsew", "children": inner})])
    style.configure(name, padding=0)
    style.map(
        name,
        background=[
            ("selected", tokens.select),
            ("focus", tokens.window),
            ("active", tokens.hover),
        ],
        font=[("selected", brush.font("strong"))],
    )


def _mark(brush: Brush, *, on: bool, round_: bool, ring: bool = False) -> ImageTk.PhotoImage:
    tokens, px = brush.tokens, brush.px
    size = size_of_glyph = px(18)
    fill = tokens.accent if on else tokens.field
    seen = tokens.text if on else tokens.ring  # on an accent its own colour shows no ring
    edge = seen if ring else tokens.accent if on else tokens.edge
    radius = size // 2 if round_ else px(5)
    picture = patches.box(
        (size, size), radius, fill, tokens.window, edge=edge, width=px(2 if ring else 1)
    )
    if on and ring:  # on what is filled with the same colour a ring needs a gap to be seen
        gap, inside = px(4), size - 2 * px(4)
        picture = patches.box(
            (size, size), radius, tokens.window, tokens.window, edge=edge, width=px(2)
        )
        full = patches.box((inside, inside), max(radius - gap, px(2)), fill, tokens.window)
        picture.paste(full, (gap, gap))
        size_of_glyph = inside
    if on:
        inner = "circle-fill" if round_ else "check-lg"
        small = size_of_glyph // 2 if round_ else round(size_of_glyph * 0.68)
        glyph = icons.draw(inner, small, tokens.on_accent, fill)
        picture.paste(glyph, ((size - small) // 2, (size - small) // 2))
    whole = Image.new("RGB", (size + px(8), size), tokens.window)
    whole.paste(picture, (0, 0))
    return brush.keep(whole)


def _bars(brush: Brush) -> None:
    style, px = brush.style, brush.px
    # a bar that goes to and fro is as long as its element
    for name, behind, length in (
        ("Lan", "window", 8),
        ("Good", "window", 8),
        ("Busy", "window", 96),
    ):
        fill = "ok" if name == "Good" else "full"
        for part, colour in (("trough", "track"), ("pbar", fill)):
            style.element_create(
                f"{name}.{part}",
                "image",
                brush.patch(colour, behind, radius=3),
                border=px(4),
                width=px(length),
                height=px(8),
                padding=0,
                sticky="nsew",
            )
    bar: Any = ("Lan.pbar", {"side": "left", "sticky": "ns"})
    style.layout(
        "Horizontal.TProgressbar", [("Lan.trough", {"sticky": "nsew", "children": [bar]})]
    )
    busy: Any = ("Busy.pbar", {"side": "left", "sticky": "ns"})
    style.layout(
        "Busy.Horizontal.TProgressbar",
        [("Lan.trough", {"sticky": "nsew", "children": [busy]})],
    )
    for name, behind in (("Vertical.TScrollbar", "chat"), ("Side.Vertical.TScrollbar", "side"),
                         ("Page.Vertical.TScrollbar", "window")):  # fmt: skip
        element = f"{name}.thumb"
        back = getattr(brush.tokens, behind)
        style.element_create(
            element,
            "image",
            brush.patch("thumb", behind, radius=4, tall=True),
            ("active", brush.patch("muted", behind, radius=4, tall=True)),
            border=px(5),
            width=px(10),
            height=px(28),
            sticky="ns",
        )
        inner: Any = {"sticky": "ns", "children": [(element, {"expand": 1, "sticky": "nsew"})]}
        style.layout(name, [("Vertical.Scrollbar.trough", inner)])
        style.configure(
            name, troughcolor=back, bordercolor=back, lightcolor=back, darkcolor=back,
            background=back,
        )  # fmt: skip


def _icon(brush: Brush, name: str, size: int, colour: str, behind: str) -> ImageTk.PhotoImage:
    tokens = brush.tokens
    return brush.keep(
        icons.draw(name, brush.px(size), getattr(tokens, colour), getattr(tokens, behind))
    )
