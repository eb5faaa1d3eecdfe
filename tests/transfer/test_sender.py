"""The sending half, from OFFER to "stored".  PROTOCOL.md, 4; hostile cases G03, G04, G11."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import LanchatError, MalformedPayload, OutOfTurn, RemoteProtocolError
from lanchat.transfer.sender import FINAL, STEPS, Sender, Stage, Word
from lanchat.wire.payloads import (
    RESUMABLE,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    DoneStage,
    Start,
)
from tests.transfer.desks import DIGEST, ID, OFFER, accept, export, stage_of

MIB = 2**20
STORED = Done(ID, 1, DoneStage.STORED, 4, DIGEST)


def _accepted(attempt: int = 1, offset: int = 0) -> Sender:
    sender = Sender(OFFER)
    assert sender.accepted(accept(attempt, offset=offset), export, initiator=True) is None
    return sender


def _streaming() -> Sender:
    sender = _accepted()
    sender.start(prefix_fits=True)
    return sender


def _sent() -> Sender:
    sender = _streaming()
    sender.sent(4, DIGEST)
    return sender


def test_an_offer_goes_all_the_way() -> None:
    sender = Sender(OFFER)
    assert sender.offered() is OFFER
    assert sender.accepted(accept(), export, initiator=True) is None
    start, keys = sender.start(prefix_fits=True)
    assert start == Start(ID, 1, 0)
    assert keys.token != keys.key
    assert sender.sent(4, DIGEST) == Done(ID, 1, DoneStage.SENT, 4, DIGEST)
    sender.receive(STORED)
    assert stage_of(sender) is Stage.FINISHED


def test_a_prefix_that_does_not_fit_starts_from_the_beginning() -> None:
    assert _accepted(offset=MIB).start(prefix_fits=False)[0] == Start(ID, 1, 0)
    assert _accepted(offset=MIB).start(prefix_fits=True)[0] == Start(ID, 1, MIB)


def test_what_is_here_already_needs_no_lane() -> None:
    sender = Sender(OFFER)
    sender.receive(STORED)
    assert stage_of(sender) is Stage.FINISHED


def test_an_offset_beyond_the_stream_breaks_the_protocol() -> None:
    with pytest.raises(MalformedPayload):
        Sender(OFFER).accepted(accept(offset=4 * MIB), export, initiator=True)


@pytest.mark.parametrize("repeat", [accept(7), accept(6), accept(1), accept(8, salt=7)])
def test_an_attempt_or_salt_served_before_is_never_keyed(repeat: Accept) -> None:
    sender = _accepted(7)
    sender.start(prefix_fits=True)
    refusal = sender.accepted(repeat, export, initiator=True)
    assert isinstance(refusal, Cancel)
    assert refusal.code is CancelCode.LIMIT
    assert stage_of(sender) is Stage.STREAMING
    with pytest.raises(OutOfTurn):
        sender.start(prefix_fits=True)


def test_an_attempt_of_an_earlier_run_is_not_served_again() -> None:
    sender = Sender(OFFER, attempt=3)
    assert isinstance(sender.accepted(accept(3), export, initiator=True), Cancel)
    assert sender.accepted(accept(4), export, initiator=True) is None


def test_attempts_count_anew_on_another_session_but_salts_do_not() -> None:
    sender = _accepted(7)
    refused = sender.accepted(accept(2, salt=7), export, initiator=True, served=0)
    assert isinstance(refused, Cancel)
    assert sender.accepted(accept(1), export, initiator=True, served=0) is None
    assert sender.attempt == 1
    assert isinstance(sender.accepted(accept(1), export, initiator=True, served=1), Cancel)


def test_a_new_attempt_supersedes_the_one_under_way() -> None:
    sender = _streaming()
    assert sender.accepted(accept(2), export, initiator=True) is None
    assert stage_of(sender) is Stage.CHECKING
    start, _ = sender.start(prefix_fits=True)
    assert start.attempt == 2


def test_a_receiver_may_look_before_it_accepts() -> None:
    sender = Sender(OFFER)
    assert sender.looked(1)
    assert stage_of(sender) is Stage.SHOWING
    assert sender.accepted(accept(2), export, initiator=True) is None
    assert sender.start(prefix_fits=True)[0].attempt == 2


def test_a_look_supersedes_the_attempt_under_way() -> None:
    sender = _accepted()
    assert sender.looked(2)
    with pytest.raises(OutOfTurn):
        sender.start(prefix_fits=True)
    sender.receive(Cancel(ID, 2, CancelCode.USER, RESUMABLE))
    assert stage_of(sender) is Stage.OFFERED


@pytest.mark.parametrize("attempt", [1, 6, 7])
def test_a_look_of_an_attempt_served_before_shows_nothing(attempt: int) -> None:
    sender = _accepted(7)
    assert not sender.looked(attempt)
    assert stage_of(sender) is Stage.CHECKING
    sender.cancel()
    assert not sender.looked(9)
    assert stage_of(sender) is Stage.ABANDONED


def test_an_offset_counts_in_what_is_left_of_the_stream() -> None:
    for offset, length in ((MIB, MIB), (2 * MIB, MIB + 1)):
        with pytest.raises(MalformedPayload):
            Sender(OFFER).accepted(accept(offset=offset), export, initiator=True, length=length)
    for offset, length in ((0, 0), (MIB, MIB + 1)):
        sender = Sender(OFFER)
        said = accept(offset=offset)
        assert sender.accepted(said, export, initiator=True, length=length) is None


def test_another_set_makes_other_keys() -> None:
    keys = []
    for skip in (b"", b"\x01", b"\x03"):
        sender = Sender(OFFER)
        sender.accepted(replace(accept(), skip=skip), export, initiator=True)
        keys.append(sender.start(prefix_fits=True)[1])
    assert len({one.key for one in keys} | {one.token for one in keys}) == 6


def test_every_attempt_has_keys_of_its_own() -> None:
    sender = _accepted(1)
    keys = [sender.start(prefix_fits=True)[1]]
    for attempt in (2, 3):
        sender.pause()
        assert sender.accepted(accept(attempt), export, initiator=True) is None
        keys.append(sender.start(prefix_fits=True)[1])
    assert len({each.key for each in keys} | {each.token for each in keys}) == 6


def test_a_lost_lane_waits_for_another_accept() -> None:
    sender = _streaming()
    assert sender.suspend(CancelCode.LANE_FAILED) == Cancel(
        ID, 1, CancelCode.LANE_FAILED, RESUMABLE
    )
    assert stage_of(sender) is Stage.OFFERED
    with pytest.raises(OutOfTurn):
        sender.start(prefix_fits=True)


@pytest.mark.parametrize(
    "make", [lambda: Sender(OFFER), _accepted, _streaming, _sent], ids=["0", "1", "2", "3"]
)
def test_either_side_may_end_it_at_any_stage(make: Callable[[], Sender]) -> None:
    ours = make()
    assert ours.cancel() == Cancel(ID, 0, CancelCode.USER)
    theirs = make()
    theirs.receive(Cancel(ID, 0, CancelCode.USER))
    declined = make()
    declined.receive(Decline(ID, DeclineCode.NO_SPACE, 5))
    assert (ours.stage, theirs.stage) == (Stage.ABANDONED, Stage.ABANDONED)
    assert stage_of(declined) is Stage.DECLINED
    assert declined.declined == Decline(ID, DeclineCode.NO_SPACE, 5)
    for sender in (ours, theirs, declined):
        sender.receive(Cancel(ID, 0, CancelCode.USER))
        refusal = sender.accepted(accept(9), export, initiator=True)
        assert refusal == Cancel(ID, 9, CancelCode.USER)


def test_a_cancelled_attempt_is_not_a_cancelled_transfer() -> None:
    sender = _streaming()
    sender.receive(Cancel(ID, 1, CancelCode.WRITE_ERROR, RESUMABLE))
    assert stage_of(sender) is Stage.OFFERED
    again = _streaming()
    again.receive(Cancel(ID, 9, CancelCode.USER))
    assert stage_of(again) is Stage.STREAMING


@pytest.mark.parametrize("make", [_accepted, _streaming])
def test_stored_before_all_was_sent_breaks_the_protocol(make: Callable[[], Sender]) -> None:
    with pytest.raises(OutOfTurn):
        make().receive(STORED)


def test_all_sent_from_a_receiver_breaks_the_protocol() -> None:
    with pytest.raises(OutOfTurn):
        _sent().receive(Done(ID, 1, DoneStage.SENT, 4, DIGEST))


def test_nothing_leads_out_of_a_final_stage() -> None:
    assert all(goal is stage for (stage, _), goal in STEPS.items() if stage in FINAL)
    assert {stage for stage, _ in STEPS} == set(Stage)
    assert {word for _, word in STEPS} == set(Word)


ACTS = (
    "offered",
    "look",
    "accept",
    "start",
    "sent",
    "pause",
    "cancel",
    "stored",
    "decline",
    "cancelled",
)


@given(acts=st.lists(st.sampled_from(ACTS), max_size=20))
def test_any_order_ends_in_a_stage_or_a_named_error(acts: list[str]) -> None:
    sender, keys, attempt = Sender(OFFER), [], 0
    for act in acts:
        attempt += act in ("accept", "look")
        steps: dict[str, Callable[[], object]] = {
            "offered": sender.offered,
            "look": partial(sender.looked, attempt or 1),
            "accept": partial(sender.accepted, accept(attempt or 1), export, initiator=True),
            "start": lambda: keys.append(sender.start(prefix_fits=True)[1].key),
            "sent": lambda: sender.sent(1, DIGEST),
            "pause": sender.pause,
            "cancel": sender.cancel,
            "stored": lambda: sender.receive(STORED),
            "decline": lambda: sender.receive(Decline(ID, DeclineCode.DECLINED)),
            "cancelled": lambda: sender.receive(Cancel(ID, 0, CancelCode.USER)),
        }
        try:
            steps[act]()
        except LanchatError as error:
            assert isinstance(error, RemoteProtocolError)  # noqa: PT017 - one of many acts
    assert len(set(keys)) == len(keys)
