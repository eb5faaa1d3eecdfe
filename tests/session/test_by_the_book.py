"""A second peer, written from docs/PROTOCOL.md alone, speaks with ours.

It shares no code with lanchat but the library's primitives: if both understand each other, the
document says what is built.  It checks little; our own side is the one on trial.
"""

import hashlib
import hmac
import os
import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lanchat.errors import RemoteProtocolError
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.events import Closed, Event, Opened, PayloadReceived
from lanchat.session.handshake import RANDOM, Ephemeral, Role, Terms
from lanchat.session.machine import Session
from lanchat.wire.payloads import NO_ID, NO_KEY, CloseCode, Ready, Text

PREFACE = b"LANCHAT\x01"
NAME = b"Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256"
BUCKETS = (128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65519)


def lbl(purpose: bytes) -> bytes:
    return b"lanchat/1 " + purpose + b"\0"


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(ck: bytes, ikm: bytes) -> tuple[bytes, bytes, bytes]:
    t = hmac.digest(ck, ikm, "sha256")
    o1 = hmac.digest(t, b"\1", "sha256")
    o2 = hmac.digest(t, o1 + b"\2", "sha256")
    return o1, o2, hmac.digest(t, o2 + b"\3", "sha256")


def nonce(n: int) -> bytes:
    return bytes(4) + struct.pack(">Q", n)


def u16(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def raw(key: X25519PrivateKey | Ed25519PrivateKey | MLKEM768PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


class Book:
    """One peer by the book."""

    def __init__(self, *, initiator: bool) -> None:
        self.initiator = initiator
        self.key = Ed25519PrivateKey.generate()
        self.e, self.s = X25519PrivateKey.generate(), X25519PrivateKey.generate()
        self.e1 = MLKEM768PrivateKey.generate()
        self.h = self.ck = sha(NAME)
        self.k = b""
        self.n = 0
        self.mix_hash(lbl(b"noise") + PREFACE)
        self.peer = b""

    def mix_hash(self, data: bytes) -> bytes:
        self.h = sha(self.h, data)
        return data

    def mix_key(self, ikm: bytes) -> None:
        self.ck, self.k, _ = hkdf(self.ck, ikm)
        self.n = 0

    def seal(self, plain: bytes) -> bytes:
        if self.k:
            plain = AESGCM(self.k).encrypt(nonce(self.n), plain, self.h)
            self.n += 1
        return self.mix_hash(plain)

    def open(self, sealed: bytes) -> bytes:
        plain = AESGCM(self.k).decrypt(nonce(self.n), sealed, self.h)
        self.n += 1
        self.mix_hash(sealed)
        return plain

    def dh(self, mine: X25519PrivateKey, theirs: bytes) -> None:
        self.mix_key(mine.exchange(X25519PublicKey.from_public_bytes(theirs)))

    def proof(self, role: int) -> bytes:
        head = bytes((1, role, 1, 1)) + raw(self.key)
        signed = lbl(b"identity-proof") + bytes((role,)) + self.h + head
        return self.seal(head + self.key.sign(signed))

    def check(self, sealed: bytes, role: int) -> None:
        h = self.h
        proof = self.open(sealed)
        assert proof[:4] == bytes((1, role, 1, 1))
        self.peer = proof[4:36]
        signed = lbl(b"identity-proof") + bytes((role,)) + h + proof[:36]
        Ed25519PublicKey.from_public_bytes(self.peer).verify(proof[36:], signed)

    def first(self) -> bytes:
        p1 = struct.pack(">BBHI", 1, 1, 0, 0) + os.urandom(16)
        message = self.mix_hash(raw(self.e)) + self.seal(raw(self.e1)) + self.seal(p1)
        assert len(message) == 1240
        return PREFACE + u16(message)

    def second(self, first: bytes) -> bytes:
        assert first[:8] == PREFACE
        message = first[10:]
        self.re = self.mix_hash(message[:32])
        e1 = self.mix_hash(message[32:1216])
        self.mix_hash(message[1216:])
        out = self.mix_hash(raw(self.e))
        self.dh(self.e, self.re)
        secret, ciphertext = MLKEM768PublicKey.from_public_bytes(e1).encapsulate()
        out += self.seal(ciphertext)
        self.mix_key(secret)
        out += self.seal(raw(self.s))
        self.dh(self.s, self.re)
        out += self.proof(2)
        assert len(out) == 1300
        return u16(out)

    def third(self, second: bytes) -> bytes:
        message = second[2:]
        re = self.mix_hash(message[:32])
        self.dh(self.e, re)
        secret = self.e1.decapsulate(self.open(message[32:1136]))
        self.mix_key(secret)
        rs = self.open(message[1136:1184])
        self.dh(self.e, rs)
        self.check(message[1184:], 2)
        out = self.seal(raw(self.s))
        self.dh(self.s, re)
        out += self.proof(1)
        self.split()
        return u16(out)

    def finish(self, third: bytes) -> None:
        rs = self.open(third[2:50])
        self.dh(self.e, rs)
        self.check(third[50:166], 1)
        self.split()

    def split(self) -> None:
        c1, c2, self.exp = hkdf(self.ck, b"")
        self.sending, self.receiving = (c1, c2) if self.initiator else (c2, c1)
        self.sent = self.received = 0

    def export(self, purpose: bytes, context: bytes, size: int) -> bytes:
        info = lbl(b"export " + purpose) + self.h + context
        return HKDFExpand(SHA256(), size, info).derive(self.exp)

    def record(self, kind: int, body: bytes) -> bytes:
        plain = bytes((kind,)) + u16(body)
        plain = plain.ljust(next(size for size in BUCKETS if size >= len(plain)), b"\0")
        sealed = AESGCM(self.sending).encrypt(nonce(self.sent), plain, b"")
        self.sent += 1
        if kind == 5:
            self.sending = self.rekeyed(self.sending)
        return u16(sealed)

    def records(self, stream: bytes) -> list[tuple[int, bytes]]:
        found = []
        while stream:
            (size,) = struct.unpack(">H", stream[:2])
            plain = AESGCM(self.receiving).decrypt(
                nonce(self.received), stream[2 : 2 + size], b""
            )
            self.received += 1
            stream = stream[2 + size :]
            assert len(plain) in BUCKETS
            (length,) = struct.unpack(">H", plain[1:3])
            found.append((plain[0], plain[3 : 3 + length]))
            if plain[0] == 5:
                self.receiving = self.rekeyed(self.receiving)
        return found

    def rekeyed(self, key: bytes) -> bytes:
        return AESGCM(key).encrypt(nonce(2**64 - 1), bytes(32), b"")[:32]


def ready(name: bytes = b"Book", flags: int = 0) -> bytes:
    head = struct.pack(">HQIHIIQ", flags, 17, 1, 40_000, 0, 60_000, 2**41)
    return head + bytes(64) + bytes((len(name),)) + name


OURS = Ready(0, 23, 0, 50_000, 0, 60_000, 2**41, NO_KEY, NO_KEY, "Ann")
ANN = Identity(b"a" * 32)


def ours(role: Role, expected: PeerId | None = None) -> Session:
    terms = Terms(role, ANN, Ephemeral.cut(os.urandom(RANDOM)), expected=expected)
    return Session(terms, lambda _peer, _initiator: OURS, 0.0)


def fed(session: Session, data: bytes) -> list[Event]:
    return list(session.receive(data, 0.0))


def joined_by_the_book() -> tuple[Book, Session]:
    """The book dials."""
    book, session = Book(initiator=True), ours(Role.RESPONDER)
    fed(session, book.first())
    third = book.third(session.outgoing())
    events = fed(session, third + book.record(1, ready()))
    assert events[-1] == Opened(
        Ready(0, 17, 1, 40_000, 0, 60_000, 2**41, NO_KEY, NO_KEY, "Book")
    )
    return book, session


def joined_by_ours() -> tuple[Book, Session]:
    """Ours dials."""
    book = Book(initiator=False)
    session = ours(Role.INITIATOR, PeerId(raw(book.key)))
    fed(session, book.second(session.outgoing()))
    out = session.outgoing()
    book.finish(out[:166])
    assert book.records(out[166:])[0][0] == 1
    assert isinstance(fed(session, book.record(1, ready()))[-1], Opened)
    return book, session


joined = pytest.mark.parametrize("join", [joined_by_the_book, joined_by_ours])
Join = Callable[[], tuple[Book, Session]]


@joined
def test_both_end_the_handshake_with_the_same_secrets(join: Join) -> None:
    book, session = join()
    assert book.peer == ANN.peer_id.key
    assert session.peer_id == PeerId(raw(book.key))
    assert session.binding == book.h
    assert session.export("bulk key", b"context", 32) == book.export(
        b"bulk key", b"context", 32
    )


def test_our_ready_says_what_the_document_says() -> None:
    book, session = joined_by_the_book()
    ((kind, body),) = book.records(session.outgoing())
    head = struct.pack(">HQIHIIQ", 0, 23, 0, 50_000, 0, 60_000, 2**41)
    assert (kind, body) == (1, head + bytes(64) + b"\3Ann")


@joined
def test_texts_and_pings_go_both_ways(join: Join) -> None:
    book, session = join()
    book.records(session.outgoing())
    text = Text(b"i" * 16, 1, 2, 0, NO_ID, "Grüße " + "x" * 3000)
    body = text.id + struct.pack(">QQB", 1, 2, 0) + NO_ID + u16(text.text.encode())
    assert fed(session, book.record(16, body)) == [PayloadReceived(text)]
    session.send(text, 0.0)
    fed(session, book.record(3, b"12345678"))
    assert book.records(session.outgoing()) == [(16, body), (4, b"12345678")]


@joined
def test_a_body_is_handed_on_as_it_stood_on_the_wire(join: Join) -> None:
    book, session = join()
    body = b"t" * 16 + struct.pack(">IBB", 0, 1, 0) + b"a field of a later version"
    (received,) = fed(session, book.record(35, body))
    assert isinstance(received, PayloadReceived)
    assert received.body == body, "the keys of a lane hang on it"


@joined
def test_both_follow_a_new_key(join: Join) -> None:
    book, session = join()
    book.records(session.outgoing())
    fed(session, book.record(5, b"") + book.record(5, b"") + book.record(3, b"after it"))
    session.send(Text(NO_ID, 1, 2, 0, NO_ID, "before"), 0.0)
    session.send(Text(NO_ID, 2, 2, 0, NO_ID, "two minutes later"), 130.0)
    kinds = [kind for kind, _body in book.records(session.outgoing())]
    assert kinds == [4, 16, 5, 16]


@joined
def test_a_close_with_something_behind_its_fields_is_a_close(join: Join) -> None:
    book, session = join()
    (closed,) = fed(session, book.record(2, struct.pack(">BH", 4, 30) + bytes(60_000)))
    assert closed == Closed(CloseCode.LIMIT.name, by_peer=True, retry_s=30)


def test_a_record_that_came_before_ready_ends_the_session() -> None:
    book, session = Book(initiator=True), ours(Role.RESPONDER)
    fed(session, book.first())
    third = book.third(session.outgoing())
    with pytest.raises(RemoteProtocolError) as caught:
        fed(session, third + book.record(3, b"too soon"))
    assert caught.value.reason == "UNEXPECTED"
