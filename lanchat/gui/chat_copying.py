"""Copying: messages as text for other programs, from the model, not the screen.  Pure."""

from collections.abc import Callable, Iterable
from datetime import tzinfo

from lanchat.conversation.text import shown
from lanchat.gui import amounts, moments
from lanchat.gui.items import FileCard, Item, Said
from lanchat.gui.text import name_text, one_line


def lines(
    items: Iterable[Item], author: Callable[[bool], str], zone: tzinfo | None = None
) -> str:
    """Each message with its time and who wrote it: `[2026-11-03 09:12] Ada: Morning!`.

    `author` gives the name of who wrote, told whether it was us.
    """
    return "\n".join(filter(None, (_line(item, author, zone) for item in items)))


def _line(item: Item, author: Callable[[bool], str], zone: tzinfo | None) -> str:
    if not isinstance(item, Said | FileCard):
        return ""
    head = f"[{moments.stamp(item.at, zone)}] {one_line(author(item.mine), 64)}: "
    if isinstance(item, Said):
        return head + shown(item.text)
    named = ", ".join(
        f"{name_text(name)} ({amounts.size(size)})" if size else name_text(name)
        for name, size in item.names
    )
    return head + named
