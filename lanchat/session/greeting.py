"""Greeting: the first record of each side, and who gets none.  PROTOCOL.md, 2, *READY*."""

from collections.abc import Callable

from lanchat.identity.keys import PeerId
from lanchat.wire.payloads import Ready

#: Makes our READY once the peer's key is proven (True: we dialled); raises to refuse it.
Greeting = Callable[[PeerId, bool], Ready]

#: Whether a proven caller is answered, once its READY was read.
Admits = Callable[[PeerId, Ready], bool]
