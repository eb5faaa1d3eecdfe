"""Introductions across networks: three hosts, where multicast goes nowhere."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import pin
from lanchat.node import profiles
from lanchat.node.epochs import secret
from lanchat.store.contacts import Contacts
from tests.discovery.test_doctor_in_the_lab import REPOSITORY
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(120)]

PHRASE = "granite otter paddles home"
PORT = 40_003  # of the one whom both know
LANCHAT = [sys.executable, "-m", "lanchat"]
ENV = {"PYTHONPATH": REPOSITORY}


@dataclass
class Somebody:
    """A profile, and the secret that its friends are told."""

    folder: Path
    peer_id: PeerId
    beacon: bytes = b""


def blocked(lab_of: Callable[..., Lab]) -> Lab:
    """One link, on which what is sent to everybody is lost."""
    lab = lab_of(3)
    lab.block_multicast("all")
    return lab


def routed(lab_of: Callable[..., Lab]) -> Lab:
    """Three subnets that only a router joins."""
    lab = lab_of(0)
    for network in ("left", "right", "core"):
        lab.add_network(network)
    lab.add_host("router", "left", forward=True)
    lab.attach("router", "right")
    lab.attach("router", "core")
    for host, network in (("h1", "left"), ("h2", "right"), ("h3", "core")):
        lab.add_host(host, network)
        lab.gateway(host, lab.address("router", network))
    return lab


def registered(folder: Path) -> Somebody:
    async def make() -> Somebody:
        _, peer_id = await profiles.register(f"{folder}/", folder.name, PHRASE, profiles.QUICK)
        opened = await _opened(folder)
        try:
            return Somebody(folder, peer_id, await secret(opened.database, "beacon"))
        finally:
            await opened.close()

    return asyncio.run(make())


def knows(one: Somebody, other: Somebody, *addresses: str) -> None:
    """They met before: each was told the other's secret."""

    async def keep() -> None:
        opened = await _opened(one.folder)
        try:
            contact = pin(None, other.peer_id, other.folder.name, 1)
            contact = replace(contact, beacon_key=other.beacon, addresses=addresses)
            await Contacts(opened.database).save(contact)
        finally:
            await opened.close()

    asyncio.run(keep())


async def _opened(folder: Path) -> profiles.OpenProfile:
    held = await asyncio.to_thread(profiles.hold, f"{folder}/")
    return await profiles.unlock(held, PHRASE)


def listens(lab: Lab, host: str, one: Somebody, *words: str) -> "subprocess.Popen[bytes]":
    phrase = one.folder.parent / "phrase"
    phrase.write_text(f"{PHRASE}\n")
    command = [*LANCHAT, "listen", "--json", "--profile", str(one.folder)]
    command += ["--passphrase-file", str(phrase), *words]
    process = lab.popen(host, command, env=ENV, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "ready"
    return process


def says(lab: Lab, host: str, one: Somebody, other: Somebody) -> int:
    words = ["say", str(other.peer_id), "hello", "--profile", str(one.folder), "--wait", "3"]
    return lab.exec(host, [*LANCHAT, *words], env=ENV).returncode


def opened_with(process: "subprocess.Popen[bytes]", other: Somebody) -> None:
    """Wait until there is a session with somebody."""
    assert process.stdout is not None
    for line in process.stdout:
        row = json.loads(line)
        if row["event"] == "session-opened" and row["peer_id"] == str(other.peer_id):
            return
    raise AssertionError("it ended without that session")


@pytest.mark.parametrize("made", [blocked, routed])
def test_two_who_know_each_other_meet_by_somebody_both_know(
    lab_of: Callable[..., Lab], made: Callable[[Callable[..., Lab]], Lab], tmp_path: Path
) -> None:
    lab = made(lab_of)
    ann, bob, cat = (registered(tmp_path / name) for name in ("ann", "bob", "cat"))
    where = f"{lab.address('h3')}:{PORT}"
    for one in (ann, bob):
        knows(one, cat, where)
        knows(cat, one)
    knows(ann, bob)
    knows(bob, ann)
    first = listens(lab, "h1", ann)
    second = listens(lab, "h2", bob)
    assert says(lab, "h1", ann, bob) == 3  # nobody tells where
    listens(lab, "h3", cat, "--port", str(PORT))
    assert says(lab, "h1", ann, cat) == 0
    assert says(lab, "h2", bob, cat) == 0
    opened_with(first, bob)
    opened_with(second, ann)
    assert says(lab, "h1", ann, bob) == 0
    assert says(lab, "h2", bob, ann) == 0
