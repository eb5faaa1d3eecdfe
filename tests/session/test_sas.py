"""The spoken check: as the vectors have it, and attacked.  PROTOCOL.md, 5."""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import LocalProtocolError, OutOfTurn
from lanchat.identity.fingerprint import spoken
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.sas import (
    FAILURES,
    LASTS,
    STEPS,
    End,
    SpokenCheck,
    Stage,
    Step,
    commitment,
    words,
)
from lanchat.wire.bodies import decode, encode
from lanchat.wire.payloads import Sas, SasCode, SasCommit, SasNonce, SasResult, SasReveal

_FILE: Final = Path(__file__).parent.parent / "vectors" / "sas.json"
CASES: Final = json.loads(_FILE.read_text(encoding="ascii"))["cases"]
ANN, BOB = sorted(Identity(bytes([seed]) * 32).peer_id for seed in (1, 2))
BINDING: Final = b"h" * 32
N1, N2, N3 = b"1" * 32, b"2" * 32, b"3" * 32

Step_ = dict[str, Any]


def replay(check: SpokenCheck, step: Step_) -> list[Sas]:
    """Do what a step of the vectors says; what is said then."""
    fresh = bytes.fromhex(step.get("nonce", ""))
    match step:
        case {"hear": [kind, body]}:
            payload = decode(kind, bytes.fromhex(body))
            assert isinstance(payload, Sas)
            return list(check.take(payload, fresh, 0.0))
        case {"do": "begin"}:
            return [check.begin(step["run"], fresh, 0.0)]
        case {"do": "agree"}:
            return [check.agree(fresh)]
        case {"do": "answer"}:
            return [check.answer(match=step["match"])]
        case {"do": "lose"}:
            check.lose()
            return []
    said = check.cancel() if step["do"] == "cancel" else check.expire(step["now"])
    return [said] if said else []


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_check_goes_as_the_vectors_say(case: dict[str, Any]) -> None:
    mine, theirs = (PeerId(bytes.fromhex(case[key])) for key in ("mine", "theirs"))
    check = SpokenCheck(bytes.fromhex(case["binding"]), mine, theirs)
    for step in case["steps"]:
        if "refused" in step:
            with pytest.raises(OutOfTurn) as failed:
                replay(check, step)
            assert failed.value.reason == step["refused"]
            assert not check.confirmed
            return
        said = [[kind, body.hex()] for kind, body in map(encode, replay(check, step))]
        assert said == step["says"]
        assert check.stage.value == step["stage"]
        assert check.end == step.get("end")
        if "words" in step:
            assert check.words == spoken(bytes(step["words"]))


def couple() -> tuple[SpokenCheck, SpokenCheck]:
    return SpokenCheck(BINDING, ANN, BOB), SpokenCheck(BINDING, BOB, ANN)


def compared() -> tuple[SpokenCheck, SpokenCheck]:
    """Two sides that have their words."""
    ann, bob = couple()
    list(bob.take(ann.begin(7, N1, 0.0), N3, 0.0))
    (reveal,) = ann.take(bob.agree(N2), N3, 0.0)
    assert list(bob.take(reveal, N3, 0.0)) == []
    return ann, bob


def test_both_sides_have_the_same_four_words() -> None:
    ann, bob = compared()
    assert ann.words == bob.words
    assert len(ann.words) == 4
    assert ann.answerable
    assert bob.answerable


@pytest.mark.parametrize("what", ["binding", "run", "keys", "nonces"])
def test_the_words_hang_on_everything(what: str) -> None:
    first = words(BINDING, 7, ANN, BOB, N1 + N2)
    other = {
        "binding": words(b"H" * 32, 7, ANN, BOB, N1 + N2),
        "run": words(BINDING, 8, ANN, BOB, N1 + N2),
        "keys": words(BINDING, 7, BOB, ANN, N1 + N2),
        "nonces": words(BINDING, 7, ANN, BOB, N2 + N1),
    }
    assert other[what] != first


@given(st.integers(0, 255), st.integers(0, 255))
def test_no_bit_of_commitment_or_nonces_can_be_changed(in_commit: int, in_reveal: int) -> None:
    def flip(data: bytes, bit: int) -> bytes:
        return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(32, "big")

    for commit_bit, reveal_bit in ((in_commit, None), (None, in_reveal)):
        ann, bob = couple()
        asked = ann.begin(7, N1, 0.0)
        if commit_bit is not None:
            asked = SasCommit(7, flip(asked.commitment, commit_bit))
        list(bob.take(asked, N3, 0.0))
        (reveal,) = ann.take(bob.agree(N2), N3, 0.0)
        assert isinstance(reveal, SasReveal)
        if reveal_bit is not None:
            reveal = SasReveal(7, flip(reveal.nonce, reveal_bit))
        assert list(bob.take(reveal, N3, 0.0)) == [SasResult(7, SasCode.DIFFER)]
        assert (bob.end, bob.words, bob.stage) == (End.WRONG_REVEAL, (), Stage.IDLE)


@given(st.integers(0, 255))
def test_a_changed_nonce_of_who_was_asked_gives_other_words(bit: int) -> None:
    ann, bob = couple()
    list(bob.take(ann.begin(7, N1, 0.0), N3, 0.0))
    changed = int.from_bytes(bob.agree(N2).nonce, "big") ^ 1 << bit
    (reveal,) = ann.take(SasNonce(7, changed.to_bytes(32, "big")), N3, 0.0)
    list(bob.take(reveal, N3, 0.0))
    assert ann.words != bob.words


def test_both_ask_at_once_and_the_smaller_key_s_run_stands() -> None:
    ann, bob = couple()
    hers, his = ann.begin(1, N1, 0.0), bob.begin(2, N2, 0.0)
    assert list(ann.take(his, b"x" * 32, 0.0)) == []
    (nonce,) = bob.take(hers, N3, 0.0)
    assert nonce == SasNonce(1, N3)  # not the one it was committed to
    (reveal,) = ann.take(nonce, b"x" * 32, 0.0)
    list(bob.take(reveal, b"x" * 32, 0.0))
    assert ann.words == bob.words
    assert (ann.run, bob.run) == (1, 1)


def test_a_nonce_cannot_be_chosen_after_the_commitment() -> None:
    promised = commitment(BINDING, 7, ANN, BOB, N1)
    tries = (hashlib.sha256(bytes([n])).digest() for n in range(256))
    for other in tries:
        bob = SpokenCheck(BINDING, BOB, ANN)
        list(bob.take(SasCommit(7, promised), N3, 0.0))
        bob.agree(N2)
        list(bob.take(SasReveal(7, other), N3, 0.0))
        assert bob.end in FAILURES


def test_what_our_user_may_not_do_now_is_our_own_fault() -> None:
    ann, _bob = couple()
    for act in (lambda: ann.agree(N1), lambda: ann.answer(match=True)):
        with pytest.raises(LocalProtocolError):
            act()
    ann.begin(7, N1, 0.0)
    with pytest.raises(LocalProtocolError):
        ann.begin(8, N2, 0.0)
    assert ann.cancel() == SasResult(7, SasCode.CANCELLED)
    assert ann.cancel() is None
    assert ann.expire(LASTS * 2) is None


def test_what_could_not_be_kept_was_not_said() -> None:
    ann, bob = compared()
    ann.answer(match=True)
    taken_back = ann.retract()
    assert taken_back == SasResult(7, SasCode.CANCELLED)
    assert not ann.confirmed
    list(bob.take(taken_back, N3, 0.0))
    assert bob.end is End.THEY_CANCELLED
    ann, bob = compared()
    said = bob.answer(match=True)
    ann.answer(match=True)
    list(ann.take(said, N3, 0.0))
    assert ann.retract() is None


def test_only_our_own_user_confirms() -> None:
    ours = {Step.CONFIRM}
    leads_to = {step for (_stage, step), after in STEPS.items() if after is Stage.CONFIRMED}
    assert leads_to == ours
    to_words = {step for (_stage, step), after in STEPS.items() if after is Stage.COMPARING}
    assert to_words == {Step.NONCE, Step.REVEAL}


run_ids = st.sampled_from([1, 2, 3])
nonces = st.sampled_from([N1, N2, N3])
commitments = st.builds(
    lambda run, nonce: commitment(BINDING, run, BOB, ANN, nonce), run_ids, nonces
)
records = st.one_of(
    st.builds(SasCommit, run_ids, commitments),
    st.builds(SasNonce, run_ids, nonces),
    st.builds(SasReveal, run_ids, nonces),
    st.builds(SasResult, run_ids, st.sampled_from(SasCode)),
)
acts = st.sampled_from(["begin", "agree", "no", "cancel", "time", "lose"])


@given(st.lists(st.one_of(records, acts), max_size=40))
def test_no_order_of_records_does_more_than_end_the_session(doings: list[Sas | str]) -> None:
    check = SpokenCheck(BINDING, ANN, BOB)
    for number, doing in enumerate(doings):
        before = check.stage
        try:
            if isinstance(doing, str):
                with contextlib.suppress(LocalProtocolError):
                    _act(check, doing, number)
            else:
                said = list(check.take(doing, N2, 0.0))
                assert len(said) <= 1
        except OutOfTurn:
            assert check.stage is before
            return
        assert not check.confirmed  # nobody here ever said yes
        assert (check.deadline is None) == (check.stage is Stage.IDLE)
        if check.stage in (Stage.COMMITTED, Stage.INVITED, Stage.AGREED):
            assert check.words == ()


def _act(check: SpokenCheck, act: str, number: int) -> None:
    match act:
        case "begin":
            check.begin(1000 + number, N1, 0.0)
        case "agree":
            check.agree(N1)
        case "no":
            check.answer(match=False)
        case "cancel":
            check.cancel()
        case "time":
            check.expire(LASTS)
        case _:
            check.lose()
