"""One profile, one process: what is typed while somebody listens is done by that process."""

import json
import os
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.cli.conftest import PersonOf
from tests.integration.cli_driver import PATIENCE, PROGRAM, Outcome, Person

pytestmark = [pytest.mark.timeout(60), pytest.mark.long]


def _without_passphrase(person: Person, *words: str, cwd: Path | None = None) -> Outcome:
    environment = person.environment()
    del environment["LANCHAT_PASSPHRASE_FILE"]
    done = subprocess.run(
        [PROGRAM, *words, "--json"],
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_command_needs_no_passphrase_while_somebody_listens(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    assert _without_passphrase(ann, "whoami").status == 2
    ann.listen()
    assert _without_passphrase(ann, "whoami").row["peer_id"] == ann.peer_id
    ann.leave()
    assert _without_passphrase(ann, "whoami").status == 2


def test_a_command_that_is_handed_over_gives_the_same_rows(person_of: PersonOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen("--accept", "all")
    ann.run("say", bob.peer_id, "before")
    alone = [
        ann.run(*words).out
        for words in (("whoami",), ("trust", bob.peer_id), ("history", bob.peer_id))
    ]
    ann.listen()
    handed = [
        _without_passphrase(ann, *words).out
        for words in (("whoami",), ("trust", bob.peer_id), ("history", bob.peer_id))
    ]
    assert [_steady(out) for out in handed] == [_steady(out) for out in alone]


def _steady(out: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in out.splitlines()]
    return [{key: value for key, value in row.items() if key != "last_seen"} for row in rows]


def test_a_command_that_is_handed_over_fails_the_same(person_of: PersonOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen()
    cases = (
        (("say", "nobody of that name", "hi", "--wait", "0.2"), 3),
        (("send", "nobody of that name", "setup.cfg", "--wait", "0.2"), 3),
        (("history", "nobody of that name"), 3),
        (("say", bob.peer_id, "x" * 60_001), 2),
        (("send", bob.peer_id, "there is no such file"), 1),
    )
    alone = [ann.run(*words) for words, _status in cases]
    ann.listen()
    for (words, status), first in zip(cases, alone, strict=True):
        handed = _without_passphrase(ann, *words)
        assert (first.status, handed.status) == (status, status), words[:2]
        assert handed.err == first.err, words[:2]


def test_files_are_those_of_where_the_command_was_typed(
    person_of: PersonOf, folder: Path
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    hears = bob.listen("--accept", "all")
    ann.listen()
    there = folder / "there"
    there.mkdir()
    (there / "note.txt").write_text("here")
    sent = _without_passphrase(ann, "send", bob.peer_id, "note.txt", cwd=there).row
    assert sent["state"] == "done"
    path = hears.wait_for("file-received", transfer=sent["transfer"])["path"]
    assert Path(path).read_text() == "here"


def test_a_message_is_read_where_the_command_was_typed(person_of: PersonOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    hears = bob.listen()
    ann.listen()
    assert ann.run("say", bob.peer_id, "-", stdin="two\nlines\n").status == 0
    assert hears.wait_for("message")["text"] == "two\nlines"


def test_a_second_listen_names_the_process_that_holds_the_profile(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    listener = ann.listen()
    done = ann.run("listen")
    assert (done.status, done.out) == (1, "")
    assert f"process {listener.process.pid}" in done.err


def test_a_listen_that_was_killed_leaves_nothing_stuck(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    ann.listen().kill()
    assert (ann.profile / "control.sock").exists()
    assert ann.run("whoami").row["peer_id"] == ann.peer_id
    ann.listen()
    assert _without_passphrase(ann, "whoami").status == 0


def test_commands_at_the_same_moment_wait_for_one_another(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(ann.run("whoami"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.row["peer_id"] for outcome in outcomes] == [ann.peer_id] * 4


def test_a_command_waits_for_a_listen_that_is_just_starting(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    starting = threading.Thread(target=ann.listen)
    starting.start()
    deadline = time.monotonic() + PATIENCE
    while not (ann.profile / "lock").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ann.run("whoami").row["peer_id"] == ann.peer_id
    starting.join()


def test_the_socket_is_for_its_owner_and_gone_afterwards(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    listener = ann.listen()
    door = ann.profile / "control.sock"
    deadline = time.monotonic() + PATIENCE
    while not door.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stat.S_IMODE(door.stat().st_mode) == 0o600
    assert listener.stop() == 0
    assert not door.exists()


def test_ctrl_c_of_a_send_pauses_it_and_the_same_command_goes_on(
    person_of: PersonOf, folder: Path
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen("--accept", "all")
    ann.listen("--limit-rate", "32M")  # it is under way for two seconds, on any machine
    big = folder / "big"
    with big.open("wb") as file:
        file.truncate(2**26)
    sending = ann.start("send", bob.peer_id, str(big))
    assert sending.stdout is not None
    for line in sending.stdout:
        if json.loads(line).get("bytes", 0) > 0:
            break
    os.kill(sending.pid, signal.SIGINT)
    assert sending.wait(PATIENCE) == 130
    sending.stdout.close()
    again = ann.run("send", bob.peer_id, str(big)).row
    assert again["state"] == "done"
    assert again["resumed_from"] > 0


def test_a_watch_ends_with_the_listen_that_does_it(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    listener = ann.listen()
    watching = ann.start("peers", "--watch")
    bob = person_of("Bob")
    bob.listen()
    assert watching.stdout is not None
    for line in watching.stdout:
        if json.loads(line)["peer_id"] == bob.peer_id:
            break
    listener.stop()
    assert watching.wait(PATIENCE) == 1
    watching.stdout.close()
