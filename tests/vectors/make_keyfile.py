"""Make keyfile.json anew:  python tests/vectors/make_keyfile.py

Written from PROTOCOL.md, 7 alone, without lanchat: a second pair of eyes on the format.
Everything is fixed, so that the file comes out the same each time.
"""

import hashlib
import json
import unicodedata
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

SEED = hashlib.sha256(b"seed").digest()
MASTER = hashlib.sha256(b"master key").digest()
SALT = hashlib.sha256(b"salt").digest()[:16]
NONCE = hashlib.sha256(b"nonce").digest()[:12]
PHRASE = "correct horse"
COST = (19 * 1024, 1, 1)


def key_file(phrase: str = PHRASE, cost: tuple[int, int, int] = COST) -> bytes:
    memory, passes, lanes = cost
    out = Argon2id(
        salt=SALT, length=64, iterations=passes, lanes=lanes, memory_cost=memory
    ).derive(unicodedata.normalize("NFKC", phrase).encode())
    head = b"LCKEY\0\x01" + memory.to_bytes(4, "big") + bytes((passes, lanes)) + SALT + NONCE
    return head + AESGCM(out[:32]).encrypt(NONCE, MASTER + SEED, head) + out[32:]


def changed(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def cost(memory: int, passes: int, lanes: int) -> bytes:
    return changed(key_file(), 7, memory.to_bytes(4, "big") + bytes((passes, lanes)))


def flipped(at: int) -> bytes:
    data = key_file()
    return changed(data, at % len(data), bytes((data[at] ^ 1,)))


def cases() -> list[dict[str, str]]:
    good = key_file()
    rows = [
        ("as written", good, PHRASE, "success"),
        ("two passes, four lanes", key_file(cost=(20_000, 2, 4)), PHRASE, "success"),
        ("letters beyond ASCII", key_file("pässwörd ☃"), "pässwörd ☃", "success"),
        (
            "ligature typed for two letters (NFKC)",
            key_file("office hours"),
            "oﬃce hours",
            "success",
        ),
        ("another passphrase", good, "wrong horse", "wrong passphrase"),
        ("a passphrase that is too short to be one", good, "short", "wrong passphrase"),
        ("another salt", flipped(13), PHRASE, "wrong passphrase"),
        ("another commitment", flipped(-1), PHRASE, "wrong passphrase"),
        ("another nonce", flipped(29), PHRASE, "damaged"),
        ("first sealed byte changed", flipped(41), PHRASE, "damaged"),
        ("last byte of the tag changed", flipped(-33), PHRASE, "damaged"),
        ("another magic", flipped(0), PHRASE, "damaged"),
        ("version 0", changed(good, 6, b"\0"), PHRASE, "damaged"),
        ("version 2", changed(good, 6, b"\x02"), PHRASE, "too new"),
        ("one byte short", good[:-1], PHRASE, "damaged"),
        ("one byte more", good + b"\0", PHRASE, "damaged"),
        ("header only", good[:41], PHRASE, "damaged"),
        ("empty", b"", PHRASE, "damaged"),
        ("less than 19 MiB", cost(19 * 1024 - 1, 1, 1), PHRASE, "damaged"),
        ("more than 1 GiB", cost(1024 * 1024 + 1, 1, 1), PHRASE, "damaged"),
        ("no passes", cost(19 * 1024, 0, 1), PHRASE, "damaged"),
        ("eleven passes", cost(19 * 1024, 11, 1), PHRASE, "damaged"),
        ("no lanes", cost(19 * 1024, 1, 0), PHRASE, "damaged"),
        ("seventeen lanes", cost(19 * 1024, 1, 17), PHRASE, "damaged"),
    ]
    return [
        {"name": name, "file": data.hex(), "passphrase": phrase, "expect": expect}
        for name, data, phrase, expect in rows
    ]


def main() -> None:
    content = {
        "about": "key.lc, PROTOCOL.md 7; made by make_keyfile.py",
        "seed": SEED.hex(),
        "master_key": MASTER.hex(),
        "db_key": HKDFExpand(SHA256(), 32, b"lanchat/1 db\0").derive(MASTER).hex(),
        "cases": cases(),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (Path(__file__).parent / "keyfile.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
