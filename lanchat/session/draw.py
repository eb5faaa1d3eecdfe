"""Drawing the ephemeral keys of a handshake from the system, and refusing a broken source."""

import hashlib
import os
from collections.abc import Callable
from typing import Final

from lanchat.errors import NoRandomness
from lanchat.session.handshake import RANDOM, Ephemeral


class Draw:
    """Draws ephemeral keys; remembers the last draw (as a digest) to see a repeating source."""

    def __init__(self, urandom: Callable[[int], bytes] = os.urandom) -> None:
        self._urandom = urandom
        self._last = b""

    def ephemeral(self) -> Ephemeral:
        """Private bytes for one handshake.

        Raises:
            NoRandomness: the system gives none, or gives the same again.
        """
        try:
            random = self._urandom(RANDOM)
        except (OSError, NotImplementedError) as error:
            raise NoRandomness("the system gives no random bytes") from error
        digest = hashlib.sha256(random).digest()
        if len(random) != RANDOM or digest == self._last:
            raise NoRandomness("the system repeats its random bytes")
        self._last = digest
        ephemeral = Ephemeral.cut(random)
        if ephemeral.e == ephemeral.s or not any(ephemeral.e) or not any(ephemeral.e1):
            raise NoRandomness("the system's random bytes are none")
        return ephemeral


_DRAW: Final = Draw()


def draw_ephemeral() -> Ephemeral:
    """Private bytes for one handshake, from the system."""
    return _DRAW.ephemeral()
