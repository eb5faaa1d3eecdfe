"""Invites where multicast is dead: pasted as text, they lead to a conversation."""

from collections.abc import Callable

import pytest

from lanchat.identity.fingerprint import invite, parse_invite
from lanchat.identity.keys import Identity, PeerId
from tests.cli.screen import Screen
from tests.integration.conftest import PersonHere, PersonIn
from tests.lab.lab import Lab

pytestmark = [pytest.mark.timeout(90), pytest.mark.long, pytest.mark.longest]


@pytest.mark.netns
def test_an_invite_leads_to_a_conversation_where_multicast_is_dead(
    lab_of: Callable[..., Lab], person_in: PersonIn
) -> None:
    lab = lab_of(2)
    lab.block_multicast("all")
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    ann_hears, bob_hears = ann.listen(), bob.listen()
    assert bob.run("peers", "--wait", "1").rows == []
    given = ann.run("invite").row
    assert f"{lab.address('h1')}:{ann_hears.all('ready')[0]['port']}" in given["addresses"]
    assert bob.run("say", given["invite"], "hello").row["state"] == "delivered"
    assert ann_hears.wait_for("message", text="hello")["peer_id"] == bob.peer_id
    assert ann.run("say", bob.peer_id, "hello yourself").row["state"] == "delivered"
    bob_hears.wait_for("message", text="hello yourself")
    assert bob.run("trust", given["invite"]).row["trust"] == "known"
    doctored = bob.run("doctor", "--peer", given["invite"])
    assert {"peer", "subnet"} <= {row["check"] for row in doctored.rows}


@pytest.mark.netns
def test_an_invite_that_leads_to_somebody_else_ends_with_5(
    lab_of: Callable[..., Lab], person_in: PersonIn
) -> None:
    lab = lab_of(2)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    hears = ann.listen()
    where = ann.run("invite").row["addresses"]
    eve = PeerId.parse(bob.peer_id)
    cat = person_in(lab, "h2", "Cat")
    done = cat.run("say", invite(eve, where), "secret")
    assert done.status == 5
    assert "somebody else answered" in done.err
    assert hears.all("session-opened") == []


@pytest.mark.netns
def test_without_a_network_that_is_why_nobody_is_reached(
    lab_of: Callable[..., Lab], person_in: PersonIn
) -> None:
    lab = lab_of(1)
    ann = person_in(lab, "h1", "Ann")
    lab.cable("h1", up=False)
    somebody = invite(Identity(bytes(range(32))).peer_id, ["10.77.0.9:4000"])
    for peer in (somebody, "10.77.0.9:4000"):
        done = ann.run("say", peer, "x", "--wait", "0.1")
        assert done.status == 3
        assert "hint: this computer is on no network now" in done.err


def test_without_a_listener_an_invite_holds_the_key_alone(person_here: PersonHere) -> None:
    ann = person_here("Ann")
    done = ann.run("invite")
    assert set(done.row) == {"peer_id", "name", "invite", "addresses"}
    assert parse_invite(done.row["invite"]).peer_id == PeerId.parse(ann.peer_id)
    assert done.row["addresses"] == []
    assert "start the window or listen first" in done.err
    plain = ann.run("invite", as_json=False)
    assert plain.out == done.row["invite"] + "\n"
    with Screen(["invite"], ann.environment()) as screen:
        assert screen.end() == 0
        assert {"\u2588", "\u2580"} <= set(screen.shown)
        assert done.row["invite"] in screen.shown.replace("\n", "")


def test_who_is_invisible_is_told_why_an_invite_holds_no_address(
    person_here: PersonHere,
) -> None:
    ann = person_here("Ann")
    ann.listen()
    done = ann.run("invite")
    assert done.row["addresses"]
    assert "others on this computer only" in done.err
    ann.run("whoami", "--be", "invisible", "--status", "hush")
    done = ann.run("invite")
    assert done.row["addresses"] == []
    assert "as you are invisible" in done.err


@pytest.mark.netns
def test_by_a_scan_both_are_listed_where_multicast_is_dead(
    lab_of: Callable[..., Lab], person_in: PersonIn
) -> None:
    lab = lab_of(3)
    lab.block_multicast("all")
    ann, bob, cat = (
        person_in(lab, host, name)
        for host, name in (("h1", "Ann"), ("h2", "Bob"), ("h3", "Cat"))
    )
    ann_hears, bob_hears = ann.listen(), bob.listen()
    done = ann.run("peers", "--scan")
    (row,) = done.rows
    assert (row["peer_id"], row["presence"]) == (bob.peer_id, "seen")
    assert "1 person answered" in done.err
    assert bob_hears.wait_for("peer-found", peer_id=ann.peer_id)["addresses"]
    assert ann_hears.wait_for("peer-found", peer_id=bob.peer_id)["addresses"]
    assert bob.run("say", ann.peer_id, "found you").row["state"] == "delivered"
    looked = cat.run(
        "peers", "--scan", as_json=False
    )  # of a node of its own, that says nothing
    assert looked.status == 0
    assert {"Ann", "Bob"} <= set(looked.out.split())
    assert bob_hears.all("peer-found", peer_id=cat.peer_id) == []


@pytest.mark.netns
def test_friends_find_each_other_where_they_last_were_though_nothing_of_mdns_arrives(
    lab_of: Callable[..., Lab], person_in: PersonIn
) -> None:
    lab = lab_of(2)
    lab.block_multicast("all")
    for host in ("h1", "h2"):
        lab.firewall(host, udp=[5353])
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    hears = ann.listen("--port", "42001")
    bobs = bob.listen()
    bob.run("say", ann.run("invite").row["invite"], "hello")
    ann.run("say", bob.peer_id, "hello yourself")
    assert bobs.stop() == 0
    hears.wait_for("session-closed")
    (where,) = (one for one in bob.run("trust", ann.peer_id).row["addresses"] if "42001" in one)
    assert where == f"{lab.address('h1')}:42001"
    bob.listen()  # says nothing to anybody, and types no address
    assert hears.wait_for("session-opened", after=1)["peer_id"] == bob.peer_id


def test_what_waits_for_an_invite_says_where_it_led_in_vain(person_here: PersonHere) -> None:
    ann = person_here("Ann")
    somebody = invite(Identity(bytes(range(32))).peer_id, ["127.0.0.1:1025"])
    for words in (["say", somebody, "for later"], ["send", somebody, __file__]):
        done = ann.run(*words, "--queue", as_json=False)
        assert done.status == 0
        assert "in the outbox until" in done.out
        assert "lanchat: nothing answered at 127.0.0.1:1025, where their inv" in done.err
