"""The receiving half, from OFFER to "stored".  PROTOCOL.md, 4; hostile cases G03, G10, G11."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import DigestMismatch, OutOfTurn, RemoteProtocolError, TransferError
from lanchat.transfer.receiver import DONE_PATIENCE, FINAL, STEPS, Receiver, Stage, Word
from lanchat.transfer.sender import Sender
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
from tests.transfer.desks import DIGEST, ID, OFFER, export, stage_of

MIB = 2**20
NOTHING = (0, bytes(32))
SALT = b"s" * 32


def _all_sent(digest: bytes = DIGEST, attempt: int = 1) -> Done:
    return Done(ID, attempt, DoneStage.SENT, 4, digest)


def _accept(receiver: Receiver, point: tuple[int, bytes] = NOTHING) -> Accept:
    return receiver.accept(SALT, point, export, initiator=False)[0]


def _offered() -> Receiver:
    return Receiver(OFFER)


def _accepted() -> Receiver:
    receiver = Receiver(OFFER)
    _accept(receiver)
    return receiver


def _receiving() -> Receiver:
    receiver = _accepted()
    receiver.receive(Start(ID, 1, 0))
    return receiver


def _received() -> Receiver:
    receiver = _receiving()
    receiver.received(4, DIGEST, now=100.0)
    return receiver


def _storing() -> Receiver:
    receiver = _received()
    receiver.receive(_all_sent())
    return receiver


def _complete() -> Receiver:
    receiver = _storing()
    receiver.stored()
    return receiver


def _looking() -> Receiver:
    receiver = Receiver(OFFER)
    receiver.look(export)
    return receiver


OPEN = [_offered, _looking, _accepted, _receiving, _received]


def test_an_offer_goes_all_the_way() -> None:
    receiver = _offered()
    accept, keys = receiver.accept(SALT, NOTHING, export, initiator=False)
    assert accept == Accept(ID, 1, SALT, 0, bytes(32))
    receiver.receive(Start(ID, 1, 0))
    receiver.received(4, DIGEST, now=0.0)
    receiver.receive(_all_sent())
    assert stage_of(receiver) is Stage.STORING
    assert receiver.stored() == Done(ID, 1, DoneStage.STORED, 4, DIGEST)
    assert stage_of(receiver) is Stage.COMPLETE
    assert keys.token != keys.key


@pytest.mark.parametrize("initiator", [True, False])
def test_both_sides_make_the_same_keys(*, initiator: bool) -> None:
    accept, keys = _offered().accept(SALT, NOTHING, export, initiator=not initiator)
    sender = Sender(OFFER)
    assert sender.accepted(accept, export, initiator=initiator) is None
    assert sender.start(prefix_fits=True)[1] == keys


def test_what_is_here_is_looked_at_before_it_is_accepted() -> None:
    receiver = _offered()
    attempt, key = receiver.look(export)
    assert (attempt, len(key)) == (1, 32)
    assert stage_of(receiver) is Stage.LOOKING
    accept, keys = receiver.accept(SALT, NOTHING, export, initiator=False, skip=b"\x05")
    assert accept == Accept(ID, 2, SALT, 0, bytes(32), b"\x05")
    sender = Sender(OFFER)
    assert sender.looked(attempt)
    assert sender.accepted(accept, export, initiator=True) is None
    assert sender.start(prefix_fits=True)[1] == keys


def test_every_survey_has_a_key_of_its_own() -> None:
    receiver, found = _offered(), set()
    for _ in range(3):
        found.add(receiver.look(export)[1])
        receiver.pause()
    assert len(found) == 3


def test_a_start_while_we_look_breaks_the_protocol() -> None:
    for said in (Start(ID, 1, 0), _all_sent()):
        with pytest.raises(OutOfTurn):
            _looking().receive(said)
    looking = _looking()
    looking.receive(Cancel(ID, 1, CancelCode.USER, RESUMABLE))
    assert stage_of(looking) is Stage.OFFERED


def test_all_sent_that_overtakes_the_lane_is_kept_and_compared() -> None:
    receiver = _receiving()
    receiver.receive(_all_sent())
    receiver.receive(_all_sent())
    assert stage_of(receiver) is Stage.RECEIVING
    receiver.received(4, DIGEST, now=0.0)
    assert stage_of(receiver) is Stage.STORING


def test_another_digest_is_never_stored() -> None:
    late = _received()
    with pytest.raises(DigestMismatch):
        late.receive(_all_sent(bytes(32)))
    early = _receiving()
    early.receive(_all_sent(bytes(32)))
    with pytest.raises(DigestMismatch):
        early.received(4, DIGEST, now=0.0)
    count = _received()
    with pytest.raises(DigestMismatch):
        count.receive(Done(ID, 1, DoneStage.SENT, 5, DIGEST))
    for receiver in (late, early, count):
        assert stage_of(receiver) is Stage.ABANDONED
        with pytest.raises(OutOfTurn):
            receiver.stored()


def test_two_different_words_for_one_attempt_break_the_protocol() -> None:
    receiver = _receiving()
    receiver.receive(_all_sent())
    with pytest.raises(OutOfTurn):
        receiver.receive(_all_sent(bytes(32)))


def test_all_sent_without_a_lane_breaks_the_protocol() -> None:
    with pytest.raises(OutOfTurn):
        _accepted().receive(_all_sent())
    with pytest.raises(OutOfTurn):
        _receiving().receive(_all_sent(attempt=2))
    with pytest.raises(OutOfTurn):
        _offered().receive(_all_sent())


def test_stored_from_a_sender_breaks_the_protocol() -> None:
    with pytest.raises(OutOfTurn):
        _receiving().receive(Done(ID, 1, DoneStage.STORED, 4, DIGEST))


def test_all_sent_that_never_comes_leaves_a_part() -> None:
    receiver = _received()
    assert receiver.deadline == 100.0 + DONE_PATIENCE
    assert not receiver.expire(100.0 + DONE_PATIENCE - 1)
    assert receiver.expire(100.0 + DONE_PATIENCE)
    assert stage_of(receiver) is Stage.OFFERED
    assert receiver.deadline is None


@pytest.mark.parametrize("offset", [MIB, 2 * MIB])
def test_a_start_from_elsewhere_breaks_the_protocol(offset: int) -> None:
    with pytest.raises(OutOfTurn):
        _accepted().receive(Start(ID, 1, offset))
    with pytest.raises(OutOfTurn):
        _receiving().receive(Start(ID, 1, 0))
    with pytest.raises(OutOfTurn):
        _accepted().receive(Start(ID, 2, 0))


def test_a_start_is_from_the_accepted_offset_or_the_beginning() -> None:
    for offset in (0, MIB):
        receiver = _offered()
        assert _accept(receiver, (MIB, DIGEST)).offset == MIB
        receiver.receive(Start(ID, 1, offset))
        assert receiver.offset == offset


def test_attempts_count_up_and_late_words_of_old_ones_change_nothing() -> None:
    receiver = _receiving()
    receiver.receive(_all_sent())
    assert receiver.suspend(CancelCode.LANE_FAILED) == Cancel(
        ID, 1, CancelCode.LANE_FAILED, RESUMABLE
    )
    receiver.receive(_all_sent())
    assert _accept(receiver).attempt == 2
    receiver.receive(_all_sent())
    receiver.receive(Start(ID, 1, 0))
    receiver.receive(Cancel(ID, 1, CancelCode.LANE_FAILED, RESUMABLE))
    assert stage_of(receiver) is Stage.ACCEPTED
    receiver.receive(Start(ID, 2, 0))
    receiver.received(4, DIGEST, now=0.0)
    assert stage_of(receiver) is Stage.RECEIVED  # the first attempt's word does not count
    assert (
        Receiver(OFFER, attempt=5).accept(SALT, NOTHING, export, initiator=True)[0].attempt == 6
    )


def test_the_same_offer_again_changes_nothing_until_all_is_here() -> None:
    for make in (*OPEN, _storing):
        receiver = make()
        stage = receiver.stage
        assert receiver.offered_again(OFFER) is None
        assert receiver.stage is stage
    assert _complete().offered_again(OFFER) == Done(ID, 1, DoneStage.STORED, 4, DIGEST)


def test_another_manifest_under_the_same_id_breaks_the_protocol() -> None:
    other = Sender(OFFER).offer
    changed = type(other)(ID, 0, 1, 0, 3 * MIB, 30, bytes(32), 1, other.shown)
    with pytest.raises(OutOfTurn):
        _receiving().offered_again(changed)


@pytest.mark.parametrize("make", OPEN)
def test_either_side_may_end_it_before_it_is_stored(make: Callable[[], Receiver]) -> None:
    ours, theirs, declined = make(), make(), make()
    assert ours.cancel() == Cancel(ID, 0, CancelCode.USER)
    theirs.receive(Cancel(ID, 0, CancelCode.FILE_CHANGED))
    assert declined.decline(DeclineCode.BAD_NAMES) == Decline(ID, DeclineCode.BAD_NAMES)
    assert (ours.stage, theirs.stage) == (Stage.ABANDONED, Stage.ABANDONED)
    assert theirs.cancelled == Cancel(ID, 0, CancelCode.FILE_CHANGED)
    assert stage_of(declined) is Stage.DECLINED
    for receiver in (ours, theirs, declined):
        receiver.receive(Cancel(ID, 0, CancelCode.USER))
        assert receiver.deadline is None


def test_what_is_being_stored_can_not_be_cancelled_any_more() -> None:
    receiver = _storing()
    assert receiver.cancel() is None
    receiver.receive(Cancel(ID, 0, CancelCode.USER))
    receiver.pause()
    assert receiver.stored().stage is DoneStage.STORED


def test_what_can_not_be_stored_waits_for_another_attempt() -> None:
    receiver = _storing()
    assert receiver.suspend(CancelCode.WRITE_ERROR).flags == RESUMABLE
    assert _accept(receiver).attempt == 2


def test_nothing_leads_out_of_a_final_stage() -> None:
    assert all(goal is stage for (stage, _), goal in STEPS.items() if stage in FINAL)
    assert {stage for stage, _ in STEPS} == set(Stage)
    assert {word for _, word in STEPS} == set(Word)


INPUTS = (
    Start(ID, 1, 0),
    Start(ID, 2, 0),
    Start(ID, 2, MIB),
    _all_sent(),
    _all_sent(attempt=2),
    _all_sent(bytes(32)),
    Done(ID, 1, DoneStage.STORED, 4, DIGEST),
    Cancel(ID, 0, CancelCode.USER),
    Cancel(ID, 1, CancelCode.LANE_FAILED, RESUMABLE),
    Cancel(ID, 1, CancelCode.LANE_FAILED),
    "look",
    "accept",
    "received",
    "pause",
)


def _do(receiver: Receiver, what: object) -> None:
    """One of INPUTS."""
    match what:
        case "accept":
            _accept(receiver)
        case "look":
            receiver.look(export)
        case "received":
            receiver.received(4, DIGEST, now=0.0)
        case "pause":
            receiver.pause()
        case Start() | Done() | Cancel():
            receiver.receive(what)


@given(inputs=st.lists(st.sampled_from(INPUTS), max_size=20))
def test_nothing_is_stored_that_was_not_compared(inputs: list[object]) -> None:
    receiver = _offered()
    compared = False
    for each in inputs:
        try:
            _do(receiver, each)
        except (RemoteProtocolError, TransferError):
            continue
        if receiver.stage is Stage.STORING:
            compared = True
    assert compared or receiver.stage is not Stage.STORING
    if receiver.stage is Stage.STORING:
        assert receiver.stored().digest == DIGEST
