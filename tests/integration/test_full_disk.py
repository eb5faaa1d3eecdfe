"""A receiver's disk that is full, unplugged or read-only, and is mended.  Hostile case F21."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli_driver import PATIENCE, Listener, Person, Row
from tests.integration.conftest import PersonHere
from tests.integration.small_disk import MIB, OnSmallDisk
from tests.lab.namespaces import available

pytestmark = [pytest.mark.multicast, pytest.mark.timeout(120), pytest.mark.long]

SIZE = 16 * MIB


@pytest.fixture
def disk(folder: Path) -> Iterator[OnSmallDisk]:
    possible, why = available()
    if not possible:
        pytest.skip(why)
    with OnSmallDisk(folder / "Bob" / "downloads") as disk:
        yield disk


class Pair:
    """Ann, who sends no more than 4 MiB a second, and Bob with his small disk."""

    def __init__(self, ann: Person, bob: Person) -> None:
        self.ann, self.bob = ann, bob
        self.file = ann.folder / "file"
        self.file.write_bytes(os.urandom(SIZE))
        self.listen()

    def listen(self) -> None:
        self.bob_hears: Listener = self.bob.listen("--accept", "all")
        self.ann_hears: Listener = self.ann.listen("--limit-rate", "4M")

    def offer(self) -> str:
        (row,) = self.ann.ask(
            "offer", peer=self.bob.peer_id, paths=[str(self.file)], wait=PATIENCE
        )
        return str(row["transfer"])

    def under_way(self, transfer: str, least: int) -> None:
        """Wait until so much is there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            moved = self.bob_hears.all("progress", transfer=transfer)
            if moved and moved[-1]["bytes"] >= least:
                return
            time.sleep(0.02)
        raise AssertionError("nothing comes")

    def held(self, transfer: str, fault: str) -> tuple[Row, Row]:
        """What both sides say of a transfer that waits for the disk."""
        mine, theirs = (
            hears.wait_for("transfer-changed", transfer=transfer, state="held", fault=fault)
            for hears in (self.bob_hears, self.ann_hears)
        )
        return mine, theirs

    def arrives(self, transfer: str, disk: OnSmallDisk) -> None:
        self.ann_hears.wait_for("transfer-ended", transfer=transfer, state="done", timeout=45)
        assert disk.read("file") == self.file.read_bytes()
        assert disk.listing() == ["file"]


@pytest.fixture
def pair(person_here: PersonHere, disk: OnSmallDisk, folder: Path) -> Iterator[Pair]:
    ann = person_here("Ann")
    bob = Person("Bob", disk, folder / "Bob").settle()
    try:
        yield Pair(ann, bob)
    finally:
        bob.leave()


def test_a_disk_that_fills_up_is_waited_for_over_restarts_of_both(
    pair: Pair, disk: OnSmallDisk
) -> None:
    transfer = pair.offer()
    pair.under_way(transfer, 3 * MIB)
    disk.fill()
    mine, theirs = pair.held(transfer, "full")
    assert re.fullmatch(r"the disk is full: \d+ bytes more are needed", mine["reason"])
    assert theirs["reason"] == (
        f"the other computer's disk is full: {theirs['missing']} bytes more are needed there"
    )
    assert 0 < mine["missing"] < 2 * 2**30
    assert pair.bob_hears.all("warning", code="disk-full")
    pair.ann.ask("say", peer=pair.bob.peer_id, text="chat goes on")
    pair.bob_hears.wait_for("message", text="chat goes on")

    pair.bob_hears.kill()
    pair.ann_hears.kill()
    pair.listen()
    pair.held(transfer, "full")
    (listed,) = pair.ann.ask("transfers")
    assert (listed["state"], listed["fault"]) == ("held", "full")
    shown = pair.bob.run("transfers", as_json=False).out
    assert "waits for the disk" in shown
    assert "bytes more are needed" in shown

    disk.empty()
    pair.arrives(transfer, disk)
    assert pair.bob_hears.all("progress", transfer=transfer)[0]["bytes"] >= 2 * MIB


def test_nothing_is_written_where_a_disk_was_and_it_goes_on_when_it_is_back(
    pair: Pair, disk: OnSmallDisk
) -> None:
    transfer = pair.offer()
    pair.under_way(transfer, 3 * MIB)
    disk.unplug()
    mine, theirs = pair.held(transfer, "gone")
    assert "plug its disk in again" in mine["reason"]
    assert "not there on the other computer" in theirs["reason"]
    assert list(disk.folder.iterdir()) == []  # the bare folder, which others see anyway
    assert disk.listing() == []
    disk.plug_in()
    pair.arrives(transfer, disk)
    assert list(disk.folder.iterdir()) == []


def test_a_disk_that_can_only_be_read_is_waited_for(pair: Pair, disk: OnSmallDisk) -> None:
    transfer = pair.offer()
    pair.under_way(transfer, 3 * MIB)
    pair.ann.ask("pause", transfer=transfer)
    pair.bob_hears.wait_for("transfer-changed", transfer=transfer, state="paused")
    disk.only_read(True)
    pair.ann.ask("resume", transfer=transfer)
    mine, _ = pair.held(transfer, "read-only")
    assert mine["missing"] == 0
    disk.only_read(False)
    pair.bob.ask("resume", transfer=transfer)  # nobody needs to wait for the next look
    pair.arrives(transfer, disk)
