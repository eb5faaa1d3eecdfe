"""Whether everything that is drawn can be read: measured on the screen, text by text.

The colour of a text is asked of its widget, that of what is behind it is read from a picture
of the screen: the one that most of its place has.
"""

import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk
from typing import Final

from PIL import Image, ImageGrab

from lanchat.gui import icons
from lanchat.gui.theme import Theme
from lanchat.gui.tokens import contrast
from tests.kit.display import Display

TEXT: Final = 4.5  # WCAG 2.2, 1.4.3
SIGN: Final = 3.0  # 1.4.11: what is no text
SMALLEST: Final = 6  # px of a place in which a colour can be read
SPEAKING: Final = ("TLabel", "TButton", "TCheckbutton", "TRadiobutton")

Box = tuple[int, int, int, int]  # of the screen
Words = tuple[str, str, Box]  # a text, its colour, its place


def faint(root: tk.Misc, display: Display) -> list[str]:
    """Each text on the screen with too little contrast, a line each: which, and how little."""
    root.update()
    root.winfo_pointerxy()  # and back: by now all of it is drawn
    picture = ImageGrab.grab(xdisplay=display.name)
    return sorted(
        {
            f"{widget.winfo_name()} {text!r}: {colour} on {behind} is {ratio:.2f}"
            for widget, (text, colour, box) in _seen(root)
            if (behind := _most(picture, box)) and (ratio := contrast(colour, behind)) < TEXT
        }
    )


def faint_signs(theme: Theme) -> list[str]:
    """Each icon that was drawn in the theme's colours of now with too little contrast."""
    return [
        f"{name}: {colour} on {behind} is {ratio:.2f}"
        for name, _size, colour, behind in theme._pictures
        if name in icons.GLYPHS and (ratio := contrast(colour, behind)) < SIGN
    ]


def read(root: tk.Misc) -> int:
    """How many texts `faint` looks at: none would be no measure."""
    return sum(1 for _one in _seen(root))


def _seen(root: tk.Misc) -> Iterator[tuple[tk.Misc, Words]]:
    """Every text that nothing lies over."""
    for widget in _below(root):
        if not widget.winfo_viewable():
            continue
        left, top = widget.winfo_rootx(), widget.winfo_rooty()
        right, low = left + widget.winfo_width(), top + widget.winfo_height()
        for text, colour, (x0, y0, x1, y1) in _words(widget):
            box = max(x0, left), max(y0, top), min(x1, right), min(y1, low)
            if min(box[2] - box[0], box[3] - box[1]) < SMALLEST:
                continue
            over = widget.winfo_containing((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
            if over is widget:
                yield widget, (text, _hex(widget, colour), box)


def _words(widget: tk.Misc) -> Iterator[Words]:
    x, y = widget.winfo_rootx(), widget.winfo_rooty()
    whole = (x, y, x + widget.winfo_width(), y + widget.winfo_height())
    if isinstance(widget, ttk.Entry):  # a combo box is one
        if text := widget.get():
            yield text, _colour(widget), _chosen(widget, whole)
    elif widget.winfo_class() in SPEAKING:
        if text := str(widget.cget("text")).strip():
            yield text, _colour(widget), whole
    elif isinstance(widget, tk.Text) and (text := widget.get("1.0", "end").strip()):
        yield text, str(widget.cget("foreground")), whole
    elif isinstance(widget, tk.Canvas):
        yield from _drawn(widget, x - round(widget.canvasx(0)), y - round(widget.canvasy(0)))


def _drawn(canvas: tk.Canvas, x: int, y: int) -> Iterator[Words]:
    """The texts of a canvas whose own corner is at (x, y) of the screen."""
    for item in canvas.find_all():
        if str(canvas.type(item)) != "text" or _option(canvas, item, "state") == "hidden":
            continue
        box, text = canvas.bbox(item), _option(canvas, item, "text").strip()
        if box and text:
            placed = (box[0] + x, box[1] + y, box[2] + x, box[3] + y)
            yield text, _option(canvas, item, "fill"), placed


def _option(canvas: tk.Canvas, item: int, name: str) -> str:
    return str(canvas.tk.call(str(canvas), "itemcget", item, f"-{name}"))


def _colour(widget: tk.Misc) -> str:
    """What ttk draws the words of a widget with, in its state of now."""
    assert isinstance(widget, ttk.Widget)
    style = str(widget.cget("style")) or widget.winfo_class()
    chosen = isinstance(widget, ttk.Entry) and widget.selection_present()
    colour = "selectforeground" if chosen else "foreground"
    return str(ttk.Style(widget).lookup(style, colour, widget.state()))


def _chosen(entry: ttk.Entry, whole: Box) -> Box:
    """Where what is chosen in a field is drawn; the whole field if nothing is."""
    if not entry.selection_present():
        return whole
    first = max(entry.index("sel.first"), entry.index("@0"))
    last = min(entry.index("sel.last"), entry.index(f"@{entry.winfo_width()}")) - 1
    begin, end = entry.bbox(first), entry.bbox(max(last, first))
    if not begin or not end:
        return whole
    x, y = whole[:2]
    return (x + begin[0], y + begin[1], x + end[0] + end[2], y + begin[1] + begin[3])


def _hex(widget: tk.Misc, colour: str) -> str:
    return "#" + "".join(f"{part >> 8:02x}" for part in widget.winfo_rgb(colour))


def _most(picture: Image.Image, box: Box) -> str:
    """The colour that most of a place has; "" beyond the screen."""
    left, top, right, low = box
    box = max(left, 0), max(top, 0), min(right, picture.width), min(low, picture.height)
    if box[0] >= box[2] or box[1] >= box[3]:
        return ""
    part = picture.convert("RGB").crop(box)
    found = part.getcolors(part.width * part.height) or []
    _count, colour = max(found)
    assert isinstance(colour, tuple)
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _below(widget: tk.Misc) -> Iterator[tk.Misc]:
    for child in tuple(widget.children.values()):
        yield child
        yield from _below(child)
