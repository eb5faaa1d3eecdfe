"""Links: where a text names a page of the web, and whose page it really is.  Pure.

Only http, https and whole invites become links.  What a link shows may lie:
`https://bank.com@evil.example` leads to evil.example, and a letter of another alphabet looks
like one of ours.  `Link.host` is the name the connection goes to, in letters only if they are
all of one script.  An invite only leads to the dialog that shows whom it names.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from lanchat.errors import BadInvite
from lanchat.identity.fingerprint import parse_invite

MOST: Final = 100  # links of one text
LONGEST: Final = 2_048  # characters of one
LONGEST_HOST: Final = 253
_ADDRESS: Final = re.compile(
    r"(?<![^\W_])(?:(https?)://([^\s<>\"`{}|^\x00-\x20\ufffd\u2018-\u201f]+)"
    r"|(lanchat:1:[!-~]+))",
    re.IGNORECASE,
)
_BEHIND: Final = ".,;:!?'*_~\u3002\uff0c\u3001\u2026"  # ends the sentence, not the address
_BRACKETS: Final = {")": "(", "]": "[", "\uff09": "\uff08"}
_AUTHORITY_ENDS: Final = re.compile(r"[/?#\\]")
_PORT: Final = re.compile(r":(\d{0,5})$")
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_SIXES: Final = re.compile(r"\[[0-9a-f:.]{2,45}\]")
_PATH: Final = "/?#[]!$&'()*+,;=:@%~-._"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a text: `text[start:end]` leads to `url`, which is of `host`."""

    start: int
    end: int
    url: str  # ASCII, with the host that `host` shows
    host: str
    plain: bool  # what stands in the text begins with that host: nothing pretends
    invite: bool = False  # `url` is one, and has no host


def find(text: str) -> tuple[Link, ...]:
    """The links of a text, in order; time grows with its length only."""
    found: list[Link] = []
    tried = 0  # invites: each costs a look at its key
    for match in _ADDRESS.finditer(text):
        if len(found) == MOST:
            break
        if match[3] is not None:
            tried += 1
            link = _invite(match.start(), match[3]) if tried <= MOST else None
        else:
            end = match.start(2) + len(_trimmed(match[2]))
            named = text[match.start(2) : end]
            short = end - match.start() <= LONGEST
            link = _link(match.start(), end, match[1].lower(), named) if short else None
        if link is not None:
            found.append(link)
    return tuple(found)


def read(url: str) -> Link | None:
    """One address alone; None if it is no link or something stands around it."""
    found = find(url)
    return found[0] if found and (found[0].start, found[0].end) == (0, len(url)) else None


def _invite(start: int, text: str) -> Link | None:
    """A whole invite; a damaged one is words."""
    text = _trimmed(text)
    try:
        parse_invite(text if len(text) <= LONGEST else "")
    except BadInvite:
        return None
    return Link(start, start + len(text), text, "", plain=True, invite=True)


def _trimmed(address: str) -> str:
    """The address without what belongs to the sentence around it."""
    address = address[: LONGEST + 1]
    while address:
        last = address[-1]
        opens = _BRACKETS.get(last)
        if last in _BEHIND or (opens and address.count(opens) < address.count(last)):
            address = address[:-1]
        else:
            break
    return address


def _link(start: int, end: int, scheme: str, rest: str) -> Link | None:
    authority = _AUTHORITY_ENDS.split(rest, maxsplit=1)[0]
    user, at, place = authority.rpartition("@")
    port = _PORT.search(place)
    name = place[: port.start()] if port else place
    host = _host(name)
    if host is None:
        return None
    user = quote(user, safe="!$&'()*+,;=:%~-._") + at
    behind = quote(rest[len(authority) :].replace("\\", "/"), safe=_PATH)
    tail = f":{port[1]}" if port and port[1] else ""
    url, shown = f"{scheme}://{user}{host}{tail}{behind}", _shown(host)
    return Link(start, end, url, shown, plain=not at and name.lower() == shown)


def _host(name: str) -> str | None:
    """The name as it is looked up, in ASCII; None if it cannot be one."""
    name = unquote(name[: 3 * LONGEST_HOST], errors="replace").lower()
    if _SIXES.fullmatch(name):
        return name
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    fits = len(name) <= LONGEST_HOST and _NAME.fullmatch(name)
    return name if fits else None


def _shown(host: str) -> str:
    """The host in its own letters if all are of one script, else as it is looked up."""
    if "xn--" not in host:
        return host
    try:
        letters = host.encode("ascii").decode("idna")
    except UnicodeError:
        return host
    scripts = {_script(letter) for letter in letters if letter.isalpha()}
    plain = all(letter.isalnum() or letter in "-." for letter in letters)
    return letters if plain and len(scripts) == 1 else host


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]
