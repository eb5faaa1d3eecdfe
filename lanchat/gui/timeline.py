"""The timeline: from messages and transfers to what a conversation shows.  Pure.

`build` makes a whole one, `extend` puts one more entry at its end, `join` puts an older
page before it.  Each keeps the rules of a conversation: a mark before the first entry of a
day, and bubbles of one author within five minutes as one group.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from lanchat.conversation.message import Message
from lanchat.gui.items import Act, CardState, DayMark, FileCard, Item, Said

GROUP: Final = 5 * 60_000  # ms between two bubbles of one group
BELIEVED: Final = 86_400_000  # ms: a claim of when something was sent may be so much older

Entry = Said | FileCard


def entry(message: Message) -> Entry:
    """One message as it is shown, alone."""
    if message.file:
        state = CardState.DONE
        acts = () if message.mine else (Act.OPEN,)
        names = ((message.file, 0),)
        key, mine, at = message.id.hex(), message.mine, message.arrived_at
        return FileCard(key, mine, names, 1, 0, at, state, acts=acts)
    believed = 0 <= message.arrived_at - message.sent_at <= BELIEVED
    return Said(
        key=message.id.hex(),
        mine=message.mine,
        text=message.text,
        at=message.sent_at if believed else message.arrived_at,
        state=message.state,
        late=not believed,
        sent_at=message.sent_at,
    )


def build(entries: Iterable[Entry]) -> tuple[Item, ...]:
    """A conversation of entries, oldest first."""
    items: list[Item] = []
    for one in entries:
        items[-1:] = _joint(items[-1] if items else None, one)
    return tuple(items)


def extend(items: Sequence[Item], added: Entry) -> tuple[Item, ...]:
    """The conversation with one more entry at its end."""
    last = items[-1] if items else None
    if last is None or isinstance(last, DayMark | Said | FileCard):
        return (*items[:-1], *_joint(last, added))
    day = next((found for one in reversed(items) if (found := _day_of(one))), None)
    now = _local_day(added.at)
    mark = () if day == now else (DayMark(f"day:{now.isoformat()}", now),)
    return (*items, *mark, added)


def append(items: Sequence[Item], line: Item) -> tuple[Item, ...]:
    """The conversation with a line of lanchat's own at its end."""
    return (*items, line)


def join(older: Sequence[Item], items: Sequence[Item]) -> tuple[Item, ...]:
    """The conversation with an older page before it."""
    if not older or not items:
        return (*older, *items)
    last, rest = older[-1], items
    if isinstance(rest[0], DayMark) and rest[0].day == _day_of(last):
        rest = rest[1:]
    if not rest or not isinstance(rest[0], Said | FileCard):
        return (*older, *rest)
    return (*older[:-1], *_joint(last, rest[0]), *rest[1:])


def insert(items: Sequence[Item], key: str, line: Item) -> tuple[Item, ...]:
    """The conversation with a line of lanchat's own before the item `key`."""
    for place, one in enumerate(items):
        if one.key == key:
            return (*items[:place], line, *items[place:])
    return tuple(items)


def at_time(items: Sequence[Item], at: int, line: Item) -> tuple[Item, ...]:
    """The conversation with a line of lanchat's own where it belongs by its time."""
    for place, one in enumerate(items):
        if isinstance(one, Said | FileCard) and one.at > at:
            before = items[place - 1] if place else None
            if isinstance(before, DayMark) and before.day != _local_day(at):
                place -= 1
            return (*items[:place], line, *items[place:])
    return (*items, line)


def put(items: Sequence[Item], key: str, changed: Item) -> tuple[Item, ...]:
    """The conversation with `changed` in the place of the item `key`, if it is there."""
    for place in range(len(items) - 1, -1, -1):
        if items[place].key == key:
            return (*items[:place], changed, *items[place + 1 :])
    return tuple(items)


def find(items: Sequence[Item], key: str) -> Item | None:
    """The item `key`; the newest are looked at first."""
    return next((one for one in reversed(items) if one.key == key), None)


def restate(items: Sequence[Item], message: Message) -> tuple[Item, ...]:
    """The conversation after a message of ours was delivered or read."""
    held = find(items, message.id.hex())
    if not isinstance(held, Said):
        return tuple(items)
    return put(items, held.key, replace(held, state=message.state))


def _joint(before: Item | None, after: Entry) -> tuple[Item, ...]:
    """What stands where `before` stood, now that `after` follows it."""
    kept: tuple[Item, ...] = () if before is None else (before,)
    day = _local_day(after.at)
    known = None if before is None else _day_of(before)
    if day != known and not isinstance(before, DayMark):
        return (*kept, DayMark(f"day:{day.isoformat()}", day), _alone(after))
    if isinstance(before, DayMark) and day != before.day:
        return (DayMark(f"day:{day.isoformat()}", day), _alone(after))
    if _grouped(before, after) and isinstance(before, Said) and isinstance(after, Said):
        return (replace(before, last=False), replace(after, first=False))
    return (*kept, after)


def _alone(one: Entry) -> Entry:
    return replace(one, first=True) if isinstance(one, Said) and not one.first else one


def _grouped(before: Item | None, after: Entry) -> bool:
    return (
        isinstance(before, Said)
        and isinstance(after, Said)
        and before.mine == after.mine
        and not after.late
        and 0 <= after.at - before.at <= GROUP
    )


def _day_of(item: Item) -> date | None:
    match item:
        case DayMark(day=day):
            return day
        case Said() | FileCard():
            return _local_day(item.at)
        case _:
            return None


def _local_day(at_ms: int) -> date:
    try:
        return datetime.fromtimestamp(at_ms / 1000).astimezone().date()
    except (OverflowError, ValueError, OSError):  # somebody's claim: any number at all
        return date(1970, 1, 1)
