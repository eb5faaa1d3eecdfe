"""The conversation pane: header, what was said, bars and the composer, or an empty page."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Final

from lanchat.gui import chat_copying, drop, files, opening, timeline, transfers_pane
from lanchat.gui.bar_pane import BarPane
from lanchat.gui.chat_view import ChatView, Hooks
from lanchat.gui.composer import Composer
from lanchat.gui.gestures import Reached, Removed
from lanchat.gui.header import Header
from lanchat.gui.items import Act, FileCard, Item, Said
from lanchat.gui.links import Link
from lanchat.gui.menus import Choice, Menu
from lanchat.gui.nothing import NobodyChosen, NothingSaid
from lanchat.gui.reading import Reader
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Conversation, Screen
from lanchat.gui.text import ui_text
from lanchat.gui.thumbnails import Thumbnails
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts

_ICONS: Final = {
    Act.ACCEPT: "check-lg",
    Act.SKIP: "check-lg",
    Act.COPY: "copy",
    Act.REPLACE: "arrow-clockwise",
    Act.CHOOSE: "folder",
    Act.DECLINE: "x-lg",
    Act.VERIFY: "shield-check",
    Act.PAUSE: "pause",
    Act.RESUME: "play",
    Act.CANCEL: "x-lg",
    Act.RETRY: "arrow-clockwise",
    Act.OPEN: "folder2-open",
    Act.ALLOW: "play",
    Act.PICTURE: "image",
}


class ConversationPane(Pane):
    """The right of the window."""

    def __init__(self, parent: tk.Misc, shell: Shell, reader: Reader) -> None:
        super().__init__(parent, shell, style="TFrame", name="conversation")
        self._shown: Conversation | None = None
        self._open = False
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._empty = NobodyChosen(self, shell)
        self._talk = ttk.Frame(self, name="talk")
        self._talk.columnconfigure(0, weight=1)
        self._talk.rowconfigure(2, weight=1)
        self.header: Final = Header(self._talk, shell)
        self._thumbnails: Final = Thumbnails(shell, lambda key: self.view.arrived(key))
        self.view: Final = ChatView(
            self._talk,
            shell.theme,
            Hooks(
                older=reader.older,
                act=lambda key, act: files.act(shell, key, act),
                picture=self._thumbnails.look,
                link=lambda link: follow(shell, link),
                menu=self._menu,
                copied=self._copied,
                delete=self._hide_all,
                author=self._author,
            ),
        )
        self._silence: Final = NothingSaid(self.view, shell)
        self.strip: Final = transfers_pane.Strip(self._talk, shell)
        self.bars: Final = BarPane(self._talk, shell)
        self.composer: Final = Composer(self._talk, shell)
        parts: tuple[tk.Misc, ...] = (
            self.header,
            ttk.Frame(self._talk, style="Line.TFrame", height=1),
            self.view,
            self.strip,
            self.bars,
            self.composer,
        )
        for row, part in enumerate(parts):
            part.grid(row=row, column=0, sticky="nsew" if part is self.view else "ew")  # type: ignore[attr-defined]  # each is a ttk widget
        self._empty.grid(row=0, column=0, sticky="nsew")
        self.bind("<Destroy>", self._destroyed)
        drop.accept_drops(self._talk, shell, lambda _x, _y: self.shell.screen.chosen)

    def stops(self) -> tuple[tk.Misc, ...]:
        """The parts that F6 goes through."""
        if not self._open:
            return ()
        return (*self.header.stops(), *self.view.stops(), *self.composer.stops())

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        self._thumbnails.follow(screen)
        screen = self.shell.screen  # which that may have moved on
        talk = screen.conversation
        if (talk is not None) != self._open:
            self._open = talk is not None
            self._empty.grid_remove() if self._open else self._talk.grid_remove()
            page = self._talk if self._open else self._empty
            page.grid(row=0, column=0, sticky="nsew")
        if talk is None:
            self.composer.show(screen)  # what stands there is somebody's
            self._shown = None
            return
        self.header.show(screen)
        self.bars.show(screen)
        self.strip.show(screen)
        self.composer.show(screen)
        before, self._shown = self._shown, talk
        if before is None or before.items is not talk.items or before.peer_id != talk.peer_id:
            self.view.show(talk.items)
        if before is None or before.peer_id != talk.peer_id:
            self.view.to_end()
            self.composer.text.focus_set()
        person = screen.person
        blocked = person is not None and person.trust is Trust.BLOCKED
        self._silence.show(shown=talk.loaded and not talk.items and not blocked)
        if talk.sought and timeline.find(talk.items, talk.sought) is not None:
            self.view.select(talk.sought)
            self.view.canvas.focus_set()
            self.shell.do(Reached())

    # --- within -------------------------------------------------------------------------

    def _menu(self, key: str, x: int, y: int, link: Link | None) -> None:
        """What can be done with one message and a link of it; at a place of the screen."""
        talk = self._shown
        if talk is None:
            return
        item = next((one for one in talk.items if one.key == key), None)
        rows: list[Choice | None] = []
        if link is not None:
            goes = partial(follow, self.shell, link)
            rows.append(Choice(_("Open link"), goes, "box-arrow-up-right"))
            rows.append(Choice(_("Copy link"), partial(self._copy_link, link), "link-45deg"))
            rows.append(None)
        if isinstance(item, Said):
            rows.append(Choice(_("Copy"), self.view.copy, "copy", "C"))
            words = partial(self.view.whole, item)
            rows.append(Choice(_("Select words…"), words, "file-earmark-text"))
            rows.append(Choice(_("Reply"), lambda: self._quote(item), "reply"))
        if isinstance(item, FileCard):
            rows += [
                Choice(files.label(act), self._doing(key, act), _ICONS.get(act, ""))
                for act in item.acts
            ]
            rows.append(Choice(_("Copy the name"), self.view.copy, "copy", "C"))
        if isinstance(item, Said | FileCard):
            away = partial(self._hide, talk.peer_id, key)
            rows += [None, Choice(_("Delete here"), away, "trash", _("Del"), danger=True)]
            Menu(self, self.shell.theme, rows, name="message_menu").post(x, y)

    def _doing(self, key: str, act: Act) -> Callable[[], None]:
        return lambda: files.act(self.shell, key, act)

    def _quote(self, item: Said) -> None:
        """Begin an answer with the words it is about."""
        lines = item.text.splitlines()[:3]
        self.composer.insert("".join(f"> {line}\n" for line in lines))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._thumbnails.close()

    def _hide_all(self, keys: tuple[str, ...]) -> None:
        if self._shown is not None:
            for key in keys:
                self._hide(self._shown.peer_id, key)

    def _hide(self, peer: PeerId, key: str) -> None:
        self.shell.ask(
            lambda node: acts.hide(node, peer, bytes.fromhex(key)),
            lambda _none: self.shell.do(Removed(peer, key)),
        )

    def _copied(self, items: tuple[Item, ...]) -> None:
        """Put what was selected on the clipboard, from the model and not from the screen."""
        self._give(ui_text(chat_copying.lines(items, self._author)))

    def _copy_link(self, link: Link) -> None:
        """Put where a link really leads on the clipboard."""
        self._give(link.url)

    def _give(self, text: str) -> None:
        self.clipboard_clear()
        self.clipboard_append(text)

    def _author(self, mine: bool) -> str:
        person, me = self.shell.screen.person, self.shell.screen.me
        one = me if mine else person
        return one.name if one is not None else ""


def follow(shell: Shell, link: Link) -> None:
    """Open a link in what was said; an invite is shown, as if it had been pasted."""
    if link.invite:
        from lanchat.gui import adding

        adding.show(shell, link.url)
    else:
        opening.open_link(shell, link)
