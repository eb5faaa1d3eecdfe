"""What arrived whole gets to its place once, wherever it was interrupted.  PROTOCOL.md, 4."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import pytest

from lanchat.errors import DiskFailed
from lanchat.transfer.clash import NOBODY
from lanchat.transfer.disk import inspect
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import PARTS
from lanchat.wire.payloads import CHUNK, Offer
from tests.transfer.again import id_of
from tests.transfer.lanepair import ID, grow, tree

FEW = {"a.txt": 100, "b/c": 0, "b/d": 2000, "e": 0, "f/g/h": 7}
MANY = {f"{n}": n for n in range(65)}
CRASHES: tuple[str, ...] = ("link", "unlink", "rename", "fsync", "replace")


class Crash(BaseException):
    """The process ended here."""


def whole(root: Path, downloads: Path) -> tuple[Offer, Incoming]:
    """All of what lies below `root` has arrived, and is not published."""
    source = inspect(sorted(root.iterdir()))
    view = memoryview(bytearray(source.length))
    with source.read() as reading:
        reading.readinto(view)
    offer = make_offer(ID, source.manifest)
    incoming = Incoming(downloads, offer)
    incoming.begin(0)
    for at in range(0, len(view), CHUNK):
        incoming.write(view[at : at + CHUNK])
    incoming.keep()
    return offer, incoming


def crash_in(
    monkeypatch: pytest.MonkeyPatch, name: str, *, turn: int, after: bool
) -> Callable[[], bool]:
    """End in the call of `os.<name>` that is the `turn`-th; tells whether it came so far."""
    real = getattr(os, name)
    calls = 0

    def ending(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == turn and not after:
            raise Crash
        result = real(*given, **named)
        if calls == turn:
            raise Crash
        return result

    monkeypatch.setattr(os, name, ending)
    return lambda: calls >= turn


def visible(downloads: Path) -> list[str]:
    return sorted(place.name for place in downloads.iterdir() if place.name != PARTS)


@pytest.mark.parametrize("files", [FEW, MANY], ids=["few", "many"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CRASHES)
def test_a_crash_at_any_step_leads_to_no_second_copy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    after: bool,
    files: dict[str, int],
) -> None:
    root = grow(tmp_path / "sent", files)
    for turn in range(1, 9):
        downloads = tmp_path / f"downloads {turn}"
        downloads.mkdir()
        (downloads / "a.txt").write_text("mine")
        offer, incoming = whole(root, downloads)
        with monkeypatch.context() as patched:
            came = crash_in(patched, call, turn=turn, after=after)
            with suppress(Crash):
                incoming.publish()
            if not came():
                break
        again = Incoming(downloads, offer, part=incoming.part)
        if again.placing():
            found = again.publish()
        else:  # nothing was moved
            assert visible(downloads) == ["a.txt"]
            continue
        again.discard()
        assert (downloads / "a.txt").read_text() == "mine"
        names = [one.path.name for one in found]
        assert sorted(["a.txt", *names]) == visible(downloads)
        assert len(names) == (1 if files is MANY else 4)
        if files is FEW:
            assert names == ["a (2).txt", "b", "e", "f"]
            assert (downloads / "a (2).txt").read_bytes() == (root / "a.txt").read_bytes()
            assert tree(downloads / "b") == tree(root / "b")
        else:
            assert tree(found[0].path) == tree(root)


def test_publishing_twice_gives_the_same(tmp_path: Path) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    offer, incoming = whole(grow(tmp_path / "sent", FEW), downloads)
    first = incoming.publish()
    again = Incoming(downloads, offer, part=incoming.part)
    assert again.placing()
    assert again.publish() == first
    assert visible(downloads) == ["a.txt", "b", "e", "f"]
    again.discard()
    assert not again.placing()


def test_what_its_owner_took_away_meanwhile_does_not_come_back(tmp_path: Path) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    offer, incoming = whole(grow(tmp_path / "sent", FEW), downloads)
    incoming.publish()
    (downloads / "a.txt").rename(tmp_path / "taken")
    again = Incoming(downloads, offer, part=incoming.part)
    assert len(again.publish()) == 4
    assert visible(downloads) == ["b", "e", "f"]


def test_a_name_that_was_taken_since_the_places_were_chosen_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    offer, incoming = whole(grow(tmp_path / "sent", FEW), downloads)
    with monkeypatch.context() as patched:
        crash_in(patched, "link", turn=2, after=False)
        with pytest.raises(Crash):
            incoming.publish()
    (downloads / "e").write_text("mine")
    again = Incoming(downloads, offer, part=incoming.part)
    assert sorted(one.path.name for one in again.publish()) == ["a.txt", "b", "e (2)", "f"]
    assert (downloads / "e").read_text() == "mine"
    kept = json.loads((downloads / PARTS / incoming.part / "places").read_text())
    assert kept[2] == ["e (2)", *astuple(id_of(downloads / "e (2)"))]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{}",
        "[1]",
        '["../x", "b", "e", "f"]',
        '["", "b", "e", "f"]',
        '[["a", 1], "b", "e", "f"]',
        '[["../a", 1, 2], "b", "e", "f"]',
        '[["a", "1", 2], "b", "e", "f"]',
        "[" * 9999,
        "[]",
    ],
)
def test_places_that_make_no_sense_move_nothing(tmp_path: Path, said: str) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    offer, incoming = whole(grow(tmp_path / "sent", FEW), downloads)
    (downloads / PARTS / incoming.part / "places").write_text(said)
    with pytest.raises(DiskFailed):
        Incoming(downloads, offer, part=incoming.part).publish()
    assert visible(downloads) == []


def test_what_somebody_put_there_after_a_crash_is_not_what_came(tmp_path: Path) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    offer, incoming = whole(grow(tmp_path / "sent", FEW), downloads)
    incoming.publish()
    (downloads / "b").rename(tmp_path / "taken")
    grow(downloads / "b", {"mine": 3})
    again = Incoming(downloads, offer, part=incoming.part).publish()
    found = {one.path.name: one.id for one in again}
    assert found.pop("b") == NOBODY
    assert found == {name: id_of(downloads / name) for name in ("a.txt", "e", "f")}


def test_places_that_an_earlier_lanchat_chose_are_taken_and_prove_nothing(
    tmp_path: Path,
) -> None:
    (downloads := tmp_path / "downloads").mkdir()
    offer, incoming = whole(grow(tmp_path / "sent", FEW), downloads)
    (downloads / PARTS / incoming.part / "places").write_text('["x", "b", "e", "f"]')
    found = Incoming(downloads, offer, part=incoming.part).publish()
    assert [one.path.name for one in found] == ["x", "b", "e", "f"]
    assert {one.id for one in found} == {NOBODY}
