"""Thumbnailing: the worker that makes one picture small, `python -m` this, W and H in px.

A decoder that reads what a stranger sent is where a program is broken into.  So each picture
gets a process of its own: it is given the file as its standard input, opened by who knows
which one, and lowers its rights before it looks at a byte of it.  What comes out is a head of
fixed size and plain pixels, or nothing: status 1, and the reason is nobody's business.
"""

import io
import os
import struct
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from lanchat.gui import confining

if TYPE_CHECKING:  # the window reads what is here, and decodes nothing
    from PIL import Image

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP")  # by content; of a GIF the first frame
MOST_PIXELS: Final = 40_000_000
MOST_SIDE: Final = 2_000  # px of what is made, each way
MEMORY: Final = 512 * 2**20  # bytes of address space; enough for 40 Mpx of most formats
SECONDS: Final = 5  # of computing
MARK: Final = b"lcpx"
HEAD: Final = struct.Struct(">4sIIHH")  # mark, size of the picture upright, size of the pixels
CHANNELS: Final = 3  # red, green, blue, a byte each

_ORIENTATION: Final = 0x0112  # of EXIF
_TILE: Final = 8  # px of the squares that show through what is transparent
_LIGHT, _DARK = (0xEC, 0xEC, 0xEC), (0xD2, 0xD2, 0xD2)  # black and white ink are seen on both
#: What it may not have: each both as the soft and the hard limit.
_LIMITS: Final = (
    ("RLIMIT_AS", MEMORY),
    ("RLIMIT_CPU", SECONDS),
    ("RLIMIT_FSIZE", 0),  # no file grows by it
    ("RLIMIT_CORE", 0),
    ("RLIMIT_NPROC", 0),
    ("RLIMIT_NOFILE", 0),  # the three it was born with go on; no other takes their place
)


class Head(NamedTuple):
    """What comes before the pixels.  Sizes in px."""

    width: int  # of the picture as it stands upright
    height: int
    made_width: int
    made_height: int


def fit(width: int, height: int, box: tuple[int, int]) -> tuple[int, int]:
    """The size at which a picture fits a box; never larger than it is, nor less than 1 px."""
    share = min(box[0] / width, box[1] / height, 1.0)
    return (
        min(max(round(width * share), 1), box[0]),
        min(max(round(height * share), 1), box[1]),
    )


def main(words: list[str]) -> int:
    """Make what stands on standard input fit a box; the exit status."""
    try:
        box = int(words[0]), int(words[1])
        if not all(0 < side <= MOST_SIDE for side in box):
            return 2
        load()
        with open(0, "rb", closefd=False) as file, open(1, "wb", closefd=False) as out:
            lower_rights()
            head, pixels = shrink(file, box)
            out.write(HEAD.pack(MARK, *head) + pixels)
    except Exception:  # whatever a stranger's bytes can make a decoder raise
        return 1
    return 0


def shrink(file: BinaryIO, box: tuple[int, int]) -> tuple[Head, bytes]:
    """Decode a picture and make it small.  For this process only.

    Raises:
        Exception: it is none of the formats, damaged, or too large; of any kind.
    """
    from PIL import Image

    with Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        if not 0 < width * height <= MOST_PIXELS:
            raise ValueError("too many pixels")
        turn = _turn(image)
        turned = turn is not None and turn >= Image.Transpose.TRANSPOSE
        turned = turned or turn in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
        size = fit(width, height, box[::-1] if turned else box)
        image.draft("RGB", (2 * size[0], 2 * size[1]))  # a JPEG is decoded smaller at once
        image.load()
        small = _plain(image, size)
    if turn is not None:
        small = small.transpose(turn)
    upright = (height, width) if turned else (width, height)
    return Head(*upright, *small.size), small.tobytes()


def load() -> None:
    """Load all that decoding needs: later nothing can be opened, no module either."""
    from PIL import (  # noqa: F401 - each tells Pillow of its format
        BmpImagePlugin,
        GifImagePlugin,
        Image,
        ImageFile,
        JpegImagePlugin,
        MpoImagePlugin,  # what some cameras write as JPEG
        PngImagePlugin,
        TiffImagePlugin,  # reads EXIF; as a format of its own it is not allowed
        WebPImagePlugin,
    )

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    for name in FORMATS:  # the rest is loaded by whoever decodes for the first time
        one = io.BytesIO()
        with suppress(KeyError, OSError):  # a Pillow without WebP
            Image.new("RGB", (2, 2)).save(one, name)
            shrink(one, (1, 1))


def lower_rights() -> None:
    """From here on: no path, descriptor, process or network, so much memory and time.

    What this system does not have is left out: who started us ends us after a while, too.
    """
    if sys.platform == "win32":
        return
    import resource  # as long as it can be

    if sys.platform == "linux":
        with suppress(OSError):  # where memory runs out, the kernel ends this one first
            Path("/proc/self/oom_score_adj").write_text("1000")
        confining.leave_network()
        confining.forbid_paths()
    os.nice(5)
    for name, value in _LIMITS:
        with suppress(AttributeError, OSError, ValueError):
            resource.setrlimit(getattr(resource, name), (value, value))
    if sys.platform == "linux":
        confining.forbid_calls()


# --- within -------------------------------------------------------------------------------


def _turn(image: "Image.Image") -> "Image.Transpose | None":
    """How to set a picture upright; EXIF that cannot be read turns nothing."""
    from PIL.Image import Transpose

    try:
        way = image.getexif().get(_ORIENTATION)
    except Exception:  # a stranger's EXIF: anything
        return None
    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return turns.get(way) if isinstance(way, int) else None


def _plain(image: "Image.Image", size: tuple[int, int]) -> "Image.Image":
    """Small, in red, green and blue; where it is transparent squares are seen."""
    from PIL import Image

    lanczos = Image.Resampling.LANCZOS
    if not image.has_transparency_data:
        return image.convert("RGB").resize(size, lanczos, reducing_gap=2.0)
    small = image.convert("RGBA").resize(size, lanczos, reducing_gap=2.0)
    below = Image.new("RGB", size, _LIGHT)
    for y in range(0, size[1], _TILE):
        for x in range(y % (2 * _TILE), size[0], 2 * _TILE):
            below.paste(_DARK, (x, y, x + _TILE, y + _TILE))
    below.paste(small, mask=small.getchannel("A"))
    return below


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
