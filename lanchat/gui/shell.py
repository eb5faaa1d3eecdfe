"""The shell: what pages, panes and dialogs are given of the window they stand in.

`Front` is what the way in needs, `Shell` what is there while a profile is open.  The one
class behind both is in `window.py`; nothing here knows it.
"""

import tkinter as tk
from collections.abc import Callable, Coroutine, Sequence
from tkinter import ttk
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lanchat.errors import LanchatError
from lanchat.gui.given import Given
from lanchat.gui.lent import Clipboard
from lanchat.gui.preferences import Preferences
from lanchat.gui.theme import Theme
from lanchat.gui.toast import Toasts
from lanchat.gui.tone import Tone
from lanchat.node.settings import Settings

if TYPE_CHECKING:  # loaded while a passphrase is being typed
    from lanchat.gui.gestures import Gesture
    from lanchat.gui.screen import Screen
    from lanchat.node.events import NodeEvent
    from lanchat.node.node import Node

T = TypeVar("T")
Ask = Callable[["Node"], Coroutine[Any, Any, T]]


class Page(ttk.Frame):
    """What fills the window: the way in, or the main page."""

    def stops(self) -> Sequence[tk.Misc]:
        """The parts that F6 goes through, in order; focus goes to the one it comes to."""
        return ()

    def home(self) -> tk.Misc:
        """Where the keys are when nothing else has them."""
        return self

    def leave(self) -> None:
        """Escape was pressed, and nothing nearer to the keys wanted it."""

    def hand_over(self) -> None:
        """Give the node what was written and not sent: the page is about to go."""

    def show(self, screen: "Screen") -> None:
        """Draw what differs from what was shown last."""

    def step(self, by: int) -> None:
        """Open the conversation of the next or the previous person."""

    def choose(self, place: int) -> None:
        """Open the conversation of the person at `place` of the list, from 0 on."""

    def search(self) -> None:
        """Let the user search."""

    def catch_up(self) -> None:
        """Open what was told of last, or else the next conversation with something new."""


class Pane(ttk.Frame):
    """A part of a page that draws what the screen says."""

    def __init__(self, parent: tk.Misc, shell: "Shell", *, style: str, name: str) -> None:
        super().__init__(parent, style=style, name=name)
        self.shell = shell

    def show(self, screen: "Screen") -> None:
        """Draw what differs from what was shown last."""
        raise AssertionError(f"{type(self).__name__} draws nothing")


class Surroundings(Protocol):
    """What is there, locked or open.  Lives on the Tk thread, and so does who uses it."""

    @property
    def root(self) -> tk.Tk:
        """The window."""

    @property
    def theme(self) -> Theme:
        """Colours, fonts and pictures."""

    @property
    def preferences(self) -> Preferences:
        """What the user chose for this computer."""

    @property
    def given(self) -> Given:
        """What the command line said."""

    @property
    def profile(self) -> str:
        """The profile that is open, or was last: a name or a folder."""

    def prefer(self, preferences: Preferences) -> None:
        """Keep what the user chose, and go by it at once."""

    @property
    def toasts(self) -> Toasts:
        """What is told for a moment; for what leads somewhere, else `say`."""

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a toast for a moment."""

    def tell(self, error: LanchatError) -> None:
        """Say what went wrong, in a toast."""

    def come_forward(self) -> None:
        """Show the window, wherever it is, and give it the keys."""

    def command(self, name: str) -> None:
        """Do a command of the table in `keys.py`, as if its keys had been pressed."""

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        """Run on the node thread what needs no node; one of the two hears on this one."""


class Front(Surroundings, Protocol):
    """The window around the way in."""

    @property
    def clipboard(self) -> Clipboard:
        """What was copied from this window; for secrets, which are there for a minute."""

    def show_login(self) -> None:
        """Ask for a passphrase."""

    def show_register(self) -> None:
        """Ask for a name and a new passphrase."""

    def take_passphrase_file(self) -> str | None:
        """The file with the passphrase that the command line named; the first time only."""

    def open(
        self, profile: str, passphrase: str, failed: Callable[[LanchatError], None]
    ) -> None:
        """Unlock a profile; the main page takes the place of this one, or `failed` hears."""


class Shell(Surroundings, Protocol):
    """The window around a pane or a dialog, while a profile is open."""

    @property
    def screen(self) -> "Screen":
        """All that is shown now."""

    @property
    def page(self) -> Page | None:
        """What fills the window."""

    def do(self, gesture: "Gesture") -> None:
        """Fold a gesture into the screen, and draw."""

    def ask(
        self,
        call: Ask[T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[LanchatError], None] | None = None,
    ) -> None:
        """Run `call` with the node, on its thread; answers come back on this one.

        Without `failed` a toast says what went wrong.  An answer that comes after the
        window was locked is dropped.
        """

    def listen(self, hear: "Callable[[NodeEvent], None]") -> Callable[[], None]:
        """Call `hear` with each event of the node, after it was folded; gives how to end it."""

    @property
    def settings(self) -> Settings:
        """What the node runs by."""

    def restart(
        self,
        change: Callable[[Preferences], Preferences],
        given: Given,
        then: Callable[[], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        """Start the node anew on the networks, the port and the domain of what is chosen then.

        The profile and the page stay open, sessions are opened again.  If it cannot be, it
        runs as before and `failed` hears; else `change` is kept, on top of whatever else was
        chosen meanwhile, and so is `given`.
        """

    def erase(self, passphrase: str, failed: Callable[[LanchatError], None]) -> None:
        """Destroy the profile that is open, for good, and show the way in."""

    def lock(self) -> None:
        """Destroy all that is shown, forget the keys, and ask for the passphrase."""

    def quit(self) -> None:
        """Say goodbye to everybody and close, without asking."""
