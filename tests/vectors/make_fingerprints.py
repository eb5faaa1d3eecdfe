"""Make fingerprints.json: keys, what people compare of them, and what must be refused.

Written from PROTOCOL.md, 1 and 5, with hashlib alone; it imports nothing of lanchat, and
the words come from magic-wormhole's copy of the PGP list, so that the code and the vectors
cannot share a mistake.  Run it in this folder; it writes the same file every time.

`keys`: pub (hex) -> peer_id, words, hex, invite.  In the other lists a case is
{name, text, expect}: `expect` is "ok" (then `hex` or `pub` and `addresses` say what was
read), or for `words` the place of the first fault, counted from 1, or else "refused".
`unfit` are public keys that are no identity: not canonical, or of small order.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from wormhole._wordlist import raw_words

Case = dict[str, Any]

# RFC 8032, 7.1, the public keys of tests 1, 2, 3 and 1024, then two with many zeros.
KEYS: Final = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
    "0300000000000000000000000000000000000000000000000000000000000000",
    "0400000000000000000000000000000000000000000000000000000000000080",
)
FF: Final = "ff" * 30
Y8A: Final = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc"
Y8B: Final = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03"
UNFIT: Final = {
    "order 1": "01" + "00" * 31,
    "order 1, sign set": "01" + "00" * 30 + "80",
    "order 2": "ec" + FF + "7f",
    "order 2, sign set": "ec" + FF + "ff",
    "order 4": "00" * 32,
    "order 4, sign set": "00" * 31 + "80",
    "order 8, first": Y8A + "05",
    "order 8, first, sign set": Y8A + "85",
    "order 8, second": Y8B + "7a",
    "order 8, second, sign set": Y8B + "fa",
    "order 4, not canonical": "ed" + FF + "7f",
    "order 4, not canonical, sign set": "ed" + FF + "ff",
    "order 1, not canonical": "ee" + FF + "7f",
    "order 1, not canonical, sign set": "ee" + FF + "ff",
    "y = p + 2, not canonical": "ef" + FF + "7f",
    "y = 2^255 - 1, not canonical": "ff" + FF + "7f",
}


def base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def printed(pub: bytes) -> bytes:
    digest = hashlib.sha512(b"lanchat/1 fingerprint\0" + pub).digest()
    for _ in range(5200):
        digest = hashlib.sha512(digest + pub).digest()
    return digest[:16]


def words_of(data: bytes) -> list[str]:
    return [raw_words[f"{value:02X}"][place % 2] for place, value in enumerate(data)]


def invited(pub: bytes) -> str:
    return "lanchat:1:" + base32(pub + hashlib.sha256(pub).digest()[:4])


def keys() -> list[Case]:
    return [
        {
            "pub": pub.hex(),
            "peer_id": base32(pub),
            "words": words_of(printed(pub)),
            "hex": printed(pub).hex(),
            "invite": invited(pub),
        }
        for pub in map(bytes.fromhex, KEYS)
    ]


def typed() -> list[Case]:
    raw = printed(bytes.fromhex(KEYS[0]))
    good = words_of(raw)
    odd_one = raw_words[f"{raw[4]:02X}"][1]

    def ok(name: str, text: str) -> Case:
        return {"name": name, "text": text, "expect": "ok", "hex": raw.hex()}

    def bad(name: str, text: list[str], place: int) -> Case:
        return {"name": name, "text": " ".join(text), "expect": place}

    rows = [" ".join(good[at : at + 4]) for at in range(0, 16, 4)]
    return [
        ok("one line", " ".join(good)),
        ok("four rows", "\n".join(rows)),
        ok("shouted", " ".join(good).upper()),
        ok("hyphens and commas", ", ".join("-".join(row.split()) for row in rows)),
        ok("numbered", "\n".join(f"{at}. {word}" for at, word in enumerate(good, 1))),
        ok("tabs, no-break spaces", " \t\u00a0".join(good) + "\r\n"),
        bad("nothing", [], 1),
        bad("numbers only", ["1", "2", "3"], 1),
        bad("the last is missing", good[:15], 16),
        bad("one too many", [*good, good[0]], 17),
        bad("the first is missing", good[1:], 1),
        bad("the sixth is missing", good[:5] + good[6:], 6),
        bad("the third is doubled", good[:3] + good[2:], 4),
        bad("two exchanged", [*good[:8], good[9], good[8], *good[10:]], 9),
        bad("the byte right, the list wrong", [*good[:4], odd_one, *good[5:]], 5),
        bad("misspelt", [*good[:6], good[6][:-1] + "q", *good[7:]], 7),
        bad("not of the list", [*good[:11], "lanchat", *good[12:]], 12),
        bad(
            "a letter of another alphabet",
            [*good[:13], "\u0430" + good[13][1:], *good[14:]],
            14,
        ),
        bad("two faults", ["x", *good[1:9], "y", *good[10:]], 1),
    ]


def changed(text: str, at: int) -> str:
    return text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :]


def invites() -> list[Case]:
    pub = bytes.fromhex(KEYS[1])
    text = invited(pub)
    spare = (
        text[:-1]
        + "abcdefghijklmnopqrstuvwxyz234567"[
            "abcdefghijklmnopqrstuvwxyz234567".index(text[-1]) ^ 1
        ]
    )

    def ok(name: str, written: str, *addresses: str) -> Case:
        case: Case = {"name": name, "text": written, "expect": "ok"}
        return case | {"pub": pub.hex(), "addresses": list(addresses)}

    def bad(name: str, written: str) -> Case:
        return {"name": name, "text": written, "expect": "refused"}

    return [
        ok("the key alone", text),
        ok("white space around", f"  {text}\r\n"),
        ok("as a code in capitals", text.upper()),
        ok("an address", f"{text}?a=192.0.2.7:4433", "192.0.2.7:4433"),
        ok(
            "two, one IPv6",
            f"{text}?a=ann.local:9,[2001:db8::7]:65535",
            "ann.local:9",
            "[2001:db8::7]:65535",
        ),
        ok("an address twice", f"{text}?a=h:1,h:1", "h:1"),
        ok("unknown parameters", f"{text}?b=1&a=h:1&c", "h:1"),
        ok("no address after all", f"{text}?a="),
        ok("a zone", f"{text}?a=[fe80::1%25eth0]:1,fe80::1%eth0:1"),
        ok("ports out of range", f"{text}?a=h:0,h:65536,h:-1,h:,h,h:99999999999"),
        ok("orders to a terminal", f"{text}?a=\x1b[2J:1,h\u202e:1"),
        ok(
            "nine addresses",
            f"{text}?a=" + ",".join(f"h:{at}" for at in range(1, 10)),
            *(f"h:{at}" for at in range(1, 9)),
        ),
        bad("nothing", ""),
        bad("a peer id", base32(pub)),
        bad("another version", text.replace(":1:", ":2:")),
        bad("another scheme", text.replace("lanchat", "langhat")),
        bad("one character short", text[:-1]),
        bad("one character long", text + "a"),
        bad("padded", text + "======"),
        bad("a space inside", text[:30] + " " + text[30:]),
        bad("not base32", text[:20] + "1" + text[21:]),
        bad("not ASCII", text[:20] + "\u0131" + text[21:]),
        bad("another last character for the same bytes", spare),
        *(bad(f"character {at} changed", changed(text, at)) for at in (10, 11, 40, 60, 61, 66)),
        *(bad(f"key of {name}", invited(bytes.fromhex(pub))) for name, pub in UNFIT.items()),
    ]


def peer_ids() -> list[Case]:
    pub = bytes.fromhex(KEYS[2])
    text = base32(pub)
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    spare = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    return [
        {"name": "as it is", "text": text, "expect": "ok", "pub": pub.hex()},
        *(
            {"name": name, "text": written, "expect": "refused"}
            for name, written in {
                "nothing": "",
                "capitals": text.upper(),
                "one capital": text[:5] + text[5].upper() + text[6:],
                "short form": text[:8],
                "one character short": text[:-1],
                "one character long": text + "a",
                "padded": text + "====",
                "white space": f" {text[1:]}",
                "a line feed at the end": f"{text[:-1]}\n",
                "not base32": text[:20] + "1" + text[21:],
                "not ASCII": text[:20] + "\u0131" + text[21:],
                "another last character for the same bytes": spare,
                "an invite": invited(pub)[:52],
            }.items()
        ),
    ]


def main() -> None:
    everything = {
        "about": "fingerprints, PROTOCOL.md 1 and 5; made by make_fingerprints.py",
        "keys": keys(),
        "words": typed(),
        "invites": invites(),
        "peer_ids": peer_ids(),
        "unfit": [{"name": name, "pub": pub} for name, pub in UNFIT.items()],
    }
    path = Path(__file__).with_name("fingerprints.json")
    path.write_text(json.dumps(everything, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
