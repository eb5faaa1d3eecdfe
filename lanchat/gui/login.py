"""Log in: which profile, and its passphrase.  Also what a locked window shows."""

import asyncio
import time
import tkinter as tk
from collections.abc import Sequence
from functools import partial
from tkinter import ttk
from typing import Final

from lanchat.errors import AlreadyRunning, LanchatError, WrongPassphrase
from lanchat.gui import keys, passphrase_file, sentences
from lanchat.gui.column import Column
from lanchat.gui.faces import face
from lanchat.gui.passphrase_entry import PassphraseEntry
from lanchat.gui.picker import Choice, Picker, last_used
from lanchat.gui.shaping import label
from lanchat.gui.shell import Front, Page
from lanchat.gui.text import one_line, ui_text
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _
from lanchat.gui.waits import Waits
from lanchat.node import profiles
from lanchat.node.profiles import Listed

BUSY: Final = "Busy.Horizontal.TProgressbar"
FACE: Final = 64  # px, where there is one profile only
TICK: Final = 200  # ms between two looks at the clock while a wait goes on
_LONGEST: Final = 40  # characters of a name

_WAITS: Final = Waits()  # as long as the process lives: another page does not shorten a wait


class LoginPage(Page):
    """The picker, if there is something to pick, and the field for the passphrase."""

    def __init__(self, parent: tk.Misc, front: Front) -> None:
        super().__init__(parent, name="login", style="TFrame")
        self.front: Final = front
        self.theme: Final = front.theme
        self.busy = False
        self._job: str | None = None
        self._counting = False  # a wait is being shown
        self.choices: Final = choices(front.profile)
        self.choice = next(one for one in self.choices if _is(one, front.profile, self.choices))
        self.picker: Picker | None = None
        self.column: Final = Column(self, front.theme)
        self.column.pack(fill="both", expand=True)
        self.inner: Final = ttk.Frame(self.column.body, name="form")
        self.inner.pack(fill="x")
        self._heading()
        self._fields()
        self._unwatch: Final = front.theme.watch(self._draw)
        self.bind("<Destroy>", self._destroyed)
        self._draw()
        self._picked(self.choice)
        self.passphrase.focus_entry()
        file = front.take_passphrase_file()
        if file is not None:
            self._unlock_with(file)

    def stops(self) -> Sequence[tk.Misc]:
        """The parts that F6 goes through."""
        entry = self.passphrase.entry
        return (self.picker.canvas, entry) if self.picker is not None else (entry,)

    def home(self) -> tk.Misc:
        """Where the keys are when nothing else has them."""
        return self.passphrase.entry

    def destroy(self) -> None:
        """Give way; while a passphrase is being tried that means that it was right."""
        if self.busy:
            _WAITS.passed(self.choice.profile)
        self.passphrase.allow(True)
        self.passphrase.clear()
        super().destroy()

    # --- what stands there --------------------------------------------------------------

    def _heading(self) -> None:
        stack, inner = self.column.stack, self.inner
        self.face = ttk.Label(inner, name="face")
        self.title = ttk.Label(inner, name="title", style="H1.TLabel")
        self.lead = ttk.Label(inner, name="lead", style="Muted.TLabel")
        if len(self.choices) == 1:
            stack(self.face)
        stack(self.title, 12)
        stack(self.lead, 4)
        if len(self.choices) > 1:
            self.picker = Picker(
                inner,
                self.theme,
                self.choices,
                partial(face, self.theme),
                chosen=self._picked,
                submit=lambda: self.passphrase.focus_entry(),
            )
            self.picker.at = self.choices.index(self.choice)
            stack(self.picker, 16)

    def _fields(self) -> None:
        stack, inner = self.column.stack, self.inner
        self.passphrase = PassphraseEntry(
            inner,
            self.theme,
            _("Passphrase"),
            name="passphrase",
            changed=self._typed,
            submit=self.submit,
        )
        stack(self.passphrase, 16)
        self.unlock = ttk.Button(
            inner, name="unlock", style="Accent.TButton", command=self.submit
        )
        stack(self.unlock, 8)
        self.bar = ttk.Progressbar(inner, name="deriving", style=BUSY, mode="indeterminate")
        self.new = ttk.Button(
            inner,
            name="new_profile",
            style="Quiet.TButton",
            text=_("New profile"),
            command=self._new_profile,
        )
        stack(self.new, 12, fill="none")
        tip(self.unlock, keys.beside(_("Open this profile"), "Enter"))
        tip(self.new, _("Make another identity on this computer"))

    # --- what the user does -------------------------------------------------------------

    def submit(self) -> None:
        """Try the passphrase that was typed."""
        if self.busy or self._left():
            return
        typed = self.passphrase.text
        if not typed:
            self.passphrase.wrong(_("Enter the passphrase of this profile."))
            self.passphrase.focus_entry()
            return
        self._try(typed)

    def _new_profile(self) -> None:
        if not self.busy:
            self.front.show_register()

    def _picked(self, choice: Choice) -> None:
        self.choice = choice
        self._counting = False
        self.passphrase.wrong("")
        self.passphrase.hint("")
        now = time.time_ns() // 10**6
        if self.picker is None:
            self.title.configure(text=label(one_line(choice.name, _LONGEST)))
            self.lead.configure(text=last_used(choice, now))
        else:
            self.title.configure(text=_("Welcome back"))
            self.lead.configure(text=_("Choose a profile and enter its passphrase."))
        self._count()

    def _typed(self) -> None:
        if self._counting:
            self._count()  # what is said of the wait stays

    # --- what follows -------------------------------------------------------------------

    def _unlock_with(self, file: str) -> None:
        """The command line said where the passphrase is."""
        self._work(True)

        async def work() -> str:
            return await asyncio.to_thread(passphrase_file.read, file)

        def there(passphrase: str) -> None:
            if self.winfo_exists():
                self._try(passphrase)

        self.front.run(work, there, self._failed)

    def _try(self, passphrase: str) -> None:
        self._work(True)
        self.front.open(self.choice.profile, passphrase, self._failed)

    def _failed(self, error: LanchatError) -> None:
        if not self.winfo_exists():
            return
        self._work(False)
        if isinstance(error, WrongPassphrase):
            _WAITS.failed(self.choice.profile, time.monotonic())
            self.passphrase.clear()
            self._count()
        else:
            self.passphrase.wrong(ui_text(_said(error)))
        self.passphrase.focus_entry()

    def _left(self) -> int:
        return _WAITS.left(self.choice.profile, time.monotonic())

    def _count(self) -> None:
        """Count the seconds down that the next try waits."""
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None
        left = self._left()
        if left:
            words = _("That passphrase does not open this profile. Wait {n} s.")
            self.passphrase.wrong(words.format(n=left))
            self._job = self.after(TICK, self._count)
        elif self._counting:
            self.passphrase.wrong(_("That passphrase does not open this profile."))
        self._counting = left > 0
        self._allow()

    def _work(self, busy: bool) -> None:
        """The key is being derived, or no longer."""
        self.busy = busy
        if self.picker is not None:  # what comes of it is about the profile that is tried
            self.picker.allow(not busy)
        self.passphrase.allow(not busy)
        self.passphrase.reveal(False)
        if busy:
            self.passphrase.wrong("")
            self.column.stack(self.bar, 6, after=self.unlock)
            self.bar.start(15)
        else:
            self.bar.stop()
            self.bar.pack_forget()
        self._allow()

    def _allow(self) -> None:
        allowed = not self.busy and not self._left()
        self.unlock.state(["!disabled" if allowed else "disabled"])
        self.unlock.configure(text=_("Unlocking…") if self.busy else _("Unlock"))
        self.new.state(["disabled" if self.busy else "!disabled"])

    def _draw(self) -> None:
        if self.picker is None:
            self.face.configure(image=face(self.theme, self.choice, FACE, "window"))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is not self:
            return
        self._unwatch()
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None


def choices(profile: str) -> tuple[Choice, ...]:
    """The profiles with a name, and the one that was asked for if it lies elsewhere."""
    found = [_choice(one.folder.name, one) for one in profiles.listed()]
    if profile not in {one.profile for one in found} and profiles.exists(profile):
        held = profiles.find(profile)
        found.insert(0, _choice(profile, Listed(held.folder, held.read_info())))
    return tuple(found) or (Choice(profile, profile),)  # removed while it was open


def _choice(profile: str, one: Listed) -> Choice:
    name = one.info.name or one.folder.name
    return Choice(profile, name, one.info.last_used_at, one.info.colour)


def _is(choice: Choice, profile: str, among: Sequence[Choice]) -> bool:
    """Whether it is the one to start with: the one asked for, else the one used last."""
    if any(one.profile == profile for one in among):
        return choice.profile == profile
    return choice is max(among, key=lambda one: one.last_used_at)


def _said(error: LanchatError) -> str:
    """What went wrong, in words for this page."""
    if isinstance(error, AlreadyRunning):
        if error.raised:
            return _("This profile is open in another window, which is in front now.")
        if error.pid:
            words = _("`lanchat listen` (process {pid}) holds this profile. End it first.")
            return words.format(pid=error.pid)
        return _("Another lanchat holds this profile. End it first.")
    return sentences.of(error)
