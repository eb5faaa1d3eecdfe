"""Thumbnails: the pictures of cards that are held in memory, and how the others are fetched.

What is drawn asks for its picture; what is not here is fetched one at a time, the last that
was asked for first, so that who scrolls by many waits for none of them.  Nothing is written
to disk, and everything is gone with the page that holds this.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from PIL import Image

from lanchat.errors import LanchatError
from lanchat.gui import pictures
from lanchat.gui.gestures import PictureFound, PicturesForgotten
from lanchat.gui.items import FileCard, Picture, Place
from lanchat.gui.shell import Shell
from lanchat.gui.state import Screen
from lanchat.gui.thumbnailer import Thumbnail, Thumbnailer
from lanchat.gui.thumbnailing import CHANNELS, fit
from lanchat.identity.keys import PeerId
from lanchat.node import acts
from lanchat.node.node import Node

MOST: Final = 200  # pictures held
MOST_BYTES: Final = 64 * 2**20  # of them together
MOST_WAITING: Final = 24  # more than a screen shows; others are asked for again when drawn

Box = tuple[int, int]  # px of this screen


class Thumbnails:
    """The pictures of one page.  Lives on the Tk thread.

    `arrived` hears the key of a card whose picture is here now.
    """

    def __init__(self, shell: Shell, arrived: Callable[[str], None]) -> None:
        self._shell = shell
        self._arrived = arrived
        self._thumbnailer: Final = Thumbnailer()  # used on the node thread
        self._peer: PeerId | None = None
        self._held: OrderedDict[Place, tuple[Picture, Image.Image]] = OrderedDict()
        self._bytes = 0
        self._waiting: OrderedDict[Place, Box] = OrderedDict()
        self._none: set[Place] = set()  # carries no picture, or none that can be shown
        self._busy = False
        self._unasked = shell.preferences.show_pictures

    def follow(self, screen: Screen) -> None:
        """Before this is drawn: whose conversation it is, and whether the user chose anew."""
        self._peer = screen.chosen
        before, self._unasked = self._unasked, self._shell.preferences.show_pictures
        if before is not self._unasked:
            self._forget()
            self._shell.do(PicturesForgotten())
        for place in [one for one in self._held if one not in self._shell.screen.pictures]:
            self._drop(place)  # deleted

    def look(self, card: FileCard, box: Box) -> Image.Image | None:
        """The picture of a card, made to fit; None if there is none, or not yet."""
        if self._peer is None or not pictures.carried(card):
            return None
        place = self._peer, card.mine, card.key
        known = self._shell.screen.pictures.get(place)
        if place in self._none or (known and not card.picture and not known.asked):
            return None
        held = self._held.get(place)
        if held is not None and held[1].size == fit(held[0].width, held[0].height, box):
            self._held.move_to_end(place)
            return held[1] if card.picture else None
        self._waiting[place] = box
        self._waiting.move_to_end(place)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)
        self._next()
        return None

    def close(self) -> None:
        """The page goes: forget everything, and end the worker."""
        self._forget()
        self._busy = True  # for ever
        self._shell.run(self._thumbnailer.stop, lambda _none: None, lambda _error: None)

    # --- within -------------------------------------------------------------------------

    def _next(self) -> None:
        """Fetch the one that was asked for last."""
        if self._busy or not self._waiting:
            return
        self._busy = True
        place, box = self._waiting.popitem()
        screen = self._shell.screen
        known = screen.pictures.get(place)
        asked = known is not None and known.asked
        unasked = place[1] or (self._unasked and pictures.free(screen, place))
        wanted = box if asked or unasked else None

        def fetched(found: Thumbnail | None) -> None:
            self._fetched(place, found)

        def failed(error: LanchatError) -> None:
            self._none.add(place)
            self._shell.do(PictureFound(place, None))
            if asked:
                self._shell.tell(error)
            self._go_on()

        self._shell.ask(lambda node: self._fetch(node, place, wanted), fetched, failed)

    async def _fetch(self, node: Node, place: Place, box: Box | None) -> Thumbnail | None:
        """On the node thread: the thumbnail, an empty one if it may not be decoded, or None."""
        peer_id, mine, key = place
        file = await acts.picture(node, peer_id, bytes.fromhex(key), outgoing=mine)
        if file is None:
            return None
        with file:
            return await self._thumbnailer.shrink(file, box) if box else _UNSEEN

    def _fetched(self, place: Place, found: Thumbnail | None) -> None:
        if found is None:
            self._none.add(place)
            if place in self._shell.screen.pictures:  # it is not there any more
                self._shell.do(PictureFound(place, None))
        else:
            picture = Picture(found.width, found.height)
            if found.pixels:
                self._hold(place, picture, Image.frombytes("RGB", found.size, found.pixels))
            self._shell.do(PictureFound(place, picture))
            if place[0] == self._peer:
                self._arrived(place[2])
        self._go_on()

    def _go_on(self) -> None:
        self._busy = False
        self._next()

    def _hold(self, place: Place, picture: Picture, image: Image.Image) -> None:
        self._drop(place)
        self._held[place] = picture, image
        self._bytes += _weight(image)
        while len(self._held) > MOST or (self._bytes > MOST_BYTES and len(self._held) > 1):
            self._drop(next(iter(self._held)))

    def _drop(self, place: Place) -> None:
        held = self._held.pop(place, None)
        self._bytes -= _weight(held[1]) if held is not None else 0

    def _forget(self) -> None:
        self._held.clear()
        self._waiting.clear()
        self._none.clear()
        self._bytes = 0


_UNSEEN: Final = Thumbnail(0, 0, (0, 0), b"")


def _weight(image: Image.Image) -> int:
    return image.width * image.height * CHANNELS
