"""Desktop entries: how a menu of Linux and the BSDs is told what to start.  Pure.

The text of `lanchat.desktop` by the Desktop Entry Specification of freedesktop.org (1.5).
What is started stands in it as one line that others take apart again, so every word is
quoted, and read back by the same rules to see whether it is still this lanchat.
"""

import re
from collections.abc import Sequence
from typing import Final

from lanchat.errors import NotForMenus

NAME: Final = "lanchat.desktop"  # of the file, and by it of the program among notifications
WINDOW_CLASS: Final = "Lanchat"  # of the window, by which it is found to be this program's
SCHEME: Final = "lanchat"  # of links: invites (docs/PROTOCOL.md, 5)
_OURS: Final = "X-Lanchat-Made=true"  # in a file that lanchat wrote and may replace
_PLAIN: Final = re.compile(r"[A-Za-z0-9_/.,:@+-]+")
_QUOTED: Final = re.compile(r'["`$\\]')  # inside of quotes
_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}  # of any value
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: Some launchers look for the first word as it is written, and the specification forbids an
#: equal sign in it: such a program is started by the shell, which is given it as a word.
_AWKWARD: Final = re.compile("[=%]")
_BY_SHELL: Final = ("/bin/sh", "-c", 'exec "$0" "$@"')


def entry(words: Sequence[str], *, folder: str = "", at_login: bool = False) -> str:
    """The text of a file that starts `words`, in `folder` if one is given.

    One in the menu opens links, too, which come as one more word.

    Raises:
        NotForMenus: a path has characters in it that such a file cannot hold.
    """
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Name=lanchat",
        "GenericName=Messenger",
        "Comment=Talk with the people on your network, encrypted and without a server",
        "Comment[de]=Verschlüsselt mit den Leuten im eigenen Netz reden, ohne Server",
        f"Exec={_value(command(words) + ('' if at_login else ' %u'))}",
        f"TryExec={_value(words[0])}",
        "Icon=lanchat",
        "Terminal=false",
        "Categories=Network;InstantMessaging;",
        "Keywords=chat;messenger;LAN;files;encrypted;",
        "Keywords[de]=Chat;Nachrichten;LAN;Dateien;verschlüsselt;",
        f"StartupWMClass={WINDOW_CLASS}",
        "StartupNotify=false",
        _OURS,
    ]
    if folder:
        lines.append(f"Path={_value(folder)}")
    if at_login:
        lines.append("X-GNOME-Autostart-enabled=true")
    else:
        lines.append(f"MimeType=x-scheme-handler/{SCHEME};")
    return "\n".join(lines) + "\n"


def command(words: Sequence[str]) -> str:
    """`words` as the value of `Exec`, before the escapes of any value."""
    if _AWKWARD.search(words[0]):
        words = (*_BY_SHELL, *words)
    return " ".join(map(_word, words))


def ours(text: str) -> bool:
    """Whether lanchat wrote a file that says this."""
    return _OURS in text.splitlines()


def _word(word: str) -> str:
    word = word.replace("%", "%%")
    if _PLAIN.fullmatch(word):
        return word
    return '"' + _QUOTED.sub(lambda found: "\\" + found[0], word) + '"'


def _value(text: str) -> str:
    if _UNFIT.search(text):
        raise NotForMenus("a control character, or no UTF-8")
    return "".join(_ESCAPES.get(one, one) for one in text)
