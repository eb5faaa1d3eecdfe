from dataclasses import replace

import pytest

from lanchat.identity.keys import PeerId
from lanchat.store.arrivals import Arrival, programs_of
from lanchat.store.database import Database
from lanchat.store.transfers import KEPT, StoredTransfer, Transfers
from lanchat.transfer.clash import NOBODY, Program, TopId

ANN, BOB = PeerId(b"a" * 32), PeerId(b"b" * 32)
ID = b"i" * 16
INCOMING = StoredTransfer(
    id=ID,
    peer=ANN,
    outgoing=False,
    state="offered",
    manifest_digest=b"d" * 32,
    total=1 << 40,
    created_at=100,
    changed_at=100,
    files=3,
    folders=1,
    offer=b"offer body",
)
OUTGOING = replace(
    INCOMING, outgoing=True, sources=("/home/ann/a", "/home/ann/\udcff b"), state="offered"
)


@pytest.fixture
def transfers(database: Database) -> Transfers:
    return Transfers(database)


async def test_a_transfer_comes_back_as_it_was_saved(transfers: Transfers) -> None:
    full = replace(
        INCOMING,
        state="running",
        done=5 << 20,
        attempt=3,
        root="/home/ann/Downloads\udcff",
        part="a1b2.part",
        results=("/home/ann/Downloads/x", "y\udcfe"),
        code=2,
        unasked=True,
        accepted_at=200,
        done_at=300,
        programs=(Program("x/run\udcff", TopId(2**64 - 1, 3)), Program("x/a", NOBODY)),
    )
    await transfers.save(full)
    await transfers.save(OUTGOING)
    assert await transfers.find(ANN, ID, outgoing=False) == full
    assert await transfers.find(ANN, ID, outgoing=True) == OUTGOING
    assert await transfers.find(BOB, ID, outgoing=True) is None
    assert await transfers.named(ID) == (full, OUTGOING)


def test_a_program_that_an_earlier_lanchat_kept_by_name_is_nobody() -> None:
    assert programs_of('["x/run"]') == (Program("x/run", NOBODY),)


async def test_saving_again_moves_a_transfer_on_but_never_its_attempt_back(
    transfers: Transfers,
) -> None:
    await transfers.save(replace(INCOMING, attempt=2))
    later = replace(INCOMING, state="paused", done=7, attempt=1, changed_at=300)
    await transfers.save(later)
    assert await transfers.find(ANN, ID, outgoing=False) == replace(later, attempt=2)


async def test_what_was_forgotten_meanwhile_is_not_kept_again(transfers: Transfers) -> None:
    await transfers.save(INCOMING)
    read = await transfers.find(ANN, ID, outgoing=False)
    assert read == INCOMING
    await transfers.forget(ANN)
    await transfers.save(replace(read, state="done"))
    assert await transfers.recent(10) == ()
    await transfers.save(INCOMING)
    assert await transfers.recent(10) == (INCOMING,)


async def test_a_manifest_is_kept_beside_its_transfer_and_goes_with_it(
    transfers: Transfers,
) -> None:
    body = bytes(1 << 20)
    await transfers.save(INCOMING, body)
    await transfers.save(replace(INCOMING, done=1))
    assert await transfers.manifest(ANN, ID, outgoing=False) == body
    assert await transfers.manifest(ANN, ID, outgoing=True) is None
    await transfers.forget(ANN)
    await transfers.save(INCOMING)
    assert await transfers.manifest(ANN, ID, outgoing=False) is None


async def test_what_has_not_ended_is_running_after_a_restart(transfers: Transfers) -> None:
    states = ("offered", "running", "paused", "done", "declined", "cancelled", "failed")
    for number, state in enumerate(states):
        await transfers.save(replace(INCOMING, id=bytes([number]) * 16, state=state))
    assert [one.state for one in await transfers.running()] == ["offered", "running", "paused"]
    assert [one.state for one in await transfers.recent(2)] == ["failed", "cancelled"]
    assert [one.ended for one in await transfers.recent(5)] == [True] * 4 + [False]


async def test_the_same_files_for_the_same_peer_go_on_under_the_same_id(
    transfers: Transfers,
) -> None:
    await transfers.save(OUTGOING)
    await transfers.save(replace(INCOMING, id=b"j" * 16))
    assert await transfers.of_source(ANN, b"d" * 32) == (OUTGOING,)
    assert await transfers.of_source(BOB, b"d" * 32) == ()
    assert await transfers.of_source(ANN, b"e" * 32) == ()
    interrupted = replace(OUTGOING, state="cancelled")
    await transfers.save(interrupted)
    assert await transfers.of_source(ANN, b"d" * 32) == (interrupted,)
    for state in ("done", "declined"):
        await transfers.save(replace(OUTGOING, state=state))
        assert await transfers.of_source(ANN, b"d" * 32) == ()


async def test_the_quota_of_a_day_counts_what_was_taken_without_asking(
    transfers: Transfers,
) -> None:
    taken = replace(INCOMING, total=10, unasked=True, accepted_at=50)
    entries = taken.files + taken.folders
    await transfers.save(taken)
    await transfers.save(replace(taken, id=b"1" * 16, total=5, accepted_at=60))
    await transfers.save(replace(taken, id=b"2" * 16, unasked=False, accepted_at=60))
    await transfers.save(replace(taken, id=b"3" * 16, peer=BOB, accepted_at=60))
    assert await transfers.taken_unasked(ANN, 50) == (15, 2 * entries)
    assert await transfers.taken_unasked(ANN, 51) == (5, entries)
    assert await transfers.taken_unasked(PeerId(b"c" * 32), 0) == (0, 0)


async def test_after_seven_days_what_nobody_touched_is_swept_and_named(
    transfers: Transfers,
) -> None:
    part = replace(INCOMING, state="paused", part="a1b2.part")
    done = replace(OUTGOING, id=b"1" * 16, state="done")
    waits = replace(OUTGOING, id=b"2" * 16)
    fresh = replace(INCOMING, id=b"3" * 16, changed_at=200)
    for one in (part, done, waits, fresh):
        await transfers.save(one)
    assert await transfers.sweep(100 + KEPT) == ()
    assert await transfers.sweep(101 + KEPT) == (part, done)
    assert await transfers.recent(10) == (fresh, waits)


async def test_forgetting_a_peer_drops_their_transfers_alone(transfers: Transfers) -> None:
    bobs = replace(INCOMING, peer=BOB)
    await transfers.save(INCOMING)
    await transfers.save(bobs)
    assert await transfers.forget(ANN) == (INCOMING,)
    assert await transfers.recent(10) == (bobs,)


async def test_a_reason_may_name_a_folder_that_is_no_text(transfers: Transfers) -> None:
    await transfers.save(replace(INCOMING, root="/\udcff", reason="/\udcff is not there"))
    kept = await transfers.find(ANN, ID, outgoing=False)
    assert kept is not None
    assert (kept.root, kept.reason) == ("/\udcff", "/? is not there")


async def test_names_are_forgotten_in_what_ended_and_nowhere_else(
    transfers: Transfers,
) -> None:
    ended = replace(
        INCOMING,
        state="done",
        results=("/home/ann/photo.jpg",),
        programs=(Program("tool", NOBODY),),
        reason="a sentence",
    )
    half = replace(INCOMING, id=b"h" * 16, state="failed", part="a1b2.part")
    of_bob = replace(ended, peer=BOB)
    await transfers.save(ended)
    await transfers.save(half)
    await transfers.save(of_bob)
    await transfers.save(OUTGOING, manifest=b"names of files")
    for peer in (ANN, BOB):
        await transfers.arrivals.note(
            peer, "/home/ann", [Arrival("photo", "photo", 1, 2, 3)], 50
        )
    await transfers.anonymise(None, 50)
    assert await transfers.find(ANN, ID, outgoing=False) == ended
    assert len(await transfers.arrivals.earlier(ANN, "/home/ann", ["photo"])) == 1
    await transfers.anonymise(ANN, None)
    assert await transfers.arrivals.earlier(ANN, "/home/ann", ["photo"]) == ()
    assert len(await transfers.arrivals.earlier(BOB, "/home/ann", ["photo"])) == 1
    blank = replace(ended, offer=b"", results=(), programs=(), reason="")
    assert await transfers.find(ANN, ID, outgoing=False) == blank
    assert await transfers.find(ANN, half.id, outgoing=False) == half
    assert await transfers.find(ANN, ID, outgoing=True) == OUTGOING
    assert await transfers.manifest(ANN, ID, outgoing=True) == b"names of files"
    assert await transfers.find(BOB, ID, outgoing=False) == of_bob

    await transfers.save(replace(OUTGOING, state="declined"))
    await transfers.anonymise(None, None)
    assert await transfers.manifest(ANN, ID, outgoing=True) is None
    sent = await transfers.find(ANN, ID, outgoing=True)
    assert sent is not None
    assert (sent.offer, sent.sources) == (b"", ())
    kept = await transfers.find(BOB, ID, outgoing=False)
    assert kept is not None
    assert (kept.offer, kept.results, kept.state) == (b"", (), "done")
