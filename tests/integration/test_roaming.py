"""Roaming: a conversation and a list outlive other addresses, and cables that are pulled."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import PersonIn
from tests.integration.trees import MEBIBYTE, digest, write_noise
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90), pytest.mark.long]
LAST = "10.77.0.99"


def test_a_session_moves_to_another_address_and_no_message_is_lost(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(0)
    for host in ("h1", "h2"):
        lab.add_host(host, ipv6=False)  # else a link-local address would stay
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    bob_hears, ann_hears = bob.listen(), ann.listen()
    bob_hears.wait_for("peer-found", peer_id=ann.peer_id)
    (said,) = bob.ask("say", peer=ann.peer_id, text="before")
    ann_hears.wait_for("message", id=said["id"])
    texts = []
    for number, address in enumerate(("10.77.0.98", LAST)):
        lab.readdress("h1", f"{address}/24")
        for person, text in ((bob, f"to you {number}"), (ann, f"from me {number}")):
            other = ann if person is bob else bob
            person.ask("say", peer=other.peer_id, text=text, queue=True)
            texts.append(text)
        ann_hears.wait_for("message", text=f"to you {number}")
        bob_hears.wait_for("message", text=f"from me {number}")
    heard = [row["text"] for hears in (ann_hears, bob_hears) for row in hears.all("message")]
    assert sorted(heard) == sorted(["before", *texts])
    for hears in (ann_hears, bob_hears):
        assert hears.all("session-closed") == []
    changed = [row["addresses"] for row in ann_hears.all("networks-changed")]
    assert LAST in changed[-1]


@pytest.mark.parametrize("who", ["sends", "receives"])
def test_files_go_on_at_another_address_as_soon_as_there_is_one(
    lab_of: Callable[[int], Lab], person_in: PersonIn, folder: Path, who: str
) -> None:
    lab = lab_of(0)
    for host in ("h1", "h2"):
        lab.add_host(host, ipv6=False)
    lab.rate("h1", 100)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    bob_hears, ann_hears = bob.listen("--accept", "all"), ann.listen()
    ann_hears.wait_for("peer-found", peer_id=bob.peer_id)
    file = write_noise(folder / "file", 40 * MEBIBYTE)
    (sent,) = ann.ask("offer", peer=bob.peer_id, paths=[str(file)])
    bob_hears.wait_for("progress", transfer=sent["transfer"])
    lab.readdress("h1" if who == "sends" else "h2", f"{LAST}/24")
    ended = bob_hears.wait_for("transfer-ended")  # a lane that stands still ends after 30 s
    assert ended["state"] == "done"
    assert digest(bob.downloads / "file") == digest(file)


def test_who_left_while_the_cable_was_out_is_not_on_the_list_after(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(3)
    ann, bob, eve = (
        person_in(lab, host, name)
        for host, name in (("h1", "Ann"), ("h2", "Bob"), ("h3", "Eve"))
    )
    bob_hears, ann_hears, eve_hears = bob.listen(), ann.listen(), eve.listen()
    for one in (bob, eve):
        ann_hears.wait_for("peer-found", peer_id=one.peer_id)
    lab.cable("h1", up=False)
    for one in (bob, eve):  # nobody answers
        ann_hears.wait_for("peer-lost", peer_id=one.peer_id)
    assert bob_hears.stop() == 0
    lab.cable("h1", up=True)
    ann_hears.wait_for("peer-found", peer_id=eve.peer_id, after=1)
    eve_hears.wait_for("peer-found", peer_id=ann.peer_id)
    assert [row["name"] for row in ann.run("peers").rows] == ["Eve"]
