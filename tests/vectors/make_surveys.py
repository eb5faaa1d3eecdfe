"""Make surveys.json: proofs of files, sets of entries, and the lanes that are left by them.

Written with `cryptography` from PROTOCOL.md, 2 and 4 alone; it imports nothing of lanchat,
so that the code and the vectors cannot share a mistake.  Run it in this folder; it writes the
same file every time.

A survey is {name, exporter, binding, offer, attempt, key, manifest, contents, proofs}: the
content of each entry (hex, `61*1024` is a run repeated, null for a folder) and its proof.

A lane is {name, of, skip, set, offset, accept, ctx, token, key, length, stream_sha256, chunks,
digest}: what is sent of survey `of` if the receiver has the entries `skip`, whose set is `set`.

A refusal is {name, of, set}: a set that names what is no file of the offer of survey `of`.
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

Tree = dict[str, tuple[str, int] | None]  # path: a byte in hex and how often; None a folder

SMALL: Final[Tree] = {
    "t": None,
    "t/a": ("61", 5),
    "t/b": None,
    "t/b/c": ("62", 0),
    "t/b/d": ("63", 7),
    "t/e": ("64", 11),
}
LARGE: Final[Tree] = {
    "big": ("61", 3 * MIB + 5),
    "more": ("62", 2 * MIB),
    "small": ("63", 100),
}
MANY: Final[Tree] = {"t": None, **{f"t/{n:04}": ("61", n) for n in range(1, 40)}}


def label(text: str) -> bytes:
    return b"lanchat/1 " + text.encode() + b"\0"


def export(purpose: str, ctx: bytes) -> bytes:
    info = label("export " + purpose) + BINDING + ctx
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(EXPORTER)


def content(tree: Tree, path: str) -> bytes:
    said = tree[path]
    return bytes.fromhex(said[0]) * said[1] if said is not None else b""


def manifest(tree: Tree) -> bytes:
    rows = []
    for path in sorted(tree):
        kind, size = (2, 0) if tree[path] is None else (1, len(content(tree, path)))
        rows.append(struct.pack(">BBQqH", kind, 0, size, TIME, len(path)) + path.encode())
    return struct.pack(">I", len(rows)) + b"".join(rows)


def offer(tree: Tree) -> bytes:
    data = manifest(tree)
    files = [path for path in tree if tree[path] is not None]
    tops = sorted(path for path in tree if "/" not in path)
    total = sum(len(content(tree, path)) for path in files)
    head = struct.pack(">16sHIIQI", ID, 0, len(files), len(tree) - len(files), total, len(data))
    head += hashlib.sha256(data).digest() + struct.pack(">IB", len(tops), len(tops))
    for top in tops:
        below = [path for path in files if path == top or path.startswith(top + "/")]
        size = sum(len(content(tree, path)) for path in below)
        head += struct.pack(">BQB", 2 if tree[top] is None else 1, size, len(top))
        head += top.encode()
    return head


def survey(name: str, tree: Tree, attempt: int) -> dict[str, Any]:
    ctx = ID + struct.pack(">I", attempt) + hashlib.sha256(offer(tree)).digest()
    key = export("survey key", ctx)
    paths = sorted(tree)
    proofs = [
        None
        if tree[path] is None
        else hashlib.sha256(label("file proof") + key + content(tree, path)).hexdigest()
        for path in paths
    ]
    said = [tree[path] for path in paths]
    return {
        "name": name,
        "exporter": EXPORTER.hex(),
        "binding": BINDING.hex(),
        "offer": offer(tree).hex(),
        "attempt": attempt,
        "key": key.hex(),
        "manifest": manifest(tree).hex(),
        "contents": [None if one is None else f"{one[0]}*{one[1]}" for one in said],
        "proofs": proofs,
    }


def members(entries: list[int]) -> bytes:
    said = bytearray(max(entries) // 8 + 1)
    for entry in entries:
        said[entry // 8] |= 1 << entry % 8
    return bytes(said)


def lane(
    name: str, of: str, tree: Tree, skip: list[int], *, offset: int = 0, attempt: int = 2
) -> dict[str, Any]:
    paths, said = sorted(tree), members(skip)
    stream = b"".join(content(tree, path) for n, path in enumerate(paths) if n not in skip)
    prefix = hashlib.sha256(stream[:offset]).digest() if offset else bytes(32)
    accept = struct.pack(">16sI32sQ32sH", ID, attempt, SALT, offset, prefix, len(said)) + said
    ctx = ID + struct.pack(">IB", attempt, 1)
    ctx += hashlib.sha256(offer(tree)).digest() + hashlib.sha256(accept).digest()
    key, left = export("bulk key", ctx), stream[offset:]
    pieces = [left[at : at + MIB] for at in range(0, len(left), MIB)] or [b""]
    chunks, tags = [], b""
    for index, piece in enumerate(pieces):
        nonce = index.to_bytes(11, "big") + bytes([index == len(pieces) - 1])
        tag = AESGCM(key).encrypt(nonce, piece, b"")[-16:]
        chunks.append({"nonce": nonce.hex(), "size": len(piece), "tag": tag.hex()})
        tags += tag
    done = hashlib.sha256(label("lane done") + ID + struct.pack(">I", attempt) + tags)
    return {
        "name": name,
        "of": of,
        "skip": skip,
        "set": said.hex(),
        "offset": offset,
        "accept": accept.hex(),
        "ctx": ctx.hex(),
        "token": export("bulk token", ctx).hex(),
        "key": key.hex(),
        "length": len(stream),
        "stream_sha256": hashlib.sha256(stream).hexdigest(),
        "chunks": chunks,
        "digest": done.hexdigest(),
    }


SURVEYS: Final = (
    survey("a small tree", SMALL, 1),
    survey("a small tree, another attempt", SMALL, 7),
    survey("large files", LARGE, 1),
    survey("many files", MANY, 1),
)
LANES: Final = (
    lane("all but one", "a small tree", SMALL, [1, 3, 4]),
    lane("all of it", "a small tree", SMALL, [1, 3, 4, 5]),
    lane("an empty file", "a small tree", SMALL, [3]),
    lane("the first of three", "large files", LARGE, [0]),
    lane("the last of three", "large files", LARGE, [2]),
    lane("the middle one, resumed", "large files", LARGE, [1], offset=2 * MIB, attempt=3),
    lane("every second one", "many files", MANY, list(range(1, 40, 2))),
)
REFUSALS: Final = (
    ("a folder", "a small tree", members([0])),
    ("a folder among files", "a small tree", members([1, 2, 3])),
    ("an entry behind the last", "a small tree", members([6])),
    ("an entry far behind the last", "large files", members([999])),
    ("a file and an entry behind the last", "many files", members([1, 40])),
)

if __name__ == "__main__":
    about = "surveys: proofs, sets and what is sent without them; PROTOCOL.md 4; made by"
    about += " make_surveys.py"
    parts = {
        "surveys": SURVEYS,
        "lanes": LANES,
        "refusals": [{"name": n, "of": of, "set": said.hex()} for n, of, said in REFUSALS],
    }
    rows = [
        f'"{name}": [\n' + ",\n".join("  " + json.dumps(one) for one in cases) + "\n]"
        for name, cases in parts.items()
    ]
    text = f'{{"about": {json.dumps(about)},\n' + ",\n".join(rows) + "}\n"
    Path("surveys.json").write_text(text, encoding="utf-8")
