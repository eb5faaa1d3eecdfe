"""Pictures of text that Tk cannot draw: emoji in full, and words from right to left on X11.

Pillow draws them with its own shaping (RAQM), from fonts that most systems have.  Where a
font is missing the caller falls back to what Tk makes of the text.
"""

import logging
from functools import cache, lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont, features

_log = logging.getLogger(__name__)

_EMOJI: Final = (  # file, and the one size its pictures have
    ("NotoColorEmoji.ttf", 109),
    ("Apple Color Emoji.ttc", 160),
    ("seguiemj.ttf", 109),
)
_LETTERS: Final = "DejaVuSans.ttf"  # holds Hebrew, Arabic and NKo alike
_BOLD: Final = "DejaVuSans-Bold.ttf"
_SCRIPTS: Final = (  # what it does not hold
    ("\u0700", "\u074f", "NotoSansSyriac-Regular.ttf"),
    ("\u0780", "\u07bf", "NotoSansThaana-Regular.ttf"),
    ("\u0800", "\u083f", "NotoSansSamaritan-Regular.ttf"),
    ("\U0001e900", "\U0001e95f", "NotoSansAdlam-Regular.ttf"),
)
_APART: Final = 0.12  # of an emoji's size, between two
_ALONE: Final = 1.5  # times as wide as high is what came apart into several


@cache
def can_shape() -> bool:
    """Whether words from right to left can be drawn here."""
    return bool(features.check("raqm")) and _letters(_LETTERS) is not None


def words(
    text: str, size: int, colour: str, behind: str, height: int, base: int, *, bold: bool
) -> Image.Image:
    """A piece of a line from right to left, `height` high, its letters standing at `base`."""
    font = _font_for(text, size, bold=bold)
    width = max(round(_length(font, text)), 1)
    picture = Image.new("RGB", (width, height), behind)
    draw = ImageDraw.Draw(picture)
    draw.text((0, base), text, colour, font, "ls", direction="rtl")
    return picture


def width(text: str, size: int, *, bold: bool) -> float:
    """How wide `words` will be."""
    return _length(_font_for(text, size, bold=bold), text)


def tallest(size: int) -> tuple[int, int]:
    """How far such letters reach above and below the line they stand on."""
    font = _letters(_LETTERS, size)
    return font.getmetrics() if font is not None else (size, size // 3)


def emoji(clusters: tuple[str, ...], size: int, behind: str) -> Image.Image | None:
    """Emoji beside each other, `size` high; None where no font has them."""
    found = _emoji_font()
    if found is None:
        return None
    font, drawn = found
    pictures = [_one(font, drawn, cluster, behind) for cluster in clusters]
    apart = round(drawn * _APART)
    whole = sum(one.width for one in pictures) + apart * (len(pictures) - 1)
    line = Image.new("RGB", (whole, max(one.height for one in pictures)), behind)
    left = 0
    for one in pictures:
        line.paste(one, (left, 0))
        left += one.width + apart
    share = size / line.height
    wide = max(round(line.width * share), 1)
    return line.resize((wide, size), Image.Resampling.LANCZOS)


@lru_cache(maxsize=4096)
def inline(cluster: str, wide: int) -> Image.Image | None:
    """One emoji of a line, `wide` px, on nothing; None where no font has it as one picture."""
    found = _emoji_font()
    if found is None:
        return None
    font, size = found
    across = round(_length(font, cluster, None))
    if not 0 < across < _ALONE * size:
        return None
    whole = Image.new("RGBA", (across, round(size * 1.18)))
    draw = ImageDraw.Draw(whole)
    draw.text((0, round(size * 0.95)), cluster, font=font, anchor="ls", embedded_color=True)
    if whole.getbbox() is None:
        return None
    high = max(round(wide * whole.height / whole.width), 1)
    return whole.resize((max(wide, 1), high), Image.Resampling.LANCZOS)


def _one(font: ImageFont.FreeTypeFont, size: int, cluster: str, behind: str) -> Image.Image:
    """One emoji; a cluster the font does not know comes apart, and is as wide as its parts."""
    wide = max(round(_length(font, cluster, None)), size // 2)
    picture = Image.new("RGB", (wide, round(size * 1.18)), behind)
    draw = ImageDraw.Draw(picture)
    draw.text((0, round(size * 0.95)), cluster, font=font, anchor="ls", embedded_color=True)
    return picture


@cache
def _emoji_font() -> tuple[ImageFont.FreeTypeFont, int] | None:
    if not features.check("raqm"):
        return None
    for name, size in _EMOJI:
        try:
            return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.RAQM), size
        except OSError:
            continue
    _log.info("no font with emoji in colour")
    return None


@cache
def _letters(name: str, size: int = 14) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.RAQM)
    except OSError:
        return None


def _font_for(text: str, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    for low, high, name in _SCRIPTS:
        if any(low <= letter <= high for letter in text):
            font = _letters(name, size)
            if font is not None:
                return font
    font = (_letters(_BOLD, size) if bold else None) or _letters(_LETTERS, size)
    if font is None:
        raise AssertionError("nothing is shaped where `can_shape` says no")
    return font


def _length(font: ImageFont.FreeTypeFont, text: str, direction: str | None = "rtl") -> float:
    return font.getlength(text, direction=direction)
