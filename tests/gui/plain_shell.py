"""A plain shell: holds a screen and notes what is asked of it, where only drawing matters."""

import asyncio
import tkinter as tk
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lanchat.errors import LanchatError
from lanchat.gui.gestures import Gesture
from lanchat.gui.given import Given
from lanchat.gui.lent import Clipboard
from lanchat.gui.preferences import Preferences
from lanchat.gui.shell import Ask, Page, Pane
from lanchat.gui.state import Me, Screen, update
from lanchat.gui.theme import Theme
from lanchat.gui.toast import Toasts
from lanchat.gui.tone import Tone
from lanchat.node.events import NodeEvent, Showing
from lanchat.node.person import Person
from lanchat.node.settings import Settings
from tests.kit.people import peer

T = TypeVar("T")


class PlainShell:
    """A `Shell` without a window and without a node."""

    def __init__(self, root: tk.Tk, theme: Theme) -> None:
        self.root = root
        self.theme = theme
        self.preferences = Preferences(reduced_motion=True)
        self.given = Given()
        self.settings = Settings(Path("downloads"))
        self.profile = "default"
        self.screen = Screen(
            me=Me(peer(9999), "My laptop", 48321, ("192.168.1.20",), Showing())
        )
        self.page: Page | None = None
        self.pane: Pane | Page | None = None
        self.gestures: list[Gesture] = []
        self.asked: list[Ask[Any]] = []
        self.said: list[str] = []
        self.commands: list[str] = []
        self.ears: list[Callable[[NodeEvent], None]] = []

    @property
    def clipboard(self) -> Clipboard:
        return Clipboard(self.root)

    @property
    def toasts(self) -> Toasts:
        return Toasts(self.root, self.theme)

    def people(self, *people: Person) -> None:
        """These are there now."""
        held = {one.peer_id: one for one in people}
        self.screen = replace(self.screen, people=held)
        self.draw()

    def draw(self) -> None:
        if self.pane is not None:
            self.pane.show(self.screen)

    def prefer(self, preferences: Preferences) -> None:
        self.preferences = preferences

    def come_forward(self) -> None:
        self.commands.append("come_forward")

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        self.said.append(text)

    def tell(self, error: LanchatError) -> None:
        raise error

    def command(self, name: str) -> None:
        self.commands.append(name)

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        try:
            found = asyncio.run(work())
        except LanchatError as error:
            failed(error)
        else:
            then(found)

    def hear(self, *events: NodeEvent) -> None:
        """A node tells of something: it is folded in, drawn, and heard by whoever listens."""
        for event in events:
            self.screen = update(self.screen, event)
            self.draw()
            for ear in tuple(self.ears):
                ear(event)

    def do(self, gesture: Gesture) -> None:
        self.gestures.append(gesture)
        self.screen = update(self.screen, gesture)
        self.draw()

    def ask(
        self,
        call: Ask[T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[LanchatError], None] | None = None,
    ) -> None:
        self.asked.append(call)

    def listen(self, hear: Callable[[NodeEvent], None]) -> Callable[[], None]:
        self.ears.append(hear)
        return lambda: self.ears.remove(hear)

    def restart(
        self,
        change: Callable[[Preferences], Preferences],
        given: Given,
        then: Callable[[], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        self.preferences, self.given = change(self.preferences), given
        then()

    def erase(self, passphrase: str, failed: Callable[[LanchatError], None]) -> None:
        """Nothing is there to be destroyed."""

    def lock(self) -> None:
        """Nothing is locked here."""

    def quit(self) -> None:
        """Nothing is quit here."""
