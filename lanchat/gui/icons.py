"""Icons: glyphs of Bootstrap Icons (MIT, assets/icons.LICENSE), drawn at any size.

The font holds just the glyphs of this table; tools of its project make such a subset.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_FONT: Final = Path(__file__).parent / "assets" / "icons.ttf"
_OVER: Final = 4  # drawn so much larger, then made small: smooth edges

GLYPHS: Final[Mapping[str, int]] = MappingProxyType({
    "arrow-clockwise": 0xF116,
    "arrow-down": 0xF128,
    "arrow-left": 0xF12F,
    "arrow-right": 0xF138,
    "arrow-up": 0xF148,
    "bell": 0xF18A,
    "bell-slash": 0xF631,
    "box-arrow-down": 0xF1B9,
    "box-arrow-right": 0xF1C3,
    "box-arrow-up-right": 0xF1C5,
    "broadcast": 0xF1D6,
    "capslock": 0xF223,
    "chat": 0xF268,
    "chat-dots": 0xF24A,
    "chat-square-text": 0xF264,
    "check": 0xF26E,
    "check-all": 0xF269,
    "check-lg": 0xF633,
    "check2": 0xF272,
    "check2-all": 0xF26F,
    "chevron-down": 0xF282,
    "chevron-left": 0xF284,
    "chevron-right": 0xF285,
    "circle": 0xF28A,
    "circle-fill": 0xF287,
    "circle-half": 0xF288,
    "clipboard": 0xF290,
    "clock": 0xF293,
    "copy": 0xF759,
    "dash": 0xF2EA,
    "dash-circle": 0xF2E6,
    "display": 0xF302,
    "download": 0xF30A,
    "exclamation-circle": 0xF333,
    "exclamation-circle-fill": 0xF332,
    "exclamation-triangle": 0xF33B,
    "exclamation-triangle-fill": 0xF33A,
    "eye": 0xF341,
    "eye-slash": 0xF340,
    "file-earmark": 0xF392,
    "file-earmark-binary": 0xF35C,
    "file-earmark-code": 0xF362,
    "file-earmark-image": 0xF36D,
    "file-earmark-music": 0xF377,
    "file-earmark-pdf": 0xF63E,
    "file-earmark-play": 0xF37B,
    "file-earmark-text": 0xF38B,
    "file-earmark-zip": 0xF391,
    "fingerprint": 0xF671,
    "folder": 0xF3D7,
    "folder-fill": 0xF3D1,
    "folder2-open": 0xF3D8,
    "gear": 0xF3E5,
    "globe": 0xF3EE,
    "hdd": 0xF412,
    "hourglass-split": 0xF41F,
    "image": 0xF42A,
    "info-circle": 0xF431,
    "key": 0xF44F,
    "keyboard": 0xF451,
    "link-45deg": 0xF470,
    "lock": 0xF47B,
    "lock-fill": 0xF47A,
    "moon": 0xF497,
    "palette": 0xF4B1,
    "paperclip": 0xF4B3,
    "patch-check": 0xF4B6,
    "patch-check-fill": 0xF4B5,
    "pause": 0xF4C4,
    "pause-fill": 0xF4C3,
    "pencil": 0xF4CB,
    "people": 0xF4D0,
    "person": 0xF4E1,
    "person-plus": 0xF4DD,
    "play": 0xF4F5,
    "play-fill": 0xF4F4,
    "plus": 0xF4FE,
    "plus-lg": 0xF64D,
    "qr-code": 0xF6AE,
    "question-circle": 0xF505,
    "reply": 0xF520,
    "router": 0xF6EC,
    "search": 0xF52A,
    "send": 0xF6C0,
    "send-fill": 0xF6B9,
    "shield": 0xF53F,
    "shield-check": 0xF52F,
    "shield-exclamation": 0xF530,
    "shield-fill-check": 0xF531,
    "shield-lock": 0xF538,
    "slash-circle": 0xF567,
    "star": 0xF588,
    "sun": 0xF5A2,
    "telephone": 0xF5C1,
    "three-dots": 0xF5D4,
    "three-dots-vertical": 0xF5D3,
    "translate": 0xF658,
    "trash": 0xF5DE,
    "unlock": 0xF600,
    "upload": 0xF603,
    "wifi": 0xF61C,
    "wifi-off": 0xF61B,
    "x": 0xF62A,
    "x-circle": 0xF623,
    "x-lg": 0xF659,
})  # fmt: skip


def draw(name: str, size: int, colour: str, behind: str) -> Image.Image:
    """The icon `name`, `size` px wide and high, in a colour on what is behind it.

    Raises:
        KeyError: there is no such icon.
    """
    mask = _mask(name, size)
    picture = Image.new("RGB", mask.size, behind)
    picture.paste(Image.new("RGB", mask.size, colour), (0, 0), mask)
    return picture


@lru_cache(maxsize=512)
def _mask(name: str, size: int) -> Image.Image:
    glyph = chr(GLYPHS[name])
    large = size * _OVER
    mask = Image.new("L", (large, large), 0)
    drawn = ImageDraw.Draw(mask)
    drawn.text((large / 2, large / 2), glyph, font=_font(large), fill=255, anchor="mm")
    return mask.resize((size, size), Image.Resampling.LANCZOS)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), size)
