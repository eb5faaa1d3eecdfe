"""Messages: what one person said to another, and how far it has come.  PROTOCOL.md, 3."""

from dataclasses import dataclass
from enum import StrEnum

from lanchat.identity.keys import PeerId


class State(StrEnum):
    """How far a message has come: mine from QUEUED to READ; theirs is RECEIVED."""

    QUEUED = "queued"  # kept here; the other side has not said that it stored it
    DELIVERED = "delivered"  # stored at the other side
    READ = "read"  # the other side says that it was read
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation.  Times are ms since 1970."""

    id: bytes  # 16 bytes, random, chosen by the author
    peer: PeerId  # the other person, whoever wrote it
    mine: bool
    text: str  # as written; pass through `shown` before showing it
    sent_at: int  # the author's claim
    arrived_at: int  # ours; the order of a conversation
    state: State
    seq: int = 0
    reply_to: bytes = b""
    file: str = ""  # set instead of `text` for a file
