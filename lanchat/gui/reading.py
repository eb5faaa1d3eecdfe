"""Reading: fetches what the open conversation needs from the store, page by page."""

from pathlib import Path

from lanchat.errors import LanchatError
from lanchat.gui import timeline
from lanchat.gui.cards import Landing, Which
from lanchat.gui.gestures import PageRead, RoomSeen, Seen
from lanchat.gui.items import CardState
from lanchat.gui.shell import Shell
from lanchat.gui.state import Screen
from lanchat.identity.keys import PeerId
from lanchat.node import acts, views
from lanchat.node.node import Node


class Reader:
    """Keeps the open conversation read.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._asked: tuple[PeerId, bytes | None] | None = None  # the page on its way
        self._failed: tuple[PeerId, bytes | None] | None = None  # told once, tried again
        self._asking: frozenset[Which] = frozenset()  # questions it was looked for room for
        self._focused = True

    def follow(self, screen: Screen) -> None:
        """After each change of the screen: read what is missing, mark what was seen."""
        talk, person = screen.conversation, screen.person
        self._look_for_room(screen)  # also for what is told of while nobody is open
        if talk is None:
            self._asked = None
            return
        if not talk.loaded:
            self._read(talk.peer_id, None)
        elif talk.sought and talk.more and timeline.find(talk.items, talk.sought) is None:
            self.older()
        elif screen.focused and person is not None and person.unread:
            self._see(talk.peer_id)

    def older(self) -> None:
        """The reader came to the top: read what was said before."""
        talk = self._shell.screen.conversation
        if talk is not None and talk.loaded and talk.more and talk.oldest is not None:
            self._read(talk.peer_id, talk.oldest)

    def _look_for_room(self, screen: Screen) -> None:
        """Another question is open, or the user was elsewhere: does what is offered fit?"""
        asking = frozenset(
            one.which for one in screen.transfers.values() if one.state is CardState.ASKING
        )
        back = screen.focused and not self._focused
        if asking - self._asking or (asking and back):
            self._shell.ask(lambda node: _room(node, asking), self._shell.do, _unknown)
        self._asking, self._focused = asking, screen.focused

    def _read(self, peer: PeerId, before: bytes | None) -> None:
        if self._asked == (peer, before):
            return
        asked = self._asked = peer, before

        async def read(node: Node) -> PageRead:
            messages = await views.page(node, peer, before)
            return PageRead(peer, messages, len(messages) == views.PAGE, before)

        def came(page: PageRead) -> None:
            self._over(asked)
            self._failed = None
            self._shell.do(page)

        def failed(error: LanchatError) -> None:
            self._over(asked)
            if self._failed != asked:
                self._failed = asked
                self._shell.tell(error)

        self._shell.ask(read, came, failed)

    def _over(self, asked: tuple[PeerId, bytes | None]) -> None:
        """It is not on its way any more: it may be asked for again."""
        if self._asked == asked:
            self._asked = None

    def _see(self, peer: PeerId) -> None:
        tell = self._shell.preferences.read_receipts
        self._shell.do(Seen(peer))
        self._shell.ask(lambda node: acts.see(node, peer, tell=tell))


async def _room(node: Node, asking: frozenset[Which]) -> RoomSeen:
    folder, room = await acts.landing(node)
    return RoomSeen(Landing(_short(folder), room, asking))


def _short(folder: Path) -> str:
    """A folder as people write it."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _unknown(_error: LanchatError) -> None:
    """Whoever takes a file is told; before that nothing has to be said."""
