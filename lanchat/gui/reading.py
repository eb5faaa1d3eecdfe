"""Reading: fetches what the open conversation needs from the store, page by page."""

from lanchat.gui import timeline
from lanchat.gui.gestures import PageRead, Seen
from lanchat.gui.shell import Shell
from lanchat.gui.state import Screen
from lanchat.identity.keys import PeerId
from lanchat.node import acts, views
from lanchat.node.node import Node


class Reader:
    """Keeps the open conversation read.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._asked: tuple[PeerId, bytes | None] | None = None

    def follow(self, screen: Screen) -> None:
        """After each change of the screen: read what is missing, mark what was seen."""
        talk, person = screen.conversation, screen.person
        if talk is None:
            self._asked = None
            return
        if not talk.loaded:
            self._read(talk.peer_id, None, person.unread if person else 0)
        elif talk.sought and talk.more and timeline.find(talk.items, talk.sought) is None:
            self.older()
        elif screen.focused and person is not None and person.unread:
            self._see(talk.peer_id)

    def older(self) -> None:
        """The reader came to the top: read what was said before."""
        talk = self._shell.screen.conversation
        if talk is not None and talk.loaded and talk.more and talk.oldest is not None:
            self._read(talk.peer_id, talk.oldest, 0)

    def _read(self, peer: PeerId, before: bytes | None, unread: int) -> None:
        if self._asked == (peer, before):
            return
        self._asked = peer, before

        async def read(node: Node) -> PageRead:
            messages = await views.page(node, peer, before)
            return PageRead(peer, messages, len(messages) == views.PAGE, unread)

        self._shell.ask(read, self._shell.do)

    def _see(self, peer: PeerId) -> None:
        tell = self._shell.preferences.read_receipts
        self._shell.do(Seen(peer))
        self._shell.ask(lambda node: acts.see(node, peer, tell=tell))
