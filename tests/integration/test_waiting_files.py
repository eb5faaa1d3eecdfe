"""Files for somebody who is away, and for several at once: commands, as people type them."""

from pathlib import Path

import pytest

from tests.integration.cli_driver import Person
from tests.integration.conftest import PersonHere

pytestmark = [pytest.mark.multicast, pytest.mark.timeout(120)]


def _file(folder: Path, name: str, size: int = 100_000) -> Path:
    file = folder / name
    file.write_bytes(bytes(range(256)) * (size // 256))
    return file


def _listed(person: Person, *words: str) -> list[dict[str, object]]:
    return person.run("transfers", *words).rows


def test_files_for_somebody_away_wait_in_the_outbox(
    person_here: PersonHere, folder: Path
) -> None:
    ann, bob = person_here("Ann"), person_here("Bob")
    file, other = _file(folder, "for later"), _file(folder, "for never")
    queued = ann.run("send", bob.peer_id, str(file), "--queue").row  # with nobody else there
    assert (queued["state"], queued["peer_id"], queued["files"]) == ("queued", bob.peer_id, 1)
    ann_hears = ann.listen()
    unwanted = ann.run("send", bob.peer_id, str(other), "--queue").row
    waits = {row["transfer"]: row["state"] for row in _listed(ann)}
    assert waits == {queued["transfer"]: "offered", unwanted["transfer"]: "offered"}
    said = ann.run("transfers", as_json=False).out
    assert "for later, 97.5 KiB, waits for their answer" in said

    gone = ann.run("transfers", unwanted["transfer"][:8], "--cancel").row
    assert (gone["state"], gone["by"], gone["direction"]) == ("cancelled", "me", "out")

    bob_hears = bob.listen("--accept", "all")
    bob_hears.wait_for("file-received", path=str(bob.downloads / "for later"))
    ann_hears.wait_for("transfer-ended", transfer=queued["transfer"], state="done")
    assert (bob.downloads / "for later").read_bytes() == file.read_bytes()
    assert {row["state"] for row in _listed(ann)} == {"done", "cancelled"}
    assert not bob_hears.all("offer", transfer=unwanted["transfer"])


def test_a_queued_file_goes_at_once_to_somebody_who_is_there(
    person_here: PersonHere, folder: Path
) -> None:
    ann, bob = person_here("Ann"), person_here("Bob")
    bob.listen("--accept", "all")
    ann.listen()
    row = ann.run("send", bob.peer_id, str(_file(folder, "now")), "--queue").row
    assert row["state"] == "done"
    assert (bob.downloads / "now").exists()


def test_one_offer_goes_to_several_and_the_highest_status_counts(
    person_here: PersonHere, folder: Path
) -> None:
    ann, bob, carol = (person_here(name) for name in ("Ann", "Bob", "Carol"))
    bob.listen("--accept", "all")
    carol.listen()
    file = _file(folder, "for all", 4_000_000)
    nobody = "nobody of that name"
    sent = ann.run(
        "send", bob.peer_id, "--to", carol.peer_id, "--to", nobody, str(file), "--wait", "2"
    )
    assert sent.status == 4
    ends = {row["to"]: row for row in sent.rows if "event" not in row}
    assert {to: row["state"] for to, row in ends.items()} == {
        bob.peer_id: "done",
        carol.peer_id: "declined",
        nobody: "failed",
    }
    assert (ends[bob.peer_id]["peer_id"], ends[nobody]["status"]) == (bob.peer_id, 3)
    assert {row["to"] for row in sent.rows if row.get("event") == "progress"} <= {bob.peer_id}
    assert f"lanchat: {nobody}: nobody of that name or id was found" in sent.err
    assert (bob.downloads / "for all").read_bytes() == file.read_bytes()
