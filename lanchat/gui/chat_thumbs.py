"""The pictures on cards: a thumbnail in its place, or the place alone until it is there."""

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui.chat_brush import Brush, Paint
from lanchat.gui.chat_drawn import Drawn
from lanchat.gui.items import FileCard
from lanchat.gui.pictures import carried
from lanchat.gui.thumbnailing import fit

HIGHEST: Final = 240  # px at 100 %
ABOVE: Final = 10
RADIUS: Final = 8
ICON: Final = 28
_FINE: Final = 4  # the corners are drawn so many times larger, then made small

#: Gives the picture of a card at a size that fits a box in px; None if it is not there yet.
Look = Callable[[FileCard, tuple[int, int]], Image.Image | None]


def height(brush: Brush, card: FileCard, width: int) -> int:
    """How much room it takes on a card that has so much within; exact."""
    if card.picture is None:
        return 0
    box = width, brush.px(HIGHEST)
    return brush.px(ABOVE) + fit(card.picture.width, card.picture.height, box)[1]


class Thumbs:
    """Draws the pictures of cards.  Lives on the Tk thread."""

    def __init__(self, brush: Brush, look: Look) -> None:
        self._brush = brush
        self._look = look

    def draw(self, drawn: Drawn, card: FileCard, low: int, pad: int, paint: Paint) -> int:
        """The picture of a card `low` px below its top, within `pad`; where it ends."""
        if not carried(card):
            return low
        brush, px = self._brush, self._brush.px
        width = drawn.width - 2 * pad
        image = self._look(card, (width, px(HIGHEST)))  # also makes somebody fetch it
        if card.picture is None:
            return low
        drawn.parts["picture"] = low + px(ABOVE)
        drawn.parts["pad"] = pad
        if image is not None:
            self._place(drawn, image)
        else:
            wide, high = fit(card.picture.width, card.picture.height, (width, px(HIGHEST)))
            x, y = drawn.left + pad, drawn.top + low + px(ABOVE)
            tags = drawn.tag, f"{drawn.tag}room"
            brush.box(x, y, wide, high, paint.button, paint.fill, px(RADIUS), tags)
            if min(wide, high) > px(ICON):
                brush.icon(x + wide // 2, y + high // 2, "image", ICON, paint.meta,
                           paint.button, tags, "center")  # fmt: skip
        return low + height(brush, card, width)

    def arrived(self, drawn: Drawn) -> None:
        """A picture whose place is drawn is there now; nothing around it moves."""
        canvas, room = self._brush.canvas, f"{drawn.tag}room"
        card = drawn.item
        if not isinstance(card, FileCard) or not canvas.find_withtag(room):
            return
        width = drawn.width - 2 * drawn.parts["pad"]
        image = self._look(card, (width, self._brush.px(HIGHEST)))
        if image is not None:
            canvas.delete(room)
            self._place(drawn, image)

    def _place(self, drawn: Drawn, image: Image.Image) -> None:
        photo = ImageTk.PhotoImage(
            _rounded(image, self._brush.px(RADIUS), drawn.fill), master=self._brush.canvas
        )
        drawn.kept.append(photo)
        drawn.parts["photo"] = self._brush.canvas.create_image(
            drawn.left + drawn.parts["pad"], drawn.top + drawn.parts["picture"],
            image=photo, anchor="nw", tags=drawn.tag,
        )  # fmt: skip


def _rounded(image: Image.Image, radius: int, behind: str) -> Image.Image:
    """With round corners, in the colour of the card: a transparent one costs Tk more."""
    radius = min(radius, image.width // 8, image.height // 8)  # of a small one little goes
    if radius < 1:
        return image
    large = Image.new("L", (2 * radius * _FINE,) * 2, 255)
    ImageDraw.Draw(large).ellipse((0, 0, large.width - 1, large.height - 1), fill=0)
    disc = large.resize((2 * radius,) * 2, Image.Resampling.LANCZOS)
    made = image.copy()
    for right in (0, 1):
        for low in (0, 1):
            corner = disc.crop(
                (right * radius, low * radius, (right + 1) * radius, (low + 1) * radius)
            )
            place = right * (image.width - radius), low * (image.height - radius)
            made.paste(behind, (*place, place[0] + radius, place[1] + radius), corner)
    return made
