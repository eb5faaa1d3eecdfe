"""One run: a mixed tree on its way, one fault at a random moment, and what came of it."""

import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from tests.faults import kinds, moments, verdict
from tests.faults.kinds import KINDS
from tests.faults.scene import PATIENCE, Scene, Sending

MOST_SENDS: Final = 4  # the first one included


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
        more = "".join(f"; {note}" for note in self.notes)
        times = f"{self.sends} send{'s' * (self.sends > 1)}"
        return (
            f"seed {self.seed} {self.kind}: {self.what} at {self.when}: {said}"
            f" ({times}, resumed from {self.resumed_from:,}, {self.seconds:.1f} s{more})"
        )


def kind_of(seed: int) -> str:
    """Every kind comes as often as any other."""
    return sorted(KINDS)[seed % len(KINDS)]


def run(seed: int, only: str = "") -> Outcome:
    """The run that `seed` stands for, of the kind `only` if one is wanted."""
    began = time.monotonic()
    draw = random.Random(seed)
    outcome = Outcome(seed, only or kind_of(seed))
    kind = KINDS[outcome.kind]
    with Scene(draw, rate=draw.choice(kind.rates), home=kind.home) as scene:
        try:
            if kind.at_a_step:
                scene.step = scene.bob.more["FAULTS_STEP"] = kinds.a_step(draw)
            scene.begin(listening=draw.random() < 0.5, friends=draw.random() < 0.5)
            before = verdict.before(scene)
            _break(scene, draw, outcome)
            sending = _last(scene, outcome)
            outcome.wrong += verdict.judge(scene, before, sending, outcome.notes, kind)
        except (
            Exception
        ) as error:  # the run goes on with the next seed, and this one has failed
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        outcome.sends = len(scene.sendings)
        outcome.resumed_from = scene.sendings[-1].end.get("resumed_from", 0)
        outcome.logs = _logs(scene) if outcome.wrong else ""
    outcome.seconds = time.monotonic() - began
    return outcome


def _break(scene: Scene, draw: random.Random, outcome: Outcome) -> None:
    """Send, and let the fault happen at its moment."""
    kind = KINDS[outcome.kind]
    moment = moments.draw_moment(draw, scene.goods.size)
    base = scene.wire()
    sending = scene.send()
    outcome.when = "its step" if kind.at_a_step else str(moment)
    if not kind.at_a_step and not moment.comes(scene, sending, base):
        outcome.when += ", when it was over"
    fault = kind.strike(scene, draw)
    outcome.what = next(fault)
    for _ in fault:
        raise RuntimeError("a fault strikes once")


def _last(scene: Scene, outcome: Outcome) -> Sending:
    """Wait for the end of `send`, and give it again until it says that all is there."""
    sending = scene.sendings[-1]
    while True:
        if not sending.ends(PATIENCE):
            outcome.notes.append(f"no end within {PATIENCE:.0f} s")
            sending.stop(signal.SIGINT)
            if not sending.ends(10):
                sending.stop(signal.SIGKILL)
                outcome.wrong.append("`send` did not end when interrupted")
        if sending.done or len(scene.sendings) >= MOST_SENDS:
            return sending
        outcome.notes.append(sending.said)
        scene.restore()
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
