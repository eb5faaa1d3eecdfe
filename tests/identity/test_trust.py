"""Trust: who moves whom, and who looks like whom."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from

from lanchat.errors import NameTaken, PeerBlocked
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import (
    STEPS,
    Act,
    Contact,
    Trust,
    adopt_name,
    block,
    fold,
    hear_name,
    judge,
    mark_failed,
    mark_verified,
    may_adopt,
    mute,
    pin,
    set_alias,
    stranger,
    taken_names,
    unblock,
    unverify,
)

ME = PeerId(b"\1" * 32)
ANN = PeerId(b"\2" * 32)
BOB = PeerId(b"\3" * 32)
EVE = PeerId(b"\4" * 32)
NOW = 1_790_000_000_000

NEW_ANN = stranger(ANN, "Ann", NOW)
KNOWN_ANN = pin(None, ANN, "Ann", NOW)
VERIFIED_ANN = mark_verified(KNOWN_ANN, "words", NOW + 1)
BLOCKED_ANN = block(KNOWN_ANN)
TAKEN = taken_names([KNOWN_ANN], ME, "Mia")


def test_the_table_is_the_table_of_the_protocol() -> None:
    assert dict(STEPS) == {
        (Trust.NEW, Act.PIN): Trust.KNOWN,
        (Trust.NEW, Act.VERIFY): Trust.VERIFIED,
        (Trust.NEW, Act.BLOCK): Trust.BLOCKED,
        (Trust.KNOWN, Act.VERIFY): Trust.VERIFIED,
        (Trust.KNOWN, Act.BLOCK): Trust.BLOCKED,
        (Trust.VERIFIED, Act.UNVERIFY): Trust.KNOWN,
        (Trust.VERIFIED, Act.BLOCK): Trust.BLOCKED,
    }


def test_an_act_of_the_user_makes_somebody_known_by_the_name_of_that_moment() -> None:
    known = Contact(
        ANN, "Ann", trust=Trust.KNOWN, was_known=True, first_seen=NOW, last_seen=NOW
    )
    assert pin(None, ANN, "Ann", NOW) == known
    assert pin(NEW_ANN, ANN, "Anna", NOW + 5) == replace(
        KNOWN_ANN, name="Anna", last_seen=NOW + 5
    )


def test_writing_again_changes_neither_trust_nor_name() -> None:
    assert pin(VERIFIED_ANN, ANN, "Queen Ann", NOW + 9) == replace(
        VERIFIED_ANN, last_seen=NOW + 9
    )


def test_a_clock_that_was_set_back_does_not_make_somebody_seen_earlier() -> None:
    assert pin(KNOWN_ANN, ANN, "Ann", NOW - 60_000).last_seen == NOW


@pytest.mark.parametrize("contact", [NEW_ANN, KNOWN_ANN, VERIFIED_ANN], ids=lambda c: c.trust)
def test_a_comparison_verifies_with_its_date_and_method(contact: Contact) -> None:
    verified = mark_verified(mark_failed(contact, NOW), "code", NOW + 7)
    assert verified.trust is Trust.VERIFIED
    assert (verified.verified_at, verified.verified_how) == (NOW + 7, "code")
    assert (verified.failed_at, verified.was_known) == (0, True)


def test_a_comparison_that_failed_is_a_date_and_no_state() -> None:
    assert mark_failed(VERIFIED_ANN, NOW) == replace(VERIFIED_ANN, failed_at=NOW)


def test_a_verification_can_be_taken_back() -> None:
    assert unverify(VERIFIED_ANN) == KNOWN_ANN
    assert [unverify(c) for c in (NEW_ANN, KNOWN_ANN, BLOCKED_ANN)] == [
        NEW_ANN,
        KNOWN_ANN,
        BLOCKED_ANN,
    ]


def test_only_whoever_was_accepted_can_be_muted_and_trust_does_not_go_by_it() -> None:
    for contact in (KNOWN_ANN, VERIFIED_ANN):
        muted = mute(contact, muted=True)
        assert muted == replace(contact, muted=True)
        assert mute(muted, muted=False) == contact
        assert unblock(block(muted)).muted
    for contact in (NEW_ANN, BLOCKED_ANN):
        assert mute(contact, muted=True) == contact


def test_unblocking_gives_known_to_whoever_was_known_and_new_to_the_rest() -> None:
    assert unblock(block(NEW_ANN)) == NEW_ANN
    assert unblock(block(KNOWN_ANN)) == KNOWN_ANN
    assert unblock(block(VERIFIED_ANN)) == KNOWN_ANN
    assert unblock(KNOWN_ANN) == KNOWN_ANN
    assert block(BLOCKED_ANN) == BLOCKED_ANN


def test_a_blocked_peer_is_left_by_nothing_but_unblocking() -> None:
    with pytest.raises(PeerBlocked):
        pin(BLOCKED_ANN, ANN, "Ann", NOW)
    with pytest.raises(PeerBlocked):
        mark_verified(BLOCKED_ANN, "code", NOW)


def test_somebody_held_is_judged_by_what_is_held_whatever_they_call_themselves() -> None:
    taken = taken_names([KNOWN_ANN, pin(None, BOB, "Bob", NOW)], ME, "Mia")
    for contact in (KNOWN_ANN, VERIFIED_ANN, BLOCKED_ANN):
        for name in ("Ann", "Bob", "Mia", ""):
            assert judge(contact, ANN, name, taken) is contact.trust


@pytest.mark.parametrize(
    "name", ["Ann", "ANN", "\u0410nn", "A\u200bnn", "\uff21nn", "Mia", "M1a"]
)
def test_a_new_key_with_the_name_of_somebody_else_is_in_conflict(name: str) -> None:
    assert judge(None, EVE, name, TAKEN) is Trust.CONFLICT
    assert judge(stranger(EVE, "Eve", NOW), EVE, name, TAKEN) is Trust.CONFLICT


@pytest.mark.parametrize("name", ["Eve", "", "\u200b", "Anne", "..."])
def test_a_new_key_with_a_name_of_its_own_is_new(name: str) -> None:
    assert judge(None, EVE, name, TAKEN) is Trust.NEW


def test_nobody_is_in_conflict_with_themselves() -> None:
    taken = {fold("Ann"): ANN}
    assert judge(NEW_ANN, ANN, "Ann", taken) is Trust.NEW


def test_strangers_and_blocked_peers_hold_no_name() -> None:
    held = [NEW_ANN, block(pin(None, BOB, "Bob", NOW))]
    assert taken_names(held, ME, "") == {}


def test_an_alias_and_the_pinned_name_are_both_taken_but_a_claimed_one_is_not() -> None:
    contact = hear_name(set_alias(KNOWN_ANN, "Boss"), "Zoe")
    assert taken_names([contact], ME, "Mia") == {
        fold("Mia"): ME,
        fold("Boss"): ANN,
        fold("Ann"): ANN,
    }


def test_a_shared_name_is_mine_first_and_then_the_verified_contacts() -> None:
    bob = mark_verified(pin(None, BOB, "Ann", NOW), "code", NOW)
    assert taken_names([KNOWN_ANN, bob], ME, "Mia")[fold("Ann")] == BOB
    assert taken_names([KNOWN_ANN, bob], ME, "Ann")[fold("Ann")] == ME


def test_a_pinned_name_stays_and_the_new_one_stands_beside_it() -> None:
    renamed = hear_name(VERIFIED_ANN, "Anna")
    assert renamed == replace(VERIFIED_ANN, claimed_name="Anna")
    assert hear_name(renamed, "Ann") == VERIFIED_ANN
    assert hear_name(renamed, "") == renamed


def test_the_name_of_a_stranger_follows() -> None:
    assert hear_name(NEW_ANN, "Anna") == replace(NEW_ANN, name="Anna")


def test_a_claimed_name_is_adopted_with_the_users_consent() -> None:
    renamed = hear_name(VERIFIED_ANN, "Anna")
    assert may_adopt(renamed, TAKEN)
    assert adopt_name(renamed, TAKEN) == replace(VERIFIED_ANN, name="Anna")
    assert adopt_name(VERIFIED_ANN, TAKEN) == VERIFIED_ANN
    assert not may_adopt(VERIFIED_ANN, TAKEN)


def test_a_change_of_capitals_in_ones_own_name_is_adopted() -> None:
    assert adopt_name(hear_name(KNOWN_ANN, "ANN"), TAKEN).name == "ANN"


@pytest.mark.parametrize("name", ["Ann", "ann", "\u0410nn", "Mia", "M\u0456a"])
def test_a_name_that_looks_like_anothers_or_mine_cannot_be_adopted(name: str) -> None:
    bob = hear_name(mark_verified(pin(None, BOB, "Bob", NOW), "code", NOW), name)
    assert not may_adopt(bob, TAKEN)
    with pytest.raises(NameTaken):
        adopt_name(bob, TAKEN)
    assert bob.trust is Trust.VERIFIED


def test_the_alias_is_shown_before_the_name() -> None:
    assert KNOWN_ANN.display == "Ann"
    assert set_alias(KNOWN_ANN, "Boss").display == "Boss"


ACTS = {
    "pin": lambda contact: pin(contact, ANN, "Ann", NOW),
    "verify": lambda contact: mark_verified(contact, "words", NOW),
    "fail": lambda contact: mark_failed(contact, NOW),
    "unverify": unverify,
    "block": block,
    "unblock": unblock,
}


@given(lists(sampled_from(sorted(ACTS)), max_size=12))
def test_whatever_the_user_does_a_stored_contact_is_never_in_conflict(acts: list[str]) -> None:
    contact = NEW_ANN
    for act in acts:
        before = contact
        try:
            contact = ACTS[act](contact)
        except PeerBlocked:
            assert before.trust is Trust.BLOCKED
            continue
        assert contact.trust is not Trust.CONFLICT
        assert contact.was_known >= before.was_known
        if contact.trust is Trust.VERIFIED:
            assert act == "verify" or before.trust is Trust.VERIFIED
        if contact.trust in (Trust.KNOWN, Trust.VERIFIED):
            assert contact.was_known


def test_nothing_but_the_table_moves_anybody() -> None:
    for trust, (name, act) in product(Trust, ACTS.items()):
        if trust in (Trust.CONFLICT, Trust.BLOCKED) or name in ("fail", "unblock"):
            continue
        step = Act[name.upper()]
        contact = replace(NEW_ANN, trust=trust)
        assert act(contact).trust is STEPS.get((trust, step), trust)
