"""Garbage: any bytes at all, to the port or to 5353, leave the process running and serving."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import PersonIn
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90)]

THROWER = Path(__file__).with_name("garbage.py")


def test_garbage_leaves_the_process_serving(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(3)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    ann_hears = ann.listen("-vv")
    port = str(ann_hears.all("ready")[0]["port"])
    thrower = lab.exec("h3", [sys.executable, "-I", str(THROWER), lab.address("h1"), port])
    assert thrower.returncode == 0, thrower.stderr
    assert ann_hears.running
    said = bob.run("say", ann.peer_id, "still there?").row
    assert ann_hears.wait_for("message", id=said["id"])["text"] == "still there?"
    assert ann_hears.stop() == 0
    assert "Traceback" not in ann_hears.diagnostics


def test_a_flood_of_connections_leaves_a_conversation_alone(
    lab_of: Callable[[int], Lab], person_in: PersonIn
) -> None:
    lab = lab_of(3)
    ann, bob = person_in(lab, "h1", "Ann"), person_in(lab, "h2", "Bob")
    ann_hears = ann.listen()
    port = str(ann_hears.all("ready")[0]["port"])
    flood = lab.popen(
        "h3",
        [sys.executable, "-I", str(THROWER), lab.address("h1"), port, "flood"],
        stdout=subprocess.PIPE,
    )
    assert flood.stdout is not None
    assert flood.stdout.readline() == b"flooding\n"
    for number in range(3):
        said = bob.run("say", ann.peer_id, f"number {number}").row
        ann_hears.wait_for("message", id=said["id"])
    assert flood.poll() is None
    flood.kill()
    flood.wait()
