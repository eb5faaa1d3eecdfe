"""One run: a mixed tree on its way, one fault at a random moment, and what came of it."""

import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from tests.faults import goods, kinds, moments, verdict
from tests.faults.kinds import KINDS
from tests.faults.moments import Moment
from tests.faults.scene import PATIENCE, Scene, Sending
from tests.faults.verdict import Before

MOST_SENDS: Final = 4  # the first one included
AGAIN: Final = 0.35  # how many of the runs send something a second time


@dataclass
class Outcome:
    """What a run came to.  `wrong` is empty if all is as it has to be."""

    seed: int
    kind: str
    what: str = "nothing happened"
    when: str = ""
    sends: int = 0
    resumed_from: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    logs: str = ""

    def __str__(self) -> str:
        said = "; ".join(self.wrong) if self.wrong else "ok"
        more = "".join(f"; {note}" for note in self.notes if note)
        times = f"{self.sends} send{'s' * (self.sends > 1)}"
        return (
            f"seed {self.seed} {self.kind}: {self.what} at {self.when}: {said}"
            f" ({times}, resumed from {self.resumed_from:,}, {self.seconds:.1f} s{more})"
        )


def kind_of(seed: int) -> str:
    """Every kind comes as often as any other."""
    return sorted(KINDS)[seed % len(KINDS)]


def run(seed: int, only: str = "", *, again: bool = False) -> Outcome:
    """The run that `seed` stands for, of the kind `only` if one is wanted.

    `again`: the fault befalls what is sent a second time, where it may; else now and then.
    """
    began = time.monotonic()
    draw = random.Random(seed)
    outcome = Outcome(seed, only or kind_of(seed))
    kind = KINDS[outcome.kind]
    with Scene(draw, rate=draw.choice(kind.rates), home=kind.home) as scene:
        again = kind.again and draw.random() < (1 if again else AGAIN)
        try:
            size = scene.goods.size
            was = verdict.before(scene)
            listening, friends = draw.random() < 0.5, draw.random() < 0.5
            if again:
                size, was = _once(scene, draw, was, listening=listening)
                outcome.notes.append(f"sent again: {scene.clash}")
            if kind.at_a_step:
                scene.step = scene.bob.more["FAULTS_STEP"] = kinds.a_step(draw, again=again)
            scene.begin(listening=listening, friends=friends)
            _break(scene, draw, outcome, moments.draw_moment(draw, size, again=again))
            sending = _last(scene, outcome, was.done)
            outcome.wrong += verdict.judge(scene, was, sending, outcome.notes, kind)
        except (
            Exception
        ) as error:  # the run goes on with the next seed, and this one has failed
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        outcome.sends = len(scene.sendings)
        outcome.resumed_from = scene.sendings[-1].end.get("resumed_from", 0)
        outcome.logs = _logs(scene) if outcome.wrong else ""
    outcome.seconds = time.monotonic() - began
    return outcome


def _once(
    scene: Scene, draw: random.Random, was: Before, *, listening: bool
) -> tuple[int, Before]:
    """Send everything and work on it; how much of it changed, and how all looks by then."""
    scene.begin(listening=listening, friends=False)
    sending = scene.send()
    if not sending.ends(PATIENCE) or not sending.done:
        raise RuntimeError(f"the first time it was not sent: {sending.said}")
    scene.stop_bob()
    changed = goods.edit(scene.goods, draw)
    scene.clash = draw.choice(("skip", "overwrite"))
    scene.asks_to_skip = draw.random() < 0.5
    return changed, verdict.sent_once(scene, was)


def _break(scene: Scene, draw: random.Random, outcome: Outcome, moment: Moment) -> None:
    """Send, and let the fault happen at its moment."""
    kind = KINDS[outcome.kind]
    base = scene.wire()
    sending = scene.send()
    outcome.when = "its step" if kind.at_a_step else str(moment)
    if not kind.at_a_step and not moment.comes(scene, sending, base):
        outcome.when += ", when it was over"
    fault = kind.strike(scene, draw)
    outcome.what = next(fault)
    for _ in fault:
        raise RuntimeError("a fault strikes once")


def _last(scene: Scene, outcome: Outcome, done: int) -> Sending:
    """Wait for the end of `send`, and give it again until it says that all is there.

    `done` transfers were so before.
    """
    sending = scene.sendings[-1]
    while True:
        if not scene.ends(sending):
            outcome.wrong.append(f"`send` did not end within {PATIENCE:.0f} s")
            sending.stop(signal.SIGINT)
            if not sending.ends(10):
                sending.stop(signal.SIGKILL)
                outcome.wrong.append("`send` did not end when interrupted")
        if sending.done or len(scene.sendings) >= MOST_SENDS + done:
            return sending
        outcome.notes.append(sending.said)
        scene.restore()
        if scene.sent() > done:  # killed before it could say so
            return sending
        sending = scene.send()


def _logs(scene: Scene) -> str:
    lines = []
    for person in (scene.ann, scene.bob):
        lines += [f"--- {person.name}", *person.log.splitlines()[-40:]]
    for sending in scene.sendings:
        lines += [f"--- {sending.err.name}", sending.err.read_text(errors="replace")[-2000:]]
        lines += [str(row) for row in sending.rows[-2:]]
    with suppress(OSError, AssertionError):
        lines += ["--- bob's transfers", *map(str, scene.books(scene.bob))]
    return "\n".join(lines)
