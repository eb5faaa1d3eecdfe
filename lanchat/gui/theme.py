"""The theme: colours, fonts, pictures and ttk's styles, right at any scale, in both modes.

One theme belongs to one root.  `switch` changes mode, zoom or font while the window is open:
the styles are built anew, and whoever drew something itself hears of it through `watch`.
"""

import itertools
import tkinter as tk
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from tkinter import font as tkfont
from tkinter import ttk
from types import MappingProxyType
from typing import Final

from PIL import ImageTk

from lanchat.gui import icons, patches, resolution, styles
from lanchat.gui.families import Families
from lanchat.gui.patches import Brush
from lanchat.gui.resolution import before_root
from lanchat.gui.tokens import TOKENS, Mode, Tokens

__all__ = ["Mode", "Theme", "before_root"]

MOST_PICTURES: Final = 600  # kept; the oldest that no widget shows goes first
_LOOK: Final = 64  # of the oldest are asked whether they are shown

#: Each role of text: size in px at 100 %, and weight.
FONTS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "text": (14, "normal"),
        "strong": (14, "bold"),
        "small": (12, "normal"),
        "meta": (11, "normal"),
        "heading": (17, "bold"),
        "title": (22, "bold"),
        "words": (26, "bold"),
        "mono": (13, "normal"),
    }
)
_FAMILIES: Final = (
    "Segoe UI Variable Text", "Segoe UI", ".AppleSystemUIFont", "SF Pro Text", "Inter",
    "Noto Sans", "Cantarell", "Ubuntu", "DejaVu Sans",
)  # fmt: skip
_MONO: Final = ("Cascadia Mono", "Consolas", "SF Mono", "Menlo", "Noto Sans Mono",
                "DejaVu Sans Mono")  # fmt: skip
_NAMED: Final = ("TkDefaultFont", "TkTextFont", "TkMenuFont", "TkHeadingFont", "TkTooltipFont")

_numbers: Final = itertools.count()  # a ttk theme cannot be made twice, nor removed
_Key = tuple[str, int, str, str]


class Theme:
    """What the window looks like.  Lives on the Tk thread."""

    def __init__(self, root: tk.Misc, mode: Mode, zoom: float = 1.0, family: str = "") -> None:
        self.root: Final = root
        self.mode = mode
        self.zoom = zoom
        self.family = family  # of the user's choice; "" for ours, and so if it is not there
        self.families: Final = Families(root)
        self._screen = resolution.settle(root)
        self._fonts = {role: tkfont.Font(root) for role in FONTS}
        self._pictures: OrderedDict[_Key, ImageTk.PhotoImage] = OrderedDict()
        self._watchers: list[Callable[[], None]] = []
        self.style: Final = ttk.Style(root)
        self._brush: Brush | None = None  # keeps what ttk's elements are made of
        self._build()

    # --- measures -----------------------------------------------------------------------

    @property
    def tokens(self) -> Tokens:
        """The colours of now."""
        return TOKENS[self.mode]

    @property
    def scale(self) -> float:
        """Pixels of this screen for one at 100 %."""
        return self._screen * self.zoom

    def px(self, length: float) -> int:
        """A length at 100 % in pixels of this screen; never nothing."""
        return max(1, round(length * self.scale)) if length > 0 else 0

    def font(self, role: str) -> tkfont.Font:
        """The font of a role of `FONTS`; one object that changes with the zoom."""
        return self._fonts[role]

    # --- pictures -----------------------------------------------------------------------

    def icon(
        self, name: str, size: int = 18, colour: str = "text", on: str = "window"
    ) -> ImageTk.PhotoImage:
        """An icon of `icons.GLYPHS` at `size` px of 100 %; `colour` and `on` are tokens."""
        key = (name, self.px(size), getattr(self.tokens, colour), getattr(self.tokens, on))
        return self.picture(key, lambda: patches.photo(self.root, icons.draw(*key)))

    def button_icon(
        self, name: str, size: int, style: str, colour: str = ""
    ) -> tuple[object, ...]:
        """An icon for a ttk button of that style, on what is behind it in each state."""
        look = styles.LOOKS[style]
        ink = colour or look.text
        return (
            self.icon(name, size, ink, look.fill),
            "disabled", self.icon(name, size, "muted", look.off),
            "pressed", self.icon(name, size, ink, look.press),
            "active", self.icon(name, size, ink, look.hover),
        )  # fmt: skip

    def picture(
        self, key: tuple[str, int, str, str], make: Callable[[], ImageTk.PhotoImage]
    ) -> ImageTk.PhotoImage:
        """A picture kept under `key` (kind, size, and what else it hangs on), made once."""
        held = self._pictures.get(key)
        if held is None:
            held = self._pictures[key] = make()
            if len(self._pictures) > MOST_PICTURES:
                self._make_room()
        else:
            self._pictures.move_to_end(key)
        return held

    # --- changes ------------------------------------------------------------------------

    def switch(
        self, mode: Mode | None = None, zoom: float | None = None, family: str | None = None
    ) -> None:
        """Go over to another mode, zoom or font, now, in every widget."""
        family = self.family if family is None else family
        wanted = mode or self.mode, zoom or self.zoom, family
        if wanted == (self.mode, self.zoom, self.family):
            return
        self.mode, self.zoom, self.family = wanted
        self._build()
        for hear in tuple(self._watchers):
            hear()

    def watch(self, hear: Callable[[], None]) -> Callable[[], None]:
        """Call `hear` after each switch; the function returned ends that."""
        self._watchers.append(hear)

        def end() -> None:
            with suppress(ValueError):
                self._watchers.remove(hear)

        return end

    # --- within -------------------------------------------------------------------------

    def _make_room(self) -> None:
        """Let the oldest picture go that no widget shows: without us it would be blank."""
        for key, picture in tuple(self._pictures.items())[:_LOOK]:
            if not self.root.tk.getboolean(self.root.tk.call("image", "inuse", picture)):
                del self._pictures[key]
                return
            self._pictures.move_to_end(key)

    def _build(self) -> None:
        known = {name.casefold(): name for name in tkfont.families(self.root)}
        family = _first((self.family, *_FAMILIES), known)
        for role, (size, weight) in FONTS.items():
            chosen = _first(_MONO, known) if role == "mono" else family
            bold = weight == "bold"
            self._fonts[role].configure(
                family=chosen, size=-self.px(size), weight="bold" if bold else "normal"
            )
        for name in _NAMED:
            with suppress(tk.TclError):
                tkfont.nametofont(name, root=self.root).configure(
                    family=family, size=-self.px(FONTS["text"][0])
                )
        brush = Brush(self.root, self.style, self.tokens, self.px, self.font)
        styles.build(brush, f"lanchat-{next(_numbers)}")
        self._brush = brush  # only now may the old pictures go


def _first(wanted: tuple[str, ...], known: Mapping[str, str]) -> str:
    found = next((known[one.casefold()] for one in wanted if one.casefold() in known), None)
    return found or "TkDefaultFont"
