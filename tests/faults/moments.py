"""When a fault strikes: at a byte on the wire, some time after the start, or while what came
is being put in its place."""

import random
import time
from dataclasses import dataclass
from typing import Final

from tests.faults.scene import Scene, Sending

LOOK: Final = 0.0005  # seconds between two looks at the wire
GREETING: Final = 24 * 1024  # bytes of a handshake, an offer and its answer, and more
OVERHEAD: Final = 1.005  # of packets, as this kernel counts them


@dataclass(frozen=True)
class Moment:
    """So many bytes behind the start of `send`, and so much later; or behind `placing`."""

    byte: int
    placing: bool = False
    later: float = 0.0  # seconds

    def __str__(self) -> str:
        if self.placing:
            return f"{self.later * 1000:.1f} ms into placing"
        return f"byte {self.byte:,}" + (f" and {self.later:.2f} s" if self.later else "")

    def comes(self, scene: Scene, sending: Sending, base: int) -> bool:
        """Wait for it; False if `send` ended before.  `base`: `scene.wire()` at the start."""
        while sending.running:
            if scene.placing() if self.placing else scene.wire() - base >= self.byte:
                return not sending.ends(self.later)
            time.sleep(LOOK)
        return False


def draw_moment(draw: random.Random, size: int, *, again: bool) -> Moment:
    """Mostly any byte of all; now and then one of the first, or when the last are there.

    What is sent `again` is compared first, for a while in which few bytes pass.
    """
    byte = draw.randrange(int(size * OVERHEAD))
    early = draw.randrange(GREETING)
    late = draw.choice((0.0, draw.uniform(0, 0.004), draw.uniform(0, 0.03)))
    while_comparing = draw.uniform(0, 0.6)
    match draw.randrange(10):
        case 0:
            return Moment(early)
        case 3 | 4 | 5 if again:
            return Moment(4096, later=while_comparing)
        case 1 | 2:
            return Moment(size, placing=True, later=late)
        case _:
            return Moment(byte)
