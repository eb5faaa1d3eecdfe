"""Make adverts.json: TXT records and what a reader makes of them.

Written from DISCOVERY's table alone with `hashlib` and an Ed25519 of `cryptography`; it
imports nothing of lanchat, so that the code and the vectors cannot share a mistake.  Run it
in this folder; it writes the same file every time.

A case is {name, label, port, txt, expect}.  `txt` is the record in hex.  `expect` is "ok"
(then `fields` say what was read), "other version" (listed, never dialled), "malformed" or
"label of another key" (refused before the signature is looked at), or "forged" (refused
because of it).
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ANN: Final = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
BOB: Final = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
EPOCH: Final = 1_790_000_000_000
PORT: Final = 41_000
LOW_ORDER: Final = bytes.fromhex("01" + "00" * 31)  # a key under which anybody can sign

Strings = list[bytes]
cases: list[dict[str, Any]] = []


def separator(purpose: str) -> bytes:
    return b"lanchat/1 " + purpose.encode() + b"\0"


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def label_of(public_key: bytes) -> str:
    digest = hashlib.sha256(separator("label") + public_key).digest()
    return base64.b32encode(digest)[:26].decode().lower()


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def t8(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def signature(
    key: Ed25519PrivateKey, v: bytes, n: bytes, e: bytes, c: bytes, *, label: str, port: int
) -> bytes:
    message = separator("advert") + t8(label.encode()) + port.to_bytes(2, "big")
    return key.sign(message + t8(v) + t8(n) + t8(e) + t8(c))


def strings(
    v: bytes = b"1",
    n: bytes = b"Ann",
    e: bytes = b"%d" % EPOCH,
    c: bytes = b"",
    *,
    key: Ed25519PrivateKey = ANN,
    label: str = "",
    port: int = PORT,
) -> Strings:
    """The strings of a good advert, in their order."""
    label = label or label_of(public(key))
    signed = signature(key, v, n, e, c, label=label, port=port)
    middle = [b"c=" + c] if c else []
    head = [b"v=" + v, b"pk=" + b64(public(key)), b"n=" + n, b"e=" + e]
    return [*head, *middle, b"s=" + b64(signed)]


def pack(parts: Strings) -> bytes:
    return b"".join(t8(part) for part in parts)


def case(
    name: str, txt: bytes, expect: str, *, label: str = "", port: int = PORT, **fields: Any
) -> None:
    label = label or label_of(public(ANN))
    one = {"name": name, "label": label, "port": port, "txt": txt.hex(), "expect": expect}
    cases.append({**one, "fields": fields} if fields else one)


def good(name: str, txt: bytes, nickname: str = "Ann", **more: Any) -> None:
    known = {"peer": public(ANN).hex(), "nickname": nickname, "epoch": EPOCH}
    case(name, txt, "ok", **{**known, "capabilities": "", **more})


def accepted() -> None:
    good("plain", pack(strings()))
    good("with capabilities", pack(strings(c=b"fv")), capabilities="fv")
    good("the highest epoch", pack(strings(e=b"%d" % (2**64 - 1))), epoch=2**64 - 1)
    good("version 1.7 is a version 1", pack(strings(v=b"1.7")))
    good("an empty name", pack(strings(n=b"")), "")
    good("a name of 63 bytes", pack(strings(n=b"n" * 63)), "n" * 63)
    good("Zoë", pack(strings(n="Zoë".encode())), "Zoë")
    good("a name not in normal form C", pack(strings(n="Zoe\u0308".encode())), "Zoë")
    good("an unknown key", pack([*strings(), b"x=y"]))
    good("an unknown key with binary", pack([*strings(), b"x=\x00\xff"]))
    good("another order", pack(strings()[::-1]))
    good("keys in capitals", pack([part[:1].upper() + part[1:] for part in strings()]))
    good("sixteen strings", pack(strings() + [b"x%d=" % n for n in range(11)]))
    for what, raw, shown in (
        ("a line feed and an escape", "A\nn\x1b[31mn", "A n[31mn"),
        ("a bidi override", "A\u202ennA", "AnnA"),
        ("isolates and zero-width", "A\u2066n\u200bn\u2069", "Ann"),
        ("markup", "<b>Ann</b>", "<b>Ann</b>"),
        ("spaces of all kinds", "  A \u00a0\u2003 n\u2028n ", "A n n"),
        ("a NUL", "A\0nn", "Ann"),
    ):
        good(f"a name with {what}", pack(strings(n=raw.encode())), shown)


def refused_for_its_shape() -> None:
    whole = strings()
    for at, part in enumerate(whole):
        if not part.startswith(b"c="):
            rest = [other for other in whole if other is not part]
            case(f"no {part.partition(b'=')[0].decode()}", pack(rest), "malformed")
            case(f"{part[:2].decode()!r} twice", pack([*whole, part]), "malformed")
            empty = [*whole[:at], part.partition(b"=")[0], *whole[at + 1 :]]
            case(f"{part[:2].decode()!r} without a value", pack(empty), "malformed")
    strings_that_are_none(whole)
    values_out_of_range(whole)


def strings_that_are_none(whole: Strings) -> None:
    case("nothing", b"", "malformed")
    case("an empty string alone", b"\0", "malformed")
    case("an empty string at the end", pack([*whole, b""]), "malformed")
    case("a string without a key", pack([*whole, b"=x"]), "malformed")
    case("an unknown key without a value", pack([*whole, b"x"]), "malformed")
    case("a key that is binary", pack([*whole, b"\x80=x"]), "malformed")
    case("a key of ten characters", pack([*whole, b"abcdefghij=x"]), "malformed")
    case("the same key in another case", pack([*whole, b"N=Bob"]), "malformed")
    case("the last byte missing", pack(whole)[:-1], "malformed")
    case("a length beyond the record", pack(whole) + b"\xffx=", "malformed")
    case("seventeen strings", pack(whole + [b"x%d=" % n for n in range(12)]), "malformed")
    case("401 bytes", pack([*whole, b"x=" + b"y" * (401 - 3 - len(pack(whole)))]), "malformed")


def values_out_of_range(whole: Strings) -> None:
    for raw in (b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
        case(f"a name that is not UTF-8: {raw.hex()}", pack(strings(n=raw)), "malformed")
    case("a name of 64 bytes", pack(strings(n=b"n" * 64)), "malformed")
    for e in (b"", b"-1", b"+1", b"1.5", b"01", b"1e3", b" 1", b"%d" % 2**64, b"9" * 21):
        case(f"epoch {e.decode()!r}", pack(strings(e=e)), "malformed")
    case("an epoch of other digits", pack(strings(e="\u0661".encode())), "malformed")
    for v in (b"", b"0", b"01", b"1.", b".1", b"x", b"1000", b"-1", b"1 "):
        case(f"version {v.decode()!r}", pack(strings(v=v)), "malformed")
    for c in (b"a b", b"\xff", b"a" * 33):
        case(f"capabilities {c!r}", pack(strings(c=c)), "malformed")
    for port in (0, 22, 1023):
        case(f"port {port}", pack(strings(port=port)), "malformed", port=port)
    for label in ("", "a" * 25, "A" * 26, "a" * 27, "1" * 26, "\x1b" * 26, "../" * 8 + "ab"):
        one = {"name": f"label {label!r}", "label": label, "port": PORT}
        cases.append({**one, "txt": pack(whole).hex(), "expect": "malformed"})


def refused_for_its_key() -> None:
    whole = strings()
    short = b64(public(ANN)[:31])
    for what, pk in (
        ("31 bytes", short),
        ("33 bytes", b64(public(ANN) + b"\0")),
        ("padded", b64(public(ANN)) + b"="),
        ("of the other alphabet", base64.b64encode(b"\xfb" * 32).rstrip(b"=")),
        ("with bits to spare set", b64(public(ANN))[:-1] + b"9"),
        ("with a space", b" " + b64(public(ANN))[1:]),
    ):
        case(f"a key {what}", pack([whole[0], b"pk=" + pk, *whole[2:]]), "malformed")
    for what, raw in (("63 bytes", bytes(63)), ("65 bytes", bytes(65))):
        case(f"a signature of {what}", pack([*whole[:-1], b"s=" + b64(raw)]), "malformed")
    case("somebody else's key", pack(strings(key=BOB)), "label of another key")
    other = label_of(public(BOB))
    case("under somebody else's label", pack(whole), "label of another key", label=other)


def forged() -> None:
    whole = strings()
    case("a signature of zeros", pack([*whole[:-1], b"s=" + b64(bytes(64))]), "forged")
    bent = bytearray(pack(whole))
    bent[-20] ^= 1
    case("a signature with one letter changed", bytes(bent), "forged")
    mine = public(ANN)
    label = label_of(mine)
    values = {"v": b"1", "n": b"Ann", "e": b"%d" % EPOCH, "c": b""}
    by_bob = b64(signature(BOB, *values.values(), label=label, port=PORT))
    case("signed by another key", pack([*whole[:-1], b"s=" + by_bob]), "forged")
    case("another name", pack([*whole[:2], b"n=Anne", *whole[3:]]), "forged")
    case("a later epoch", pack([*whole[:3], b"e=%d" % (EPOCH + 1), whole[4]]), "forged")
    case("an earlier epoch", pack([*whole[:3], b"e=%d" % (EPOCH - 1), whole[4]]), "forged")
    case("capabilities added", pack([*whole[:4], b"c=f", whole[4]]), "forged")
    case("another port", pack(whole), "forged", port=PORT + 1)
    moved = strings(n=b"An", e=b"%d" % EPOCH)
    case("the name's end moved", pack([*whole[:2], b"n=An", *whole[3:]]), "forged")
    case("signed over another label", pack(strings(label="a" * 26)), "forged")
    assert moved != whole
    loose = [b"v=1", b"pk=" + b64(LOW_ORDER), b"n=Ann", b"e=%d" % EPOCH]
    anyone = LOW_ORDER + bytes(32)  # R the identity, S zero: verifies under a key of order 1
    txt = pack([*loose, b"s=" + b64(anyone)])
    case("a key of small order", txt, "forged", label=label_of(LOW_ORDER))


def other_versions() -> None:
    key = b"pk=" + b64(public(ANN))
    for v in (b"2", b"2.1", b"999"):
        shown: dict[str, Any] = {
            "peer": public(ANN).hex(),
            "version": int(v.partition(b".")[0]),
        }
        name = f"version {v.decode()}"
        case(name, pack([b"v=" + v, key, b"z=anything"]), "other version", **shown)
    case("version 2 without a key", pack([b"v=2", b"n=Ann"]), "malformed")
    other = b"pk=" + b64(public(BOB))
    case("version 2, another's key", pack([b"v=2", other]), "label of another key")


def main() -> None:
    for chapter in (
        accepted,
        refused_for_its_shape,
        refused_for_its_key,
        forged,
        other_versions,
    ):
        chapter()
    rows = ",\n".join("  " + json.dumps(case, ensure_ascii=True) for case in cases)
    about = "TXT records of adverts, PROTOCOL.md 6; made by make_adverts.py"
    target = Path(__file__).with_name("adverts.json")
    target.write_text(f'{{"about": "{about}",\n"cases": [\n{rows}\n]}}\n', encoding="ascii")


if __name__ == "__main__":
    main()
