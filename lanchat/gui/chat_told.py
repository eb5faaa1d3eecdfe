"""Told: a message or a transfer in words, for who does not see it.  Pure.

All that stands on its bubble or is shown by an icon: who, what, when and how far it came.
"""

from collections.abc import Callable
from datetime import tzinfo

from lanchat.gui import chat_words, moments
from lanchat.gui.items import FileCard, Item, Said
from lanchat.gui.text import one_line
from lanchat.gui.translate import _

LONGEST_NAME = 64


def moment(said: Said, now_ms: int, zone: tzinfo | None = None) -> str:
    """When a message came; with it the author's claim, if that is not believable."""
    clock = moments.clock(said.at, zone)
    if not said.late:
        return clock
    claimed = moments.when(said.sent_at, now_ms, zone)
    return _("{time} · says {claimed}").format(time=clock, claimed=claimed)


def told(
    item: Item,
    shown: str,
    author: Callable[[bool], str],
    now_ms: int,
    zone: tzinfo | None = None,
) -> str:
    """What is heard of an item of which `shown` is drawn; a mark of ours is its text.

    `author` gives the name of who wrote, told whether it was us.
    """
    if not isinstance(item, Said | FileCard):
        return shown
    name = one_line(author(item.mine), LONGEST_NAME)
    if isinstance(item, Said):
        parts = [shown, _after(item, now_ms, zone)]
    else:
        card = [chat_words.state(item), moments.clock(item.at, zone)]
        parts = [f"{chat_words.title(item)}: {', '.join(card)}", chat_words.detail(item)]
    text = "\n".join(filter(None, parts))
    return f"{name}: {text}" if name else text


def _after(said: Said, now_ms: int, zone: tzinfo | None) -> str:
    words = [moment(said, now_ms, zone)]
    if said.mine and said.state in chat_words.STATES:
        words.append(_(chat_words.STATES[said.state][1]))
    return ", ".join(words)
