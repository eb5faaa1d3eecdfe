"""Notifying: tells a user who is not looking that somebody wrote or offers files.

Where the desktop has notices they are used, else a toast in the window.  What was written
is only shown if the user wants that; while the window is locked nothing is told, and what
was told before is taken back.
"""

import tkinter as tk
from contextlib import suppress
from datetime import datetime
from datetime import time as time_of_day
from time import monotonic
from typing import Final

from lanchat.gui import news, telling
from lanchat.gui.app_icon import app_icons
from lanchat.gui.news import News, Pace
from lanchat.gui.notices import Notice, Notices
from lanchat.gui.shell import Shell
from lanchat.gui.state import Screen
from lanchat.gui.telling import Told
from lanchat.gui.translate import _
from lanchat.node.events import Availability, NodeEvent


class Notifier:
    """Tells of what happens while a profile is open.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell: Final = shell
        self._notices: Final = Notices()
        self._pace: Final = Pace()
        self._latest: dict[str, News] = {}  # of each key
        self._jobs: dict[str, str] = {}  # a notice that waits for its turn
        self._told: set[str] = set()  # keys of notices that may still be seen
        self._toasts: Final = Told(shell)
        self._over = False
        self._deaf: Final = shell.listen(self._hear)
        self._await_click()

    def follow(self, screen: Screen) -> None:
        """After each change of the screen: how much is unread, in the title and the icon."""
        _badge(self._shell, screen.unread)
        self._toasts.follow(screen)
        gone = {key for key in self._told if screen.focused or self._muted(screen, key)}
        for key in gone:
            self._take_back(key)
        self._told -= gone

    def end(self) -> None:
        """Tell nothing more, and take back what was told."""
        self._over = True
        self._deaf()
        for job in self._jobs.values():
            self._shell.root.after_cancel(job)
        self._jobs.clear()
        self._latest.clear()
        self._shell.run(self._notices.end, lambda _none: None, self._shell.tell)
        with suppress(tk.TclError):  # the window itself goes
            _badge(self._shell, 0)

    # --- within -------------------------------------------------------------------------

    def _hear(self, event: NodeEvent) -> None:
        heard = news.of(event)
        if heard is None or self._seen(heard):
            return
        if heard.key not in self._jobs:
            self._latest[heard.key] = heard
            self._in_turn(heard.key)
        elif not _asks_more(self._latest[heard.key], heard):
            self._latest[heard.key] = heard

    def _muted(self, screen: Screen, key: str) -> bool:
        person = screen.people.get(self._latest[key].peer)
        return person is not None and person.muted

    def _seen(self, heard: News) -> bool:
        """Whether the user is looking at that conversation, or at the question above it."""
        screen = self._shell.screen
        return screen.focused and (heard.check or screen.chosen == heard.peer)

    def _wanted(self, heard: News) -> bool:
        """Whether it is still to be told, after the desktop was asked and could not."""
        if self._over or self._seen(heard):
            return False
        return not self._muted(self._shell.screen, heard.key)

    def _in_turn(self, key: str) -> None:
        """Tell now, or when this key may be told of again."""
        left = self._pace.left(key, monotonic())
        if left:
            wait = round(left * 1000) + 1
            self._jobs[key] = self._shell.root.after(wait, lambda: self._due(key))
        else:
            self._tell(self._latest[key])

    def _due(self, key: str) -> None:
        del self._jobs[key]
        if not self._seen(self._latest[key]):
            self._in_turn(key)

    def _tell(self, heard: News) -> None:
        shell, chosen = self._shell, self._shell.preferences
        me = shell.screen.me
        if self._muted(shell.screen, heard.key):
            return  # perhaps since it happened
        if me and me.showing.shown is Availability.BUSY and not chosen.notify_busy:
            return
        if shell.screen.focused:
            self._toasts.show(heard)
            return
        if not chosen.notify or quiet(chosen.quiet, datetime.now().astimezone()):
            return
        if chosen.sound:
            shell.root.bell()
        self._told.add(heard.key)
        people = shell.screen.people.values()
        notice = Notice(
            heard.key,
            news.headline(heard, people, apart=True),
            news.body(heard, wanted=chosen.notify_text),
            _("Open"),
        )

        def shown(done: bool) -> None:
            if not done and self._wanted(heard):
                self._toasts.show(heard)

        shell.run(lambda: self._notices.show(notice), shown, shell.tell)

    def _take_back(self, key: str) -> None:
        notices, shell = self._notices, self._shell
        shell.run(lambda: notices.withdraw(key), lambda _none: None, shell.tell)

    def _await_click(self) -> None:
        self._shell.run(self._notices.next_click, self._clicked, self._shell.tell)

    def _clicked(self, key: str | None) -> None:
        """A notice was clicked: the window comes forward with that conversation."""
        if self._over or key is None:
            return
        self._shell.come_forward()
        heard = self._latest.get(key)
        if heard is not None:
            telling.open_conversation(self._shell, heard.peer)
        self._await_click()


def _asks_more(waiting: News, heard: News) -> bool:
    """Whether files of theirs wait to be answered, and they only write now."""
    return waiting.peer == heard.peer and bool(waiting.offer) and not heard.offer


def quiet(hours: str, now: datetime) -> bool:
    """Whether `now` lies in the hours such as "22:00-07:00" in which nothing is told."""
    begin, dash, end = hours.partition("-")
    try:
        first, last = (
            time_of_day.fromisoformat(begin.strip()),
            time_of_day.fromisoformat(end.strip()),
        )
    except ValueError:
        return False
    at = now.time()
    if not dash or first == last:
        return False
    return first <= at < last if first < last else at >= first or at < last


def _badge(shell: Shell, unread: int) -> None:
    """Show in the window's title and icon how much is unread."""
    wanted = f"({min(unread, 999)}) lanchat" if unread else "lanchat"
    if shell.root.title() != wanted:
        shell.root.title(wanted)
        shell.root.iconphoto(True, *map(str, app_icons(shell.theme, unread=bool(unread))))
