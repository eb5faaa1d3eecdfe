"""The window: one root, and in it the page of the moment; what happens is folded here.

Locked, it shows the way in (`login.py`, `register.py`) and holds nothing of anybody; open,
it shows `main_page.py`.  Events of the node are folded as they come and drawn together.
"""

import logging
import tkinter as tk
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lanchat.errors import LanchatError, ProfileLocked, Unforeseen, WrongPassphrase
from lanchat.gui import appearance, commands, dialog, raising, sentences
from lanchat.gui.attention import Attention
from lanchat.gui.behind import Behind
from lanchat.gui.bridge import Bridge
from lanchat.gui.given import Given, last
from lanchat.gui.idle import Idle
from lanchat.gui.invited import Invited
from lanchat.gui.kept import Kept
from lanchat.gui.lent import Clipboard
from lanchat.gui.preferences import Preferences
from lanchat.gui.screen import Screen
from lanchat.gui.shell import Ask, Page
from lanchat.gui.theme import Theme
from lanchat.gui.toast import Toasts
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.node import profiles
from lanchat.node.settings import Settings

if TYPE_CHECKING:
    from lanchat.gui.gestures import Gesture
    from lanchat.node.claims import Claim
    from lanchat.node.events import NodeEvent
    from lanchat.node.person import Overview

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Window:
    """A `Shell` (shell.py), and what stands in it.  Lives on the Tk thread."""

    def __init__(
        self,
        root: tk.Tk,
        theme: Theme,
        preferences: Preferences,
        given: Given,
        claim: "Claim | None" = None,
    ) -> None:
        self.root: Final = root
        self.theme: Final = theme
        self.preferences = preferences
        self._kept: Final = Kept(preferences, self.tell)
        self.given = given
        self.screen = Screen()
        self.profile = given.profile or last(preferences)
        self._passphrase_file = given.passphrase_file
        self.toasts: Final = Toasts(root, theme)
        self.clipboard: Final = Clipboard(root)
        self.bridge: Final = Bridge(root, self.unforeseen)
        self.invited: Final = Invited(self)
        self.behind: Final = Behind(
            self.bridge, told=self._heard, raised=self.invited.come, failed=self._ended
        )
        self._claim: Final = claim  # until a profile is held
        self._page: Page | None = None
        self._ears: list[Callable[[NodeEvent], None]] = []
        self._times_locked = 0
        self._drawing: str | None = None
        self.settings = appearance.settings(preferences, given)  # of a node that runs
        self.idle: Final = Idle(self)
        self.attention: Final = Attention(self)
        self.closing = False

    def start(self) -> None:
        """Show the way in."""
        self.bridge.start()
        if self._claim is not None:
            self.behind.answer_for(self._claim, self.tell)
        self.root.protocol("WM_DELETE_WINDOW", lambda: self.command("quit"))
        commands.bind(self)
        self.attention.start()
        self.idle.start()
        appearance.place(self.root, self.theme, self.preferences)
        self.show_way_in()

    # --- for panes (shell.py) -----------------------------------------------------------

    def do(self, gesture: "Gesture") -> None:
        """Fold a gesture into the screen, and draw."""
        self._fold(gesture)
        self._draw()

    def ask(
        self,
        call: Ask[T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[LanchatError], None] | None = None,
    ) -> None:
        """Run `call` with the node, on its thread; see shell.py."""
        times = self._times_locked

        def answered(result: T) -> None:
            if then is not None and times == self._times_locked:
                then(result)

        def refused(error: LanchatError) -> None:
            if times == self._times_locked and not isinstance(error, ProfileLocked):
                (failed or self.tell)(error)

        self.behind.ask(lambda backend: backend.do(call), answered, refused)

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        """Run something that needs no node on the node thread, such as `profiles.register`."""
        if not self.closing:
            self.bridge.run(work, then, failed)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a toast for a moment."""
        self.toasts.show(text, tone)

    def tell(self, error: LanchatError) -> None:
        """Say what went wrong."""
        if isinstance(error, Unforeseen):
            return  # `unforeseen` did
        self.say(sentences.of(error), Tone.BAD)

    def listen(self, hear: "Callable[[NodeEvent], None]") -> Callable[[], None]:
        """Call `hear` with each event of the node; see shell.py."""
        self._ears.append(hear)

        def end() -> None:
            with suppress(ValueError):  # locking forgot them all
                self._ears.remove(hear)

        return end

    def command(self, name: str) -> None:
        """Do a command of the table in `keys.py`."""
        commands.run(self, name)

    def prefer(self, preferences: Preferences) -> None:
        """Keep what the user chose, and go by it at once."""
        if preferences == self.preferences:
            return
        self._keep(preferences)
        appearance.apply(self.theme, preferences)
        self._go_by(appearance.settings(preferences, self.given))

    def _keep(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self._kept.keep(preferences)

    def _go_by(self, settings: Settings) -> None:
        """Tell the node that runs, if anything of it changed that can change meanwhile."""
        before, self.settings = self.settings, self.settings.meanwhile(settings)
        if self.screen.me is not None and self.settings != before:
            from lanchat.node import acts

            self.ask(lambda node: acts.change(node, settings))

    def restart(
        self,
        change: Callable[[Preferences], Preferences],
        given: Given,
        then: Callable[[], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        """Start the node anew, as these say; see shell.py."""
        settings = appearance.settings(change(self.preferences), given)

        def restarted(_none: None) -> None:
            self.given, self.settings = given, settings
            self.prefer(change(self.preferences))
            self._go_by(appearance.settings(self.preferences, given))  # chosen meanwhile
            then()

        self.behind.ask(lambda backend: backend.restart(settings), restarted, failed)

    # --- pages --------------------------------------------------------------------------

    @property
    def page(self) -> Page | None:
        """What fills the window now."""
        return self._page

    def show_way_in(self) -> None:
        """Ask for a passphrase, or for a name where there is no profile yet."""
        if profiles.exists(self.profile) or profiles.listed():
            self.show_login()
        else:
            self.show_register()

    def show_login(self) -> None:
        """Ask for a passphrase."""
        from lanchat.gui.login import LoginPage

        self._show(LoginPage(self.root, self))

    def show_register(self) -> None:
        """Ask for a name and a new passphrase."""
        from lanchat.gui.register import RegisterPage

        self._show(RegisterPage(self.root, self))

    def take_passphrase_file(self) -> str | None:
        """What the command line named; once, so that a locked window stays locked."""
        file, self._passphrase_file = self._passphrase_file, None
        return file

    def open(
        self, profile: str, passphrase: str, failed: Callable[[LanchatError], None]
    ) -> None:
        """Unlock a profile; the main page takes the place of this one, or `failed` hears."""
        self.settings = settings = appearance.settings(self.preferences, self.given)

        def opened(overview: "Overview") -> None:
            from lanchat.gui import faces, gestures
            from lanchat.gui.main_page import MainPage

            self.profile = profile
            self.behind.unclaim()
            self._keep(replace(self.preferences, last_profile=profile))
            faces.keep(self, profile, overview.me)
            self.idle.touch()
            self._fold(gestures.Opened(overview))
            self._show(MainPage(self.root, self))
            self.attention.look()
            self.invited.show()

        self.behind.ask(
            lambda backend: backend.open(profile, passphrase, settings), opened, failed
        )

    def erase(self, passphrase: str, failed: Callable[[LanchatError], None]) -> None:
        """Destroy the profile that is open; see shell.py."""

        def closed() -> None:
            self._forget()
            self.profile = last(Preferences())
            self.show_way_in()

        def erased(_none: None) -> None:
            closed()
            self.say(_("The profile is deleted."))

        def refused(error: LanchatError) -> None:
            if isinstance(error, WrongPassphrase):
                failed(error)
            else:  # some of it may be gone
                closed()
                self.tell(error)

        self.behind.ask(lambda backend: backend.erase(passphrase), erased, refused)

    def lock(self) -> None:
        """Destroy all that is shown, forget the keys, and ask for the passphrase."""
        if self.screen.me is None or self._page is None:
            return
        self._page.hand_over()
        self.behind.ask(lambda backend: backend.lock(), lambda _none: None, self.tell)
        self._forget()
        self.show_login()

    def _forget(self) -> None:
        """Destroy the page and all it held, whatever becomes of the node."""
        self._times_locked += 1
        self._ears.clear()
        self.screen = Screen()
        dialog.close_all(self.root)  # first of all; what comes after may fail
        if self._page is not None:
            self._page.destroy()
            self._page = None
        self.toasts.clear()
        self.root.title("lanchat")
        self.clipboard.empty()

    def quit(self) -> None:
        """Say goodbye to everybody and close."""
        if self.closing:
            return
        if self._page is not None:
            self._page.hand_over()
        self.closing = True
        self._times_locked += 1
        self._keep(replace(self.preferences, geometry=self.root.geometry()))
        self.root.withdraw()
        self.bridge.stop(self.behind.close)
        self.attention.stop()
        self.idle.stop()
        if self._drawing is not None:
            self.root.after_cancel(self._drawing)
        self.root.destroy()

    def come_forward(self) -> None:
        """Somebody started lanchat again: show this window."""
        raising.come_forward(self.root)

    # --- what happens -------------------------------------------------------------------

    def unforeseen(self, error: BaseException) -> None:
        """A bug of ours: the log has the whole of it, the user one quiet sentence."""
        _log.error("unforeseen", exc_info=error)
        self.say(_("Something went wrong that should not be possible."), Tone.BAD)

    def _heard(self, event: "NodeEvent") -> None:
        if self.screen.me is None:
            return  # locked, or not open yet: the overview has it
        self._fold(event)
        for hear in tuple(self._ears):
            hear(event)
        if self._drawing is None and not self.closing:
            self._drawing = self.root.after_idle(self._draw)

    def _fold(self, happened: "Gesture | NodeEvent") -> None:
        from lanchat.gui import state  # loaded while a passphrase is being typed

        self.screen = state.update(self.screen, happened)

    def _draw(self) -> None:
        if self._drawing is not None:
            self.root.after_cancel(self._drawing)
            self._drawing = None
        if self._page is not None and self.screen.me is not None:
            self._page.show(self.screen)

    def _show(self, page: Page) -> None:
        if self._page is not None:
            self._page.destroy()
        self._page = page
        page.pack(fill="both", expand=True)

    def _ended(self, error: BaseException) -> None:
        """The node ended by itself."""
        self.lock()
        if isinstance(error, LanchatError):
            self.tell(error)
        else:
            self.unforeseen(error)
