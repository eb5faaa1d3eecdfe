"""The first conversation: hosts on one network, from `register` to files, by the commands.

Three people, each on a host of their own: Ann and Bob listen, Cat types.  Exit statuses,
JSON keys and events are those of docs/COMMANDS.md to the letter.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.cli_driver import (
    PASSPHRASE,
    PROGRAM,
    InHost,
    Listener,
    Person,
)
from tests.integration.trees import MEBIBYTE, digest, modified, plant, portrait, write_noise
from tests.lab.lab import Lab
from tests.lab.namespaces import available

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90), pytest.mark.long, pytest.mark.longest]

PEER_KEYS = {"peer_id", "name", "addresses", "port", "trust", "presence"}
ME_KEYS = {"peer_id", "name", "fingerprint"}
SAID_KEYS = {"id", "state", "ms"}
SENT_KEYS = {"transfer", "state", "files", "bytes", "seconds", "resumed_from"}
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@dataclass
class Town:
    """Who is there.  Ann takes everybody's files, Bob nobody's; two people are called Dan."""

    lab: Lab
    ann: Person
    bob: Person
    cat: Person
    ann_hears: Listener
    bob_hears: Listener
    folder: Path

    def stranger(self, name: str, host: str = "h3") -> Person:
        """Somebody nobody has met."""
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        return Person(name, InHost(self.lab, host), folder / "x").settle()


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    possible, why = available()
    if not possible:
        pytest.skip(why)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        lab = stack.enter_context(Lab(3))
        people = [
            Person(name, InHost(lab, host), folder / name).settle()
            for name, host in (("Ann", "h1"), ("Bob", "h2"), ("Cat", "h3"))
        ]
        for person in people:
            stack.callback(person.leave)
        ann, bob, cat = people
        hears = (ann.listen("--accept", "all"), bob.listen())
        yield Town(lab, ann, bob, cat, *hears, folder)


# --- register, whoami, peers ------------------------------------------------------------


def test_registering_makes_an_identity_that_whoami_shows(town: Town) -> None:
    person = Person("Nel", InHost(town.lab, "h3"), town.folder / "nel")
    made = person.run("register", "Nel").row
    person.peer_id = made["peer_id"]
    assert set(made) == ME_KEYS
    assert made["name"] == "Nel"
    assert len(made["peer_id"]) == 52
    assert len(made["fingerprint"]["hex"]) == 32
    assert len(made["fingerprint"]["words"]) == 16
    again = person.run("register", "Nel")
    assert (again.status, again.out) == (1, "")
    assert person.run("whoami").row == {**made, "availability": "available", "status": ""}
    said = person.run("say", town.ann.peer_id, "my first words").row
    assert town.ann_hears.wait_for("message", id=said["id"])["name"] == "Nel"


def test_a_newcomer_lists_everybody_who_listens(town: Town) -> None:
    rows = {row["name"]: row for row in town.cat.run("peers", "--wait", "2").rows}
    assert {"Ann", "Bob"} <= set(rows)
    for person in (town.ann, town.bob):
        row = rows[person.name]
        assert set(row) >= PEER_KEYS
        assert row["peer_id"] == person.peer_id
        assert row["trust"] in {"new", "known"}
        assert row["presence"] in {"seen", "online"}
        assert row["addresses"]
        assert row["port"] >= 1024


def test_two_who_listen_hear_of_each_other(town: Town) -> None:
    found = town.ann_hears.wait_for("peer-found", name="Bob")
    assert set(found) >= {"event", "at", "peer_id", "name", "addresses", "port", "trust"}
    assert town.ann_hears.all("ready")[0].keys() >= {"peer_id", "name", "port", "addresses"}


# --- say, history -----------------------------------------------------------------------


def test_a_message_arrives_and_both_sides_remember_it(town: Town) -> None:
    said = town.cat.run("say", town.ann.peer_id, "did you", "see this?").row
    assert set(said) >= SAID_KEYS
    assert said["state"] == "delivered"
    heard = town.ann_hears.wait_for("message", id=said["id"])
    assert set(heard) >= {"event", "at", "peer_id", "name", "id", "text", "sent_at"}
    assert (heard["peer_id"], heard["name"]) == (town.cat.peer_id, "Cat")
    assert heard["text"] == "did you see this?"

    beside = town.ann.run("history", town.cat.peer_id).rows  # while Ann's listen runs
    alone = town.cat.run("history", town.ann.peer_id).rows
    theirs = next(row for row in beside if row["id"] == said["id"])
    mine = next(row for row in alone if row["id"] == said["id"])
    for row, state in ((theirs, "received"), (mine, "delivered")):
        assert set(row) >= {"id", "author", "sent_at", "text", "state"}
        assert (row["author"], row["text"]) == (town.cat.peer_id, "did you see this?")
        assert row["state"] == state


def test_a_message_may_be_read_from_standard_input(town: Town) -> None:
    text = "three\nlines\nof text"
    said = town.cat.run("say", town.ann.peer_id, "-", stdin=text).row
    assert town.ann_hears.wait_for("message", id=said["id"])["text"] == text


def test_one_who_listens_answers_through_the_running_process(town: Town) -> None:
    said = town.bob.run("say", town.ann.peer_id, "beside a listen").row
    assert said["state"] == "delivered"
    town.ann_hears.wait_for("message", id=said["id"])
    receipt = town.bob_hears.wait_for("receipt", id=said["id"])
    assert set(receipt) >= {"event", "at", "peer_id", "id", "state"}
    assert receipt["state"] == "delivered"


def test_history_is_found_by_a_word_and_cut_to_the_last(town: Town) -> None:
    for text in ("the first about xylophones", "the second", "the last"):
        town.cat.run("say", town.bob.peer_id, text)
    found = town.cat.run("history", town.bob.peer_id, "--search", "xylophones").rows
    assert {row["text"] for row in found} == {"the first about xylophones"}
    last = town.cat.run("history", town.bob.peer_id, "--limit", "1").rows
    assert [row["text"] for row in last] == ["the last"]


def test_a_host_and_port_reach_somebody_without_multicast(town: Town) -> None:
    eve = town.stranger("Eve")
    port = town.ann_hears.all("ready")[0]["port"]
    refused = eve.run("say", f"{town.lab.address('h1')}:{port}", "hello")
    assert refused.status == 5
    assert town.ann.peer_id in refused.err


# --- who is meant -----------------------------------------------------------------------


def test_nobody_of_that_name_ends_with_3_and_keeps_nothing(town: Town) -> None:
    lost = town.cat.run("say", "Zoe", "hello", "--wait", "1")
    assert (lost.status, lost.out) == (3, "")
    assert lost.err.startswith("lanchat: ")


def test_a_whole_peer_id_that_is_not_there_ends_with_3(town: Town) -> None:
    away = town.stranger("Away")
    lost = town.cat.run("say", away.peer_id, "hello", "--wait", "1")
    assert (lost.status, lost.out) == (3, "")
    assert town.cat.run("history", away.peer_id).rows == []


def test_a_name_that_two_people_bear_ends_with_2_and_lists_them(town: Town) -> None:
    dans = [town.stranger("Dan", "h1"), town.stranger("Dan", "h2")]
    hears = [dan.listen() for dan in dans]
    for dan in dans:
        for listener in hears:
            if listener.all("ready")[0]["peer_id"] != dan.peer_id:
                listener.wait_for("peer-found", peer_id=dan.peer_id)
    for _attempt in range(3):  # half a second after a start only one may have answered
        unclear = town.cat.run("say", "Dan", "hello", "--wait", "2")
        if unclear.status == 2:
            break
    for listener in hears:
        assert listener.stop() == 0
    assert (unclear.status, unclear.out) == (2, "")
    assert all(dan.peer_id in unclear.err for dan in dans)


def test_a_strangers_first_text_needs_the_whole_peer_id(town: Town) -> None:
    eve = town.stranger("Eve")
    for meant in ("Ann", town.ann.peer_id[:10]):
        refused = eve.run("say", meant, "hello")
        assert (refused.status, refused.out) == (5, "")
        assert town.ann.peer_id in refused.err
    said = eve.run("say", town.ann.peer_id, "hello from a stranger").row
    town.ann_hears.wait_for("message", id=said["id"])
    opened = town.ann_hears.wait_for("session-opened", peer_id=eve.peer_id)
    assert set(opened) >= {"event", "at", "peer_id", "name", "trust"}
    assert opened["trust"] == "new"
    closed = town.ann_hears.wait_for("session-closed", peer_id=eve.peer_id)
    assert closed["reason"]
    # Speaking to Ann was Eve's act: from now on a name is enough.
    assert eve.run("trust", "Ann").row["trust"] == "known"
    assert eve.run("say", "Ann", "me again").row["state"] == "delivered"


def test_trust_is_shown_and_set(town: Town) -> None:
    eve = town.stranger("Eve")
    eve.run("say", town.ann.peer_id, "hello")
    shown = eve.run("trust", town.ann.peer_id).row
    assert set(shown) >= {"peer_id", "name", "trust", "fingerprint", "first_seen", "last_seen"}
    assert (shown["name"], shown["trust"]) == ("Ann", "known")
    for option, state in (("verified", "verified"), ("known", "known"), ("block", "blocked")):
        assert eve.run("trust", town.ann.peer_id, f"--{option}").row["trust"] == state
    refused = eve.run("say", town.ann.peer_id, "hello?")
    assert refused.status != 0
    assert eve.run("trust", town.ann.peer_id, "--unblock").row["trust"] == "known"
    assert eve.run("say", town.ann.peer_id, "hello!").row["state"] == "delivered"


def test_somebody_who_is_blocked_is_not_heard(town: Town) -> None:
    eve = town.stranger("Eve")
    said = eve.run("say", town.bob.peer_id, "first").row
    town.bob_hears.wait_for("message", id=said["id"])
    assert town.bob.run("trust", eve.peer_id, "--block").row["trust"] == "blocked"
    assert eve.run("say", town.bob.peer_id, "second", "--wait", "2").status in {1, 3}
    assert [row["text"] for row in town.bob.run("history", eve.peer_id).rows] == ["first"]


# --- files ------------------------------------------------------------------------------


@pytest.mark.timeout(150)
def test_a_file_of_256_mib_arrives_byte_for_byte(town: Town) -> None:
    source = write_noise(town.folder / "out" / "big noise.bin", 256 * MEBIBYTE)
    done = town.cat.run("send", town.ann.peer_id, str(source), timeout=140)
    sent = done.row
    assert set(sent) >= SENT_KEYS
    assert (sent["state"], sent["files"]) == ("done", 1)
    assert (sent["bytes"], sent["resumed_from"]) == (256 * MEBIBYTE, 0)
    for moved in done.rows[:-1]:
        assert set(moved) >= {"transfer", "bytes", "total", "bytes_per_second"}

    transfer = sent["transfer"]
    offer = town.ann_hears.wait_for("offer", transfer=transfer)
    assert set(offer) >= {"peer_id", "transfer", "files", "count", "bytes", "accepted"}
    assert offer["files"] == [{"path": "big noise.bin", "size": 256 * MEBIBYTE}]
    assert (offer["count"], offer["accepted"]) == (1, True)
    received = town.ann_hears.wait_for("file-received", transfer=transfer)
    assert set(received) >= {"peer_id", "transfer", "path", "size"}
    assert digest(Path(received["path"])) == digest(source)
    assert Path(received["path"]).parent == town.ann.downloads
    ended = town.ann_hears.wait_for("transfer-ended", transfer=transfer)
    assert ended["state"] == "done"
    source.unlink()
    Path(received["path"]).unlink()


def test_a_folder_of_2000_files_and_empty_folders_arrives_the_same(town: Town) -> None:
    source = plant(town.folder / "out" / "holiday", 2000)
    sent = town.cat.run("send", town.ann.peer_id, str(source)).row
    assert (sent["state"], sent["files"]) == ("done", 2000)
    received = town.ann_hears.wait_for("file-received", transfer=sent["transfer"])
    arrived = Path(received["path"])
    assert arrived == town.ann.downloads / "holiday"
    assert portrait(arrived) == portrait(source)
    assert modified(arrived) == modified(source)
    again = town.cat.run("send", town.ann.peer_id, str(source)).row
    second = town.ann_hears.wait_for("file-received", transfer=again["transfer"])
    assert Path(second["path"]) != arrived  # nothing is ever overwritten
    assert portrait(Path(second["path"])) == portrait(source)
    assert not (town.ann.downloads / ".lanchat-parts").exists()


def test_declined_files_end_with_4(town: Town) -> None:
    source = write_noise(town.folder / "out" / "unwanted.bin", 1000)
    declined = town.cat.run("send", town.bob.peer_id, str(source))
    assert declined.status == 4
    assert declined.rows[-1]["state"] == "declined"
    offer = town.bob_hears.wait_for("offer", transfer=declined.rows[-1]["transfer"])
    assert offer["accepted"] is False
    assert not list(town.bob.downloads.glob("*"))


def test_what_is_not_there_is_not_offered(town: Town) -> None:
    missing = town.cat.run("send", town.ann.peer_id, str(town.folder / "no such file"))
    assert missing.status == 1
    assert "lanchat: " in missing.err


# --- what scripts rely on ---------------------------------------------------------------


def test_a_second_listen_names_the_process_that_holds_the_profile(town: Town) -> None:
    second = town.ann.run("listen")
    assert second.status == 1
    assert str(town.ann_hears.process.pid) in second.err


def test_without_a_profile_the_sentence_says_what_to_run(town: Town) -> None:
    nobody = Person("Nobody", InHost(town.lab, "h3"), town.folder / "nobody")
    for words in (("whoami",), ("peers",), ("say", "Ann", "hello"), ("listen",)):
        refused = nobody.run(*words)
        assert refused.status == 1
        assert "lanchat register" in refused.err


def test_without_a_passphrase_or_a_terminal_the_status_is_2(town: Town) -> None:
    eve = town.stranger("Eve")
    words = [PROGRAM, "--profile", str(eve.profile), "peers"]
    asked = town.lab.exec("h3", words, env={"HOME": str(eve.home)})
    assert asked.returncode == 2
    assert "passphrase" in asked.stderr


def test_a_wrong_passphrase_is_one_sentence(town: Town) -> None:
    eve = town.stranger("Eve")
    eve.passphrase_file.write_text(PASSPHRASE + "?\n")
    refused = eve.run("peers")
    assert (refused.status, refused.out) == (1, "")
    assert "passphrase" in refused.err
    assert PASSPHRASE not in refused.err


def test_the_end_of_a_listen_is_a_goodbye_that_others_see(town: Town) -> None:
    fay = town.stranger("Fay", "h2")
    hears = fay.listen()
    town.ann_hears.wait_for("peer-found", peer_id=fay.peer_id)
    assert hears.stop() == 0
    town.ann_hears.wait_for("peer-lost", peer_id=fay.peer_id)


def test_each_event_has_a_name_and_a_moment(town: Town) -> None:
    rows = town.ann_hears.rows
    assert rows
    for row in rows:
        assert isinstance(row["event"], str)
        assert re.fullmatch(STAMP, row["at"]), row
