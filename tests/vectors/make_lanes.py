"""Make lanes.json: keys, chunks and digests of lanes, and what becomes of altered ones.

Written with `cryptography` from PROTOCOL.md, 2 and 4 alone; it imports nothing of lanchat,
so that the code and the vectors cannot share a mistake.  Run it in this folder; it writes the
same file every time.

A lane is {name, exporter, binding, initiator_sends, offer, accept, manifest, content, offset,
ctx, token, key, chunks, digest, lane_sha256}: one file `data.bin` whose bytes are `content`
(hex, `61*1024` is a run repeated), sent from `offset` of the stream on.  A chunk is its nonce,
size and tag; `lane_sha256` is of all bytes behind the preface and token.

A failure is {name, of, edit, expect}: lane `of`, altered.  `edit` is [verb, ...]: flip bit 0
of the byte at a place (from the end if below 0), cut to a length, append hex, swap, repeat or
drop whole chunks.  `expect` is "seal broken" or "cut short".
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MIB: Final = 2**20
ID: Final = bytes(range(16))
EXPORTER: Final = bytes(range(0x80, 0xA0))
BINDING: Final = bytes(range(0xA0, 0xC0))
SALT: Final = bytes(range(0xC0, 0xE0))
TIME: Final = 1_790_000_000_000


def label(text: str) -> bytes:
    return b"lanchat/1 " + text.encode() + b"\0"


def export(purpose: str, ctx: bytes) -> bytes:
    info = label("export " + purpose) + BINDING + ctx
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(EXPORTER)


def lane(
    name: str, size: int, *, offset: int = 0, attempt: int = 1, sends: bool = True
) -> dict[str, Any]:
    path = b"data.bin"
    manifest = struct.pack(">IBBQqH", 1, 1, 0, size, TIME, len(path)) + path
    content = b"\x61" * size
    stream = manifest + content
    digest = hashlib.sha256(manifest).digest()
    offer = struct.pack(">16sHIIQI32sIB", ID, 0, 1, 0, size, len(manifest), digest, 1, 1)
    offer += struct.pack(">BQB", 1, size, len(path)) + path
    prefix = hashlib.sha256(stream[:offset]).digest() if offset else bytes(32)
    accept = struct.pack(">16sI32sQ32s", ID, attempt, SALT, offset, prefix)
    ctx = ID + struct.pack(">IB", attempt, 1 if sends else 2)
    ctx += hashlib.sha256(offer).digest() + hashlib.sha256(accept).digest()
    key = export("bulk key", ctx)
    left = stream[offset:]
    pieces = [left[at : at + MIB] for at in range(0, len(left), MIB)]
    sealed, chunks = [], []
    for index, piece in enumerate(pieces):
        nonce = index.to_bytes(11, "big") + bytes([index == len(pieces) - 1])
        sealed.append(AESGCM(key).encrypt(nonce, piece, b""))
        chunks.append({"nonce": nonce.hex(), "size": len(piece), "tag": sealed[-1][-16:].hex()})
    tags = b"".join(piece[-16:] for piece in sealed)
    done = hashlib.sha256(label("lane done") + ID + struct.pack(">I", attempt) + tags)
    return {
        "name": name,
        "exporter": EXPORTER.hex(),
        "binding": BINDING.hex(),
        "initiator_sends": sends,
        "offer": offer.hex(),
        "accept": accept.hex(),
        "manifest": manifest.hex(),
        "mtime_ms": TIME,
        "content": f"61*{size}",
        "offset": offset,
        "attempt": attempt,
        "ctx": ctx.hex(),
        "token": export("bulk token", ctx).hex(),
        "key": key.hex(),
        "chunks": chunks,
        "digest": done.hexdigest(),
        "lane_sha256": hashlib.sha256(b"".join(sealed)).hexdigest(),
    }


HEAD: Final = 4 + 20 + 8  # bytes of these manifests
SEALED: Final = MIB + 16
LANES: Final = (
    lane("an empty file", 0),
    lane("one byte", 1, sends=False),
    lane("exactly one chunk", MIB - HEAD),
    lane("one byte less than a chunk", MIB - HEAD - 1),
    lane("one byte more than a chunk", MIB - HEAD + 1),
    lane("three chunks", 3 * MIB - HEAD - 5),
    lane("three chunks, resumed after two", 3 * MIB - HEAD - 5, offset=2 * MIB, attempt=2),
)
THREE: Final = "three chunks"
END: Final = 3 * MIB - 5 + 3 * 16
FAILURES: Final = (
    ("first bit of the first chunk", THREE, ["flip", 0], "seal broken"),
    ("a bit in the middle of the second chunk", THREE, ["flip", SEALED + 4711], "seal broken"),
    ("the last bit of the first tag", THREE, ["flip", SEALED - 1], "seal broken"),
    ("the last byte", THREE, ["flip", -1], "seal broken"),
    ("two chunks swapped", THREE, ["swap", 0, 1], "seal broken"),
    ("a chunk twice", THREE, ["repeat", 0], "seal broken"),
    ("the first chunk dropped", THREE, ["drop", 0], "seal broken"),
    ("a chunk in the middle dropped", THREE, ["drop", 1], "cut short"),
    ("the last chunk dropped", THREE, ["drop", 2], "cut short"),
    ("nothing at all", THREE, ["cut", 0], "cut short"),
    ("cut in the first chunk", THREE, ["cut", 17], "cut short"),
    ("cut between two chunks", THREE, ["cut", SEALED], "cut short"),
    ("cut one byte before the end", THREE, ["cut", END - 1], "cut short"),
    ("a byte behind the last chunk", THREE, ["append", "00"], "seal broken"),
    ("the last chunk of an empty file dropped", "an empty file", ["cut", 0], "cut short"),
    ("the only chunk altered", "one byte", ["flip", 3], "seal broken"),
)

if __name__ == "__main__":
    about = (
        "lanes: keys, chunks, digests, and altered ones; PROTOCOL.md 4; made by make_lanes.py"
    )
    lanes = ",\n".join("  " + json.dumps(one) for one in LANES)
    names = ("name", "of", "edit", "expect")
    failures = ",\n".join(
        "  " + json.dumps(dict(zip(names, row, strict=True))) for row in FAILURES
    )
    text = f'{{"about": {json.dumps(about)},\n"failures": [\n{failures}\n],\n'
    text += f'"lanes": [\n{lanes}\n]}}\n'
    Path("lanes.json").write_text(text, encoding="utf-8")
