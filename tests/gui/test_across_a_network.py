"""The same across a network: a window on one host, `listen` on another, both of them real.

The window's program runs in its host's network namespace and draws on the display of the
test, which it reaches by a file, as on one machine.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gui.test_two_windows import NAMES, confirm, contents, register, words
from tests.integration.cli_driver import PATIENCE, PROGRAM, InHost, Person
from tests.kit.display import Display, wait_for
from tests.kit.drag import drag_files
from tests.kit.program import Program
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(180), pytest.mark.long]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's name has to fit into 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="lanchat-") as name:
        yield Path(name)


def compare(person: Person, other: str) -> "subprocess.Popen[str]":
    """Run `lanchat verify` beside the running `listen`, its answer still to be given."""
    return subprocess.Popen(
        person.place.command([PROGRAM, "verify", other, "--json"]),
        env=person.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def row(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_a_window_and_a_listener_on_two_hosts_do_all_that_two_windows_do(
    display: Display,
    launch: Callable[..., Program],
    lab_of: Callable[..., Lab],
    folder: Path,
    tmp_path: Path,
) -> None:
    lab = lab_of(2)
    bob = Person("Bob Hale", InHost(lab, "h2"), folder / "bob").settle()
    hears = bob.listen("--accept", "trusted")
    ada = launch("ada", within=tuple(lab.wrap("h1", ())))
    ada.display.place(ada.window, 0, 0, (700, 640))
    try:
        register(ada, "Ada Lovelace")
        me = hears.wait_for("peer-found", name="Ada Lovelace")["peer_id"]

        # found, and hello both ways
        ada.wait_drawn("Bob Hale", 20)
        ada.click_drawn("Bob Hale")
        ada.write("composer", "hello Bob")
        ada.press("Return")
        ada.wait_drawn("hello Bob", 15, within="messages")
        assert hears.wait_for("message", peer_id=me)["text"] == "hello Bob"
        assert bob.run("say", me, "hello Ada").row["state"] == "delivered"
        ada.wait_drawn("hello Ada", 15, within="messages")

        # the same four words in the window and on the terminal, and both say yes
        ada.click("verify")
        with compare(bob, me) as terminal:
            try:
                assert row(terminal)["words"] == words(ada)
                confirm(ada)
                assert terminal.stdin is not None
                terminal.stdin.write("yes\n")
                terminal.stdin.flush()
                assert row(terminal)["trust"] == "verified"
                assert terminal.wait(PATIENCE) == 0
            finally:
                terminal.kill()
        ada.wait_text("badge", "Verified", 15)

        # three files, dragged from another program
        source = tmp_path / "source"
        source.mkdir()
        for number, name in enumerate(NAMES):
            (source / name).write_bytes(os.urandom(200_000) * (number + 1))
        at = ada.widget("messages")
        target = (at["x"] + at["w"] // 2, at["y"] + at["h"] // 2)
        drag_files(
            ada.display,
            [source / name for name in NAMES],
            target,
            (300, 700),
            veiled=ada.veiled,
        )
        hears.wait_for("transfer-ended", state="done")
        wait_for(lambda: len(contents(bob.downloads)) == len(NAMES), "three files", 30)
        assert contents(bob.downloads) == contents(source)
        ada.wait_drawn("Delivered", 15)

        # closed by its close button: gone with all it had started, and the other side knows
        assert not ada.errors()
        assert ada.close_by_pointer(2) == 0
        hears.wait_for("peer-lost", peer_id=me)
        assert hears.stop() == 0
    finally:
        bob.leave()


def test_where_multicast_is_dead_an_invite_or_a_search_leads_to_somebody(
    display: Display,
    launch: Callable[..., Program],
    lab_of: Callable[..., Lab],
    folder: Path,
) -> None:
    lab = lab_of(3)
    lab.block_multicast("all")
    bob = Person("Bob Hale", InHost(lab, "h2"), folder / "bob").settle()
    hears = bob.listen()
    within = tuple(lab.wrap("h1", ()))
    ada = launch("ada", within=within)
    try:
        register(ada, "Ada Lovelace")
        given = bob.run("invite").row["invite"]
        opened = subprocess.run(
            [*within, sys.executable, "-m", "lanchat", "gui", given],
            env=ada.env, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert (opened.returncode, opened.stderr) == (0, "")
        ada.wait_text("new_here", lab.address("h2"))
        assert hears.all("session-opened") == []  # shown, and nobody dialled
        ada.click("connect")
        ada.wait_text("answered", "Bob Hale answers", 15)
        ada.click("connect")
        wait_for(lambda: ada.find("adding") is None, "the dialog gone", 15)
        ada.click("composer")
        ada.write("composer", "found you")
        ada.press("Return")
        me = hears.wait_for("message", text="found you")["peer_id"]
        assert bob.run("say", me, "so you did").row["state"] == "delivered"
        ada.wait_drawn("so you did", 15, within="messages")

        # and by a search of the network somebody else, who has found Ada then, too
        cat = Person("Cat Stray", InHost(lab, "h3"), folder / "cat").settle()
        told = cat.listen()
        ada.press("ctrl+shift+d")
        ada.click("search_all")
        ada.wait_text("search_said", "2 people answered", 30)
        display.key("Escape")
        ada.wait_drawn("Cat Stray", 10)
        assert told.wait_for("peer-found", peer_id=me)["name"] == "Ada Lovelace"
        assert not ada.errors()
        assert ada.close(5) == 0
        cat.leave()
    finally:
        bob.leave()
