"""The handshake between two sessions of ours: who ends up knowing what.  PROTOCOL.md, 2."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lanchat.errors import (
    AuthenticationError,
    BadLength,
    BadPreface,
    Downgrade,
    LanchatError,
    MalformedPayload,
    OtherVersion,
    PeerBlocked,
    PeerTooGreedy,
    ReachedOurselves,
    WrongPeer,
)
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.events import Established
from lanchat.session.handshake import (
    MESSAGE_1,
    PREFACE,
    RANDOM,
    Ephemeral,
    Handshake,
    Opening,
    Role,
    Terms,
    Versions,
    read_opening,
)
from lanchat.session.machine import Session
from lanchat.session.stages import Stage
from lanchat.wire.payloads import Ready
from tests.pairs import ANN, BOB, Pair, Side, ephemeral, met, ready, text

CY = Identity(b"c" * 32)


def refuse(error: LanchatError) -> Callable[[PeerId, bool], Ready]:
    def greet(peer_id: PeerId, initiator: bool) -> Ready:
        raise error

    return greet


def test_both_sides_prove_who_they_are_and_open() -> None:
    pair = met()
    assert pair.ann.established == Established(BOB.peer_id, initiator=True)
    assert pair.bob.established == Established(ANN.peer_id, initiator=False)
    assert pair.ann.session.ready == ready("bob")(ANN.peer_id, False)
    assert pair.bob.session.ready == ready("ann")(BOB.peer_id, True)
    assert pair.ann.session.binding == pair.bob.session.binding != b""


def test_two_sessions_of_the_same_two_people_share_no_secret() -> None:
    one, two = met(word="1"), met(word="2")
    assert one.ann.session.binding != two.ann.session.binding
    exports = {
        side.session.export(name, context, 32)
        for side in (one.ann, one.bob, two.ann)
        for name in ("bulk key", "bulk token")
        for context in (b"", b"x")
    }
    assert len(exports) == 8  # ann and bob of one agree, all else differs


def test_the_messages_have_the_sizes_of_the_protocol() -> None:
    pair = Pair()
    first = pair.ann.session.outgoing()
    assert len(first) == 8 + 2 + 1240
    pair.to_bob(first)
    second = pair.bob.session.outgoing()
    assert len(second) == 2 + 1300
    pair.to_ann(second)
    third = pair.ann.session.outgoing()
    assert third[:2] == (164).to_bytes(2, "big")
    assert len(third) == 2 + 164 + 2 + 128 + 16  # READY behind it, in its bucket


@pytest.mark.parametrize("piece", [1, 7, 700])
def test_a_handshake_may_come_in_pieces(piece: int) -> None:
    pair = Pair()
    for _ in range(4):
        for speaker, hear in ((pair.ann, pair.to_bob), (pair.bob, pair.to_ann)):
            said = speaker.session.outgoing()
            for at in range(0, len(said), piece):
                hear(said[at : at + piece])
    assert pair.ann.opened
    assert pair.bob.opened


def test_somebody_else_answers_and_never_learns_who_called() -> None:
    pair = Pair(bob={"identity": CY})
    pair.exchange()
    assert isinstance(pair.ann.error, WrongPeer)
    assert pair.ann.session.outgoing() == b""
    assert pair.bob.session.peer_id is None


def test_a_dial_without_an_expected_key_takes_whoever_answers() -> None:
    pair = met(ann={"expected": None}, bob={"identity": CY})
    assert pair.ann.established.peer_id == CY.peer_id


@pytest.mark.parametrize("expected", [None, ANN.peer_id], ids=["nobody expected", "myself"])
def test_an_echo_of_ourselves_is_not_a_contact(expected: PeerId | None) -> None:
    pair = Pair(ann={"expected": expected}, bob={"identity": ANN})
    pair.exchange()
    assert isinstance(pair.ann.error, ReachedOurselves)
    assert not pair.bob.opened


def test_a_mirror_that_returns_our_bytes_is_no_lanchat() -> None:
    pair = Pair()
    pair.to_ann(pair.ann.session.outgoing())
    assert isinstance(pair.ann.error, BadPreface)


def test_two_initiators_do_not_meet() -> None:
    ann, bob = (
        Pair().ann,
        Side(Session(Terms(Role.INITIATOR, BOB, ephemeral("b")), ready(""), 0)),
    )
    ann.take(bob.session.outgoing()[len(PREFACE) :], 0)
    assert isinstance(ann.error, BadLength)


def test_a_blocked_caller_is_dropped_without_a_word() -> None:
    pair = Pair(greet_bob=refuse(PeerBlocked()))
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    pair.to_bob(pair.ann.session.outgoing())
    assert isinstance(pair.bob.error, PeerBlocked)
    assert pair.bob.events == []
    assert pair.bob.session.outgoing() == b""


def test_a_blocked_peer_that_answers_does_not_learn_who_called() -> None:
    pair = Pair(greet_ann=refuse(PeerBlocked()))
    pair.exchange()
    assert isinstance(pair.ann.error, PeerBlocked)
    assert pair.bob.session.peer_id is None


@pytest.mark.parametrize(
    ("ours", "theirs", "meets"),
    [
        (Versions(1, 1), Versions(1, 1), True),
        (Versions(1, 2), Versions(1, 1), True),
        (Versions(1, 1), Versions(1, 9), True),
        (Versions(1, 2), Versions(1, 2), False),
        (Versions(1, 3), Versions(1, 2), False),
        (Versions(2, 3), Versions(1, 1), False),
        (Versions(0, 0), Versions(1, 1), False),
    ],
)
def test_less_than_both_could_speak_is_a_downgrade(
    ours: Versions, theirs: Versions, meets: bool
) -> None:
    pair = Pair(ann={"versions": ours}, bob={"versions": theirs})
    pair.exchange()
    assert pair.ann.opened == pair.bob.opened == meets
    if not meets:
        assert isinstance(pair.ann.error, Downgrade)


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_contact_that_spoke_a_higher_version_before_is_refused_with_less(who: str) -> None:
    changes: dict[str, Any] = {who: {"floor": lambda peer_id: 2}}
    pair = Pair(**changes)
    pair.exchange()
    error = pair.ann.error if who == "ann" else pair.bob.error
    assert isinstance(error, Downgrade)
    assert not (pair.ann.opened and pair.bob.opened)


def test_another_version_is_named_to_the_user() -> None:
    pair = Pair()
    pair.to_ann(b"LANCHAT")
    assert pair.ann.error is None
    pair.to_ann(b"\x07")
    assert isinstance(pair.ann.error, OtherVersion)
    assert pair.ann.error.version == 7


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"lanchat\x01",
        b"LANBULK\x01",
        b"\0",
    ],
)
def test_whatever_is_not_lanchat_is_refused_at_its_first_wrong_byte(garbage: bytes) -> None:
    pair = Pair()
    wrong = next(i for i, (a, b) in enumerate(zip(garbage, PREFACE, strict=False)) if a != b)
    for at in range(wrong):
        pair.to_bob(garbage[at : at + 1])
        assert pair.bob.error is None
    pair.to_bob(garbage[wrong : wrong + 1])
    assert isinstance(pair.bob.error, BadPreface)
    assert pair.bob.session.outgoing() == b""


@pytest.mark.parametrize("size", [0, 1, 1239, 1241, 65_535])
def test_a_first_message_of_another_length_is_refused_by_its_header(size: int) -> None:
    pair = Pair()
    pair.to_bob(PREFACE + size.to_bytes(2, "big"))
    assert isinstance(pair.bob.error, BadLength)


def test_nobody_is_held_more_than_4_kib_for_before_it_is_proven() -> None:
    pair = Pair()
    pair.to_bob(pair.ann.session.outgoing() + bytes(4096))
    assert isinstance(pair.bob.error, BadLength)


def test_the_mac_of_a_reach_secret_fits_that_secret_only() -> None:
    opening = _opening(Pair(ann={"reach": b"r" * 32, "minutes": 77}))
    assert opening.answers(b"r" * 32)
    assert not opening.answers(b"s" * 32)
    assert opening.minutes == 77


def test_without_a_reach_secret_the_mac_is_random() -> None:
    one, two = _opening(Pair(word="1")), _opening(Pair(word="2"))
    assert one.mac1 != two.mac1
    assert not one.answers(b"")


def _opening(pair: Pair) -> Opening:
    return read_opening(pair.ann.session.outgoing()[-MESSAGE_1:])


def test_a_gate_that_refuses_costs_no_answer() -> None:
    def gate(opening: Opening) -> PeerId | None:
        raise PeerTooGreedy("enough")

    pair = Pair(bob={"gate": gate})
    pair.exchange()
    assert isinstance(pair.bob.error, PeerTooGreedy)
    assert pair.ann.events == []


def test_a_gate_that_expects_somebody_lets_nobody_else_in() -> None:
    pair = Pair(bob={"gate": lambda opening: CY.peer_id})
    pair.exchange()
    assert isinstance(pair.bob.error, WrongPeer)
    assert not pair.ann.opened


def test_a_router_in_between_changes_nothing_about_who_speaks() -> None:
    pair = met()  # whoever carries the bytes holds no key
    assert pair.ann.established.peer_id == BOB.peer_id
    assert pair.bob.established.peer_id == ANN.peer_id


def test_nobody_can_take_over_the_proof_of_another_session() -> None:
    """Mallory dials Bob, and gives Bob's second message to Ann as her own."""
    ann = Pair()
    mallory = Pair(ann={"identity": CY}, word="mallory")
    mallory.to_bob(mallory.ann.session.outgoing())
    ann.ann.session.outgoing()
    ann.to_ann(mallory.bob.session.outgoing())
    assert isinstance(ann.ann.error, AuthenticationError)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_message_of_an_earlier_handshake_makes_no_session(turn: int) -> None:
    old, new = Pair(word="old"), Pair(word="new")
    recorded: list[bytes] = []
    for pair, keep in ((old, True), (new, False)):
        for number, speaker in enumerate((pair.ann, pair.bob, pair.ann), start=1):
            said = speaker.session.outgoing()
            if keep:
                recorded.append(said)
            elif number == turn:
                said = recorded[turn - 1]
            (pair.to_bob if speaker is pair.ann else pair.to_ann)(said)
        pair.exchange()
    assert old.ann.opened
    assert not new.ann.opened
    assert not new.bob.opened


def test_a_third_message_that_comes_twice_ends_the_session() -> None:
    pair = Pair()
    pair.to_bob(pair.ann.session.outgoing())
    pair.to_ann(pair.bob.session.outgoing())
    third = pair.ann.session.outgoing()[: 2 + 164]
    pair.to_bob(third)
    pair.to_bob(third)
    assert isinstance(pair.bob.error, AuthenticationError | LanchatError)
    assert pair.bob.session.stage is Stage.CLOSED
    assert not pair.bob.opened


def test_a_session_keeps_no_key_when_it_is_over() -> None:
    pair = met()
    pair.bob.session.abandon()
    with pytest.raises(LanchatError):
        pair.bob.session.export("bulk key", b"", 32)
    with pytest.raises(LanchatError):
        pair.bob.session.send(text(), 0.0)


def test_the_engine_checks_lengths_even_if_nobody_framed_its_messages() -> None:
    for role, size in ((Role.RESPONDER, 1239), (Role.INITIATOR, 1301)):
        handshake = Handshake(Terms(role, ANN, ephemeral("x")), lambda peer_id: None)
        read = handshake.second if role is Role.RESPONDER else handshake.third
        with pytest.raises(BadLength):
            read(bytes(size))
        with pytest.raises(ValueError, match="proven"):
            assert handshake.peer_id


def test_a_handshake_needs_all_its_random_bytes() -> None:
    with pytest.raises(ValueError, match="random bytes"):
        Ephemeral.cut(bytes(RANDOM - 1))


def test_a_proof_that_ends_early_is_malformed() -> None:
    """Only a peer who holds the handshake's keys can send one."""
    pair = Pair()
    handshake = pair.ann.session._introduction._handshake
    handshake._terms = replace(handshake._terms, identity=Short())
    pair.exchange()
    assert isinstance(pair.bob.error, BadLength | MalformedPayload)


class Short(Identity):
    """Signs in too few bytes."""

    def __init__(self) -> None:
        super().__init__(b"a" * 32)

    def sign(self, purpose: str, message: bytes) -> bytes:
        return super().sign(purpose, message)[:-1]
