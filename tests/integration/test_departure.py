"""Departure: who is gone leaves the others' list, however they went."""

from collections.abc import Callable

import pytest

from tests.integration.conftest import PersonIn
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90), pytest.mark.long]


def test_somebody_who_ends_is_gone_and_comes_back(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(2)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    bob_hears, ann_hears = bob.listen(), ann.listen()
    bob_hears.wait_for("peer-found", peer_id=ann.peer_id)
    assert ann_hears.stop() == 0
    lost = bob_hears.wait_for("peer-lost", peer_id=ann.peer_id)
    assert set(lost) >= {"event", "at", "peer_id", "name", "addresses", "port", "trust"}
    assert [row["name"] for row in bob.run("peers").rows] == []
    ann.listen()
    bob_hears.wait_for("peer-found", peer_id=ann.peer_id)
    assert [row["name"] for row in bob.run("peers").rows] == ["Ann"]


def test_somebody_killed_in_an_open_session_is_gone(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(2)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    bob_hears, ann_hears = bob.listen(), ann.listen()
    said = bob.run("say", ann.peer_id, "are you there?").row
    ann_hears.wait_for("message", id=said["id"])
    ann_hears.kill()
    closed = bob_hears.wait_for("session-closed", peer_id=ann.peer_id)
    assert closed["reason"]
    bob_hears.wait_for("peer-lost", peer_id=ann.peer_id)
    rows = {row["name"]: row["presence"] for row in bob.run("peers").rows}
    assert rows in ({}, {"Ann": "offline"})  # a contact is listed, but not as present


def test_a_host_that_vanishes_without_a_word_is_gone(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(2)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    bob_hears, ann_hears = bob.listen(), ann.listen()
    said = bob.run("say", ann.peer_id, "are you there?").row
    ann_hears.wait_for("message", id=said["id"])
    lab.suspend("h1")
    bob_hears.wait_for("peer-lost", peer_id=ann.peer_id, timeout=40)
    lab.resume("h1")
    bob_hears.wait_for("session-opened", peer_id=ann.peer_id, timeout=40)
