"""Two people compare words at their command lines."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest

from tests.cli.conftest import PersonOf, ScreenOf
from tests.integration.cli_driver import PATIENCE, PROGRAM, Person

pytestmark = [pytest.mark.timeout(60), pytest.mark.long]

Row = dict[str, Any]
WORDS: Final = 4


class Comparing:
    """A running `lanchat verify --json`, with hands on its standard input."""

    def __init__(self, person: Person, *words: str) -> None:
        self.process: Final = subprocess.Popen(
            [PROGRAM, "verify", *words, "--json"],
            env=person.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Comparing":
        self._timer = threading.Timer(PATIENCE, self.process.kill)
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        self.process.kill()
        self.process.communicate()

    def row(self) -> Row:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        row: Row = json.loads(line)
        return row

    def answers(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def ends(self) -> tuple[int, list[Row], str]:
        out, err = self.process.communicate(timeout=PATIENCE)
        assert "Traceback" not in err, err
        return self.process.returncode, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture
def comparing() -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda person, *words: stack.enter_context(Comparing(person, *words))


def trust_in(one: Person, other: Person) -> Row:
    return one.run("trust", other.peer_id).row


def test_two_strangers_compare_words_and_both_say_yes(
    person_of: PersonOf, comparing: Any
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    listener = bob.listen()
    hers = comparing(ann, bob.peer_id)
    listener.wait_for("session-opened")
    his = comparing(bob, ann.peer_id)  # handed over to the one that listens
    shown = [one.row() for one in (hers, his)]
    assert shown[0]["words"] == shown[1]["words"]
    assert len(shown[0]["words"]) == WORDS
    hers.answers("yes")
    assert hers.row()["trust"] == "verified"  # at once: it is her own word
    his.answers("y")
    assert his.row()["trust"] == "verified"
    assert [one.ends()[:2] for one in (hers, his)] == [(0, []), (0, [])]
    for row in (trust_in(ann, bob), trust_in(bob, ann)):
        assert (row["trust"], row["verified_how"]) == ("verified", "words")
        assert row["verified_at"] is not None
    assert listener.all("verification", state="matched", peer_id=ann.peer_id)


def test_whoever_listens_sees_that_somebody_asks_and_answers_at_another_terminal(
    person_of: PersonOf, comparing: Any
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.run("trust", ann.peer_id, "--known")
    listener = bob.listen()
    hers = comparing(ann, bob.peer_id)
    asked = listener.wait_for("verification", state="asked")
    his = comparing(bob, asked["peer_id"])
    assert hers.row()["words"] == his.row()["words"]
    his.answers("no")
    assert his.ends()[0] == 5
    status, rows, said = hers.ends()
    assert (status, rows) == (5, [])
    assert "differ" in said
    for row in (trust_in(ann, bob), trust_in(bob, ann)):
        assert row["trust"] == "known"
        assert row["failed_at"] is not None


@pytest.mark.parametrize("leaving", ["no answer", "ctrl-c", "killed"])
def test_whoever_leaves_interrupts_and_nothing_changes(
    person_of: PersonOf, comparing: Any, leaving: str
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.run("trust", ann.peer_id, "--known")
    bob.listen()
    hers, his = comparing(ann, bob.peer_id), comparing(bob, ann.peer_id)
    assert hers.row()["words"] == his.row()["words"]
    if leaving == "no answer":
        his.answers("perhaps")
        his.process.stdin.close()
        his.process.stdin = None
        assert his.ends()[0] == 1
    elif leaving == "ctrl-c":
        his.process.send_signal(2)
        assert his.ends()[0] == 130
    else:
        his.process.kill()
    status, rows, said = hers.ends()
    assert (status, rows) == (1, [])
    assert "hint" in said
    assert trust_in(ann, bob)["trust"] == "known"
    assert trust_in(bob, ann)["trust"] == "known"
    assert trust_in(bob, ann)["failed_at"] is None


def test_a_fingerprint_needs_nobody_to_be_there(person_of: PersonOf) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    me = bob.run("whoami", "--qr").row
    for typed, how in (
        (me["fingerprint"]["words"], "fingerprint"),
        ([me["fingerprint"]["hex"]], "fingerprint"),
        ([me["invite"]], "code"),
    ):
        row = ann.run("verify", bob.peer_id, "--fingerprint", *typed).row
        assert (row["trust"], row["how"]) == ("verified", how)
    other = ann.run("whoami").row["fingerprint"]["words"]
    failed = ann.run("verify", bob.peer_id, "--fingerprint", *other)
    assert (failed.status, failed.out) == (5, "")
    assert ann.run("verify", bob.peer_id, "--fingerprint", "no", "such").status == 2


def test_a_new_peer_is_not_verified_by_its_name_without_a_terminal(
    person_of: PersonOf,
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen()
    failed = ann.run("verify", "Bob")
    assert (failed.status, failed.out) == (5, "")
    assert bob.peer_id in failed.err
    assert ann.run("verify", "Nobody at all", "--wait", "0").status == 3


def test_a_person_at_a_terminal_reads_words_and_answers(
    person_of: PersonOf, screen_of: ScreenOf, comparing: Any
) -> None:
    ann, bob = person_of("Ann"), person_of("Bob")
    bob.listen()
    screen = screen_of(ann, "verify", bob.peer_id)
    screen.wait_for("has to run lanchat verify now")
    his = comparing(bob, ann.peer_id)
    words = his.row()["words"]
    for word in words:
        screen.wait_for(word)
    screen.wait_for("[yes/no] ")
    screen.type("well\n")
    screen.wait_for("[yes/no] ", after=len(screen.shown))
    screen.type("Yes\n")
    screen.wait_for("verified now")
    his.answers("yes")
    assert screen.end() == 0
    assert his.ends()[0] == 0
