"""Every case of vectors/records.json against both ends of a direction.  PROTOCOL.md, 3."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from lanchat.errors import RemoteProtocolError
from lanchat.session.channel import LEAST_SEALED, Limits, Receiving, Sending
from lanchat.session.noise import LANCHAT, CipherState
from lanchat.wire.frames import FrameReader

_FILE: Final = Path(__file__).parent.parent / "vectors" / "records.json"
_ALL: Final = json.loads(_FILE.read_text(encoding="ascii"))
_GOOD: Final = [case for case in _ALL["cases"] if case["expect"] == "ok"]
_BAD: Final = [case for case in _ALL["cases"] if case["expect"] != "ok"]
_UPDATE: Final = (5, b"")
_NEVER: Final = Limits(2**30, 2**60, float("inf"))


def _name(case: dict[str, Any]) -> str:
    return str(case["name"])


def _cipher() -> CipherState:
    return CipherState(LANCHAT, bytes.fromhex(_ALL["key"]))


def _records(case: dict[str, Any]) -> list[tuple[int, bytes]]:
    return [(record["type"], bytes.fromhex(record["body"])) for record in case["records"]]


def _read(case: dict[str, Any], into: list[tuple[int, bytes]]) -> None:
    receiving = Receiving(_cipher(), 0.0)
    frames = FrameReader(least=LEAST_SEALED)
    for frame in case["frames"]:
        for sealed in frames.receive(bytes.fromhex(frame)):
            into.append(receiving.read(sealed, 0.0))


@pytest.mark.parametrize("case", _GOOD, ids=_name)
def test_records_of_the_vectors_are_read_as_they_say(case: dict[str, Any]) -> None:
    read: list[tuple[int, bytes]] = []
    _read(case, read)
    assert read == _records(case)


@pytest.mark.parametrize("case", _GOOD, ids=_name)
def test_records_of_the_vectors_are_written_as_they_say(case: dict[str, Any]) -> None:
    records = _records(case)
    if records.count(_UPDATE) == 2:
        return  # legal, but no writer of ours ever does that
    out: list[bytes] = []
    limits = Limits(1, 2**60, float("inf")) if _UPDATE in records else _NEVER
    sending = Sending(_cipher(), out, 0.0, limits)
    size = sum(sending.write(*record, 0.0) for record in records if record != _UPDATE)
    assert size == sum(map(len, out))
    if _UPDATE in records:
        out = out[:-1]  # the update behind the last record, which the vectors do not have
    assert [frame.hex() for frame in out] == case["frames"]


@pytest.mark.parametrize("case", _BAD, ids=_name)
def test_records_that_the_vectors_refuse_are_refused(case: dict[str, Any]) -> None:
    read: list[tuple[int, bytes]] = []
    with pytest.raises(RemoteProtocolError) as caught:
        _read(case, read)
    assert caught.value.reason == case["expect"]
    assert read == _records(case)
