"""One large file at the speed of the wire: both sides killed, and a hundred cuts.

A cut resets every connection of the receiver's host, the session's and the lane's.  After
each the prefix is compared anew, which a sender does once in 10 s (PROTOCOL.md, 3b), so a
hundred cuts take a thousand seconds at the least.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.faults import goods, record
from tests.faults.goods import MIB
from tests.faults.moments import LOOK
from tests.faults.scene import PARTS, PATIENCE, Scene, Sending, until

RATE: Final = 1200.0  # Mbit/s
PER_CUT: Final = 6 * MIB  # bytes that a cut may cost
STANDS: Final = 60.0  # seconds until something must have moved again


@dataclass
class Measured:
    """What a scene came to, in words, and what is wrong with it."""

    said: str
    wrong: list[str]


def measured(cuts: int, size: int, seed: int) -> Iterator[Measured]:
    """Both scenes, one after the other."""
    yield killed(size, seed)
    yield cut_often(cuts, size, seed)


def killed(size: int, seed: int) -> Measured:
    """The receiver is killed in the middle and started, then the sender; the same `send`."""
    draw = random.Random(seed)
    with Scene(draw, rate=RATE, size=size) as scene:
        scene.begin(listening=False, friends=False)
        base, began = scene.wire(), time.monotonic()
        sending = scene.send()
        _passes(scene, sending, base + size * draw.uniform(0.3, 0.6))
        scene.kill_bob()
        scene.restore()
        base = scene.wire()
        _passes(scene, sending, base + 100 * MIB * size // 2**30)
        scene.kill_ann()
        again = scene.send()
        again.ends(PATIENCE)
        taken = time.monotonic() - began
        wrong = [*_whole(scene, again), *_recorded(scene, spare=record.CHUNK)]
        resumed = again.end.get("resumed_from", 0)
        if not resumed:
            wrong.append("nothing was resumed")
        said = (
            f"both killed at {RATE / 1000} Gbit/s: resumed from {resumed:,} of {size:,}"
            f" bytes, {taken:.0f} s in all"
        )
    return Measured(said, wrong)


def cut_often(cuts: int, size: int, seed: int) -> Measured:
    """One `send`, with so many cuts on its way."""
    draw = random.Random(seed)
    step = size // (cuts + 1)
    with Scene(draw, rate=RATE, size=size) as scene:
        scene.begin(listening=False, friends=False)
        began, rx = time.monotonic(), scene.wire()
        sending = scene.send()
        wrong = []
        for number in range(cuts):
            if not _passes(scene, sending, scene.wire() + draw.randrange(step // 2, step)):
                wrong.append(f"nothing moved before cut {number + 1}: {sending.said}")
                sending = scene.send()
            scene.lab.reset("bob")
        sending.ends(PATIENCE)
        taken, wire = time.monotonic() - began, scene.wire() - rx
        report = record.read((scene.ann.record, scene.bob.record))
        wrong += [*_whole(scene, sending), *_recorded(scene)]
        most = size + cuts * PER_CUT
        if report.carried > most:
            wrong.append(f"{report.carried:,} bytes were sealed for lanes")
        said = (
            f"{cuts} cuts over {size:,} bytes in {taken:.0f} s: {report.carried:,} bytes on"
            f" lanes in {len(report.attempts)} attempts, {wire:,} on the wire; at most"
            f" {most:,} are allowed"
        )
    return Measured(said, wrong)


def _passes(scene: Scene, sending: Sending, byte: float) -> bool:
    """Wait until so many bytes came by; False if that does not happen."""
    until_then = time.monotonic() + STANDS
    while scene.wire() < byte:
        if not sending.running or time.monotonic() > until_then:
            return False
        time.sleep(LOOK)
    return True


def _whole(scene: Scene, sending: Sending) -> Iterator[str]:
    if not sending.done:
        yield f"`send` ended with {sending.process.poll()}: {sending.said}"
    until(lambda: not (scene.bob.downloads / PARTS).exists(), 5)
    came = goods.portrait(scene.bob.downloads, frozenset(scene.planted))
    wanted = goods.portrait(scene.goods.root)
    if sorted(came.values()) != sorted(wanted.values()):
        yield f"what came is not what was sent: {came}"


def _recorded(scene: Scene, spare: int = 0) -> Iterator[str]:
    report = record.read((scene.ann.record, scene.bob.record))
    if report.repeats:
        yield f"{report.repeats} times a key and nonce sealed twice"
    yield from report.sent_again(spare)
