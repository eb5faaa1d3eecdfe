"""The page of settings about the networks one is seen on, and where one is reached."""

from collections.abc import Callable
from dataclasses import replace
from tkinter import ttk
from typing import Final

from lanchat.errors import LanchatError, PortTaken
from lanchat.gui.anew import Anew
from lanchat.gui.domain_rows import DomainRows
from lanchat.gui.field import Field
from lanchat.gui.network_boxes import NetworkBoxes
from lanchat.gui.preferences import LOWEST_PORT
from lanchat.gui.settings_rows import Rows
from lanchat.gui.state import Me
from lanchat.gui.text import one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.node.events import NetworksChanged, NodeEvent
from lanchat.node.networks import usable

MOST_ADDRESSES: Final = 6


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    at.part(_("Where you can be seen"))
    at.note(
        _(
            "Everybody with lanchat on the networks that are ticked sees your name and that you"
            " are here. What you write is read by nobody but whom you write to."
        )
    )
    chooser = _Networks(at, lambda: domain.touched)
    domain = DomainRows(at, lambda: chooser.touched)
    at.part(_("Where others reach you"))
    me = at.shell.screen.me
    places = addresses(me) if me is not None else []
    if not places:
        at.note(_("Nowhere: there is no network now."), name="reached_nowhere")
    for number, place in enumerate(places):
        _address(at, number, place)
    at.note(
        _(
            "Somebody in another part of the network can add you by one of these. You add them"
            " by theirs:"
        )
    )
    at.act(
        "add_by_address",
        _("Add or invite somebody…"),
        lambda: _leave(at, lambda: at.shell.command("add")),
    )
    at.act(
        "why_unseen",
        _("Why don't I see them?"),
        lambda: _leave(at, lambda: at.shell.command("doctor")),
    )

    def hear(event: NodeEvent) -> None:
        if isinstance(event, NetworksChanged) and not (chooser.touched or domain.touched):
            at.again()

    at.listen(hear)


def addresses(me: Me) -> list[str]:
    """HOST:PORT, each as others type it; none while nobody can reach us."""
    if not me.port:
        return []
    hosts = [f"[{host}]" if ":" in host else host for host in me.addresses[:MOST_ADDRESSES]]
    return [f"{host}:{me.port}" for host in hosts]


def port_of(text: str) -> int | None:
    """The port that was typed, 0 for any free one; None if it is none that can be had."""
    if not text:
        return 0
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1
    return port if LOWEST_PORT <= port <= 65_535 else None


def _address(at: Rows, number: int, place: str) -> None:
    def copy() -> None:
        at.window.clipboard_clear()
        at.window.clipboard_append(place)
        at.shell.say(_("The address is on the clipboard."))

    row = at.line()
    ttk.Label(row, name=f"reached_{number}", text=one_line(place, 60)).pack(side="left")
    at.button(row, f"copy_address_{number}", _("Copy"), copy, "Quiet.TButton").pack(
        side="right"
    )


def _leave(at: Rows, then: Callable[[], None]) -> None:
    """Close the settings: what comes next is done in the window."""
    at.window.destroy()
    then()


class _Networks(Anew):
    """The boxes and the port, and the button that makes them count."""

    _about = ("interfaces", "port")

    def __init__(self, at: Rows, keep: Callable[[], bool]) -> None:
        super().__init__(at, keep)
        told = at.shell.settings
        row = at.line()
        self._boxes = NetworkBoxes(row, at.theme, usable(), told.interfaces, self._changed)
        self._boxes.pack(fill="x")
        row = at.line()
        self._field = Field(
            row, at.theme, _("Port"), name="port", changed=self._changed, submit=self._use
        )
        self._field.pack(fill="x")
        self._field.put(str(told.port or ""))
        self._parts = self._boxes, self._field
        self._before = self._typed
        self._button = at.act("use_network", _("Use these from now on"), self._use)
        self._note = at.note("", name="network_note")
        self._changed()

    @property
    def _typed(self) -> tuple[tuple[str, ...] | None, str]:
        return self._boxes.wanted, self._field.text.strip()

    def _changed(self) -> None:
        wanted, text = self._typed
        port = port_of(text)
        me = self._at.shell.screen.me
        if port is None:
            self._field.wrong(
                _("A port is a number from {lowest} to 65535.").format(lowest=LOWEST_PORT)
            )
        elif me is not None and me.port:
            self._field.hint(
                _("Empty for any free one. Now it is {port}.").format(port=me.port)
            )
        ready = wanted is not None and port is not None and self.touched
        self._button.state(["!disabled" if ready else "disabled"])
        if wanted is None:
            self._say(_("Choose at least one network."), "Bad.TLabel")
        else:
            self._say(
                _(
                    "Conversations are interrupted for a moment by that; files on their way go"
                    " on by themselves."
                )
            )

    def _use(self) -> None:
        wanted, text = self._typed
        port = port_of(text)
        if port is None or wanted is None or not self.touched:
            return
        self._allow(False)
        self._start(lambda now: replace(now, interfaces=wanted, port=port))

    def _counts(self) -> tuple[str, Tone]:
        return _("Others find you there from now on."), Tone.GOOD

    def _amiss(self, error: LanchatError) -> None:
        if isinstance(error, PortTaken):
            self._field.wrong(_("Another program uses this port. Choose another one."))
            self._field.focus_entry()
        else:
            super()._amiss(error)
