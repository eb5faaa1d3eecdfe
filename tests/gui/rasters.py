"""Pictures to be decoded: good ones of each format, and what a stranger would send."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

RED, GREEN, BLUE = (230, 30, 30), (30, 200, 60), (40, 60, 220)
_PIECE = 2**24
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def halves(width: int, height: int) -> Image.Image:
    """Red at the left, blue at the right."""
    made = Image.new("RGB", (width, height), RED)
    made.paste(BLUE, (width // 2, 0, width, height))
    return made


def saved(image: Image.Image, format_: str, **more: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **more)
    return file.getvalue()


def turned(orientation: int) -> bytes:
    """A JPEG, red at the left as it is stored, that says how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(halves(64, 32), "JPEG", exif=exif, quality=95)


def chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def png(width: int, height: int, packed: bytes, *before: bytes) -> bytes:
    """A PNG of 8 bits grey that claims a size, whatever is in it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head), *before, chunk(b"IDAT", packed), chunk(b"IEND", b"")
    return SIGNATURE + b"".join(parts)


def zeros(count: int) -> bytes:
    """So many zeros, packed: a thousand to one, and made of one piece again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(_PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    last = rest.compress(bytes(count % _PIECE)) + rest.flush()
    check = (count % 65521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + piece * (count // _PIECE) + last + struct.pack(">I", check)


def gif(screen: tuple[int, int], frame: tuple[int, int, int, int]) -> bytes:
    """A GIF of one frame at a place of its screen; its data are of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes(6)
    return head + b"," + struct.pack("<HHHHB", *frame, 0) + b"\x02\x02\x44\x01\x00;"


def hostile() -> Iterator[tuple[str, bytes]]:
    """What must not become a picture, by what it is called."""
    good = saved(halves(400, 300), "PNG")
    jpeg = saved(halves(400, 300), "JPEG")
    yield "a PNG that claims 65535x65535", png(65535, 65535, zeros(65536 * 65535))
    yield "a PNG of 50000x50000 that is all there", png(50000, 50000, zeros(50001 * 50000))
    yield "a PNG of 2**31-1 by 1", png(2**31 - 1, 1, zeros(100))
    yield "a PNG of no width", png(0, 100, zeros(100))
    yield (
        "a PNG with a palette of a profile that explodes",
        png(20000, 20000, zeros(100), chunk(b"iCCP", b"x\0\0" + zeros(200 * 2**20))),
    )
    yield (
        "a PNG with 200 MiB of text",
        png(100, 100, zeros(10_100), chunk(b"zTXt", b"x\0\0" + zeros(200 * 2**20))),
    )
    yield "a GIF whose frame is beyond all", gif((1, 1), (0, 0, 65535, 65535))
    yield "a GIF whose frame begins beyond all", gif((10, 10), (65000, 65000, 65535, 65535))
    yield "a JPEG that claims 65500x65500", _larger(jpeg, 65500)
    yield (
        "a BMP that claims 100000x100000",
        b"BM"
        + struct.pack(
            "<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 100_000, 100_000, 1, 24, 0, 0, 0, 0, 0, 0
        ),
    )
    yield "a WebP that claims 16384x16384", _webp(16383)
    for length in (9, 33, 60, len(good) // 2, len(good) - 200):
        yield f"a PNG cut after {length} bytes", good[:length]
    for length in (3, 300, len(jpeg) // 2):
        yield f"a JPEG cut after {length} bytes", jpeg[:length]
    yield "an archive behind the head of a PNG", SIGNATURE + b"PK\3\4" + bytes(400)
    yield "a page behind the head of a GIF", b"GIF89a/*<html><script>alert(1)</script>*/"
    yield "an SVG with the name of a GIF", b"<svg onload='alert(1)'/>"
    yield "a TIFF", saved(halves(40, 30), "TIFF")
    yield "a PSD", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30, 40, 8, 3) + bytes(4000)
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 30\nquit\n"
    yield "an icon", saved(halves(32, 32), "ICO")
    yield "nothing", b""


def _larger(jpeg: bytes, side: int) -> bytes:
    """A JPEG whose frame claims another size."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", side, side) + jpeg[at + 9 :]


def _webp(side: int) -> bytes:
    small = saved(halves(32, 32), "WEBP", lossless=True)
    at = small.index(b"VP8L") + 9  # behind the size and the signature: 14 bits of each side
    size = struct.pack("<I", side - 1 | (side - 1) << 14)
    return small[:at] + size + small[at + 4 :]
