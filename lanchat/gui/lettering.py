"""Lettering: a font of this computer that has the letters to be drawn into a picture.

Tk finds another font for what one lacks; what draws pictures puts an empty box there.
"""

from functools import lru_cache
from typing import Final

from PIL import ImageFont

#: Bold ones, by file name: of everyday scripts first, then of one script each.
FONTS: Final = (
    "NotoSans-Bold.ttf", "segoeuib.ttf", "Arial Bold.ttf", "DejaVuSans-Bold.ttf",
    "NotoSansCJK-Bold.ttc", "msyhbd.ttc", "malgunbd.ttf", "YuGothB.ttc",
    "Arial Unicode.ttf", "Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "wqy-zenhei.ttc",
    "NotoSansHebrew-Bold.ttf", "NotoSansArabic-Bold.ttf", "NotoSansDevanagari-Bold.ttf",
    "NotoSansBengali-Bold.ttf", "NotoSansTamil-Bold.ttf", "NotoSansThai-Bold.ttf",
    "NotoSansGeorgian-Bold.ttf", "NotoSansArmenian-Bold.ttf", "NirmalaB.ttf", "LeelaUIb.ttf",
)  # fmt: skip
_TRIED: Final = 40  # px in which a letter is looked for
_NOBODY: Final = "\U0010ffff"  # no font has it: drawn, it is what a font has for a gap

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=256)
def font(letters: str, size: int) -> Font | None:
    """A font of `size` px that has all of `letters`; None if there is none."""
    for name in FONTS:
        face = _face(name)
        if face is not None and all(_has(face, letter) for letter in letters):
            return face.font_variant(size=size)
    default = ImageFont.load_default(size)  # comes with what draws; it has letters of English
    if isinstance(default, Font) and letters.isascii():
        return default
    return None


@lru_cache(maxsize=len(FONTS))
def _face(name: str) -> Font | None:
    try:
        return ImageFont.truetype(name, _TRIED)
    except OSError:
        return None


def _has(face: Font, letter: str) -> bool:
    drawn, gap = face.getmask(letter), face.getmask(_NOBODY)
    return drawn.size != gap.size or bytes(drawn) != bytes(gap)
