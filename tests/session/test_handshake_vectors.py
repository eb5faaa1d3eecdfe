"""Every case of vectors/handshake.json against a session, as calls.  PROTOCOL.md, 2."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from lanchat.errors import RemoteProtocolError
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.events import Established, Event
from lanchat.session.handshake import Ephemeral, Handshake, Role, Terms, Versions
from lanchat.session.machine import Session
from lanchat.session.noise import Secrets
from lanchat.session.stages import Stage
from tests.pairs import ready

_FOLDER: Final = Path(__file__).parent.parent / "vectors"
_ALL: Final = json.loads((_FOLDER / "handshake.json").read_text(encoding="ascii"))
_CASES: Final = _ALL["cases"]
_GOOD: Final = [case for case in _CASES if case["expect"] == "ok"]
_BAD: Final = [case for case in _CASES if case["expect"] != "ok"]


def _name(case: dict[str, Any]) -> str:
    return f"{case['name']} ({case['role']})"


def _bytes(text: str) -> bytes:
    return bytes.fromhex(_ALL["pieces"].get(text, text))


def _terms(case: dict[str, Any]) -> Terms:
    ours = case["ours"]
    secrets = {name: bytes.fromhex(ours[name]) for name in ("e", "s", "e1", "filler")}
    terms: dict[str, Any] = {}
    if "encapsulated" in case:
        ciphertext, secret = map(_bytes, case["encapsulated"])
        terms["encapsulate"] = _given(ciphertext, secret)
    if "expected" in case:
        terms["expected"] = PeerId(bytes.fromhex(case["expected"]))
    if "floor" in case:
        terms["floor"] = lambda peer_id: case["floor"]
    return Terms(
        Role[case["role"].upper()],
        Identity(bytes.fromhex(ours["seed"])),
        Ephemeral(**secrets),
        versions=Versions(ours["least"], ours["most"]),
        reach=bytes.fromhex(ours["reach"]),
        minutes=ours["minutes"],
        **terms,
    )


def _given(ciphertext: bytes, secret: bytes) -> Callable[[bytes], tuple[bytes, bytes]]:
    return lambda public: (ciphertext, secret)


@pytest.mark.parametrize("case", _GOOD, ids=_name)
def test_a_handshake_of_the_vectors_ends_as_they_say(case: dict[str, Any]) -> None:
    session = Session(_terms(case), ready("us"), 0.0)
    expected = list(map(_bytes, case["outgoing"]))
    if session.initiator:
        assert session.outgoing() == expected.pop(0)
    events: list[Event] = []
    for data in map(_bytes, case["incoming"]):
        events += session.receive(data, 0.0)
        said = session.outgoing()
        if expected:
            message = expected.pop(0)
            assert said[: len(message)] == message  # behind the last one stands our READY
    assert events == [Established(PeerId(bytes.fromhex(case["peer"])), session.initiator)]
    assert session.stage is Stage.GREETING
    assert session.binding.hex() == case["binding"]
    assert session.export("bulk key", b"context", 32).hex() == case["exported"]


@pytest.mark.parametrize("case", _BAD, ids=_name)
def test_a_handshake_that_the_vectors_refuse_is_refused(case: dict[str, Any]) -> None:
    session = Session(_terms(case), ready("us"), 0.0)
    said = session.outgoing()
    *before, last = map(_bytes, case["incoming"])
    for data in before:
        assert list(session.receive(data, 0.0)) == []
    with pytest.raises(RemoteProtocolError) as caught:
        list(session.receive(last, 0.0))
    assert caught.value.reason == case["expect"]
    assert session.stage is Stage.CLOSED
    assert said + session.outgoing() == b"".join(map(_bytes, case["outgoing"]))


@pytest.mark.parametrize("case", _GOOD, ids=_name)
def test_the_engine_alone_ends_like_the_session(case: dict[str, Any]) -> None:
    admitted: list[PeerId] = []
    handshake = Handshake(_terms(case), admitted.append)
    messages = [_bytes(each) for each in case["incoming"]]
    if case["role"] == "initiator":
        handshake.first()
        handshake.third(messages[0][2:])
    else:
        handshake.second(messages[0][10:])
        handshake.finish(messages[1][2:])
    secrets: Secrets = handshake.split()
    assert secrets.binding.hex() == case["binding"]
    assert admitted == [handshake.peer_id]


def test_the_vectors_meet_every_reason_that_a_handshake_has() -> None:
    assert {case["expect"] for case in _CASES} == {
        *("ok", "BAD_PREFACE", "BAD_LENGTH", "BAD_KEY", "BAD_MESSAGE", "AUTH_FAILED"),
        *("SELF", "WRONG_PEER", "DOWNGRADE"),
    }


def test_the_script_writes_the_vectors_that_are_here(tmp_path: Path) -> None:
    script = tmp_path / "make_handshake.py"
    script.write_bytes((_FOLDER / "make_handshake.py").read_bytes())
    subprocess.run([sys.executable, script], check=True)
    for name in ("handshake.json", "records.json"):
        assert (tmp_path / name).read_bytes() == (_FOLDER / name).read_bytes()
