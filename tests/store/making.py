"""Messages for the tests of the store."""

import itertools
import secrets

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.store.tallies import DAY

ANN, BOB = PeerId(b"a" * 32), PeerId(b"b" * 32)
NOW = 20_000 * DAY + 5
_clock = itertools.count(NOW)


def theirs(text: str = "hi", peer: PeerId = ANN, **more: object) -> Message:
    at = next(_clock)
    values: dict[str, object] = {
        "id": secrets.token_bytes(16),
        "peer": peer,
        "mine": False,
        "text": text,
        "sent_at": at - 3,
        "arrived_at": at,
        "state": State.RECEIVED,
    }
    return Message(**(values | more))  # type: ignore[arg-type]  # the fields above, or the test's


def mine(text: str = "hi", peer: PeerId = ANN, **more: object) -> Message:
    return theirs(text, peer, **({"mine": True, "state": State.QUEUED} | more))
