"""Two sessions joined in memory: what the crypto and the interpreter take, without a socket.

What is missed here cannot be reached over a socket; a machine that is slower than the one for
which the goals were written shows it in these figures first.
"""

import os
import time
from typing import Final

from bench.figures import Spread
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.draw import draw_ephemeral
from lanchat.session.events import PayloadReceived
from lanchat.session.handshake import Role, Terms
from lanchat.session.machine import Session
from lanchat.session.stages import Stage
from lanchat.wire.payloads import MAX_TEXT, NO_ID, NO_KEY, Ready, Text

HANDSHAKES: Final = 20  # a round
RECORDS: Final = 5_000  # a round
AT_ONCE: Final = 65_536  # bytes that are handed over together
NOW: Final = 1.0


def ready(_peer: PeerId, _initiator: bool) -> Ready:
    return Ready(0, 1, 1, 0, 0, MAX_TEXT, 2**40, NO_KEY, NO_KEY, "bench")


def handshakes(rounds: int) -> Spread:
    """CPU milliseconds from nothing to READY both ways, both sides."""
    mine, theirs = Identity(os.urandom(32)), Identity(os.urandom(32))
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(HANDSHAKES):
            _opened(mine, theirs)
        taken.append((time.process_time() - began) * 1000 / HANDSHAKES)
    return Spread.of(taken)


def records(rounds: int) -> Spread:
    """Records a second that the slower of the two sides can do, with nothing else to do."""
    sends, takes = _opened(Identity(os.urandom(32)), Identity(os.urandom(32)))
    return Spread.of([RECORDS / max(_many(sends, takes)) for _ in range(rounds + 1)][1:])


def _opened(mine: Identity, theirs: Identity) -> tuple[Session, Session]:
    initiator = Terms(Role.INITIATOR, mine, draw_ephemeral(), expected=theirs.peer_id)
    dials = Session(initiator, ready, NOW)
    answers = Session(Terms(Role.RESPONDER, theirs, draw_ephemeral()), ready, NOW)
    while dials.stage is not Stage.OPEN or answers.stage is not Stage.OPEN:
        _pass(dials, answers)
        _pass(answers, dials)
    return dials, answers


def _pass(one: Session, other: Session) -> None:
    if data := one.outgoing():
        for _event in other.receive(data, NOW):
            pass


def _many(sends: Session, takes: Session) -> tuple[float, float]:
    """CPU seconds of either side."""
    pieces = []
    began = time.process_time()
    for _ in range(RECORDS):
        sends.send(Text(NO_ID, 1, 1, 0, NO_ID, "x" * 60), NOW)
        if sends.unsent >= AT_ONCE:
            pieces.append(sends.outgoing())
    pieces.append(sends.outgoing())
    sealed = time.process_time()
    came = sum(
        isinstance(event, PayloadReceived)
        for piece in pieces
        for event in takes.receive(piece, NOW)
    )
    if came != RECORDS:
        raise RuntimeError(f"{came} of {RECORDS} records came")
    return sealed - began, time.process_time() - sealed
