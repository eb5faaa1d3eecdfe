"""What must be true at the end of a run, whatever happened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tests.faults import goods, merged, record
from tests.faults.goods import Portrait
from tests.faults.kinds import Kind
from tests.faults.scene import PARTS, Scene, Sending, Somebody, until

OVER: Final = frozenset({"done", "declined", "cancelled", "failed"})
SETTLES: Final = 8.0  # seconds until the receiver has tidied up behind itself
OURS: Final = frozenset({"profile", "record", "listen.err", "home", "clock"})
BESIDE: Final = frozenset({"downloads", "profile of bob"})  # on Bob's disk
BAD_LINE: Final = re.compile(r"Traceback|ERROR|CRITICAL|Unraisable|never awaited")


@dataclass(frozen=True)
class Before:
    """How everything looked before anything was sent; and what an earlier transfer left."""

    sent: Portrait  # as it has to arrive
    downloads: Portrait
    tops: dict[str, tuple[int, int, int]]
    disk: Portrait  # beside the download folder
    bob: Portrait
    earlier: Portrait | None = None
    done: int = 0  # transfers


def before(scene: Scene) -> Before:
    return Before(
        goods.as_it_arrives(scene.goods),
        goods.portrait(scene.bob.downloads),
        goods.tops(scene.bob.downloads),
        goods.portrait(scene.disk, BESIDE),
        goods.portrait(scene.bob.folder, OURS),
    )


def sent_once(scene: Scene, was: Before) -> Before:
    """The same, once everything was sent and worked on since."""
    came = goods.portrait(scene.bob.downloads, frozenset(was.tops))
    wanted = goods.as_it_arrives(scene.goods)
    return replace(was, sent=wanted, earlier=came, done=1)


def judge(
    scene: Scene, was: Before, sending: Sending, notes: list[str], kind: Kind
) -> list[str]:
    """Everything that is not as it has to be."""
    scene.restore()
    if not until(lambda: not (scene.bob.downloads / PARTS).exists(), SETTLES):
        scene.stop_bob()  # what its disk kept it from removing goes at the next start
        scene.restore()
        until(lambda: not (scene.bob.downloads / PARTS).exists(), SETTLES)
        notes.append("started anew, to remove the part")
    return [
        *_sent(scene, was, sending),
        *_arrived(scene, was),
        *_untouched(scene, was),
        *_books(scene, was),
        *_recorded(scene, kind, notes),
        *_ended(scene),
    ]


def _sent(scene: Scene, was: Before, sending: Sending) -> Iterator[str]:
    if not sending.done and scene.sent() <= was.done:
        yield f"the last `send` ended with {sending.process.poll()}: {sending.said}"


def _arrived(scene: Scene, was: Before) -> Iterator[str]:
    """Every file is there, once, byte for byte, and nothing else."""
    now = goods.tops(scene.bob.downloads)
    theirs = frozenset(name for name, looks in was.tops.items() if now.get(name) == looks)
    found = goods.portrait(scene.bob.downloads, theirs)
    if PARTS in found:
        left = sorted(path.name for path in (scene.bob.downloads / PARTS).iterdir())
        yield f"parts are left: {left}"
        found = {path: found[path] for path in found if not path.startswith(PARTS)}
    if was.earlier is not None:
        yield from merged.judge(
            found, was.earlier, was.sent, overwrite=scene.clash == "overwrite"
        )
    else:
        wanted = [was.sent, goods.as_it_arrives(scene.goods)]  # it may have changed meanwhile
        yield from _beside(found, wanted, may_lack=scene.planted_removed)


def _beside(found: Portrait, wanted: list[Portrait], *, may_lack: bool) -> Iterator[str]:
    """Each top lies there once, under its name or the next free one.

    It `may_lack` where the user removed the folder it had come to.
    """
    here = {name for name in found if "/" not in name}
    for top in goods.TOPS.values():
        names = {goods.numbered(top, number) for number in range(1, 9)} & here
        copies = sorted(names, key=len)
        least = 0 if may_lack else 1
        if not least <= len(copies) <= 1 and any(top in one for one in wanted):
            yield f"{len(copies)} times {top!r}"
        for copy in copies:
            looks = _below(found, copy)
            if all(looks != _below(one, top) for one in wanted):
                how = _difference(looks, _below(wanted[0], top))
                yield f"{copy!r} is not what was sent: {how}"
        here -= names
    if here:
        yield f"nobody sent {sorted(here)}"


def _below(portrait: Portrait, top: str) -> Portrait:
    """What lies at and below a top, by its path from there; times of folders left out."""
    return {
        path.removeprefix(top): looks
        for path, looks in portrait.items()
        if path == top or path.startswith(f"{top}/")
    }


def _difference(found: Portrait, wanted: Portrait) -> str:
    missing, strange = wanted.keys() - found.keys(), found.keys() - wanted.keys()
    other = [path for path in wanted.keys() & found.keys() if wanted[path] != found[path]]
    return (
        f"{len(missing)} missing {sorted(missing)[:3]},"
        f" {len(strange)} strange {sorted(strange)[:3]},"
        f" {len(other)} differ {[(path, wanted[path], found[path]) for path in other[:2]]}"
    )


def _untouched(scene: Scene, was: Before) -> Iterator[str]:
    """Nothing of the user's was changed, and nothing is anywhere else."""
    if scene.planted_removed:
        return
    now = goods.tops(scene.bob.downloads)
    if touched := [name for name, looks in was.tops.items() if now.get(name) != looks]:
        yield f"the user's own {touched} were touched"
    found = goods.portrait(scene.bob.downloads)
    if any(found.get(path) != looks for path, looks in was.downloads.items()):
        yield "something in the user's own folders was touched"
    if goods.portrait(scene.disk, BESIDE) != was.disk:
        yield "something outside the download folder was touched"
    if goods.portrait(scene.bob.folder, OURS) != was.bob:
        yield "something strange lies beside the profile"


def _books(scene: Scene, was: Before) -> Iterator[str]:
    """Both sides say of each transfer what became of it."""
    people: list[Somebody] = [scene.bob] + [scene.ann] * scene.listening
    for person in people:
        rows = scene.books(person)
        for row in rows:
            if row["state"] not in OVER:
                yield f"{person.name} believes that it is {row['state']}"
            elif row["state"] != "done" and not row["reason"]:
                yield f"{person.name} knows no reason why it {row['state']}"
        done = [row for row in rows if row["state"] == "done"]
        if len(done) != was.done + 1:
            yield f"{person.name} has {len(done)} transfers that are done"


def _recorded(scene: Scene, kind: Kind, notes: list[str]) -> Iterator[str]:
    report = record.read((scene.ann.record, scene.bob.record))
    if report.repeats:
        yield f"{report.repeats} times a key and nonce sealed twice"
    if not report.seals or not report.attempts:
        yield "nothing was recorded"
    if kind.keeps:
        yield from report.sent_again(spare=record.CHUNK)
    carried = f"{report.carried / goods.MIB:.1f} of {scene.goods.size / goods.MIB:.1f} MiB"
    notes.append(f"{len(report.attempts)} attempts carried {carried}")


def _ended(scene: Scene) -> Iterator[str]:
    """Who listens ends as a user's program does, and had nothing to complain of."""
    for person, listens in ((scene.ann, scene.ann_listens), (scene.bob, scene.bob_listens)):
        if listens is not None and (status := listens.stop()) != 0:
            yield f"`listen` of {person.name} ended with {status}"
        if bad := [line for line in person.log.splitlines() if BAD_LINE.search(line)]:
            yield f"{person.name} logged {bad[:2]}"
