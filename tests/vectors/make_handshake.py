"""Make handshake.json and records.json: what crosses the wire, and what a receiver makes of it.

Written from PROTOCOL.md, 2 and 3, with primitives only; it imports nothing of lanchat, so that
the code and the vectors cannot share a mistake.  ML-KEM is kyber-py, which can encapsulate
with given randomness.  Run it in this folder; it writes the same files every time.

A case of handshake.json gives one side (`role`) its secrets (`ours`), the bytes that come
(`incoming`, one string for each turn) and the bytes that must go out (`outgoing`).  `expect`
is "ok", with `binding`, `exported` and `peer`, or the reason code of the refusal.  A string
with an @ in front names one of `pieces`.
A case of records.json is frames of one direction under `key`, from nonce 0, the `records` that
they hold, and `expect`: "ok", or the reason code that the last frame meets.
"""

import hashlib
import hmac
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kyber_py.ml_kem import ML_KEM_768

PREFACE: Final = b"LANCHAT\x01"
NAME: Final = b"Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256"
P: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493  # of Ed25519
Y8: Final = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
KEYUPDATE: Final = 5

#: The X25519 keys whose output everybody knows.
LOW_ORDER: Final = [
    number.to_bytes(32, "little")
    for number in (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        P - 1,
        P,
        P + 1,
    )
]


def small_order() -> list[bytes]:
    """The 14 encodings of Ed25519 points of small order."""
    y8 = int.from_bytes(Y8, "little")
    numbers = {0, 1, P - 1, y8, P - y8, P, P + 1}
    return [
        (n | sign << 255).to_bytes(32, "little") for n in sorted(numbers) for sign in (0, 1)
    ]


def lbl(purpose: str) -> bytes:
    return b"lanchat/1 " + purpose.encode() + b"\0"


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def seeded(word: str, size: int) -> bytes:
    return hashlib.shake_256(b"lanchat vectors " + word.encode()).digest(size)


def hkdf(ck: bytes, secret: bytes) -> tuple[bytes, bytes, bytes]:
    temporary = hmac.digest(ck, secret, "sha256")
    one = hmac.digest(temporary, b"\1", "sha256")
    two = hmac.digest(temporary, one + b"\2", "sha256")
    return one, two, hmac.digest(temporary, two + b"\3", "sha256")


def expand(key: bytes, info: bytes) -> bytes:
    """HKDF-Expand-SHA256 to 32 bytes: one block."""
    return hmac.digest(key, info + b"\1", "sha256")


def nonce(n: int) -> bytes:
    return bytes(4) + struct.pack(">Q", n)


def framed(message: bytes) -> bytes:
    return struct.pack(">H", len(message)) + message


def x25519(private: bytes, public: bytes) -> bytes:
    try:
        other = X25519PublicKey.from_public_bytes(public)
        return X25519PrivateKey.from_private_bytes(private).exchange(other)
    except ValueError:  # low order: what a writer who does not check would hold
        return bytes(32)


def x25519_public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


Proof = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Peer:
    """One side; what is not None replaces what an honest peer would send."""

    word: str
    role: int
    least: int = 1
    most: int = 1
    flags: int = 0
    minutes: int = 29_000_000
    reach: bytes = b""
    seed: bytes = b""
    e_public: bytes | None = None
    s_public: bytes | None = None
    ek: bytes | None = None
    ciphertext: bytes | None = None
    proof: Proof | None = None
    changed: dict[int, int] = field(default_factory=dict)  # bytes of its last message

    def secret(self, name: str, size: int = 32) -> bytes:
        return seeded(f"{self.word} {name}", size)

    @property
    def identity(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed or self.secret("identity"))

    @property
    def key(self) -> bytes:
        return self.identity.public_key().public_bytes_raw()

    def sign(self, role: int, h: bytes, head: bytes) -> bytes:
        return self.identity.sign(lbl("identity-proof") + bytes([role]) + h + head)

    def payload(self, h: bytes) -> bytes:
        if self.proof is not None:
            return self.proof(h)
        head = bytes([1, self.role, self.least, self.most]) + self.key
        return head + self.sign(self.role, h, head)

    def given(self) -> dict[str, Any]:
        secrets = {"e": 32, "s": 32, "e1": 64, "filler": 16}
        hexed = {name: self.secret(name, size).hex() for name, size in secrets.items()}
        hexed |= {"seed": (self.seed or self.secret("identity")).hex()}
        numbers = {"least": self.least, "most": self.most}
        return hexed | numbers | {"minutes": self.minutes, "reach": self.reach.hex()}


class Transcript:
    """The symmetric state: both sides hold the same, so one is enough."""

    def __init__(self) -> None:
        self.h = self.ck = sha(NAME)
        self.k = b""
        self.n = 0
        self.mix_hash(lbl("noise") + PREFACE)

    def mix_hash(self, data: bytes) -> bytes:
        self.h = sha(self.h + data)
        return data

    def mix_key(self, secret: bytes) -> None:
        self.ck, self.k, _ = hkdf(self.ck, secret)
        self.n = 0

    def seal(self, data: bytes) -> bytes:
        sealed = AESGCM(self.k).encrypt(nonce(self.n), data, self.h)
        self.n += 1
        return self.mix_hash(sealed)


@dataclass(frozen=True)
class Run:
    """A handshake on the wire, framed, and what it leaves."""

    one: bytes
    two: bytes
    three: bytes
    h: bytes
    exporter: bytes
    encapsulated: tuple[bytes, bytes]


def change(message: bytes, changed: dict[int, int]) -> bytes:
    altered = bytearray(message)
    for at, mask in changed.items():
        altered[at] ^= mask
    return bytes(altered)


def run(a: Peer, b: Peer) -> Run:
    """Both sides' messages, honest but for what the peers' fields replace."""
    t = Transcript()
    e_a = x25519_public(a.secret("e")) if a.e_public is None else a.e_public
    honest_ek, _dk = ML_KEM_768._keygen_internal(
        a.secret("e1", 64)[:32], a.secret("e1", 64)[32:]
    )
    ek = honest_ek if a.ek is None else a.ek
    one = t.mix_hash(e_a) + t.mix_hash(ek)
    head = struct.pack(">BBHI", a.least, a.most, a.flags, a.minutes)
    mac = hmac.digest(a.reach, lbl("mac1") + PREFACE + one + head, "sha256")[:16]
    one += t.mix_hash(head + (mac if a.reach else a.secret("filler", 16)))

    e_b = x25519_public(b.secret("e")) if b.e_public is None else b.e_public
    two = t.mix_hash(e_b)
    t.mix_key(x25519(b.secret("e"), e_a))
    secret, ciphertext = ML_KEM_768._encaps_internal(honest_ek, b.secret("encapsulation"))
    two += t.seal(ciphertext if b.ciphertext is None else b.ciphertext)
    t.mix_key(secret)
    s_b = x25519_public(b.secret("s")) if b.s_public is None else b.s_public
    two += t.seal(s_b)
    t.mix_key(x25519(a.secret("e"), s_b))
    two += t.seal(b.payload(t.h))

    s_a = x25519_public(a.secret("s")) if a.s_public is None else a.s_public
    three = t.seal(s_a)
    t.mix_key(x25519(b.secret("e"), s_a))
    three += t.seal(a.payload(t.h))
    return Run(
        framed(one),
        framed(change(two, b.changed)),
        framed(change(three, a.changed)),
        t.h,
        hkdf(t.ck, b"")[2],
        (ciphertext, secret),
    )


ANN: Final = Peer("ann", 1)
BOB: Final = Peer("bob", 2)
HONEST: Final = run(ANN, BOB)
cases: list[dict[str, Any]] = []
pieces: dict[str, str] = {}


def piece(data: bytes) -> str:
    """`data` in hex, or a name for it if it is long: most cases share most of their bytes."""
    if len(data) <= 200:
        return data.hex()
    name = "@" + sha(data).hex()[:12]
    pieces[name] = data.hex()
    return name


def answered(name: str, a: Peer, expect: str, b: Peer = BOB, **more: Any) -> None:
    """A case for the responder b."""
    wire = run(a, b)
    first = PREFACE + wire.one
    refused_early = expect != "ok" and more.pop("early", False)
    cases.append(
        {
            "name": name,
            "role": "responder",
            "ours": b.given(),
            "incoming": [piece(first)] if refused_early else [piece(first), piece(wire.three)],
            "outgoing": [] if refused_early else [piece(wire.two)],
            "expect": expect,
        }
        | ({} if refused_early else {"encapsulated": list(map(piece, wire.encapsulated))})
        | (left(wire, a) if expect == "ok" else {})
        | more
    )


def dialled(name: str, b: Peer, expect: str, a: Peer = ANN, **more: Any) -> None:
    """A case for the initiator a; on a refusal message 3 must not go out."""
    wire = run(a, b)
    first = piece(PREFACE + wire.one)
    cases.append(
        {
            "name": name,
            "role": "initiator",
            "ours": a.given(),
            "incoming": [piece(wire.two)],
            "outgoing": [first, piece(wire.three)] if expect == "ok" else [first],
            "expect": expect,
        }
        | (left(wire, b) if expect == "ok" else {})
        | more
    )


def left(wire: Run, peer: Peer) -> dict[str, str]:
    exported = expand(wire.exporter, lbl("export bulk key") + wire.h + b"context")
    return {"binding": wire.h.hex(), "exported": exported.hex(), "peer": peer.key.hex()}


def raw(name: str, data: bytes, expect: str, role: str = "responder") -> None:
    """Bytes that are no handshake."""
    ours = BOB if role == "responder" else ANN
    out = [] if role == "responder" else [piece(PREFACE + HONEST.one)]
    case = {"name": name, "role": role, "ours": ours.given(), "incoming": [piece(data)]}
    cases.append(case | {"outgoing": out, "expect": expect})


def proofs(peer: Peer) -> list[tuple[str, Proof, str]]:
    """Proofs that prove nothing."""
    other = 3 - peer.role

    def said(kind: int, role: int, key: bytes, signed_role: int) -> Proof:
        def make(h: bytes) -> bytes:
            head = bytes([kind, role, 1, 1]) + key
            return head + peer.sign(signed_role, h, head)

        return make

    def elsewhere(h: bytes) -> bytes:
        return peer.payload(sha(b"the hash of an earlier session"))

    def malleable(h: bytes) -> bytes:
        proof = peer.payload(h)
        s = int.from_bytes(proof[-32:], "little") + ORDER
        return proof[:-32] + s.to_bytes(32, "little")

    def unsigned(key: bytes) -> Proof:
        # a "signature" that OpenSSL takes for the identity point: R = A, S = 0
        return lambda h: bytes([1, peer.role, 1, 1]) + key + key + bytes(32)

    key = peer.key
    found = [
        ("proof of format 2", said(2, peer.role, key, peer.role), "BAD_MESSAGE"),
        ("proof for role 0", said(1, 0, key, 0), "BAD_MESSAGE"),
        ("proof for role 3", said(1, 3, key, 3), "BAD_MESSAGE"),
        ("proof for the other role", said(1, other, key, other), "BAD_MESSAGE"),
        ("signature over the other role", said(1, peer.role, key, other), "AUTH_FAILED"),
        ("signature of another session", elsewhere, "AUTH_FAILED"),
        ("malleable signature", malleable, "AUTH_FAILED"),
    ]
    found += [
        (f"small-order identity {k.hex()}", unsigned(k), "BAD_KEY") for k in small_order()
    ]
    beyond = (P + 2).to_bytes(32, "little")
    return [*found, ("identity that is not canonical", unsigned(beyond), "BAD_KEY")]


def handshakes() -> None:
    answered("a whole handshake, answered", ANN, "ok")
    dialled("a whole handshake, dialled", BOB, "ok")
    dialled("dialled with the expected key", BOB, "ok", expected=BOB.key.hex())
    answered("with a mac of a reach secret", replace(ANN, reach=seeded("reach", 32)), "ok")
    friend = replace(ANN, reach=seeded("reach", 32))
    dialled("dialled with a reach secret", BOB, "ok", friend)
    answered("unknown flags and an odd time", replace(ANN, flags=0xFFFE, minutes=0), "ok")

    raw("http", b"GET / HTTP/1.1\r\n\r\n", "BAD_PREFACE")
    raw("version 2", b"LANCHAT\x02" + HONEST.one, "BAD_PREFACE")
    for size in (0, 1, 1239, 1241, 65_535):
        raw(f"message 1 of {size}", PREFACE + struct.pack(">H", size), "BAD_LENGTH")
    for size in (0, 1299, 1301):
        raw(f"message 2 of {size}", struct.pack(">H", size), "BAD_LENGTH", "initiator")
    raw("another version answers", b"LANCHAT\x02", "BAD_PREFACE", "initiator")
    raw("a mirror answers", PREFACE + HONEST.one, "BAD_PREFACE", "initiator")

    for e in LOW_ORDER:
        name = f"low-order e {e[:4].hex()}..{e[-1:].hex()}"
        answered(name, replace(ANN, e_public=e), "BAD_KEY", early=True)
        dialled(name, replace(BOB, e_public=e), "BAD_KEY")
    answered("ML-KEM key of ff", replace(ANN, ek=b"\xff" * 1184), "BAD_KEY", early=True)
    answered("low-order s", replace(ANN, s_public=bytes(32)), "BAD_KEY")
    dialled("low-order s", replace(BOB, s_public=bytes(32)), "BAD_KEY")
    dialled("garbage ciphertext", replace(BOB, ciphertext=bytes(1088)), "AUTH_FAILED")
    for name, proof, expect in proofs(ANN):
        answered(name, replace(ANN, proof=proof), expect)
    for name, proof, expect in proofs(BOB):
        dialled(name, replace(BOB, proof=proof), expect)
    for at in (0, 47, 48, 163):
        answered(f"message 3, bit of byte {at}", replace(ANN, changed={at: 1}), "AUTH_FAILED")
    for at in (0, 31, 32, 1135, 1136, 1184, 1299):
        dialled(f"message 2, bit of byte {at}", replace(BOB, changed={at: 1}), "AUTH_FAILED")

    answered("our own key calls", replace(ANN, seed=BOB.secret("identity")), "SELF")
    dialled("our own key answers", replace(BOB, seed=ANN.secret("identity")), "SELF")
    dialled("another key answers", BOB, "WRONG_PEER", expected=seeded("somebody", 32).hex())
    lying = replace(ANN, proof=lambda h: replace(ANN, most=2).payload(h))
    answered("two version ranges", lying, "BAD_MESSAGE")
    both = replace(ANN, most=2), replace(BOB, most=2)
    answered("both could speak version 2", both[0], "DOWNGRADE", both[1])
    dialled("both could speak version 2", both[1], "DOWNGRADE", both[0])
    answered("only the other could speak version 2", both[0], "ok")
    answered("the other needs version 2", replace(ANN, least=2, most=2), "DOWNGRADE")
    dialled("version 2 was spoken before", BOB, "DOWNGRADE", floor=2)


# --- records ----------------------------------------------------------------------------


class Direction:
    """One direction of a session, as the writer holds it."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.n = 0

    def seal(self, plaintext: bytes) -> bytes:
        sealed = AESGCM(self.key).encrypt(nonce(self.n), plaintext, b"")
        self.n += 1
        return framed(sealed)

    def record(self, kind: int, body: bytes, size: int | None = None) -> bytes:
        buckets = (128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_519)
        size = size or next(b for b in buckets if b >= len(body) + 3)
        return self.seal((struct.pack(">BH", kind, len(body)) + body).ljust(size, b"\0"))

    def update(self, body: bytes = b"") -> bytes:
        frame = self.record(KEYUPDATE, body)
        self.key = AESGCM(self.key).encrypt(nonce(2**64 - 1), bytes(32), b"")[:32]
        return frame


KEY: Final = seeded("record key", 32)
record_cases: list[dict[str, Any]] = []


def frames(
    name: str, wire: list[bytes], read: list[tuple[int, bytes]], expect: str = "ok"
) -> None:
    record_cases.append(
        {
            "name": name,
            "frames": [frame.hex() for frame in wire],
            "records": [{"type": kind, "body": body.hex()} for kind, body in read],
            "expect": expect,
        }
    )


def records() -> None:
    a, b, c = (16, b"one"), (200, b""), (3, bytes(8))

    def fresh() -> Direction:
        return Direction(KEY)

    d = fresh()
    frames("three records", [d.record(*a), d.record(*b), d.record(*c)], [a, b, c])
    for size in (125, 126, 253, 254, 509, 510, 1021, 1022):
        body = seeded(f"body {size}", size)
        frames(f"body of {size} bytes", [fresh().record(17, body)], [(17, body)])
    d = fresh()
    wire = [d.record(*a), d.update(), d.record(*b)]
    frames("the key changes", wire, [a, (KEYUPDATE, b""), b])
    d = fresh()
    wire = [d.update(), d.update(), d.record(*a)]
    frames("the key changes twice in a row", wire, [(KEYUPDATE, b""), (KEYUPDATE, b""), a])

    d, late = fresh(), fresh()
    wire = [d.record(*a), d.update()]
    late.n = d.n
    frames("old key", [*wire, late.record(*b)], [a, (KEYUPDATE, b"")], "AUTH_FAILED")
    d = fresh()
    d.update()
    d.n = 0
    frames("new key too early", [d.record(*a)], [], "AUTH_FAILED")
    frames("key update with a body", [fresh().update(b"\0")], [], "BAD_RECORD")
    d = fresh()
    one, two, three = d.record(*a), d.record(*b), d.record(*c)
    frames("repeated", [one, one], [a], "AUTH_FAILED")
    frames("swapped", [two], [], "AUTH_FAILED")
    frames("dropped", [one, three], [a], "AUTH_FAILED")
    frames("of another session", [Direction(seeded("x", 32)).record(*a)], [], "AUTH_FAILED")
    for at in (2, 130, len(one) - 1):
        frames(f"bit of byte {at} changed", [change(one, {at: 1})], [], "AUTH_FAILED")
    frames("no bucket", [fresh().record(*a, size=129)], [], "BAD_RECORD")
    frames("two bytes", [fresh().seal(b"\x10\0")], [], "BAD_RECORD")
    stuffed = struct.pack(">BH", 16, 3) + b"one" + bytes(121) + b"\1"
    frames("padding that is not zero", [fresh().seal(stuffed)], [], "BAD_RECORD")
    beyond = struct.pack(">BH", 16, 126).ljust(128, b"\0")
    frames("body longer than its record", [fresh().seal(beyond)], [], "BAD_RECORD")
    for size in (0, 1, 16):
        frames(f"frame of {size} bytes", [framed(bytes(size))], [], "BAD_LENGTH")


def write(name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1) + "\n"
    (Path(__file__).parent / name).write_text(text, encoding="ascii")


def main() -> None:
    handshakes()
    records()
    about = "PROTOCOL.md, {}. Made by make_handshake.py; how to read it stands there."
    write("handshake.json", {"about": about.format(2), "cases": cases, "pieces": pieces})
    write("records.json", {"about": about.format(3), "key": KEY.hex(), "cases": record_cases})


if __name__ == "__main__":
    main()
