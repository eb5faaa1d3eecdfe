"""Register: a name and a passphrase become a profile; then who may see it, and it opens."""

import secrets
import tkinter as tk
from collections.abc import Sequence
from dataclasses import replace
from tkinter import ttk
from typing import TYPE_CHECKING, Final

from lanchat.errors import BadPassphrase, BadRequest, LanchatError
from lanchat.gui import keys, sentences
from lanchat.gui.column import Column
from lanchat.gui.field import Field
from lanchat.gui.form import Form, Missing, Place, place_for, shown_as
from lanchat.gui.passphrase_entry import PassphraseEntry
from lanchat.gui.shell import Front, Page
from lanchat.gui.strength import suggest
from lanchat.gui.strength_line import StrengthLine
from lanchat.gui.text import ui_text
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _
from lanchat.gui.wrapping import wrap
from lanchat.node import profiles

if TYPE_CHECKING:  # not needed before a profile is made
    from lanchat.gui.visibility import Visibility

SHIELD: Final = 40  # px
BUSY: Final = "Busy.Horizontal.TProgressbar"


class RegisterPage(Page):
    """The form for a new profile."""

    def __init__(self, parent: tk.Misc, front: Front) -> None:
        super().__init__(parent, name="register", style="TFrame")
        self.front: Final = front
        self.theme: Final = front.theme
        self.form = Form()
        self.busy = False
        self._last: Visibility | None = None  # the last question, once the profile is made
        self.column: Final = Column(self, front.theme)
        self.column.pack(fill="both", expand=True)
        self.inner: Final = ttk.Frame(self.column.body, name="form")
        self.inner.pack(fill="x")
        self._heading()
        self._fields()
        self._below()
        self._unwatch: Final = front.theme.watch(self._draw)
        self.bind("<Destroy>", self._destroyed)
        self._draw()
        self._changed()
        self.name.focus_entry()

    def stops(self) -> Sequence[tk.Misc]:
        """The parts that F6 goes through."""
        return () if self.busy and self._last is None else (self.home(),)

    def home(self) -> tk.Misc:
        """Where the keys are when nothing else has them."""
        return self.name.entry if self._last is None else self._last.start

    def destroy(self) -> None:
        """Give way, and leave no passphrase behind."""
        self.form = Form()
        if self.inner.winfo_exists():
            for field in (self.passphrase, self.repeat):
                field.allow(True)
                field.clear()
        super().destroy()

    # --- what stands there --------------------------------------------------------------

    def _heading(self) -> None:
        stack = self.column.stack
        self.shield = ttk.Label(self.inner, name="shield")
        title = ttk.Label(
            self.inner, name="title", style="H1.TLabel", text=_("Create your profile")
        )
        stack(title, 12)
        self.column.ornament(self.shield, before=title)
        words = _("It stays on this computer. Nobody can reset the passphrase for you.")
        lead = ttk.Label(self.inner, name="lead", style="Muted.TLabel", text=words)
        stack(lead, 4)
        wrap(lead)

    def _fields(self) -> None:
        px, inner = self.theme.px, self.inner
        self.name = Field(
            inner,
            self.theme,
            _("Name others see"),
            name="name",
            changed=self._changed,
            submit=lambda: self.passphrase.focus_entry(),
        )
        self.passphrase = PassphraseEntry(
            inner,
            self.theme,
            _("Passphrase"),
            name="passphrase",
            changed=self._changed,
            submit=self._after_passphrase,
            revealed=lambda shown: self.repeat.reveal(shown),
        )
        self.line = StrengthLine(self.passphrase, self.front, self._weighed)
        self.line.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(px(6), 0))
        self._beside(ttk.Frame(self.passphrase, name="suggestion"))
        self.repeat = PassphraseEntry(
            inner,
            self.theme,
            _("Repeat the passphrase"),
            name="repeat",
            changed=self._changed,
            submit=self.submit,
        )
        self.repeat.without_eye()
        self.column.stack(self.name, 20)
        self.column.stack(self.passphrase, 8)
        self.column.stack(self.repeat, 8)

    def _beside(self, place: ttk.Frame) -> None:
        """The buttons at the right of what is said of the passphrase."""
        self.suggest = ttk.Button(
            place, name="suggest", style="Quiet.TButton", command=self._suggest
        )
        self.copy = ttk.Button(
            place, name="copy", style="Quiet.TButton", text=_("Copy"), command=self._copy
        )
        tip(self.suggest, _("Six words drawn at random: easy to type, and nobody guesses them"))
        tip(self.copy, _("Put the words on the clipboard, for one minute"))
        self.suggest.pack(side="right")
        place.grid(row=3, column=1, sticky="ne")

    def _below(self) -> None:
        inner = self.inner
        self.create = ttk.Button(
            inner, name="create", style="Accent.TButton", command=self.submit
        )
        self.bar = ttk.Progressbar(inner, name="deriving", style=BUSY, mode="indeterminate")
        self.reason = ttk.Label(inner, name="reason", style="Muted.TLabel")
        wrap(self.reason)
        links = ttk.Frame(inner, name="links")
        where = ttk.Button(
            links,
            name="where",
            style="Quiet.TButton",
            text=_("Where is this stored?"),
            command=self._where,
        )
        self.folder = ttk.Label(inner, name="folder", style="Muted.TLabel")
        wrap(self.folder)
        self.save = ttk.Checkbutton(
            inner, name="save_messages", text=_("Save messages on this computer (encrypted)")
        )
        self.save.state(["!alternate", "selected"])
        tip(
            self.save,
            _("Otherwise they go when lanchat is locked or closed, and so do your drafts"),
        )
        self.column.stack(self.save, 8)
        self.column.stack(self.create, 12)
        self.column.stack(self.reason, 6)
        self.column.stack(links, 8)
        where.pack(side="left")
        if profiles.listed():
            back = ttk.Button(
                links,
                name="back",
                style="Quiet.TButton",
                text=_("Back"),
                command=self.front.show_login,
            )
            back.pack(side="right")
            tip(back, keys.beside(_("Open a profile that is already there"), "Esc"))
            self._bind_escape()

    def _bind_escape(self) -> None:
        """Escape goes back, from every field."""
        for widget in (self.name.entry, self.passphrase.entry, self.repeat.entry, self.create):
            widget.bind("<Escape>", lambda _event: self._back(), add=True)

    # --- what the user does -------------------------------------------------------------

    def submit(self) -> None:
        """Make the profile, or go to what is missing and say it there."""
        if self.busy:
            return
        missing = self.form.missing
        if missing is not None:
            self._refuse(missing)
            return
        place = self._free_place()
        self._work(True)
        form, keeps = self.form, self.save.instate(["selected"])

        def made(_result: object) -> None:
            if self.winfo_exists():
                self._made(place, form.passphrase)

        def failed(error: LanchatError) -> None:
            if self.winfo_exists():
                self._work(False)
                self._failed(error)

        who = place, form.name, form.passphrase
        self.front.run(lambda: profiles.register(*who, keep=keeps), made, failed)

    def _after_passphrase(self) -> None:
        if self.form.kept:
            self.submit()
        else:
            self.repeat.focus_entry()

    def _suggest(self) -> None:
        words = suggest(secrets.choice)
        self.form = replace(self.form, suggestion=words, copied=False)
        self.passphrase.put(words)
        self.passphrase.reveal(True)
        self.repeat.clear()
        self._changed()
        self.copy.focus_set()

    def _copy(self) -> None:
        self.front.clipboard.lend(self.form.suggestion)
        self.form = replace(self.form, copied=True)
        self._changed()

    def _back(self) -> None:
        if not self.busy:
            self.front.show_login()

    def _where(self) -> None:
        if self.folder.winfo_manager():
            self.folder.pack_forget()
            return
        self._name_folder()
        self.column.stack(self.folder, 4, seen=True)

    # --- what follows -------------------------------------------------------------------

    def _changed(self) -> None:
        """Something was typed."""
        self.form = replace(
            self.form,
            name=self.name.text,
            passphrase=self.passphrase.text,
            repeat=self.repeat.text,
        )
        form = self.form
        shown = ui_text(shown_as(form.name))
        missing = form.missing
        self.name.hint(
            _("Others see: {name}").format(name=shown) if shown else _("Up to 40 characters.")
        )
        self.line.weigh(form.passphrase, form.name)
        ours = bool(form.suggestion) and form.passphrase == form.suggestion
        self.suggest.configure(text=_("Another one") if ours else _("Suggest one"))
        if ours:
            self.copy.pack(side="right")
        else:
            self.copy.pack_forget()
        if form.kept:
            self.repeat.hint(_("Not needed: you copied it"))
        elif form.repeat and form.repeat == form.passphrase:
            self.repeat.hint(_("The same"))
        else:
            self.repeat.hint("")
        if missing is not None and missing.wrong:
            self._field(missing.place).wrong(missing.sentence)
        self.create.state(["disabled" if missing else "!disabled"])
        self.reason.configure(text=missing.sentence if missing else "", style="Muted.TLabel")

    def _weighed(self, sentence: str) -> None:
        self.passphrase.hint(
            sentence or _("Several words that mean nothing together are best.")
        )

    def _refuse(self, missing: Missing) -> None:
        field = self._field(missing.place)
        field.wrong(missing.sentence)
        field.focus_entry()

    def _failed(self, error: LanchatError) -> None:
        sentence = ui_text(sentences.of(error))
        if isinstance(error, BadPassphrase):
            self._refuse(Missing(Place.PASSPHRASE, sentence))
        elif isinstance(error, BadRequest):
            self._refuse(Missing(Place.NAME, sentence))
        else:
            self.reason.configure(text=sentence, style="Bad.TLabel")
            self.create.focus_set()

    def _work(self, busy: bool) -> None:
        """The key is being made, or no longer."""
        self.busy = busy
        for field in (self.name, self.passphrase, self.repeat):
            field.allow(not busy)
        self.passphrase.reveal(False)
        for button in (self.create, self.suggest, self.copy, self.save):
            button.state(["disabled" if busy else "!disabled"])
        self.create.configure(text=_("Creating…") if busy else _("Create profile"))
        if busy:
            self.column.stack(self.bar, 8, after=self.create)
            self.reason.pack_forget()
            self.bar.start(15)
        else:
            self.bar.stop()
            self.bar.pack_forget()
            self.column.stack(self.reason, 6, after=self.create)

    def _made(self, place: str, passphrase: str) -> None:
        """The profile is there: its form gives way to the last question."""
        for field in (self.passphrase, self.repeat):
            field.clear()
        self.form = Form()
        self.inner.destroy()
        from lanchat.gui.visibility import Visibility

        self._last = Visibility(self.column, self.front, place, passphrase)
        self._last.pack(fill="x")

    def _free_place(self) -> str:
        """Which profile this will be: the one asked for, else one called as the user is."""
        wanted = self.front.profile
        if not profiles.exists(wanted):
            return wanted
        return place_for(shown_as(self.form.name), profiles.exists)

    def _name_folder(self) -> None:
        self.folder.configure(text=ui_text(str(profiles.place(self._free_place()))))

    def _field(self, place: Place) -> Field:
        return {
            Place.NAME: self.name,
            Place.PASSPHRASE: self.passphrase,
            Place.REPEAT: self.repeat,
        }[place]

    def _draw(self) -> None:
        if self._last is not None:
            return  # the form is gone
        self.shield.configure(
            image=self.theme.icon("shield-lock", size=SHIELD, colour="accent")
        )
        self.create.configure(text=_("Creating…") if self.busy else _("Create profile"))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()
