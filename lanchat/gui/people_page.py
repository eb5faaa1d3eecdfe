"""The page of settings about people: who is verified, known and blocked."""

from typing import Final

from lanchat.gui import accessible, blocking, details, keys, unspoken
from lanchat.gui.avatars import avatar
from lanchat.gui.settings_rows import Rows
from lanchat.gui.shaping import label
from lanchat.gui.shortening import fitted
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _, later, ngettext
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import ContactChanged, NodeEvent
from lanchat.node.person import Person

MOST: Final = 60  # of each kind; the search of the window has the rest
AVATAR: Final = 24
LONGEST: Final = 32  # characters of a name
_KINDS: Final = (
    (Trust.VERIFIED, "verified", later("Verified")),
    (Trust.KNOWN, "known", later("Known, not verified")),
    (Trust.BLOCKED, "blocked", later("Blocked")),
)


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    people = sorted(at.shell.screen.people.values(), key=lambda one: one.name.casefold())
    for trust, name, title in _KINDS:
        chosen = [one for one in people if one.trust is trust]
        at.part(f"{_(title)} · {len(chosen)}")
        for person in chosen[:MOST]:
            _row(at, person)
        if not chosen:
            at.note(_("Nobody yet"), name=f"no_{name}")
        elif len(chosen) > MOST:
            more = len(chosen) - MOST
            words = ngettext(
                "and {number} more: {keys} finds them.",
                "and {number} more: {keys} finds them.",
                more,
            )
            at.note(
                words.format(number=more, keys=keys.shown(keys.BY_NAME["search"].keys)),
                name=f"more_{name}",
            )

    before = _listed(at)

    def hear(event: NodeEvent) -> None:
        if isinstance(event, ContactChanged) and _listed(at) != before:
            at.again()

    at.listen(hear)


def _listed(at: Rows) -> dict[PeerId, tuple[str, Trust]]:
    """Whom the page shows, and as what."""
    kinds = {trust for trust, _name, _title in _KINDS}
    people = at.shell.screen.people.items()
    return {peer: (one.name, one.trust) for peer, one in people if one.trust in kinds}


def _row(at: Rows, person: Person) -> None:
    name, peer, shell = name_text(person.name), person.peer_id, at.shell
    whole, row = one_line(name, LONGEST), at.line()
    face = avatar(at.theme, peer, name, AVATAR, None, on="window")
    button = at.button(
        row,
        f"person_{peer.short}",
        f"  {whole}",
        lambda: details.show(shell, peer),
        "Quiet.TButton",
    )
    button.configure(image=face, compound="left")
    button.picture = face  # type: ignore[attr-defined]  # Tk forgets it otherwise
    accessible.name(button, whole)  # as it is read, not as it is drawn
    tip(button, whole)
    others = []
    if person.trust is Trust.BLOCKED:
        others.append(
            at.button(
                row,
                f"unblock_{peer.short}",
                _("Unblock"),
                lambda: blocking.unblock(shell, peer),
                "Quiet.TButton",
            )
        )
    others.append(
        at.button(
            row,
            f"print_{peer.short}",
            _("Fingerprint…"),
            lambda: unspoken.show(shell, peer),
            "Quiet.TButton",
        )
    )
    for one in reversed(others):
        one.pack(side="right")
    button.pack(side="left")  # last of all: a name that is too long is cut, and no button

    def placed(_event: object) -> None:
        font = at.theme.font("text")
        wants = sum(one.winfo_reqwidth() for one in row.winfo_children())
        room = row.winfo_width() - wants + font.measure(str(button.cget("text")))
        button.configure(text=label(fitted(font, f"  {whole}", room)))

    row.bind("<Configure>", placed)
