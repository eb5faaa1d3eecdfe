"""Words of a conversation: what states, buttons and cards are called.  Pure."""

from collections.abc import Mapping
from typing import Final

from lanchat.conversation.message import State
from lanchat.gui import amounts, sentences
from lanchat.gui.items import Act, CardState, FileCard
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _, later, ngettext
from lanchat.node.events import By

LONGEST_DETAIL: Final = 200
LONGEST_NAME: Final = 24
ACTS: Final[Mapping[Act, str]] = {
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
#: The icon of a delivery state of ours, and the word beside it.
STATES: Final[Mapping[State, tuple[str, str]]] = {
    State.QUEUED: ("clock", later("Waiting to be delivered")),
    State.DELIVERED: ("check2", later("Delivered")),
    State.READ: ("check2-all", later("Read")),
}
_OURS: Final[Mapping[CardState, str]] = {
    CardState.ASKING: later("Waiting for an answer"),
    CardState.WAITING: later("Waiting for an answer"),
    CardState.AGREED: later("Waiting to begin"),
    CardState.CHECKING: later("Checking what is already there"),
    CardState.RUNNING: later("Sending"),
    CardState.PAUSED: later("Paused"),
    CardState.HELD: later("Paused"),
    CardState.LOST: later("Waiting to go on"),
    CardState.DONE: later("Delivered"),
    CardState.DECLINED: later("Declined"),
    CardState.CANCELLED: later("Cancelled"),
    CardState.FAILED: later("Failed"),
}
_THEIRS: Final[Mapping[CardState, str]] = {
    **_OURS,
    CardState.ASKING: later("Offered to you"),
    CardState.RUNNING: later("Receiving"),
    CardState.DONE: later("Received"),
}
_KINDS: Final[Mapping[str, str]] = {
    "pdf": "file-earmark-pdf",
    **dict.fromkeys(("zip", "gz", "xz", "bz2", "zst", "7z", "rar", "tar"), "file-earmark-zip"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "svg", "heic"), "file-earmark-image"),
    **dict.fromkeys(("mp3", "ogg", "flac", "wav", "m4a", "opus"), "file-earmark-music"),
    **dict.fromkeys(("mp4", "mkv", "webm", "mov", "avi"), "file-earmark-play"),
    **dict.fromkeys(("txt", "md", "log", "rst", "doc", "docx", "odt"), "file-earmark-text"),
    **dict.fromkeys(("py", "c", "h", "js", "rs", "go", "java", "json"), "file-earmark-code"),
}
_PROGRAMS: Final = frozenset(
    ("exe", "msi", "bat", "cmd", "com", "scr", "ps1", "vbs", "js", "jar", "sh", "run", "bin",
     "py", "pl", "rb", "app", "dmg", "pkg", "deb", "rpm", "appimage", "desktop", "lnk")
)  # fmt: skip


def act(one: Act) -> str:
    """What a button says."""
    return _(ACTS[one])


def title(card: FileCard) -> str:
    """The name of a card: the file's or the folder's, or of several the first's."""
    first = name_text(card.names[0][0]) if card.names else _("Files")
    more = card.count - 1
    if more <= 0 or folder(card):
        return first
    if card.state is CardState.ASKING:  # their names stand below
        return amounts.files(card.count)
    return ngettext("{name} and {number} more", "{name} and {number} more", more).format(
        name=first, number=more
    )


def state(card: FileCard) -> str:
    """The sentence of a card: how far it is, or what it waits for."""
    word = _paused(card) or _((_OURS if card.mine else _THEIRS)[card.state])
    if card.state is CardState.RUNNING:
        parts = [amounts.part(card.done, card.total)]
        if card.rate:
            parts.append(amounts.rate(card.rate))
        else:
            parts.insert(0, word)
        if card.seconds_left is not None:
            parts.append(amounts.left(card.seconds_left))
        return " · ".join(parts)
    if card.state is CardState.CHECKING:
        return f"{word} · {amounts.share(card.done, card.total)}" if card.total else word
    if card.state in (CardState.PAUSED, CardState.HELD, CardState.LOST) and card.total:
        return f"{word} · {amounts.part(card.done, card.total)}"
    parts = [word]
    if folder(card):
        parts.append(_contents(card.count - 1))
    if card.total:
        parts.append(amounts.size(card.total))
    return " · ".join(parts)


def _paused(card: FileCard) -> str:
    """Who has to let it go on; "" unless somebody paused it."""
    if card.state is not CardState.PAUSED or card.by is None:
        return ""
    name = one_line(name_text(card.other), LONGEST_NAME)
    if card.by is By.ME or not name:
        return _("Paused by you") if card.by is By.ME else _("Paused by the other side")
    return _("Paused by {name}").format(name=name)


def detail(card: FileCard) -> str:
    """Why it is as it is and where it would go, a line each; "" if there is nothing to say."""
    said = one_line(sentences.finished(sentences.reason(card.detail)), LONGEST_DETAIL)
    if not said and card.state is CardState.ASKING and any(map(program, _names(card))):
        said = _("This is a program or a script: it can do anything once it is opened.")
    lines = (said[:1].upper() + said[1:], _again(card), _programs(card), card.landing)
    return "\n".join(filter(None, lines))


def _again(card: FileCard) -> str:
    """What is said of what came before: what can be done, or what was."""
    if card.state is CardState.ASKING and card.earlier:
        return _(
            "You have an earlier one from them. Only what changed needs to come: beside the"
            " older files, or in their place."
        )
    if card.state is not CardState.DONE or not card.skipped:
        return ""
    if card.mine:
        text = ngettext(
            "{number} file was there already and was not sent.",
            "{number} files were there already and were not sent.",
            card.skipped,
        )
    elif card.replaced:
        text = ngettext(
            "{number} file was here already; what changed took the place of the older one.",
            "{number} files were here already; what changed took the place of the older one.",
            card.skipped,
        )
    else:
        text = ngettext(
            "{number} file was here already; what changed lies beside the older one.",
            "{number} files were here already; what changed lies beside the older one.",
            card.skipped,
        )
    return text.format(number=amounts.grouped(card.skipped))


def _programs(card: FileCard) -> str:
    """That some of it are programs, which cannot be run before somebody says so."""
    if card.state is not CardState.DONE or card.mine or not card.programs:
        return ""
    return ngettext(
        "{number} program is among them. It cannot be run here before you allow it.",
        "{number} programs are among them. They cannot be run here before you allow it.",
        card.programs,
    ).format(number=amounts.grouped(card.programs))


def icon(card: FileCard) -> str:
    """The icon of what a card carries."""
    if folder(card):
        return "folder-fill"
    if card.count > 1 or not card.names:
        return "paperclip"
    ending = _ending(card.names[0][0])
    return _KINDS.get(ending, "file-earmark")


def folder(card: FileCard) -> bool:
    """Whether all of it is in one folder."""
    return len(card.names) == 1 and card.count > 1


def _contents(count: int) -> str:
    """What is in a folder: files, and folders with their own."""
    return ngettext("{number} item", "{number} items", count).format(number=count)


def program(name: str) -> bool:
    """Whether a file of this name is run when it is opened."""
    return _ending(name) in _PROGRAMS


def _names(card: FileCard) -> list[str]:
    return [name for name, _size in card.names]


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""
