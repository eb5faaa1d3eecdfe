"""Settings: one window, subjects at the left; each change counts at once.

What only the node can change takes hold when the profile is opened the next time, and the
page says so.
"""

import platform
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import replace
from tkinter import filedialog, ttk
from typing import Final

from lanchat import __version__
from lanchat.gui import amounts, changing, desktop_page, keys, languages, moments, people_page
from lanchat.gui.dialog import Dialog
from lanchat.gui.preferences import ZOOMS, Preferences
from lanchat.gui.shell import Shell
from lanchat.gui.text import ui_text
from lanchat.gui.translate import _, later
from lanchat.node import profiles

PAGE: Final = 440  # px of a page at 100 %
LOCKS: Final = (0, 1, 5, 15, 30, 60, 240)  # minutes
QUIET: Final = ("22:00-07:00", "18:00-08:00")
TAKEN: Final = (0, 100 * 2**20, 2**30, 2 * 2**30)  # bytes of an offer


def show(shell: Shell) -> None:
    """Open the settings."""
    _Settings(shell)


class _Settings(Dialog):
    """The window of settings."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.root, shell.theme, _("Settings"), name="settings", width=680)
        self.shell = shell
        px = shell.theme.px
        self.body.columnconfigure(1, weight=1)
        self.body.rowconfigure(0, weight=1)
        side = ttk.Frame(self.body)
        side.grid(row=0, column=0, sticky="ns", padx=(0, px(20)))
        self._page = ttk.Frame(self.body, name="page", width=px(PAGE), height=px(330))
        self._page.grid(row=0, column=1, sticky="nsew")
        self._page.grid_propagate(False)
        self._page.pack_propagate(False)
        self._choice = tk.StringVar(self, _PAGES[0][0])
        for name, text, _build in _PAGES:
            ttk.Radiobutton(
                side, name=name, text=_(text), value=name, variable=self._choice,
                command=self._turn,
            ).pack(anchor="w")  # fmt: skip
        self._turn()
        self.buttons((_("Close"), None, "close"))

    def _turn(self) -> None:
        for child in self._page.winfo_children():
            child.destroy()
        build = next(one for name, _text, one in _PAGES if name == self._choice.get())
        build(self)

    # --- what pages are made of ---------------------------------------------------------

    @property
    def now(self) -> Preferences:
        """What is chosen now."""
        return self.shell.preferences

    def part(self, text: str) -> None:
        """What the next rows are about."""
        ttk.Label(self._page, text=text, style="Strong.TLabel").pack(
            anchor="w", pady=(self.theme.px(4), self.theme.px(6))
        )

    def note(self, text: str) -> None:
        """A sentence in smaller letters."""
        ttk.Label(
            self._page, text=text, style="Muted.TLabel", wraplength=self.theme.px(PAGE - 10)
        ).pack(anchor="w", pady=(0, self.theme.px(8)))

    def tick(self, name: str, text: str) -> None:
        """A preference that is on or off."""

        def changed() -> None:
            self.shell.prefer(_with(self.now, name, box.instate(["selected"])))

        box = ttk.Checkbutton(self._page, name=name, text=text, command=changed)
        box.state(["!alternate", "selected" if getattr(self.now, name) else "!selected"])
        box.pack(anchor="w", pady=self.theme.px(2))

    def choose(self, name: str, text: str, values: Sequence[tuple[object, str]]) -> None:
        """A preference that is one of several."""
        row = ttk.Frame(self._page)
        row.pack(fill="x", pady=self.theme.px(4))
        row.columnconfigure(0, weight=1)
        px = self.theme.px
        label = ttk.Label(row, text=text)
        label.grid(row=0, column=0, sticky="w", padx=(0, px(14)))
        box = ttk.Combobox(
            row, name=name, state="readonly", values=[one for _value, one in values], width=22
        )
        held = [value for value, _text in values]
        if getattr(self.now, name) in held:
            box.current(held.index(getattr(self.now, name)))

        def chosen(_event: object) -> None:
            box.selection_clear()
            self.shell.prefer(_with(self.now, name, held[box.current()]))

        box.bind("<<ComboboxSelected>>", chosen)
        box.grid(row=0, column=1, sticky="e")
        label.configure(wraplength=px(PAGE) - box.winfo_reqwidth() - px(14))

    def act(self, name: str, text: str, does: Callable[[], object]) -> None:
        """Something to do."""
        ttk.Button(self._page, name=name, text=text, command=does).pack(
            anchor="w", pady=self.theme.px(4)
        )

    @property
    def page(self) -> ttk.Frame:
        """Where a page puts its rows."""
        return self._page


def _with(held: Preferences, name: str, value: object) -> Preferences:
    return replace(held, **{name: value})  # type: ignore[arg-type]  # of its own kind


def _appearance(at: _Settings) -> None:
    at.part(_("Appearance"))
    at.choose(
        "appearance",
        _("Colours"),
        (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))),
    )
    at.choose("zoom", _("Size"), [(one, amounts.hundredths(one)) for one in ZOOMS])
    names = [("", _("As the system")), *languages.NAMES.items()]
    at.choose("language", _("Language"), names)
    at.note(_("Another language is spoken from the next start on."))
    at.tick("enter_sends", _("Enter sends a message"))
    at.note(
        _("Otherwise {keys} does, and Enter begins a new line.").format(
            keys=keys.shown("Ctrl+Enter")
        )
    )
    at.tick("reduced_motion", _("Less motion"))


def _profile(at: _Settings) -> None:
    at.part(_("Profile"))
    me = at.shell.screen.me
    at.note(ui_text(me.name) if me else "")
    at.act("my_code", _("My fingerprint and code…"), lambda: at.shell.command("my_code"))
    at.act("passphrase", _("Change the passphrase…"), lambda: changing.show(at.shell))
    at.note(_("Nobody can reset the passphrase for you."))


def _files(at: _Settings) -> None:
    at.part(_("Files"))
    folder = at.now.downloads or str(profiles.downloads())
    at.note(_("Received files are saved in {folder}").format(folder=ui_text(folder)))

    def choose() -> None:
        chosen = filedialog.askdirectory(parent=at, mustexist=True, initialdir=folder)
        if chosen:
            at.shell.prefer(replace(at.now, downloads=chosen))
            at.shell.say(_("From the next start on, files are saved there."))

    at.act("downloads", _("Another folder…"), choose)
    sizes = (_("never"), amounts.size(10**8), amounts.size(10**9), amounts.size(2 * 10**9))
    at.choose(
        "accept_verified",
        _("Take files from verified people unasked, up to"),
        tuple(zip(TAKEN, sizes, strict=True)),
    )


def _notifications(at: _Settings) -> None:
    at.part(_("Notifications"))
    at.tick("notify", _("Tell me when somebody writes while I am elsewhere"))
    at.tick("notify_text", _("Show what was written"))
    at.tick("sound", _("With a sound"))
    at.choose(
        "quiet",
        _("Stay quiet"),
        [("", _("never")), *((one, moments.hours(*one.split("-"))) for one in QUIET)],
    )


def _privacy(at: _Settings) -> None:
    at.part(_("Privacy"))
    said = {0: _("never")}
    at.choose(
        "lock_after",
        _("Lock when nobody touches the window"),
        [(one, said.get(one, _("after {number} min").format(number=one))) for one in LOCKS],
    )
    at.act("lock_now", _("Lock now"), lambda: at.shell.command("lock"))
    at.tick("read_receipts", _("Tell people I know when I have read what they wrote"))


def _people(at: _Settings) -> None:
    people_page.fill(at.page, at.shell)


def _about(at: _Settings) -> None:
    at.part(f"lanchat {__version__}")
    lines = about(at)
    at.note("\n".join(lines))

    def copy() -> None:
        at.clipboard_clear()
        at.clipboard_append("\n".join(lines))
        at.shell.say(_("The details are on the clipboard."))

    at.act("copy_details", _("Copy details"), copy)


def about(widget: tk.Misc) -> list[str]:
    """The versions of what we stand on, for a report."""
    from importlib.metadata import PackageNotFoundError, version

    lines = [
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
        f"Tk {widget.tk.call('info', 'patchlevel')}",
    ]
    for package in ("cryptography", "zeroconf", "sqlcipher3", "Pillow", "tkinterdnd2"):
        try:
            lines.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            lines.append(f"{package}: -")
    return lines


_PAGES: Final = (
    ("profile", later("Profile"), _profile),
    ("appearance_page", later("Appearance"), _appearance),
    ("files_page", later("Files"), _files),
    ("notifications_page", later("Notifications"), _notifications),
    ("privacy", later("Privacy"), _privacy),
    ("people_page", later("People"), _people),
    ("desktop_page", later("Desktop"), lambda at: desktop_page.fill(at.page, at.shell)),
    ("about", later("About"), _about),
)
