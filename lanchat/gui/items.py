"""Items: what a conversation is made of on the screen, from top to bottom.  Pure.

`timeline.py` makes them of messages and transfers, `chat_view.py` draws them.  An item
never changes: a new value with the same key takes its place.  Texts and names are as they
came; whoever draws one passes it through `text.py`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lanchat.conversation.message import State
from lanchat.gui.tone import Tone
from lanchat.identity.keys import PeerId
from lanchat.node.events import By


@dataclass(frozen=True, slots=True)
class DayMark:
    """A new day begins here."""

    key: str  # "day:2026-11-22"
    day: date


@dataclass(frozen=True, slots=True)
class Notice:
    """A line lanchat itself writes into a conversation, centred; it names nobody's words."""

    key: str
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class NewMark:
    """Everything below arrived since the reader last looked."""

    key: str = "new"


@dataclass(frozen=True, slots=True)
class Said:
    """A bubble: one text message.  Times are ms since 1970."""

    key: str  # the message's id in hex
    mine: bool
    text: str
    at: int  # the moment shown: the author's claim if it is believable, else our arrival
    state: State
    first: bool = True  # first and last of a group by one author within five minutes
    last: bool = True
    late: bool = False  # a claim of the author's that is not believable: both are shown
    sent_at: int = 0
    quoted: str = ""  # the first line of the message this one replies to


class CardState(StrEnum):
    """How far a transfer is, as its card says it."""

    ASKING = "asking"  # theirs: waits for our yes
    WAITING = "waiting"  # ours: waits for their yes
    AGREED = "agreed"  # nothing of it was carried yet
    CHECKING = "checking"
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"  # the receiver's disk does not take it; it goes on by itself
    LOST = "lost"  # a part was carried; it goes on by itself once they can be reached
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Act(StrEnum):
    """What a card offers to do; each is a button of its own, reachable by keyboard."""

    ACCEPT = "accept"
    SKIP = "skip"  # accept what changed since an earlier one of theirs
    COPY = "copy"  # accept all of it, beside the earlier one
    REPLACE = "replace"  # accept what changed, in the place of the older files
    CHOOSE = "choose"  # another folder, then accept
    DECLINE = "decline"
    VERIFY = "verify"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    OPEN = "open"  # show it in its folder
    ALLOW = "allow"  # let its owner run what was a program at the sender
    PICTURE = "picture"  # show what was not shown unasked


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture that a card carries.  Sizes in px of the picture itself."""

    width: int = 0  # 0 while nobody looked into it
    height: int = 0
    asked: bool = False  # the user wants to see it


#: Whose card carries it, whether it is ours, and the key: two people may use one id.
Place = tuple[PeerId, bool, str]


@dataclass(frozen=True, slots=True)
class FileCard:
    """A transfer in its conversation.  Sizes in bytes, `rate` in bytes a second."""

    key: str  # the transfer's id in hex
    mine: bool
    names: tuple[tuple[str, int], ...]  # first top-level entries as (name, size)
    count: int  # files and folders in all
    total: int
    at: int  # ms since 1970
    state: CardState
    done: int = 0
    rate: int = 0  # 0 while it is not known yet
    seconds_left: int | None = None
    detail: str = ""  # a sentence: why it is not done, or what it waits for
    acts: tuple[Act, ...] = ()
    picture: Picture | None = None  # what is shown of it
    landing: str = ""  # a sentence: where it would go, and whether it fits there
    earlier: bool = False  # asking: what came of them before can be compared
    skipped: int = 0  # files that were not sent, as they were there
    replaced: bool = False  # what changed took the place of the older files
    programs: int = 0  # files that were programs at the sender, and are none here
    by: By | None = None  # who paused it
    other: str = ""  # what the other side is called, as it came


Item = DayMark | Notice | NewMark | Said | FileCard
