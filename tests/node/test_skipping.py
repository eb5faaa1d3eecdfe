"""The same folder again: what is there already is proven, and is not sent.  PROTOCOL.md, 4."""

import asyncio
import dataclasses
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lanchat.errors import NoProgram, OfferDeclined, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import (
    FileReceived,
    OfferReceived,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferState,
)
from lanchat.node.greeting import Greeter
from lanchat.node.rows import Row
from lanchat.node.settings import Accepting, Clash
from lanchat.session.tcp import Link
from lanchat.store.connection import Connection
from lanchat.transfer import pipe, proofs
from lanchat.transfer.clash import NOBODY, Program
from lanchat.wire.payloads import Accept, Payload, Ready, Survey
from tests.node.house import (
    MIB,
    PATIENCE,
    SLOW,
    House,
    Resident,
    failure,
    make_file,
    parts,
    quiet,
    under_way,
    until,
)


class Wire:
    """How many bytes went over lanes."""

    def __init__(self) -> None:
        self.sent = 0


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Counts what lanes carry."""
    counted, send = Wire(), pipe.Pipe.send

    def counting(self: pipe.Pipe, data: memoryview, counters: pipe.Counters) -> None:
        counted.sent += len(data)
        send(self, data, counters)

    monkeypatch.setattr(pipe.Pipe, "send", counting)
    return counted


class Gate:
    """Proofs wait here until a test lets them go."""

    def __init__(self) -> None:
        self.reached, self.go = Event(), Event()

    async def waits(self) -> None:
        """Wait until somebody is about to prove something."""
        await until(self.reached.is_set)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """The sender's proofs wait."""
    held, prove = Gate(), proofs.prove

    def waiting(*given: Any) -> bytes:
        held.reached.set()
        while not held.go.wait(0.01):
            given[-1](0)  # it may be stopped
        return prove(*given)

    monkeypatch.setattr("lanchat.node.showing.prove", waiting)
    return held


def grow(root: Path, count: int, size: int = 400) -> Path:
    """A folder of folders with `count` files, no two alike."""
    for folder in range(-(-count // 100)):
        (root / f"{folder:02}").mkdir(parents=True)
    for number in range(count):
        (root / f"{number // 100:02}" / f"{number:05}.dat").write_bytes(os.urandom(size))
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def names(one: Resident) -> list[str]:
    """What lies in the download folder."""
    return sorted(path.name for path in one.downloads.iterdir())


async def again(one: Resident, other: Resident, *paths: Path) -> Row:
    """Send, and ask to skip what is there."""
    rows = await one.ask(
        "send",
        peer=str(other.address),
        confirmed=str(other.me),
        paths=[str(path) for path in paths],
        skip_identical=True,
    )
    return rows[-1]


async def sent_once(house: House, root: Path, **settings: Any) -> tuple[Resident, Resident]:
    """Ann and Bob, who has what Ann sent; three files changed since."""
    ann, bob = await house.friends(**settings)
    grow(root, 30)
    assert (await ann.send(bob, root))[-1]["state"] == "done"
    for number in (3, 15, 29):
        (root / f"00/{number:05}.dat").write_bytes(os.urandom(400))
    return ann, bob


# --- what travels -------------------------------------------------------------------------


async def test_of_2000_files_only_the_three_that_changed_travel_again(
    house: House, tmp_path: Path, wire: Wire
) -> None:
    ann, bob = await house.friends()
    root = grow(tmp_path / "photos", 2000)
    assert (await ann.send(bob, root))[-1]["skipped"] == 0
    before = tree(bob.downloads / "photos")
    changed = ["00/00007.dat", "11/01100.dat", "19/01999.dat"]
    for name in changed:
        (root / name).write_bytes(os.urandom(400))
    wire.sent = 0
    row = await again(ann, bob, root)
    assert (row["state"], row["files"], row["skipped"]) == ("done", 2000, 1997)
    assert wire.sent == 3 * 400 + 16  # and not even the list of them
    now = tree(bob.downloads / "photos")
    for name in changed:
        beside = name.replace(".dat", " (2).dat")
        assert now.pop(beside) == (root / name).read_bytes()
    assert now == before
    assert parts(bob) == []
    assert names(bob) == ["photos"]
    assert bob.told(FileReceived)[-1].path == str(bob.downloads / "photos")
    wire.sent = 0  # what lies beside its older self is the same now
    assert (await again(ann, bob, root))["skipped"] == 2000
    assert wire.sent == 16
    assert len(tree(bob.downloads / "photos")) == 2003


async def test_both_sides_say_what_was_skipped(house: House, tmp_path: Path) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    await again(ann, bob, tmp_path / "t")
    for one in (ann, bob):
        (row, first) = await one.ask("transfers")
        assert (row["state"], row["skipped"], row["clash"]) == ("done", 27, "skip")
        assert (first["skipped"], first["clash"]) == (0, None if one is ann else "rename")
        assert row["bytes"] == row["total"]
    offers = bob.told(OfferReceived)
    assert [(one.earlier, one.wishes) for one in offers] == [(False, False), (True, True)]


async def test_without_a_wish_all_of_it_comes_again(
    house: House, tmp_path: Path, wire: Wire
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    wire.sent = 0
    (*_, row) = await ann.send(bob, tmp_path / "t")
    assert (row["state"], row["skipped"]) == ("done", 0)
    assert wire.sent > 30 * 400
    assert names(bob) == ["t", "t (2)"]
    assert tree(bob.downloads / "t (2)") == tree(tmp_path / "t")


@pytest.mark.parametrize("clash", Clash)
async def test_the_receiver_has_the_last_word(
    house: House, tmp_path: Path, clash: Clash
) -> None:
    root = tmp_path / "t"
    ann, bob = await sent_once(house, root, clash=clash)
    row = await again(ann, bob, root)
    assert row["skipped"] == (0 if clash is Clash.RENAME else 27)
    match clash:
        case Clash.RENAME:
            assert names(bob) == ["t", "t (2)"]
            assert tree(bob.downloads / "t (2)") == tree(root)
        case Clash.SKIP:
            assert len(tree(bob.downloads / "t")) == 33
        case Clash.OVERWRITE:
            assert tree(bob.downloads / "t") == tree(root)
    (view, _) = await bob.ask("transfers")
    assert view["clash"] == clash.value


async def test_what_a_person_says_about_one_offer_counts_most(
    house: House, tmp_path: Path
) -> None:
    root = tmp_path / "t"
    ann, bob = await house.friends(asks=True, accept=Accepting.NONE, clash=Clash.RENAME)
    await ann.meet(bob)
    grow(root, 5)
    for clash in (None, "overwrite"):
        sending = asyncio.ensure_future(ann.send(bob, root))
        await bob.hears(TransferMoved, lambda e: e.view.state is TransferState.ASKED)
        (asked, *_) = await bob.ask("transfers")
        assert asked["earlier"] is (clash is not None)
        (row,) = await bob.ask("accept", transfer=asked["transfer"], clash=clash)
        assert row["clash"] == "rename"  # nothing is compared yet
        assert (await sending)[-1]["state"] == "done"
        (root / "00/00001.dat").write_bytes(os.urandom(400))
        bob.events.clear()
    (view, _) = await bob.ask("transfers")
    assert (view["clash"], view["skipped"]) == ("overwrite", 4)
    assert len(tree(bob.downloads / "t")) == 5


async def test_a_choice_that_is_none_is_refused(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(asks=True, accept=Accepting.NONE)
    await ann.meet(bob)
    sending = asyncio.ensure_future(ann.send(bob, make_file(tmp_path / "file", 10)))
    await bob.hears(TransferMoved, lambda e: e.view.state is TransferState.ASKED)
    (asked,) = await bob.ask("transfers")
    error = await failure(bob.ask("accept", transfer=asked["transfer"], clash="replace"))
    assert "clash" in str(error)
    await bob.ask("decline", transfer=asked["transfer"])
    assert isinstance(await failure(sending), OfferDeclined)


# --- what may be looked at ----------------------------------------------------------------


async def test_what_came_of_others_is_neither_looked_at_nor_added_to(
    house: House, tmp_path: Path, wire: Wire
) -> None:
    root = tmp_path / "t"
    _, bob = await sent_once(house, root, clash=Clash.OVERWRITE)
    mallory = await house.lives("mallory", 2)
    await bob.holds(mallory, Trust.KNOWN)
    before = tree(bob.downloads / "t")
    wire.sent = 0
    row = await again(mallory, bob, root)
    assert (row["state"], row["skipped"]) == ("done", 0)
    assert wire.sent > 30 * 400
    assert not bob.told(OfferReceived)[-1].earlier
    assert tree(bob.downloads / "t") == before
    assert names(bob) == ["t", "t (2)"]


@pytest.mark.parametrize("clash", [Clash.SKIP, Clash.OVERWRITE])
async def test_a_folder_of_ones_own_that_got_the_inode_of_theirs_is_none_of_theirs(
    house: House, tmp_path: Path, said: list[Payload], clash: Clash
) -> None:
    root = tmp_path / "t"
    ann, bob = await sent_once(house, root, clash=clash)
    own = bob.downloads / "t"
    shutil.rmtree(own)
    shutil.copytree(root, own)  # what Ann would learn of most
    before = tree(own)

    def used_again(connection: Connection) -> None:
        connection.execute("UPDATE arrivals SET inode = ?", (own.stat().st_ino,))

    await bob.opened.database.run(used_again)
    said.clear()
    row = await again(ann, bob, root)
    assert (row["state"], row["skipped"]) == ("done", 0)
    assert not [one for one in said if isinstance(one, Survey)]
    assert not bob.told(OfferReceived)[-1].earlier
    assert (names(bob), tree(own)) == (["t", "t (2)"], before)


async def test_a_wish_of_a_stranger_counts_for_nothing(house: House, tmp_path: Path) -> None:
    ann, bob = await house.couple(accept=Accepting.ALL)
    root = grow(tmp_path / "t", 5)
    await ann.send(bob, root)
    assert bob.trusts(ann) is Trust.NEW
    assert (await again(ann, bob, root))["skipped"] == 0
    assert names(bob) == ["t", "t (2)"]


async def test_who_is_forgotten_left_nothing_here(house: House, tmp_path: Path) -> None:
    root = tmp_path / "t"
    ann, bob = await sent_once(house, root)
    await bob.ask("trust", peer=str(ann.me), action="forget")
    await bob.holds(ann, Trust.KNOWN)
    assert (await again(ann, bob, root))["skipped"] == 0
    assert names(bob) == ["t", "t (2)"]


async def test_what_is_deleted_is_compared_with_nothing_any_more(
    house: House, tmp_path: Path
) -> None:
    root = tmp_path / "t"
    ann, bob = await sent_once(house, root)
    await acts.clear(bob.node, ann.me)
    assert (await again(ann, bob, root))["skipped"] == 0
    assert names(bob) == ["t", "t (2)"]
    assert (await again(ann, bob, root))["skipped"] == 30


async def test_where_things_lie_outlives_the_transfers_and_a_restart(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "t"
    ann, bob = await sent_once(house, root)
    await house.leaves(bob)
    bob = await house.returns(bob)
    monkeypatch.setattr("lanchat.store.transfers.KEPT", -(10**9))
    await bob.node.transfers.tidy()
    assert await bob.ask("transfers") == []
    monkeypatch.undo()
    assert (await again(ann, bob, root))["skipped"] == 27


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Payload]:
    """Everything that anybody says; who is called "old" names no capability."""
    heard: list[Payload] = []
    post, greet = Link.post, Greeter.greeting

    def listening(self: Link, payload: Payload) -> bool:
        heard.append(payload)
        return post(self, payload)

    def greeting(self: Greeter, **how: bool) -> Callable[[PeerId, bool], Ready]:
        make = greet(self, **how)
        if self._people.my_name != "old":
            return make
        return lambda peer, initiator: dataclasses.replace(make(peer, initiator), caps=0)

    monkeypatch.setattr(Link, "post", listening)
    monkeypatch.setattr(Greeter, "greeting", greeting)
    return heard


@pytest.mark.parametrize("who", ["sender", "receiver"])
async def test_with_a_peer_that_knows_nothing_of_it_all_is_as_before(
    house: House, tmp_path: Path, said: list[Payload], who: str
) -> None:
    settings = {"accept": Accepting.TRUSTED, "clash": Clash.OVERWRITE}
    old, new = await house.lives("old", 0, **settings), await house.lives("new", 1, **settings)
    await old.holds(new, Trust.KNOWN)
    await new.holds(old, Trust.KNOWN)
    ann, bob = (old, new) if who == "sender" else (new, old)
    root = grow(tmp_path / "t", 5)
    await ann.send(bob, root)
    row = await again(ann, bob, root)
    assert (row["state"], row["skipped"]) == ("done", 0)
    assert names(bob) == ["t", "t (2)"]
    assert [type(one) for one in said if isinstance(one, Survey)] == []
    assert {one.skip for one in said if isinstance(one, Accept)} == {b""}


async def test_a_copy_that_was_thrown_away_hides_no_older_one(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    await ann.send(bob, tmp_path / "t")
    shutil.rmtree(bob.downloads / "t (2)")
    assert (await again(ann, bob, tmp_path / "t"))["skipped"] == 27
    assert names(bob) == ["t"]


async def test_many_things_at_the_top_are_never_compared(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(clash=Clash.OVERWRITE)
    files = [make_file(tmp_path / f"{n:02}", n) for n in range(65)]
    for _ in range(2):
        await ann.send(bob, *files)
    assert names(bob) == ["Received files", "Received files (2)"]


# --- broken off ---------------------------------------------------------------------------


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_transfer_without_what_is_there_goes_on_after_a_restart(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    root = grow(tmp_path / "t", 20)
    make_file(root / "large", 12 * MIB)
    await ann.send(bob, root)
    make_file(root / "large", 12 * MIB, seed=1)
    sending = asyncio.ensure_future(again(ann, bob, root))
    await under_way(ann, 4 * MIB)
    await house.leaves(bob)
    assert len(parts(bob)) == 1
    bob = await house.returns(bob, port=bob.address.port)
    await bob.meet(ann)
    row = await sending
    assert (row["state"], row["skipped"]) == ("done", 20)
    assert int(str(row["resumed_from"])) > 0
    assert (bob.downloads / "t/large (2)").read_bytes() == (root / "large").read_bytes()
    assert parts(bob) == []


@pytest.mark.usefixtures("quick_again")
async def test_a_survey_that_loses_its_session_begins_anew_on_the_next(
    house: House, tmp_path: Path, gate: Gate
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    sending = asyncio.ensure_future(again(ann, bob, tmp_path / "t"))
    await gate.waits()
    bob.link(ann).abort("TEST")
    gate.go.set()
    row = await sending
    assert (row["state"], row["skipped"]) == ("done", 27)


async def test_a_survey_goes_over_to_a_session_that_takes_the_place_of_its_own(
    house: House, tmp_path: Path, gate: Gate
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    sending = asyncio.ensure_future(again(ann, bob, tmp_path / "t"))
    await gate.waits()
    await ann.node.sessions.renew(bob.me)
    gate.go.set()
    assert (await sending)["skipped"] == 27


@pytest.mark.parametrize("who", ["sender", "receiver"])
async def test_who_compares_can_be_stopped(
    house: House, tmp_path: Path, gate: Gate, who: str
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    before = tree(bob.downloads)
    sending = asyncio.ensure_future(failure(again(ann, bob, tmp_path / "t")))
    await gate.waits()
    one = ann if who == "sender" else bob
    rows = await one.ask("transfers")
    checking = next(row for row in rows if row["state"] == "checking")
    await one.ask("cancel", transfer=checking["transfer"])
    assert isinstance(await sending, TransferAbandoned)
    await quiet(bob)
    assert parts(bob) == []
    assert tree(bob.downloads) == before


@pytest.mark.usefixtures("quick_again")
async def test_who_compares_can_be_paused_and_goes_on(
    house: House, tmp_path: Path, gate: Gate
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    sending = asyncio.ensure_future(again(ann, bob, tmp_path / "t"))
    await gate.waits()
    (view, *_) = await bob.ask("transfers")
    (row,) = await bob.ask("pause", transfer=view["transfer"])
    assert row["state"] == "paused"
    gate.go.set()
    (row,) = await bob.ask("resume", transfer=view["transfer"])
    assert (await sending)["skipped"] == 27


async def test_progress_of_comparing_is_told(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.node.transfer_list.REPORT_EVERY", 0.01)
    prove_one = proofs.Prover.prove

    def slowly(self: proofs.Prover, file: int, size: int) -> bytes | None:
        time.sleep(0.004)
        return prove_one(self, file, size)

    monkeypatch.setattr(proofs.Prover, "prove", slowly)
    ann, bob = await sent_once(house, tmp_path / "t")
    rows = await ann.ask(
        "send",
        peer=str(bob.address),
        confirmed=str(bob.me),
        paths=[str(tmp_path / "t")],
        skip_identical=True,
    )
    checking = [row for row in rows if row.get("checking")]
    assert checking
    for moved in (*bob.told(TransferChanged), *ann.told(TransferChanged)):
        assert 0 < moved.done <= moved.total
    assert any(moved.checking for moved in bob.told(TransferChanged))


# --- what changes meanwhile ---------------------------------------------------------------


@pytest.mark.usefixtures("slow", "quick_again")
async def test_what_was_skipped_and_is_gone_at_the_end_comes_after_all(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    root = grow(tmp_path / "t", 20)
    make_file(root / "large", 8 * MIB)
    await ann.send(bob, root)
    make_file(root / "large", 8 * MIB, seed=1)
    sending = asyncio.ensure_future(again(ann, bob, root))
    await under_way(ann, 2 * MIB)
    (bob.downloads / "t/00/00005.dat").unlink()
    row = await sending
    assert (row["state"], row["skipped"]) == ("done", 19)
    now = tree(bob.downloads / "t")
    assert now["00/00005.dat"] == (root / "00/00005.dat").read_bytes()
    assert now["large (2)"] == (root / "large").read_bytes()
    assert parts(bob) == []


async def test_a_file_of_ours_that_changes_before_it_is_proven_ends_the_offer(
    house: House, tmp_path: Path, gate: Gate
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    sending = asyncio.ensure_future(failure(again(ann, bob, tmp_path / "t")))
    await gate.waits()
    (tmp_path / "t/00/00000.dat").write_bytes(b"other")
    gate.go.set()
    error = await sending
    assert isinstance(error, TransferAbandoned)
    assert "changed" in error.hint
    assert (await bob.hears(TransferEnded, lambda e: e.state != "done")).state == "cancelled"


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_send_that_asks_to_skip_is_another_offer_than_one_that_does_not(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    await ann.send(bob, file)
    make_file(file, SLOW, seed=1)
    for send in (ann.send(bob, file), again(ann, bob, file)):
        sending = asyncio.ensure_future(send)
        await under_way(ann)
        sending.cancel()
        await asyncio.wait({sending})
    rows: list[Row] = []
    async with asyncio.timeout(PATIENCE):
        while len(rows) < 2:  # each is written down a moment later
            rows = [row for row in await ann.ask("transfers") if row["state"] == "paused"]
    assert {row["clash"] for row in rows} == {None, "skip"}
    row = await again(ann, bob, file)
    assert row["state"] == "done"
    assert row["transfer"] == next(one["transfer"] for one in rows if one["clash"])
    assert int(str(row["resumed_from"])) > 0


# --- programs -----------------------------------------------------------------------------


async def test_a_program_is_none_here_until_its_owner_says_so(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    root = grow(tmp_path / "t", 3)
    (root / "00/00001.dat").chmod(0o755)
    await ann.send(bob, root)
    came = bob.downloads / "t/00/00001.dat"
    (row,) = await bob.ask("transfers")
    assert row["programs"] == [str(came)]
    assert not came.stat().st_mode & 0o111
    (row,) = await bob.ask("make-executable", transfer=row["transfer"])
    assert row["programs"] == []
    assert came.stat().st_mode & 0o777 == 0o700
    assert not (bob.downloads / "t/00/00002.dat").stat().st_mode & 0o111
    error = await failure(bob.ask("make-executable", transfer=row["transfer"]))
    assert isinstance(error, NoProgram)


async def test_a_file_of_somebody_else_that_got_a_programs_name_stays_none(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    eve = await house.lives("eve", 2)
    await bob.holds(eve, Trust.KNOWN)
    for sender in (ann, eve):
        tool = make_file(tmp_path / sender.name / "tool", 100)
        tool.chmod(0o755)
        await sender.send(bob, tool)
        if sender is ann:
            (row,) = await bob.ask("transfers")
            (bob.downloads / "tool").rename(bob.downloads / "tool of ann")
    error = await failure(bob.ask("make-executable", transfer=row["transfer"]))
    assert isinstance(error, NoProgram)
    for name in ("tool", "tool of ann"):
        assert not (bob.downloads / name).stat().st_mode & 0o111


async def test_a_program_of_which_an_earlier_lanchat_kept_the_name_alone_is_not_offered(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    tool = make_file(tmp_path / "tool", 100)
    tool.chmod(0o755)
    await ann.send(bob, tool)
    book = bob.node.transfers._book
    (kept,) = await book.recent(9)
    unproven = [Program(one.path, NOBODY) for one in kept.programs]
    assert unproven
    await book._table.save(dataclasses.replace(kept, programs=tuple(unproven)))
    (row,) = await bob.ask("transfers")
    assert row["programs"] == []


async def test_a_program_stays_one_with_a_setting(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(keep_executable=True)
    root = grow(tmp_path / "t", 3)
    (root / "00/00001.dat").chmod(0o755)
    await ann.send(bob, root)
    (row,) = await bob.ask("transfers")
    assert row["programs"] == []
    assert (bob.downloads / "t/00/00001.dat").stat().st_mode & 0o777 == 0o700
