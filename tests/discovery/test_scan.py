"""The scan: where multicast is dead, one asks each address, and both have found each other."""

import subprocess
import sys
from pathlib import Path

import pytest

from lanchat.discovery.scan import PASSES
from tests.discovery.conftest import Play
from tests.discovery.playing import PATIENCE, Line, Peer, name_of
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(60), pytest.mark.long, pytest.mark.longest]

PACKETS = str(Path(__file__).with_name("packets.py"))
REPOSITORY = str(Path(__file__).parents[2])


def scans(peer: Peer) -> list[Line]:
    """Have it scan to the end; what it told meanwhile."""
    peer.order("scan")
    peer.wait_for("scan over")
    return [line for line in peer.lines if line["event"] == "scanned"]


def test_a_scan_finds_everybody_and_everybody_finds_who_scans(lab: Lab, in_lab: Play) -> None:
    lab.block_multicast("all")
    one, two, three = in_lab("h1", 1), in_lab("h2", 2), in_lab("h3", 3)
    told = scans(one)
    assert one.names() == {name_of(2), name_of(3)}
    assert told[0] == told[0] | {"asked": 0, "total": PASSES * 253, "found": 0}
    assert told[-1] == told[-1] | {"asked": PASSES * 253, "found": 2}
    assert [line["asked"] for line in told] == sorted(line["asked"] for line in told)
    for other in (two, three):
        line = other.wait_for("advert", name=name_of(1))
        assert lab.address("h1") in line["addresses"]
    assert two.names() == three.names() == {name_of(1)}  # who did not scan was not told more
    assert one.verify(2) is True
    assert two.verify(1) is True


def test_who_only_looks_around_or_hides_is_told_to_nobody(lab: Lab, in_lab: Play) -> None:
    lab.block_multicast("all")
    other = in_lab("h2", 2)
    quiet, hidden = in_lab("h1", 1, "--silent"), in_lab("h3", 3)
    hidden.order("withdraw")
    for peer in (hidden, quiet):
        scans(peer)
        assert peer.names() == {name_of(2)}
    assert other.names() == set()


def test_a_scan_is_left_whenever_one_likes(in_lab: Play) -> None:
    peer = in_lab("h1", 1)
    peer.order("scan")
    peer.wait_for("scanned")
    peer.order("cancel")
    peer.wait_for("cancelled")
    asked = [line["asked"] for line in peer.lines if line["event"] == "scanned"]
    assert asked[-1] < PASSES * 253
    scans(peer)  # and begun again
    peer.stop()


def test_lies_are_no_answers_and_count_for_nobody(lab: Lab, in_lab: Play) -> None:
    lab.block_multicast("all")
    liar = lab.popen(
        "h3", [sys.executable, PACKETS, "lie"], env={"PYTHONPATH": REPOSITORY},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    peer, honest = in_lab("h1", 1), in_lab("h2", 2)
    told = scans(peer)
    liar.kill()
    said, _ = liar.communicate(timeout=PATIENCE)
    assert 1 <= said.count(b"asked") <= PASSES
    assert peer.names() == {name_of(2)}
    assert told[-1]["found"] == 1
    honest.wait_for("advert", name=name_of(1))
    assert "failed" not in peer.counts()


def test_without_a_network_there_is_nobody_to_ask(on_loopback: Play) -> None:
    told = scans(on_loopback(1))
    assert [(line["asked"], line["total"]) for line in told] == [(0, 0)]
