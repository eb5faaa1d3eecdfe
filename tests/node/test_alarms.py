"""Alarms: said once, to whom it concerns."""

import asyncio
from collections import Counter

import pytest

from lanchat.errors import DnsSilent, NoMulticast, StoreFull
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import alarms
from lanchat.node.alarms import Alarms
from lanchat.node.events import NodeEvent, Warned

ANN = PeerId(bytes(range(32)))


def _codes(seen: list[NodeEvent]) -> list[str]:
    return [event.code for event in seen if isinstance(event, Warned)]


def test_a_key_in_conflict_is_told_of_once() -> None:
    seen: list[NodeEvent] = []
    told = Alarms(seen.append)
    for _ in range(3):
        told.spoke(ANN, Trust.CONFLICT)
    assert _codes(seen) == ["identity-conflict"]
    assert isinstance(seen[0], Warned)
    assert seen[0].peer_id == ANN


def test_a_wrong_answer_is_told_of_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NodeEvent] = []
    told = Alarms(seen.append)
    for _ in range(3):
        told.wrong_peer(ANN)
    told.wrong_peer(PeerId(bytes(32)))
    assert [event.peer_id for event in seen if isinstance(event, Warned)] == [
        ANN,
        PeerId(bytes(32)),
    ]
    monkeypatch.setattr(alarms, "WRONG_EVERY", 0.0)
    told.wrong_peer(ANN)
    assert len(seen) == 3


@pytest.mark.parametrize("trust", [Trust.NEW, Trust.KNOWN, Trust.VERIFIED])
def test_nobody_else_is_told_of(trust: Trust) -> None:
    seen: list[NodeEvent] = []
    Alarms(seen.append).spoke(ANN, trust)
    assert not seen


def test_ever_new_keys_in_conflict_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alarms, "MOST_REMEMBERED", 3)
    seen: list[NodeEvent] = []
    told = Alarms(seen.append)
    for number in range(10):
        told.spoke(PeerId(bytes([number]) * 32), Trust.CONFLICT)
    assert len(told._conflicts) == 3


def test_a_full_store_is_told_of_once_in_a_while() -> None:
    seen: list[NodeEvent] = []
    told = Alarms(seen.append)
    told.met("messages", StoreFull("x"))
    told.met("messages", StoreFull("x"))
    assert _codes(seen) == ["store"]


def test_multicast_that_works_again_is_no_warning() -> None:
    seen: list[NodeEvent] = []
    told = Alarms(seen.append)
    told.multicast(NoMulticast("x"))
    told.multicast(None)
    assert _codes(seen) == ["no-multicast"]


def test_a_server_that_works_again_is_no_warning() -> None:
    seen: list[NodeEvent] = []
    told = Alarms(seen.append)
    told.dns(DnsSilent("Timeout"))
    told.dns(None)
    assert _codes(seen) == ["dns"]


async def test_refused_adverts_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "COUNT_EVERY", 0.01)
    told = asyncio.Event()
    seen: list[NodeEvent] = []

    def publish(event: NodeEvent) -> None:
        seen.append(event)
        told.set()

    counts = Counter({"forged": 2, "bad advert": 3, "repeated": 9})
    watching = asyncio.create_task(Alarms(publish).watch(lambda: counts))
    await told.wait()
    await asyncio.sleep(0.05)
    watching.cancel()
    assert _codes(seen) == ["advert-refused"]
    assert isinstance(seen[0], Warned)
    assert seen[0].detail.startswith("5 announcements")
