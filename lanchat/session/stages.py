"""Stages of a session, and every payload that may come in each.  PROTOCOL.md, 2 and 3."""

from enum import Enum
from types import MappingProxyType, NoneType
from typing import Final, get_args

from lanchat.wire.payloads import Close, KeyUpdate, Payload, Ping, Pong, Ready


class Stage(Enum):
    """Where a session is."""

    HANDSHAKING = "handshaking"
    GREETING = "greeting"
    OPEN = "open"
    DRAINING = "draining"
    CLOSING = "closing"
    CLOSED = "closed"


def _steps() -> dict[tuple[Stage, type], Stage]:
    steps: dict[tuple[Stage, type], Stage] = {(Stage.GREETING, Ready): Stage.OPEN}
    for stage in (Stage.OPEN, Stage.DRAINING, Stage.CLOSING):
        steps |= {(stage, payload): stage for payload in (*get_args(Payload), NoneType)}
        steps[stage, Close] = Stage.CLOSED
        del steps[stage, Ready]
    return steps


#: Every payload that may come, by stage; NoneType stands for the types of later versions.
#: Whatever is not in this table breaks the protocol.
STEPS: Final = MappingProxyType(_steps())

#: What a session says by itself; nobody else may put it in its mouth.
ITS_OWN: Final = frozenset({Ready, Close, Ping, Pong, KeyUpdate})
