"""Drawn: one item of a conversation as it stands on the canvas, and what can be hit in it."""

from dataclasses import dataclass, field
from enum import Enum, auto

from lanchat.gui.items import Act, Item
from lanchat.gui.links import Link


class Side(Enum):
    """Where an item stands: ours at the right, theirs at the left, lanchat's own between."""

    LEFT = auto()
    RIGHT = auto()
    MIDDLE = auto()


@dataclass(frozen=True, slots=True)
class Hint:
    """A place that only says something: what an icon means."""

    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """Shows the whole of a message that was cut."""


Target = Link | Act | Hint | Whole


@dataclass(slots=True)
class Spot:
    """A part of an item that does or says something; relative to its left and top."""

    x0: int
    y0: int
    x1: int
    y1: int
    target: Target

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies in it."""
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1


@dataclass(slots=True)
class Drawn:
    """One item on the canvas; everything of it carries `tag`."""

    number: int
    item: Item
    tag: str
    side: Side
    left: int
    top: int
    width: int
    height: int
    total: int  # with the gap below it
    fill: str = ""  # of its box, if it has one; the box carries `{tag}box` too
    radii: tuple[int, int, int, int] = (0, 0, 0, 0)
    spots: list[Spot] = field(default_factory=list)
    text: int = 0  # the canvas item in which text can be selected
    shown: str = ""  # what it shows
    kept: list[object] = field(default_factory=list)  # a picture nobody holds is gone
    parts: dict[str, int] = field(default_factory=dict)  # canvas items that change in place

    def spot(self, x: int, y: int) -> Spot | None:
        """What is at a point of the canvas."""
        inside = (one for one in self.spots if one.holds(x - self.left, y - self.top))
        return next(inside, None)

    def holds(self, x: int, y: int) -> bool:
        """Whether a point of the canvas lies in the bubble."""
        return 0 <= x - self.left < self.width and 0 <= y - self.top < self.height


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is to draw in: the canvas, and where text wraps."""

    width: int
    wrap: int  # the widest a bubble becomes
    margin: int

    def left(self, side: Side, width: int) -> int:
        """Where something so wide begins."""
        match side:
            case Side.LEFT:
                return self.margin
            case Side.RIGHT:
                return self.width - self.margin - width
            case Side.MIDDLE:
                return (self.width - width) // 2
