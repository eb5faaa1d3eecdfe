"""Scanning: the worker that reads the code in a picture, `python -m` this.

As `thumbnailing.py` it is a process of its own for each picture, and gives up its rights
before it looks at a byte.  What comes out is the text of the first code that may be an
invite, or nothing: status 1.
"""

import sys
from typing import BinaryIO, Final

from lanchat.gui.thumbnailing import FORMATS, MOST_PIXELS, load, lower_rights
from lanchat.identity.fingerprint import LONGEST_TYPED, is_invite

MOST_CODES: Final = 16  # that are looked at in one picture


def main() -> int:
    """Read the code of the picture on standard input; the exit status."""
    try:
        load()
        _warm_up()
        with open(0, "rb", closefd=False) as file, open(1, "wb", closefd=False) as out:
            lower_rights()
            text = read(file)
            out.write(text.encode())
    except Exception:  # whatever a stranger's bytes can make a decoder raise
        return 1
    return 0 if text else 1


def read(file: BinaryIO) -> str:
    """The text of the first code that begins like an invite; "".  For this process only.

    Raises:
        Exception: it is no picture, damaged, or too large; of any kind.
    """
    from PIL import Image

    with Image.open(file, formats=FORMATS) as image:
        if not 0 < image.width * image.height <= MOST_PIXELS:
            raise ValueError("too many pixels")
        image.load()
        if image.has_transparency_data:  # seen as on paper
            below = Image.new("RGBA", image.size, "white")
            below.alpha_composite(image.convert("RGBA"))
            grey = below.convert("L")
        else:
            grey = image.convert("L")
    texts = _codes(grey.tobytes(), grey.width, grey.height)[:MOST_CODES]
    fitting = (one for one in texts if len(one) <= LONGEST_TYPED and is_invite(one))
    return next(fitting, "")


def _codes(pixels: bytes, width: int, height: int) -> list[str]:
    import zxingcpp

    # The view borrows the bytes, which live as long as the caller's name for them.
    view = zxingcpp.ImageView(memoryview(pixels), width, height, zxingcpp.ImageFormat.Lum)
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [one.text for one in zxingcpp.read_barcodes(view, wanted)]


def _warm_up() -> None:
    """Load all that reading needs: later nothing can be opened."""
    _codes(bytes(64), 8, 8)


if __name__ == "__main__":
    sys.exit(main())
