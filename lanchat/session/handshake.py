"""The handshake: three messages, and both sides know who the other is.  PROTOCOL.md, 2.

    initiator                                   responder
    preface(8) message 1(1240)  ------------>
                                <------------   message 2(1300)
    message 3(164)              ------------>

Message 1 holds keys for this handshake only, and in clear (but bound to the transcript)
versions, flags, minutes and a mac.  Messages 2 and 3 each carry a *proof*: the identity key and
its signature over role, transcript and versions.  The initiator checks the responder's proof
before it sends its own, so nobody but the expected peer learns who is calling.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from lanchat.errors import (
    BadLength,
    BadPreface,
    Downgrade,
    MalformedPayload,
    OtherVersion,
    ReachedOurselves,
    WrongPeer,
)
from lanchat.identity.keys import KEY_SIZE, SIGNATURE_SIZE, Identity, PeerId, label, verify
from lanchat.session.keypairs import (
    KEM_PUBLIC,
    KEM_SEED,
    X25519_SIZE,
    Encapsulate,
    KeyPair,
    MlKemPair,
    X25519Pair,
    encapsulate,
)
from lanchat.session.noise import LANCHAT, HandshakeState, Secrets
from lanchat.wire.fields import U8, U16, U32, Reader, Writer

MAGIC: Final = b"LANCHAT"
WIRE_VERSION: Final = 1  # the one this program speaks
PREFACE: Final = MAGIC + bytes((WIRE_VERSION,))
MESSAGE_1: Final = 1240  # bytes, each
MESSAGE_2: Final = 1300
MESSAGE_3: Final = 164
MAC: Final = 16  # bytes of mac1
RANDOM: Final = 2 * X25519_SIZE + KEM_SEED + MAC  # bytes one handshake is made from

_OPENING: Final = 24  # bytes of the payload of message 1
_MACKED: Final = X25519_SIZE + KEM_PUBLIC + _OPENING - MAC  # bytes of message 1 under mac1
_PROOF_FORMAT: Final = 1
_SIGNED: Final = 4 + KEY_SIZE  # bytes of a proof that its signature covers
_PURPOSE: Final = "identity-proof"


class Role(IntEnum):
    """Which side of a handshake; the number is what a proof says."""

    INITIATOR = 1
    RESPONDER = 2


@dataclass(frozen=True, slots=True)
class Versions:
    """The wire versions one side can speak."""

    least: int = WIRE_VERSION
    most: int = WIRE_VERSION


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """The private bytes of one handshake; whoever uses them twice gives the session away."""

    e: bytes
    s: bytes
    e1: bytes
    filler: bytes  # stands where mac1 would, when we hold no reach secret

    @classmethod
    def cut(cls, random: bytes) -> "Ephemeral":
        """Take the four out of `RANDOM` bytes."""
        if len(random) != RANDOM:
            raise ValueError(f"{len(random)} random bytes, {RANDOM} wanted")
        reader = Reader(random)
        return cls(*(reader.take(size) for size in (X25519_SIZE, X25519_SIZE, KEM_SEED, MAC)))


@dataclass(frozen=True, slots=True)
class Opening:
    """What a message 1 says in clear.  A claim: nothing of it is proven yet."""

    versions: Versions
    flags: int
    minutes: int
    mac1: bytes
    macked: bytes

    def answers(self, reach: bytes) -> bool:
        """Whether its writer held this reach secret of ours."""
        return hmac.compare_digest(self.mac1, _mac1(reach, self.macked))


def anyone(opening: Opening) -> PeerId | None:
    """The gate of a visible profile: everybody may go on."""
    return None


def any_version(peer_id: PeerId) -> int:
    """The floor for peers of whom no version is remembered."""
    return WIRE_VERSION


@dataclass(frozen=True, slots=True)
class Terms:
    """What we bring to one handshake.

    `gate` sees message 1 before it costs us anything; it raises to end it, or names the only
    peer it may come from.  `floor` is the lowest version to speak with a proven peer.
    """

    role: Role
    identity: Identity
    ephemeral: Ephemeral
    versions: Versions = Versions()
    expected: PeerId | None = None
    reach: bytes = b""  # their reach secret, if they gave us one
    minutes: int = 0  # Unix time / 60
    flags: int = 0
    gate: Callable[[Opening], PeerId | None] = anyone
    floor: Callable[[PeerId], int] = any_version
    encapsulate: Encapsulate = encapsulate


def check_preface(preface: bytes) -> None:
    """Accept the one preface of this version.

    Raises:
        OtherVersion: lanchat, but another version of it.
        BadPreface: not lanchat.
    """
    if preface == PREFACE:
        return
    if len(preface) == len(PREFACE) and preface.startswith(MAGIC):
        raise OtherVersion(preface[-1])
    raise BadPreface("not our preface")


class Handshake:
    """One side of the three messages.

    The initiator calls `first` and `third`, the responder `second` and `finish`.  `admit` is
    asked once about the proven key and raises to refuse it; the initiator asks before its own
    identity leaves.  Any exception ends the handshake for good.
    """

    def __init__(self, terms: Terms, admit: Callable[[PeerId], None]) -> None:
        self._terms = terms
        self._admit = admit
        self._expected = terms.expected
        self._theirs: Versions | None = None  # as message 1 claimed them
        self._peer_id: PeerId | None = None
        ours = terms.ephemeral
        keys: dict[str, KeyPair] = {"e": X25519Pair(ours.e), "s": X25519Pair(ours.s)}
        if terms.role is Role.INITIATOR:
            keys["e1"] = MlKemPair(ours.e1)
        self._keys = keys
        self._noise = HandshakeState(
            LANCHAT,
            initiator=terms.role is Role.INITIATOR,
            prologue=label("noise") + PREFACE,
            keys=keys,
            encapsulate=terms.encapsulate,
        )

    @property
    def peer_id(self) -> PeerId:
        """The proven identity of the other side."""
        if self._peer_id is None:
            raise ValueError("nobody is proven yet")
        return self._peer_id

    @property
    def finished(self) -> bool:
        """Whether all three messages went by."""
        return self._peer_id is not None and self._noise.finished

    def first(self) -> bytes:
        """Message 1."""
        return self._noise.write(self._opening)

    def second(self, message: bytes) -> bytes:
        """Message 2, for message 1.

        Raises:
            RemoteProtocolError: message 1 breaks the rules.
        """
        _check_size(message, MESSAGE_1)
        opening = read_opening(message)
        self._theirs = opening.versions
        self._expected = self._terms.gate(opening) or self._expected
        self._noise.read(message)
        return self._noise.write(self._proof)

    def third(self, message: bytes) -> bytes:
        """Message 3, for message 2; by then the responder is proven and admitted.

        Raises:
            RemoteProtocolError: message 2 breaks the rules, or proves the wrong thing.
        """
        _check_size(message, MESSAGE_2)
        self._check_proof(self._noise.read(message), Role.RESPONDER)
        return self._noise.write(self._proof)

    def finish(self, message: bytes) -> None:
        """Take message 3; the initiator is proven and admitted.

        Raises:
            RemoteProtocolError: message 3 breaks the rules, or proves the wrong thing.
        """
        _check_size(message, MESSAGE_3)
        self._check_proof(self._noise.read(message), Role.INITIATOR)

    def split(self) -> Secrets:
        """The keys of the session; this handshake holds nothing afterwards."""
        self._keys.clear()
        return self._noise.split()

    def _opening(self, h: bytes) -> bytes:
        terms = self._terms
        writer = Writer().number(terms.versions.least, U8).number(terms.versions.most, U8)
        head = writer.number(terms.flags, U16).number(terms.minutes, U32).done()
        macked = PREFACE + self._keys["e"].public + self._keys["e1"].public + head
        return head + (_mac1(terms.reach, macked) if terms.reach else terms.ephemeral.filler)

    def _proof(self, h: bytes) -> bytes:
        terms = self._terms
        head = bytes((_PROOF_FORMAT, terms.role, terms.versions.least, terms.versions.most))
        signed = head + terms.identity.peer_id.key
        return signed + terms.identity.sign(_PURPOSE, _said(terms.role, h, signed))

    def _check_proof(self, proof: bytes, role: Role) -> None:
        """All that is checked of who they are, in the order of PROTOCOL.md, 2."""
        reader = Reader(proof)
        if reader.number(U8) != _PROOF_FORMAT:
            raise MalformedPayload("identity proof of an unknown format")
        if reader.number(U8) != role:
            raise MalformedPayload("identity proof for the wrong role")
        theirs = Versions(reader.number(U8), reader.number(U8))
        peer_id = PeerId(reader.take(KEY_SIZE))
        said = _said(role, self._noise.payload_hash, proof[:_SIGNED])
        verify(peer_id, _PURPOSE, said, reader.take(SIGNATURE_SIZE))
        if peer_id == self._terms.identity.peer_id:
            raise ReachedOurselves("our own key answered")
        if self._theirs not in (None, theirs):
            raise MalformedPayload("two different version ranges")
        if self._expected not in (None, peer_id):
            raise WrongPeer("another key than the expected one")
        self._admit(peer_id)
        self._check_version(peer_id, theirs)
        self._peer_id = peer_id

    def _check_version(self, peer_id: PeerId, theirs: Versions) -> None:
        ours = self._terms.versions
        best = min(ours.most, theirs.most)
        if best != WIRE_VERSION or max(ours.least, theirs.least) > WIRE_VERSION:
            raise Downgrade(f"version {WIRE_VERSION} in use, {best} possible")
        if self._terms.floor(peer_id) > WIRE_VERSION:
            raise Downgrade(f"version {self._terms.floor(peer_id)} was used before")


def read_opening(message: bytes) -> Opening:
    """The clear payload of a whole message 1."""
    reader = Reader(message[-_OPENING:])
    versions = Versions(reader.number(U8), reader.number(U8))
    return Opening(
        versions,
        flags=reader.number(U16),
        minutes=reader.number(U32),
        mac1=reader.take(MAC),
        macked=PREFACE + message[:_MACKED],
    )


def _said(role: Role, h: bytes, signed: bytes) -> bytes:
    return bytes((role,)) + h + signed


def _mac1(reach: bytes, macked: bytes) -> bytes:
    return hmac.digest(reach, label("mac1") + macked, "sha256")[:MAC]


def _check_size(message: bytes, size: int) -> None:
    if len(message) != size:
        raise BadLength(f"handshake message of {len(message)} bytes, {size} wanted")
