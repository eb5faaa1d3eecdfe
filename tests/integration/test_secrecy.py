"""Secrecy: neither the wire, the disk nor the log holds what two people said."""

import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lanchat.store.keyfile import open_key
from tests.integration.cli_driver import PASSPHRASE, Listener, Person
from tests.integration.conftest import PersonIn
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90)]

WORDS = ("perspicacious", "marmalade", "ünfassbar")
FILE_NAME = "quarterly-zeppelin-figures.txt"
CONTENT = "the content of this line must never be seen on the way, number %06d\n"
PREFACE = b"LANCHAT\x01"  # the one thing a capture of us must hold


@contextmanager
def _captured(lab: Lab, host: str, path: Path) -> Iterator[None]:
    tcpdump = shutil.which("tcpdump", path="/usr/bin:/usr/sbin:/sbin:/bin")
    if tcpdump is None:
        pytest.skip("a capture needs tcpdump")
    process = lab.popen(
        host,
        [tcpdump, "-i", "any", "-U", "-s", "0", "-B", "65536", "-Z", "root", "-w", str(path)],
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    while b"listening on" not in (line := process.stderr.readline()):
        assert line, "tcpdump did not start"
    yield
    time.sleep(0.5)  # what it still has in its buffer
    process.terminate()
    process.wait(timeout=10)
    lost = [line for line in process.stderr.read().decode().splitlines() if "dropped" in line]
    assert all(line.startswith("0 ") for line in lost), lost


def _found(data: bytes, secrets: dict[str, bytes]) -> set[str]:
    return {what for what, secret in secrets.items() if secret in data}


def _spelled(words: dict[str, str]) -> dict[str, bytes]:
    """Each word as it could stand somewhere: UTF-8 and UTF-16, hex, base64 aside."""
    ways = {}
    for what, word in words.items():
        ways[what] = word.encode()
        ways[f"{what}, UTF-16"] = word.encode("utf-16-le")
        ways[f"{what}, hex"] = word.encode().hex().encode()
    return ways


def _files(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file() and not path.is_socket()]
    assert paths
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def _modes(root: Path) -> set[str]:
    return {
        f"{path.relative_to(root)} {stat.S_IMODE(path.lstat().st_mode):04o}"
        for path in (root, *root.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }


def _talk(ann: Person, bob: Person, source: Path) -> list[Listener]:
    ann_hears = ann.listen("--accept", "all", "-vv", "--log-file", str(ann.folder / "log"))
    bob_hears = bob.listen("-vv", "--log-file", str(bob.folder / "log"))
    for word in WORDS:
        said = bob.run("say", ann.peer_id, f"they said {word} again").row
        ann_hears.wait_for("message", id=said["id"])
        ann.run("say", bob.peer_id, f"{word}?")
    sent = bob.run("send", ann.peer_id, str(source)).row
    received = ann_hears.wait_for("file-received", transfer=sent["transfer"])
    assert Path(received["path"]).read_bytes() == source.read_bytes()
    return [ann_hears, bob_hears]


def test_a_conversation_leaves_no_word_on_the_wire_on_the_disk_or_in_the_log(
    lab_of: Callable[[int], Lab], person_in: PersonIn, folder: Path
) -> None:
    lab = lab_of(2)
    ann = person_in(lab, "h1", "Annabel Quatermain")
    bob = person_in(lab, "h2", "Bartholomew")
    source = folder / FILE_NAME
    source.write_text("".join(CONTENT % number for number in range(60_000)))
    said = {word: word for word in WORDS}
    passed = {"file name": FILE_NAME, "content": (CONTENT % 0)[:40], "passphrase": PASSPHRASE}

    captures = [folder / "h1.pcap", folder / "h2.pcap"]
    with _captured(lab, "h1", captures[0]), _captured(lab, "h2", captures[1]):
        listeners = _talk(ann, bob, source)
        assert _modes(ann.profile) == set()  # while it runs: its socket and WAL too
        assert _modes(bob.profile) == set()
        for listener in listeners:
            assert listener.stop() == 0

    for capture in captures:
        seen = capture.read_bytes()
        assert PREFACE in seen
        assert len(seen) > source.stat().st_size, "the transfer is not in the capture"
        assert _found(seen, _spelled(said | passed)) == set()

    for person, other in ((ann, bob), (bob, ann)):
        seed = open_key((person.profile / "key.lc").read_bytes(), PASSPHRASE).seed
        planted = _spelled(said | passed | {"the other's name": other.name})
        planted |= {"seed": seed, "seed, hex": seed.hex().encode()}
        for name, data in _files(person.profile).items():
            assert _found(data, planted) == set(), name
        for log in (person.folder / "log", person.folder / "listen.err"):
            data = log.read_bytes()
            assert _found(data, planted | {"full id": other.peer_id.encode()}) == set(), log
        assert (person.folder / "log").stat().st_size > 0, "nothing was logged"
    assert _modes(ann.profile) == set()
    assert _modes(bob.profile) == set()
