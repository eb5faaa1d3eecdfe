"""The app: makes the window, runs it until it is closed, and leaves nothing behind."""

import gc
import logging
import tkinter as tk
from argparse import Namespace
from contextlib import suppress
from typing import Final

from lanchat.errors import AlreadyRunning, NoDisplay
from lanchat.gui import (
    accessible,
    appearance,
    daylight,
    editing,
    emoji,
    instance,
    languages,
    x_environment,
)
from lanchat.gui.app_icon import app_icons
from lanchat.gui.desktop_entry import WINDOW_CLASS
from lanchat.gui.given import Given, last
from lanchat.gui.preferences import load
from lanchat.gui.theme import Theme, before_root
from lanchat.gui.window import Window
from lanchat.identity.fingerprint import LONGEST_TYPED
from lanchat.node import choices
from lanchat.node.settings import site_of

_log = logging.getLogger(__name__)

COLLECT_EVERY: Final = 10_000  # ms
LOAD_AFTER: Final = 100  # ms until the way in was drawn


def main(arguments: Namespace) -> int:
    """Open the window and wait until it is closed, or show the one that is open already.

    Raises:
        NoDisplay: there is no screen to show it on.
    """
    preferences = load(choices.read(choices.place("window")))
    language = languages.start(preferences.language)
    named = arguments.profile if arguments.profile != "default" else None
    try:
        invite = getattr(arguments, "invite", "")[:LONGEST_TYPED]
        claim = instance.take(named or last(preferences), invite)
    except AlreadyRunning:
        return 0  # its window is in front now
    root = make_root()
    _speak(root, language)
    chosen = appearance.mode(preferences), preferences.zoom / 100, preferences.font
    theme = Theme(root, *chosen)
    given = Given(
        profile=named,
        passphrase_file=arguments.passphrase_file,
        interfaces=tuple(arguments.interface),
        networks=tuple(arguments.network),
        port=arguments.port or 0,
        site=site_of(arguments.dns, arguments.dns_key, arguments.dns_every),
        dns_every=arguments.dns_every,
        log_file=arguments.log_file or "",
        invite=invite,
    )
    window = Window(root, theme, preferences, given, claim)
    root.report_callback_exception = lambda _kind, error, _trace: window.unforeseen(error)
    root.iconphoto(True, *map(str, app_icons(theme, unread=False)))
    _keep_garbage_here(root)
    window.start()
    root.deiconify()
    daylight.follow(window)
    root.after(LOAD_AFTER, window.behind.load)
    root.mainloop()
    return 0


def make_root() -> tk.Tk:
    """The root window, still hidden.

    Raises:
        NoDisplay: there is no screen.
    """
    before_root()
    try:
        with x_environment.around_root():
            root = tk.Tk(className=WINDOW_CLASS)
            emoji.prepare(root)
    except tk.TclError as error:
        raise NoDisplay("no display") from error
    root.withdraw()
    editing.settle(root)
    accessible.prepare(root)
    with suppress(tk.TclError):  # other programs of this display run no code in ours
        root.tk.call("rename", "send", "")
    root.title("lanchat")
    return root


def _speak(root: tk.Tk, language: str) -> None:
    """Let Tk's own dialogs, which choose a file or a folder, speak as we do."""
    with suppress(tk.TclError):  # a Tk without words of its own
        root.tk.call("package", "require", "msgcat")
        root.tk.call("::msgcat::mclocale", language)


def _keep_garbage_here(root: tk.Tk) -> None:
    """Collect cycles on this thread only.

    A collection on the node's thread that meets a picture or a variable of Tk's would wait
    there for this one.
    """
    gc.disable()
    gc.freeze()

    def collect() -> None:
        gc.collect(1)
        root.after(COLLECT_EVERY, collect)

    root.after(COLLECT_EVERY, collect)
