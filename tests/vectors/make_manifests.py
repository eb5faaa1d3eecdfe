"""Make manifests.json: manifests, the offers they came for, and what a receiver says.

Written with `struct` from PROTOCOL.md, 4 alone; it imports nothing of lanchat, so that the
code and the vectors cannot share a mistake.  Run it in this folder; it writes the same file
every time.

A case is {name, manifest, offer, expect}.  Bytes are hex in runs parted by spaces; `61*1024`
is a run repeated.  `offer` is the body of the OFFER record.  `expect` is "ok" (then `paths`
says where each entry lies, in order), "bad manifest" or "unsafe name".
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any, Final

FILE: Final = 1
FOLDER: Final = 2
TIME: Final = 1_790_000_000_000
ID: Final = bytes(range(16))

Entry = tuple[int, int, int, int, bytes]

cases: list[dict[str, Any]] = []


def entry(path: bytes | str, size: int = 0, kind: int = FILE, flags: int = 0) -> Entry:
    raw = path if isinstance(path, bytes) else path.encode()
    return kind, flags, size, TIME, raw


def folder(path: str) -> Entry:
    return entry(path, 0, FOLDER)


def manifest(entries: list[Entry], count: int | None = None) -> bytes:
    head = struct.pack(">I", len(entries) if count is None else count)
    rows = (struct.pack(">BBQqH", *one[:4], len(one[4])) + one[4] for one in entries)
    return head + b"".join(rows)


def offer(entries: list[Entry], data: bytes, **other: Any) -> bytes:
    tops = [one for one in entries if b"/" not in one[4]]
    sizes = {
        top[4]: sum(one[2] for one in entries if (one[4] + b"/").startswith(top[4] + b"/"))
        for top in tops
    }
    said: dict[str, Any] = {
        "files": sum(one[0] == FILE for one in entries),
        "folders": sum(one[0] == FOLDER for one in entries),
        "total": sum(one[2] for one in entries),
        "length": len(data),
        "digest": hashlib.sha256(data).digest(),
        "tops": len(tops),
        "shown": [(top[0], sizes[top[4]], top[4]) for top in tops[:64]],
    } | other
    head = struct.pack(
        ">16sHIIQI32sIB",
        ID,
        0,
        said["files"],
        said["folders"],
        said["total"],
        said["length"],
        said["digest"],
        said["tops"],
        len(said["shown"]),
    )
    shown = (struct.pack(">BQB", *top[:2], len(top[2])) + top[2] for top in said["shown"])
    return head + b"".join(shown)


def runs(data: bytes) -> str:
    """Hex, long repetitions of one byte shortened."""
    parts, at, plain = [], 0, ""
    while at < len(data):
        end = at
        while end < len(data) and data[end] == data[at]:
            end += 1
        if end - at >= 16:
            parts += [plain] if plain else []
            parts.append(f"{data[at]:02x}*{end - at}")
            plain = ""
        else:
            plain += data[at:end].hex()
        at = end
    return " ".join([*parts, plain] if plain else parts)


def case(name: str, expect: str, entries: list[Entry], **other: Any) -> None:
    data = other.pop("data", None) or manifest(entries)
    paths = other.pop("paths", None)
    body = other.pop("body", None) or offer(entries, data, **other)
    row = {"name": name, "manifest": runs(data), "offer": runs(body), "expect": expect}
    cases.append(row | ({"paths": paths} if paths else {}))


def good() -> None:
    case("one empty file", "ok", [entry("a.txt")], paths=["a.txt"])
    case("one file of 2^40 bytes", "ok", [entry("a", 2**40)], paths=["a"])
    tree = [folder("t"), entry("t-x", 3), entry("t/a", 1, flags=1), folder("t/b")]
    case(
        "a tree, sorted by bytes and not by folder",
        "ok",
        tree,
        paths=[e[4].decode() for e in tree],
    )
    case("unknown flags are ignored", "ok", [entry("a", 1, flags=0xFE)], paths=["a"])
    deep = ["/".join(["d"] * n) for n in range(1, 64)]
    rows = [folder(path) for path in deep] + [entry(deep[-1] + "/f", 1)]
    case("64 components", "ok", rows, paths=[*deep, deep[-1] + "/f"])
    many = [entry(f"f{n:03}", n) for n in range(65)]
    case("65 top-level entries, 64 shown", "ok", many, paths=[e[4].decode() for e in many])
    case("a leading dot at the top", "ok", [entry(".profile")], paths=["_profile"])
    case("a leading dot below", "ok", [folder("x"), folder("x/.git")], paths=["x", "x/.git"])
    case("a name Windows keeps for itself", "ok", [entry("CON.txt")], paths=["_CON.txt"])
    case("a trailing dot", "ok", [entry("x.exe.")], paths=["x.exe"])
    case("a leading dash", "ok", [entry("-rf")], paths=["_rf"])
    case("a character no disk likes", "ok", [entry("aa:b?.txt")], paths=["aa_b_.txt"])
    case("a name turned around", "ok", [entry("a\u202egpj.exe")], paths=["agpj.exe"])
    case(
        "names that differ in case",
        "ok",
        [entry("A.txt"), entry("a.txt")],
        paths=["A.txt", "a (2).txt"],
    )
    case(
        "names that differ in normal form",
        "ok",
        [entry("e\u0301"), entry("\u00e9")],
        paths=["\u00e9", "\u00e9 (2)"],
    )
    case("per cent escapes mean nothing", "ok", [entry("%2e%2e%2fx")], paths=["%2e%2e%2fx"])


def unsafe() -> None:
    rows = ("..", ".", "...", "   ", "C:x", "a\\b", "..\\x", "\u202e")
    for name in rows:
        case(f"a name of {name!a}", "unsafe name", [entry(name)])
    for bad in ("../x", "t/../x", "t/./x", "t//x", "t/c:x"):
        case(
            f"a path of {bad!a}",
            "unsafe name",
            sorted(
                [
                    folder("t"),
                    folder("t/."),
                    folder("t/.."),
                    folder(".."),
                    folder("t/"),
                    entry(bad),
                ],
                key=lambda e: e[4],
            ),
        )
    case("an absolute path", "unsafe name", [entry("/etc")], tops=1, shown=[(FILE, 0, b"etc")])
    deep = [folder("/".join(["d"] * n)) for n in range(1, 66)]
    case("65 components", "unsafe name", deep)
    long = [folder("d"), entry(b"d/" + b"n" * 256)]
    case("a component of 256 bytes", "unsafe name", long)


def broken() -> None:
    plain = [entry("a", 1), entry("b", 2)]
    data = manifest(plain)
    for size in (0, 3, 4, 23, 24, len(data) - 1):
        case(
            f"cut after {size} bytes",
            "bad manifest",
            plain,
            data=data[:size] or b"\0",
            length=max(size, 1),
        )
    case("a byte behind", "bad manifest", plain, data=data + b"\0")
    case("no entry", "bad manifest", plain, data=manifest([]))
    case("200,001 entries announced", "bad manifest", plain, data=manifest(plain, 200_001))
    case("2^32 - 1 entries announced", "bad manifest", plain, data=manifest(plain, 2**32 - 1))
    case("out of order", "bad manifest", plain[::-1])
    case(
        "one path twice",
        "bad manifest",
        [plain[0], plain[0]],
        shown=[(FILE, 1, b"a")] * 2,
        tops=2,
    )
    case("a file and a folder of one name", "bad manifest", [entry("a", 1), folder("a")])
    case("content before its folder", "bad manifest", [entry("t/a", 1), folder("t")])
    case("content without its folder", "bad manifest", [folder("s"), entry("t/a", 1)])
    case("content below a file", "bad manifest", [entry("t", 1), entry("t/a", 1)])
    case("kind 0", "bad manifest", [entry("a", 0, 0)], files=1, shown=[(FILE, 0, b"a")])
    case("kind 3", "bad manifest", [entry("a", 0, 3)], files=1, shown=[(FILE, 0, b"a")])
    case("a folder with a size", "bad manifest", [entry("a", 5, FOLDER)])
    case("an empty path", "bad manifest", [entry("")], shown=[(FILE, 0, b"a")], tops=1)
    case("a path of 1,025 bytes", "bad manifest", [entry(b"p" * 1025)], shown=[(FILE, 0, b"p")])
    case("a path that is not UTF-8", "bad manifest", [entry(b"\xff")], shown=[(FILE, 0, b"a")])
    case("a surrogate", "bad manifest", [entry(b"\xed\xa0\x80")], shown=[(FILE, 0, b"a")])
    case("a NUL", "unsafe name", [entry(b"a\0b")], shown=[(FILE, 0, b"a")])
    case(
        "a size of 2^40 + 1",
        "bad manifest",
        [entry("a", 2**40 + 1)],
        total=1,
        shown=[(FILE, 1, b"a")],
    )
    case(
        "a size of 2^64 - 1",
        "bad manifest",
        [entry("a", 2**64 - 1)],
        total=1,
        shown=[(FILE, 1, b"a")],
    )


def contradicting() -> None:
    plain = [folder("t"), entry("t/a", 7)]
    for field, value in {"files": 2, "folders": 2, "total": 8, "digest": bytes(32)}.items():
        case(f"another {field} offered", "bad manifest", plain, **{field: value})
    case("another top-level name offered", "bad manifest", plain, shown=[(FOLDER, 7, b"u")])
    case("another top-level kind offered", "bad manifest", plain, shown=[(FILE, 7, b"t")])
    case("another top-level size offered", "bad manifest", plain, shown=[(FOLDER, 6, b"t")])
    case(
        "one more top-level entry offered",
        "bad manifest",
        plain,
        tops=2,
        shown=[(FOLDER, 7, b"t"), (FILE, 0, b"u")],
    )


if __name__ == "__main__":
    good()
    unsafe()
    broken()
    contradicting()
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=True) for row in cases)
    about = "manifests and their offers, PROTOCOL.md 4; made by make_manifests.py"
    text = f'{{"about": {json.dumps(about)},\n"cases": [\n{lines}\n]}}\n'
    Path("manifests.json").write_text(text, encoding="utf-8")
