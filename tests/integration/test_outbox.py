"""The outbox: what is said to somebody away arrives once they are there, once."""

import contextlib
import random
import threading
import time
from collections import Counter

import pytest

from tests.integration.cli_driver import Listener, Person, Row
from tests.integration.conftest import PersonHere

pytestmark = [pytest.mark.multicast, pytest.mark.timeout(120)]

MESSAGES = 200
KILLS = 3
PATIENCE = 40.0  # seconds until everything must be settled


def _history(person: Person, other: Person) -> list[Row]:
    return person.ask("history", peer=other.peer_id, limit=10_000)


def _texts(person: Person, other: Person) -> Counter[str]:
    return Counter(row["text"] for row in _history(person, other))


def _states(person: Person, other: Person) -> Counter[str]:
    return Counter(row["state"] for row in _history(person, other))


def test_a_message_to_somebody_away_arrives_once_when_they_come(
    person_here: PersonHere,
) -> None:
    ann, bob = person_here("Ann"), person_here("Bob")
    bob_hears = bob.listen()
    queued = bob.run("say", ann.peer_id, "for later", "--queue").row
    assert set(queued) >= {"id", "state", "ms"}
    assert queued["state"] == "queued"
    assert [row["state"] for row in _history(bob, ann)] == ["queued"]

    ann_hears = ann.listen()
    heard = ann_hears.wait_for("message", id=queued["id"])
    assert heard["text"] == "for later"
    assert bob_hears.wait_for("receipt", id=queued["id"])["state"] == "delivered"

    bob_hears.stop()
    ann_hears.stop()
    ann_hears, bob_hears = ann.listen(), bob.listen()
    said = bob.run("say", ann.peer_id, "a second one").row
    ann_hears.wait_for("message", id=said["id"])
    assert len(ann_hears.all("message")) == 1
    assert _texts(ann, bob) == Counter(["for later", "a second one"])


def test_a_queued_message_survives_the_end_of_who_wrote_it(person_here: PersonHere) -> None:
    ann, bob = person_here("Ann"), person_here("Bob")
    queued = bob.run("say", ann.peer_id, "left in the outbox", "--queue").row
    assert queued["state"] == "queued"
    ann_hears = ann.listen()
    bob.listen()
    ann_hears.wait_for("message", id=queued["id"])


def test_without_queue_nothing_is_kept_for_somebody_away(person_here: PersonHere) -> None:
    ann, bob = person_here("Ann"), person_here("Bob")
    lost = bob.run("say", ann.peer_id, "hello", "--wait", "1")
    assert (lost.status, lost.out) == (3, "")
    assert bob.run("history", ann.peer_id).rows == []


class _Killer:
    """Kills one of the two -9 at random moments, and starts it again."""

    def __init__(self, victim: Person, seed: int) -> None:
        self._victim = victim
        self._draw = random.Random(seed)
        self._at = set(self._draw.sample(range(10, MESSAGES - 10), KILLS))
        self.listener: Listener = victim.listen()
        self.killed = 0
        self._sent = False

    def before(self, number: int) -> None:
        """The process may die now or in the next moments, whatever it is doing then."""
        if number in self._at:
            delay = self._draw.uniform(0.0, 0.03)
            timer = threading.Timer(delay, self.listener.process.kill)
            timer.start()
            timer.join()
            self._sent = True

    def after(self) -> None:
        if self._sent:
            self._sent = False
            self.listener.kill()  # it is dying; this waits until it is dead
            self.killed += 1
            self.listener = self._victim.listen()


def _in_background(bob: Person, ann: Person, number: int, said: dict[int, bool]) -> None:
    """Say it; True: lanchat took it; False: the one who speaks was killed meanwhile."""
    try:
        bob.ask("say", peer=ann.peer_id, text=f"message {number}", queue=True)
    except (OSError, ValueError):
        said[number] = False
    else:
        said[number] = True


@pytest.mark.parametrize("who", ["speaks", "hears"])
def test_no_message_is_lost_or_doubled_when_a_process_is_killed(
    person_here: PersonHere, who: str
) -> None:
    ann, bob = person_here("Ann"), person_here("Bob")
    victim, other = (bob, ann) if who == "speaks" else (ann, bob)
    other.listen()
    killer = _Killer(victim, seed=len(who))
    ann.ask("say", peer=bob.peer_id, text="hello")  # of a stranger she would take 20 texts
    said: dict[int, bool] = {}
    for number in range(MESSAGES):
        speaking = threading.Thread(target=_in_background, args=(bob, ann, number, said))
        speaking.start()
        killer.before(number)
        speaking.join()
        killer.after()
    assert killer.killed == KILLS

    taken = {f"message {number}" for number, was in said.items() if was}
    assert len(taken) >= MESSAGES - KILLS
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(AssertionError):
            if taken <= set(_texts(ann, bob)) and "queued" not in _states(bob, ann):
                break
        time.sleep(0.1)
    texts = _texts(ann, bob)
    assert taken - set(texts) == set(), "lost"
    assert [text for text, times in texts.items() if times > 1] == [], "doubled"
    assert texts == _texts(bob, ann), "the two remember different things"
    assert _states(bob, ann).keys() == {"delivered", "received"}, "receipts are missing"
