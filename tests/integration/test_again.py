"""The same folder again, by the commands of two people on this machine."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.cli_driver import Here, Person
from tests.integration.trees import portrait

pytestmark = pytest.mark.timeout(60)  # six programs start


@pytest.fixture
def people(tmp_path: Path) -> Iterator[tuple[Person, Person]]:
    """Ann, who sends, and Bob."""
    with ExitStack() as stack:
        ann, bob = (Person(name, Here(), tmp_path / name).settle() for name in ("Ann", "Bob"))
        for one in (ann, bob):
            stack.callback(one.leave)
        yield ann, bob


def test_only_what_changed_is_sent_again_and_takes_the_place_of_the_older(
    people: tuple[Person, Person], tmp_path: Path
) -> None:
    ann, bob = people
    root = tmp_path / "photos"
    (root / "2026").mkdir(parents=True)
    for number in range(20):
        (root / "2026" / f"{number:02}.jpg").write_bytes(os.urandom(5000))
    (root / "run.sh").write_bytes(b"#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    hears = bob.listen("--accept", "all", "--clash", "overwrite")
    first = ann.run("send", bob.peer_id, str(root)).row
    assert (first["state"], first["skipped"]) == ("done", 0)
    came = bob.downloads / "photos"
    assert portrait(came) == portrait(root)
    assert not (came / "run.sh").stat().st_mode & 0o111
    (root / "2026" / "07.jpg").write_bytes(os.urandom(5000))
    (root / "new.jpg").write_bytes(b"new")
    again = ann.run("send", bob.peer_id, str(root), "--skip-identical").row
    assert (again["state"], again["files"], again["skipped"]) == ("done", 22, 20)
    ended = hears.wait_for("transfer-ended", transfer=again["transfer"])
    assert (ended["clash"], ended["skipped"]) == ("overwrite", 20)
    assert portrait(came) == portrait(root)
    assert sorted(path.name for path in bob.downloads.iterdir()) == ["photos"]
    said = ann.run("send", bob.peer_id, str(root), "--skip-identical", as_json=False)
    assert "; 22 of them were there already" in said.out
    listed = bob.run("transfers", as_json=False).out
    assert "1 program among them" in listed
    bob.run("transfers", first["transfer"], "--make-executable")
    assert (came / "run.sh").stat().st_mode & 0o777 == 0o700
