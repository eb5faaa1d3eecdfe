"""Files: from a choice, a drop or a paste to an offer, and what the buttons of a card do."""

import os
import stat
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from lanchat.gui import bars, choosing, opening, verifying
from lanchat.gui.amounts import size
from lanchat.gui.cards import Transfer, shown
from lanchat.gui.dialog import Dialog
from lanchat.gui.gestures import PictureAsked, TransferAdded
from lanchat.gui.items import Act, CardState
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, later, ngettext
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import TransferView
from lanchat.node.node import Node
from lanchat.node.settings import Clash

Do = Callable[[Node, PeerId, bytes], Coroutine[Any, Any, TransferView]]

ASK_ABOVE: Final = 100_000_000  # bytes that came already: cancelling asks first,
ASK_AFTER: Final = 60  # or so many seconds that carrying them again would take
MOST_NAMED: Final = 3  # paths that a sentence names

LABELS: Final[Mapping[Act, str]] = {
    Act.ACCEPT: later("Accept"),
    Act.SKIP: later("Skip what I have"),
    Act.COPY: later("Keep both"),
    Act.REPLACE: later("Replace older files"),
    Act.CHOOSE: later("Save to…"),
    Act.DECLINE: later("Decline"),
    Act.VERIFY: later("Verify first…"),
    Act.PAUSE: later("Pause"),
    Act.RESUME: later("Resume"),
    Act.CANCEL: later("Cancel"),
    Act.RETRY: later("Try again"),
    Act.OPEN: later("Show in folder"),
    Act.ALLOW: later("Let me run it"),
    Act.PICTURE: later("Show picture"),
}


def label(act: Act) -> str:
    """What a button or a menu says for it."""
    return _(LABELS[act])


def pick(shell: Shell, peer: PeerId, *, folder: bool) -> None:
    """Let the user choose what to send."""
    if folder:
        choosing.folder(
            shell, _("Choose a folder to send"), lambda one: send(shell, peer, [one])
        )
    else:
        choosing.files(shell, _("Choose files to send"), lambda paths: send(shell, peer, paths))


def sendable(shell: Shell, paths: Sequence[Path]) -> list[Path]:
    """Those that can be sent; the others are named."""
    good: list[Path] = []
    bad: list[Path] = []
    for path in paths:
        (good if _sendable(path) else bad).append(path)
    if bad:
        names = ", ".join(one_line(name_text(path.name), 60) for path in bad[:MOST_NAMED])
        text = ngettext(
            "This cannot be sent, as it is not there or is no plain file or folder: {names}",
            "These cannot be sent, as they are not there or are no plain files: {names}",
            len(bad),
        )
        shell.say(text.format(names=names), Tone.WARN)
    return good


def send(shell: Shell, peer: PeerId, paths: Sequence[Path]) -> None:
    """Offer files and folders; what cannot be sent is named, and the rest goes."""
    good = sendable(shell, paths)
    if good:
        _sure(shell, peer, lambda: offer(shell, peer, good))


def send_pasted(shell: Shell, peer: PeerId, name: str, picture: bytes) -> None:
    """Offer a picture that lies in no file."""

    def offered() -> None:
        shell.ask(
            lambda node: acts.offer_pasted(node, peer, name, picture),
            lambda view: shell.do(TransferAdded(shown(view))),
        )

    _sure(shell, peer, offered)


def offer(shell: Shell, peer: PeerId, paths: Sequence[Path]) -> None:
    """Offer them to somebody, now or when they come."""
    shell.ask(
        lambda node: acts.offer(node, peer, paths),
        lambda view: shell.do(TransferAdded(shown(view))),
    )


def act(shell: Shell, key: str, chosen: Act) -> None:
    """Do what a button of a card says, in the conversation that is open."""
    peer = shell.screen.chosen
    if chosen is Act.PICTURE and peer is not None:  # ours are shown unasked
        shell.do(PictureAsked((peer, False, key)))
        return
    if peer is None:
        return
    which = bytes.fromhex(key)
    transfer = shell.screen.transfers.get((peer, which))
    if transfer is not None:
        act_on(shell, transfer, chosen)
    elif chosen is Act.OPEN:  # it ended long ago: the card stays, and the node knows of it
        shell.ask(
            lambda node: acts.results(node, peer, which),
            lambda paths: opening.show_in_folder(shell, paths),
        )
    elif chosen is Act.ALLOW:
        shell.ask(lambda node: acts.make_executable(node, peer, which), _told(shell))


def act_on(shell: Shell, transfer: Transfer, chosen: Act) -> None:
    """Do what a button says about a transfer, whoever it is carried with."""
    _DOES[chosen](shell, transfer)


# --- within -------------------------------------------------------------------------------


def _sendable(path: Path) -> bool:
    """Whether it is a plain file or a folder; a link, a device or a pipe is not."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _sure(shell: Shell, peer: PeerId, offers: Callable[[], None]) -> None:
    """A stranger, also one who has left: ask once before anything is offered."""
    person = shell.screen.people.get(peer)
    if person is not None and person.trust in {Trust.KNOWN, Trust.VERIFIED}:
        offers()
        return
    name = one_line(name_text(person.name), 40) if person is not None else peer.short
    dialog = Dialog(
        shell.root, shell.theme, _("Send to {name}?").format(name=name), name="send"
    )
    told = _(
        "You have not compared words with this person. Anyone on this network can use a name."
    )
    if person is not None and person.trust is Trust.CONFLICT:
        told = bars.conflict(shell.screen, person)
    dialog.message(told)
    dialog.buttons(
        (_("Cancel"), None, "cancel"),
        (_("Send"), offers, "confirm"),
    )


def _told(shell: Shell) -> Callable[[TransferView], None]:
    """What the node says of a transfer after an act takes the place of what was shown."""
    return lambda view: shell.do(TransferAdded(shown(view)))


def _act(do: Do) -> Callable[[Shell, Transfer], None]:
    def acting(shell: Shell, one: Transfer) -> None:
        shell.ask(lambda node: do(node, one.peer_id, one.id), _told(shell))

    return acting


def _accept(clash: Clash) -> Callable[[Shell, Transfer], None]:
    """Take it, knowing what becomes of what came before."""

    def accept(shell: Shell, one: Transfer) -> None:
        shell.ask(
            lambda node: acts.accept(node, one.peer_id, one.id, clash=clash), _told(shell)
        )

    return accept


def _choose(shell: Shell, one: Transfer) -> None:
    def chosen(folder: Path) -> None:
        shell.ask(lambda node: acts.accept(node, one.peer_id, one.id, folder), _told(shell))

    choosing.folder(shell, _("Where to save it"), chosen)


def _cancel(shell: Shell, transfer: Transfer) -> None:
    """Ask first if that loses much; pausing loses nothing of it, on either side."""

    def cancel() -> None:
        _act(acts.cancel)(shell, transfer)

    if not _much(transfer):
        cancel()
        return
    paused = transfer.state is CardState.PAUSED
    dialog = Dialog(shell.root, shell.theme, _("Cancel this transfer?"), name="cancel_transfer")
    dialog.message(
        _("{size} have already been carried and would have to be sent again.").format(
            size=size(transfer.done)
        )
    )
    dialog.message(
        _("While it is paused that part is kept, and it can go on later.")
        if paused
        else _("If you pause it instead, that part is kept, and it can go on later.")
    )
    pause = partial(_act(acts.pause), shell, transfer)
    dialog.buttons(
        (_("Keep it") if paused else _("Go on"), None, "go_on"),
        *(() if paused else ((_("Pause instead"), pause, "pause_it"),)),
        (_("Cancel it"), cancel, "confirm"),
        danger="confirm",
    )


def _much(transfer: Transfer) -> bool:
    """Whether what was carried is much to lose: by its size, or by the time it takes again.

    That is counted at the rate of now, or at the last one: nobody knows how long it took.
    """
    again = transfer.pace * ASK_AFTER
    return transfer.done >= ASK_ABOVE or 0 < again <= transfer.done


def _open(shell: Shell, transfer: Transfer) -> None:
    if transfer.paths:
        opening.show_in_folder(shell, transfer.paths)
    else:
        shell.ask(
            lambda node: acts.results(node, transfer.peer_id, transfer.id),
            lambda paths: opening.show_in_folder(shell, paths),
        )


_DOES: Final[Mapping[Act, Callable[[Shell, Transfer], None]]] = {
    Act.ACCEPT: _act(acts.accept),
    Act.SKIP: _accept(Clash.SKIP),
    Act.COPY: _accept(Clash.RENAME),
    Act.REPLACE: _accept(Clash.OVERWRITE),
    Act.CHOOSE: _choose,
    Act.DECLINE: _act(acts.decline),
    Act.VERIFY: lambda shell, one: verifying.start(shell, one.peer_id),
    Act.PAUSE: _act(acts.pause),
    Act.RESUME: _act(acts.resume),
    Act.CANCEL: _cancel,
    Act.RETRY: _act(acts.retry),
    Act.OPEN: _open,
    Act.ALLOW: _act(acts.make_executable),
}
