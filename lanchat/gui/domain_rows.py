"""The rows of the network page about people on other networks.

A domain that names them, its key, and the networks where they may be dialled.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest
from lanchat.gui import choosing, sentences
from lanchat.gui.anew import Anew
from lanchat.gui.field import Field
from lanchat.gui.preferences import Preferences
from lanchat.gui.settings_rows import Rows
from lanchat.gui.text import ui_text
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, ngettext
from lanchat.node import networks, outlying
from lanchat.node.events import NodeEvent, PeerAppeared, PeerLeft, Warned
from lanchat.node.outlying import Outlook
from lanchat.node.settings import is_site, network_of, shown

LOOK: Final = 2000  # ms between two looks at how it goes


class DomainRows(Anew):
    """Three fields, and the button that makes them count."""

    _about = ("site", "networks")
    _before: tuple[str, str, tuple[str, ...]]

    def __init__(self, at: Rows, keep: Callable[[], bool]) -> None:
        super().__init__(at, keep)
        site = at.shell.settings.site
        at.part(_("People on other networks"))
        at.note(
            _(
                "People behind a router are not seen by themselves. If whoever looks after the"
                " network set up a DNS server for lanchat, its domain names them; with its key"
                " file they find you, too."
            )
        )
        self._domain = self._field("dns", _("Domain"), shown(site) if site else "")
        key = str(site.key) if site and site.key else ""
        self._key = self._field("dns_key", _("Key file"), key)
        self._choose = at.act("choose_key", _("Choose the key file…"), self._browse)
        named = ", ".join(map(str, at.shell.settings.networks))
        self._named = self._field("dialled", _("Other networks that may be dialled"), named)
        self._parts = self._domain, self._key, self._named
        self._before = self._typed
        self._button = at.act("use_dns", _("Use these from now on"), self._use)
        self._note = at.note("", name="dns_state")
        self._changed()
        at.listen(self._hear)
        self._job = at.after_idle(self._look)
        at.bind("<Destroy>", lambda _event: at.after_cancel(self._job), add=True)

    @property
    def _typed(self) -> tuple[str, str, tuple[str, ...]]:
        named = self._named.text.replace(",", " ").split()
        return self._domain.text.strip(), self._key.text.strip(), tuple(named)

    def _field(self, name: str, text: str, held: str) -> Field:
        field = Field(
            self._at.line(),
            self._at.theme,
            text,
            name=name,
            changed=self._changed,
            submit=self._use,
        )
        field.pack(fill="x")
        field.put(held)
        return field

    def _changed(self) -> None:
        domain, key, named = self._typed
        fits = not domain or is_site(domain)
        if not fits:
            self._domain.wrong(
                _(
                    "A domain is written like chat.example.org, and a server behind it like"
                    " chat.example.org@192.168.1.53."
                )
            )
        else:
            self._domain.hint(_("Empty for none, auto for the one that your network names."))
        if key and not domain:
            self._key.wrong(_("A key goes with a domain."))
        else:
            self._key.wrong("")
            self._key.hint(_("Without it you see the others, and they do not find you there."))
        amiss = _amiss(named)
        self._named.wrong(amiss)
        self._named.hint(
            _(
                "Empty for none. For people with public addresses, or behind a reflector: like"
                " 198.51.100.0/24, and commas between several."
            )
        )
        ready = fits and self.touched and not (key and not domain) and not amiss
        self._button.state(["!disabled" if ready else "disabled"])

    def _browse(self) -> None:
        def chosen(paths: list[Path]) -> None:
            if self._at.winfo_exists():
                self._key.put(str(paths[0]))
                self._changed()

        choosing.files(self._at.shell, _("Choose the key file"), chosen)

    def _use(self) -> None:
        if self._button.instate(["disabled"]):
            return
        self._allow(False)
        domain, key, named = self._typed

        def change(now: Preferences) -> Preferences:
            return replace(now, dns=domain, dns_key=key, networks=named)

        async def check() -> None:
            if key:
                await asyncio.to_thread(networks.check_dns_key, Path(key))

        self._at.shell.run(check, lambda _none: self._start(change), self._failed)

    def _counts(self) -> tuple[str, Tone]:
        if self._domain.text.strip():
            return _("People are looked for there from now on."), Tone.PLAIN
        if self._before[0]:
            return _("The domain is not used any more."), Tone.PLAIN
        return _("This counts from now on."), Tone.PLAIN

    def _allow(self, allowed: bool) -> None:
        super()._allow(allowed)
        self._choose.state(["!disabled" if allowed else "disabled"])

    # --- how it goes ----------------------------------------------------------------------

    def _hear(self, event: NodeEvent) -> None:
        if isinstance(event, PeerAppeared | PeerLeft | Warned):
            self._ask()

    def _look(self) -> None:
        """Ask now and then: a server that answers again says nothing of it."""
        self._job = self._at.after(LOOK, self._look)
        self._ask()

    def _ask(self) -> None:
        if self._at.shell.settings.site is not None:
            self._at.shell.ask(
                lambda node: outlying.outlook(node.doors.beyond),
                self._tell,
                lambda _error: None,
            )

    def _tell(self, outlook: Outlook | None) -> None:
        if (
            outlook is None
            or not self._at.winfo_exists()
            or self._button.instate(["!disabled"])
        ):
            return
        words, style = _how_it_goes(outlook), "Muted.TLabel"
        if outlook.exposed is not None:
            words.append(ui_text(sentences.of(outlook.exposed, " ")))
            style = "Warn.TLabel"
        self._say(" ".join(words), "Bad.TLabel" if outlook.trouble else style)


def _how_it_goes(outlook: Outlook) -> list[str]:
    if outlook.trouble is not None:
        return [ui_text(sentences.of(outlook.trouble, " "))]
    if not outlook.answered:
        return [_("The DNS server is being asked…")]
    named = ngettext(
        "{count} person is named there.", "{count} people are named there.", outlook.named
    )
    words = [named.format(count=outlook.named)]
    if outlook.registered:
        words.append(_("You are one of them."))
    return words


def _amiss(networks: Sequence[str]) -> str:
    """What is wrong with the networks that were typed; "" if nothing is."""
    for one in networks:
        try:
            network_of(one)
        except BadRequest as error:
            return sentences.finished(sentences.said(error.hint))
    return ""
