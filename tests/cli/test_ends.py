"""How commands end: signals, readers that leave, disks and terminals that fail."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from lanchat.identity.fingerprint import invite
from lanchat.identity.keys import PeerId
from tests.cli.conftest import PersonOf, ScreenOf
from tests.integration.cli_driver import PATIENCE, PROGRAM, Person

pytestmark = [pytest.mark.timeout(60), pytest.mark.long]


def _run(person: Person, *words: str, **streams: object) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(  # type: ignore[call-overload]  # streams are what Popen takes
        [PROGRAM, *words],
        env=person.environment(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **streams,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return done  # type: ignore[no-any-return]  # of the ignored call above


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_listen_says_goodbye_on_a_signal_and_ends_with_0(
    person_of: PersonOf, number: signal.Signals
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    watching = bob.listen()
    listener = ann.listen()
    watching.wait_for("peer-found", peer_id=ann.peer_id)
    listener.process.send_signal(number)
    assert listener.process.wait(PATIENCE) == 0
    listener.stop()
    watching.wait_for("peer-lost", peer_id=ann.peer_id, timeout=5)


def test_any_other_command_ends_with_130_on_a_signal(person_of: PersonOf) -> None:
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    people = [person_of(number.name) for number in signals]
    waiting = [one.start("say", "nobody of that name", "hi", "--wait", "60") for one in people]
    deadline = time.monotonic() + PATIENCE
    for one, process in zip(people, waiting, strict=True):
        while _holder(one) != process.pid and time.monotonic() < deadline:
            time.sleep(0.01)
    time.sleep(1.0)  # until they look for somebody
    for number, process in zip(signals, waiting, strict=True):
        process.send_signal(number)
    for number, process in zip(signals, waiting, strict=True):
        assert process.wait(PATIENCE) == 130, number
        assert process.stdout is not None
        assert process.stdout.read() == b"", number
        process.stdout.close()


def _holder(person: Person) -> int:
    lock = person.profile / "lock"
    return int(lock.read_text() or 0) if lock.exists() else 0


def test_a_reader_that_leaves_ends_a_listen_quietly(person_of: PersonOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    listener = ann.listen()
    assert listener.process.stdout is not None
    os.close(os.dup(listener.process.stdout.fileno()))  # it is open until now
    ann.leave()
    process = ann.start("listen")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "ready"
    process.stdout.close()
    bob.run("say", ann.peer_id, "hello?")
    assert process.wait(PATIENCE) == 0


def test_a_reader_that_stalls_holds_nobody_up(person_of: PersonOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    process = ann.start("listen", "--interface", "lo")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "ready"
    bob.listen()
    ann.ask("trust", peer=bob.peer_id, action="known")
    for _ in range(15):  # far more than a pipe holds
        assert bob.ask("say", peer=ann.peer_id, text="x" * 15_000)[-1]["state"] == "delivered"
    process.terminate()
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


def test_a_reader_that_leaves_is_no_failure(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    reads, writes = os.pipe()
    os.close(reads)
    for words in (("whoami",), ("--help",), ("whoami", "--json"), ("peers", "--json")):
        done = _run(ann, *words, stdout=writes)
        assert (done.returncode, done.stderr) == (0, ""), words
    os.close(writes)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, as on Linux")
def test_a_full_disk_behind_the_output_is_one_sentence(person_of: PersonOf) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _run(person_of("Ann"), "whoami", stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("lanchat: the output could not be written")


def test_a_closed_stdout_is_no_reason_to_fail(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" whoami >&- 2>&-', PROGRAM], env=ann.environment(), check=False
    )
    assert done.returncode == 0


def test_results_go_to_stdout_and_all_the_rest_to_stderr(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    done = ann.run("whoami", "-vv")
    assert [json.loads(line) for line in done.out.splitlines()]
    done = ann.run("say", "nobody of that name", "hi", "--wait", "0.1", "-vv")
    assert done.out == ""
    assert "lanchat: nobody of that name or id was found" in done.err


def test_a_server_that_had_no_time_to_answer_is_told_of(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        dns = ("--dns", f"chat.example.org@127.0.0.1:{silent.getsockname()[1]}")
        late = "the DNS server has not answered yet"
        assert late in ann.run("peers", *dns, "--wait", "0.1").err
        assert late in ann.run("say", "bob", "hi", *dns, "--wait", "0.1").err
        assert late not in ann.run("transfers", *dns).err


def test_what_is_missing_or_away_is_named(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    assert "the text is empty" in ann.run("say", ann.peer_id, "").err
    assert "the name is empty" in ann.run("whoami", "--rename", "").err
    assert "at most 60000 bytes" in ann.run("say", ann.peer_id, "x" * 60_001, "--queue").err
    astray = invite(PeerId.parse(person_of("Bob").peer_id), ["224.0.0.1:9"])
    done = ann.run("say", astray, "x", "--wait", "0.1")
    assert done.status == 3
    assert "lanchat: that person was not reached" in done.err
    assert "224.0.0.1:9, where nobody else can be, so nothing was tried" in done.err
    away = ann.run("peers", "--interface", "nope0", "--wait", "0.1").err
    assert "the network that lanchat is to use is not there now" in away


def test_a_log_file_is_for_its_owner_and_holds_no_secret(
    person_of: PersonOf, folder: Path
) -> None:
    ann, bob = person_of("Ann"), person_of("Barbarossa")
    log = folder / "log"
    ann.listen()
    done = bob.run("say", ann.peer_id, "a very private text", "-vv", "--log-file", str(log))
    assert (done.status, done.err) == (0, "")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert "lanchat.node" in text
    for secret in ("private text", "Barbarossa", ann.peer_id, "correct horse"):
        assert secret not in text


def test_a_log_file_that_cannot_be_made_is_one_sentence(person_of: PersonOf) -> None:
    done = person_of("Ann").run("whoami", "--log-file", "/nowhere/log")
    assert done.status == 1
    assert "/nowhere/log" in done.err


def test_without_a_display_the_sentence_says_what_to_do(newcomer: Person) -> None:
    done = newcomer.run(as_json=False)
    assert (done.status, done.out) == (1, "")
    assert "no screen" in done.err
    assert "lanchat register NAME" in done.err


def test_the_version_is_there_without_a_profile(newcomer: Person) -> None:
    for words in (("--version",), ("--json", "--version")):
        done = newcomer.run(*words, as_json=False)
        assert done.status == 0
        assert re.fullmatch(r"lanchat \d+\.\d+\.\d+\n", done.out)


def test_memory_that_holds_keys_is_kept_out_of_core_dumps(person_of: PersonOf) -> None:
    process = person_of("Ann").listen().process
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0", limits, re.MULTILINE)


def test_an_export_is_a_new_file_for_its_owner(person_of: PersonOf, folder: Path) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen()
    for text in ("one", "two\nlines"):
        assert ann.run("say", bob.peer_id, text).status == 0
    path = folder / "history.jsonl"
    assert ann.run("history", bob.peer_id, "--export", str(path), as_json=False).status == 0
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["text"] for row in rows] == ["one", "two\nlines"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    done = ann.run("history", bob.peer_id, "--export", str(path))
    assert done.status == 1
    assert str(path) in done.err
    assert path.read_bytes() == before


# --- somebody new, at a terminal --------------------------------------------------------


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 5), ("", 5)])
def test_a_terminal_shows_somebody_new_and_asks(
    person_of: PersonOf, screen_of: ScreenOf, answer: str, status: int
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob of the terminal")
    hears = bob.listen()
    screen = screen_of(ann, "say", "Bob of the terminal", "hello")
    screen.wait_for("Go on? [y/N]")
    words = bob.run("whoami").row["fingerprint"]["words"]
    assert re.findall(r"[A-Za-z]+", screen.shown.split(":\n")[1].split(bob.peer_id)[0]) == words
    assert bob.peer_id in screen.shown
    screen.type(f"{answer}\n")
    assert screen.end() == status
    if status == 0:
        assert hears.wait_for("message")["text"] == "hello"
    else:
        assert hears.all("message") == []


def test_a_terminal_shows_both_fingerprints_where_a_name_is_that_of_somebody_else(
    person_of: PersonOf, screen_of: ScreenOf
) -> None:
    ann, bob, other = person_of("Ann"), person_of("Bob"), person_of("B\u043eb")  # Cyrillic
    bob.listen()
    assert ann.run("say", bob.peer_id, "hello").row["state"] == "delivered"
    bob.leave()
    port = other.listen().wait_for("ready")["port"]
    screen = screen_of(ann, "say", f"127.0.0.1:{port}", "hello")
    screen.wait_for("Does B\u043eb see the first words? Go on? [y/N]")
    first, second = screen.shown.split("WARNING: this is not the Bob you know")
    for words, person in ((first, other), (second, bob)):
        for word in person.run("whoami").row["fingerprint"]["words"]:
            assert word in words
    screen.type("n\n")
    assert screen.end() == 5


def test_ctrl_c_at_the_question_sends_nothing(person_of: PersonOf, screen_of: ScreenOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob of the question")
    hears = bob.listen()
    screen = screen_of(ann, "say", "Bob of the question", "hello")
    screen.wait_for("Go on? [y/N]")
    screen.type("\x03")
    assert screen.end() == 130
    assert hears.all("message") == []


def test_a_terminal_sees_a_bar_while_files_travel(
    person_of: PersonOf, screen_of: ScreenOf, folder: Path
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen("--accept", "all")
    big = folder / "big"
    with big.open("wb") as file:
        file.truncate(64 * 2**20)
    screen = screen_of(ann, "send", "--limit-rate", "32M", bob.peer_id, str(big))
    screen.wait_for("━")
    assert screen.end() == 0
    assert "sent 1 file, 64.0 MiB" in screen.shown
