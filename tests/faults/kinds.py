"""The faults: each breaks something, lasts a while, and is healed.

A kind is a generator: it strikes, yields what it did in words, lasts and heals.
"""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults import goods
from tests.faults.scene import PARTS, ROOMY, Scene, until

Strike = Callable[[Scene, random.Random], Iterator[str]]
HOUR: Final = 3600
DAY: Final = 24 * HOUR
JUMPS: Final = (-400 * DAY, -2 * DAY, -2 * HOUR, -70, 70, 2 * HOUR, DAY, 8 * DAY, 400 * DAY)
BIRTH: Final = 1_000_000  # seconds since 1970 that a clock without a battery says
MIB: Final = goods.MIB


@dataclass(frozen=True)
class Kind:
    """`keeps`: what was received whole stays, so that it must not come again.  `at_a_step`:
    it has a moment of its own, which the recorder knows.  `rates`: Mbit/s on the wire."""

    strike: Strike
    keeps: bool = True
    at_a_step: bool = False
    rates: tuple[int, ...] = (100, 200, 400, 1200)
    again: bool = True  # whether it may also befall what is sent a second time
    home: bool = False  # whether Bob's profile lies on the same disk as what he receives


# --- processes -----------------------------------------------------------------------------


def bob_killed(scene: Scene, draw: random.Random) -> Iterator[str]:
    scene.kill_bob()
    yield "the receiver is killed"
    time.sleep(draw.uniform(0, 3))
    scene.restore()


def ann_killed(scene: Scene, draw: random.Random) -> Iterator[str]:
    scene.kill_ann()
    yield "the sender is killed"
    time.sleep(draw.uniform(0, 3))
    scene.restore()


def both_killed(scene: Scene, draw: random.Random) -> Iterator[str]:
    first, then = draw.sample((scene.kill_ann, scene.kill_bob), 2)
    first()
    time.sleep(draw.choice((0.0, draw.uniform(0, 0.2))))
    then()
    yield "both are killed"
    scene.restore()


def killed_at_a_step(scene: Scene, _draw: random.Random) -> Iterator[str]:
    """The recorder kills the process; see `a_step`."""
    listens = scene.bob_listens
    assert listens is not None
    until(lambda: not listens.running or not scene.sendings[-1].running, 60)
    until(lambda: not listens.running, 0.5)
    happened = "" if not listens.running else ", which it never came to"
    yield f"the receiver is killed at step {scene.step}{happened}"
    scene.kill_bob()
    scene.restore()


def a_step(draw: random.Random, *, again: bool) -> str:
    """A step of Bob's work on his disk, as the recorder wants it."""
    part, places = draw.randrange(40 if again else 600), draw.randrange(40 if again else 21)
    delay = draw.choice((0, 0, draw.randrange(2_000), draw.randrange(20_000)))
    return draw.choice((f"part:{part}:{delay}", f"places:{places}:{delay}"))


def rebooted(scene: Scene, draw: random.Random) -> Iterator[str]:
    """Killed, and started with another monotonic clock; the wall clock may be wrong, too."""
    who = draw.choice(("ann", "bob"))
    person, kill = {
        "ann": (scene.ann, scene.kill_ann),
        "bob": (scene.bob, scene.kill_bob),
    }[who]
    kill()
    now = int(time.monotonic())
    person.computer.uptime = draw.choice((1 - now, 10 * DAY, 1000 * DAY))
    jump = draw.choice((0, 0, 2 * HOUR, -2 * HOUR, 8 * DAY))
    person.shift_clock(jump)
    yield f"{who} is rebooted: monotonic {person.computer.uptime:+} s, wall clock {jump:+} s"
    scene.restore()


def asleep(scene: Scene, draw: random.Random) -> Iterator[str]:
    """The lid is closed, or the processes alone stand still."""
    host, lid = draw.choice(("ann", "bob")), draw.random() < 0.5
    seconds = draw.choice((draw.uniform(0.5, 4), draw.uniform(4, 12), draw.uniform(12, 35)))
    if lid:
        scene.lab.suspend(host)
    else:
        _signal(scene, host, signal.SIGSTOP)
    yield f"{host} sleeps for {seconds:.1f} s{', its cable off' * lid}"
    time.sleep(seconds)
    if lid:
        scene.lab.resume(host)
    else:
        _signal(scene, host, signal.SIGCONT)


def _signal(scene: Scene, host: str, what: signal.Signals) -> None:
    for pid in scene.lab.pids(host):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)


def clock_jumped(scene: Scene, draw: random.Random) -> Iterator[str]:
    person = draw.choice((scene.ann, scene.bob))
    jump = draw.choice((*JUMPS, BIRTH - int(time.time())))
    person.shift_clock(jump)
    back = draw.random() < 0.3
    yield f"the clock of {person.name} jumps by {jump:+} s{' and back' * back}"
    if back:
        time.sleep(draw.uniform(0, 8))
        person.shift_clock(0)


# --- the network -----------------------------------------------------------------------------


def cable_pulled(scene: Scene, draw: random.Random) -> Iterator[str]:
    host = draw.choice(("ann", "bob"))
    seconds = draw.choice((draw.uniform(0.1, 2), draw.uniform(2, 8), draw.uniform(8, 30)))
    scene.lab.cable(host, up=False)
    yield f"the cable of {host} is pulled for {seconds:.1f} s"
    time.sleep(seconds)
    scene.lab.cable(host, up=True)


def network_split(scene: Scene, draw: random.Random) -> Iterator[str]:
    """Nobody's cable is off: packets simply do not come."""
    seconds = draw.choice((draw.uniform(0.1, 2), draw.uniform(2, 8), draw.uniform(8, 30)))
    scene.lab.partition(["ann"], ["bob"])
    yield f"the network is split for {seconds:.1f} s"
    time.sleep(seconds)
    scene.lab.heal()


def packets_lost(scene: Scene, draw: random.Random) -> Iterator[str]:
    loss, seconds = draw.choice((0.5, 2, 8, 20)), draw.uniform(1, 8)
    jitter, doubles = draw.choice((0, 0, 5)), draw.choice((0, 0, 3))
    scene.lab.impair("bob", delay_ms=jitter, jitter_ms=jitter, loss=loss, duplicate=doubles)
    yield f"{loss} % of packets are lost, {doubles} % come twice, for {seconds:.1f} s"
    time.sleep(seconds)
    scene.lab.clear_impair("bob")


def address_changed(scene: Scene, draw: random.Random) -> Iterator[str]:
    host = draw.choice(("ann", "bob"))
    scene.lab.readdress(host, f"10.77.0.{draw.randrange(100, 200)}/24")
    yield f"{host} has another address"


def connections_reset(scene: Scene, draw: random.Random) -> Iterator[str]:
    host = draw.choice(("ann", "bob"))
    reset = scene.lab.reset(host)
    yield f"{reset} connections of {host} are reset"


# --- disks -----------------------------------------------------------------------------------


def disk_full(scene: Scene, draw: random.Random) -> Iterator[str]:
    """The disk becomes as small as what lies on it, and a little more."""
    slack = draw.choice((0, draw.randrange(4 * MIB)))
    while True:
        used = _used(scene.disk)
        with contextlib.suppress(subprocess.CalledProcessError):  # it grew meanwhile
            scene.mount(f"remount,size={used + slack}")
            break
    yield f"the disk is full but for {slack:,} bytes"
    time.sleep(draw.uniform(0.5, 6))
    scene.mount(f"remount,{ROOMY}")


def no_more_files(scene: Scene, draw: random.Random) -> Iterator[str]:
    """There is room, but not for one more file."""
    slack = draw.choice((0, draw.randrange(30)))
    while True:
        found = os.statvfs(scene.disk)
        with contextlib.suppress(subprocess.CalledProcessError):
            taken = found.f_files - found.f_ffree
            scene.mount(f"remount,nr_inodes={taken + slack}")
            break
    yield f"the disk takes {slack} more files"
    time.sleep(draw.uniform(0.5, 6))
    scene.mount("remount,nr_inodes=1000000")


def _used(disk: Path) -> int:
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def folder_removed(scene: Scene, draw: random.Random) -> Iterator[str]:
    """Moved away and back, as a disk that is unplugged; or the parts are thrown away."""
    if draw.random() < 0.5:
        goods.clear(_parts(scene))
        yield "the folder of parts is removed"
        return
    away = scene.folder / "disk" / "away"
    scene.bob.downloads.rename(away)
    yield "the download folder is moved away, and back"
    time.sleep(draw.uniform(0, 6))
    if scene.bob.downloads.exists():  # made anew for what was new
        scene.bob.downloads.rename(away.with_name("made anew"))
    away.rename(scene.bob.downloads)


def folder_anew(scene: Scene, draw: random.Random) -> Iterator[str]:
    """Removed with all that is in it, and made again: another folder, so Bob has to say so."""
    scene.planted_removed = scene.bob_gives_up = True
    goods.clear(scene.bob.downloads)
    yield "the download folder is removed and made anew"
    time.sleep(draw.uniform(0, 3))
    scene.bob.downloads.mkdir(exist_ok=True)


def read_only(scene: Scene, draw: random.Random) -> Iterator[str]:
    """Nothing may be written in the download folder, or in nothing below it either."""
    deep = draw.random() < 0.5
    folders = [scene.bob.downloads]
    if deep:
        folders += [Path(folder) for folder, _, _ in os.walk(_parts(scene))]
    before: dict[Path, int] = {}
    for path in folders:
        with contextlib.suppress(FileNotFoundError):  # it came to its place meanwhile
            before[path] = path.stat().st_mode
            path.chmod(0o500)
    yield f"the download folder is read-only{', and every part' * deep}"
    time.sleep(draw.uniform(0.5, 6))
    for path, mode in before.items():
        with contextlib.suppress(FileNotFoundError):
            path.chmod(mode)


def source_changed(scene: Scene, draw: random.Random) -> Iterator[str]:
    yield goods.change(scene.goods, draw)


def _parts(scene: Scene) -> Path:
    return scene.bob.downloads / PARTS


KINDS: Final = {
    "receiver-killed": Kind(bob_killed),
    "sender-killed": Kind(ann_killed),
    "both-killed": Kind(both_killed),
    "killed-at-a-step": Kind(killed_at_a_step, at_a_step=True),
    "reboot": Kind(rebooted, again=False),
    "sleep": Kind(asleep),
    "clock": Kind(clock_jumped, again=False, rates=(15, 30)),  # a jump is looked for every 5 s
    "cable": Kind(cable_pulled),
    "split": Kind(network_split),
    "loss": Kind(packets_lost),
    "address": Kind(address_changed),
    "reset": Kind(connections_reset),
    "full": Kind(disk_full),
    "full-home": Kind(disk_full, home=True),
    "inodes": Kind(no_more_files),
    "removed": Kind(folder_removed, again=False, keeps=False),
    "made-anew": Kind(folder_anew, again=False, keeps=False),
    "read-only": Kind(read_only),
    "changed": Kind(source_changed, again=False, keeps=False),
}
