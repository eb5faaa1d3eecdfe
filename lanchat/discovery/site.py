"""Site: the domain and the server that somebody typed, as the DNS of a site is asked.  Pure."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest, Sentence

POLL_EVERY: Final = 15.0  # seconds between two looks at the zone's serial number

_NAME: Final = re.compile(
    r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,15}\.?", re.IGNORECASE | re.ASCII
)
_LONGEST_DOMAIN: Final = 180  # characters: a label and the service go before it
_HOST: Final = re.compile(
    r"(?:\[([0-9a-f:.%\w]{2,60})\]|([a-z0-9._-]{1,180}))(?::([0-9]{1,5}))?", re.I | re.A
)


@dataclass(frozen=True, slots=True)
class Site:
    """How people beyond one link are found.

    `domain` empty: the one that the network's own DNS names for browsing.  `server` is HOST or
    HOST:PORT, empty for the one that the zone itself names.  Without `key`, a file as
    tsig-keygen writes it, nothing of ours is registered.
    """

    domain: str = ""
    server: str = ""
    key: Path | None = None
    every: float = POLL_EVERY  # seconds between two looks


def parse_site(text: str, key: Path | None = None, every: float = POLL_EVERY) -> Site:
    """What was typed: DOMAIN or DOMAIN@SERVER; `auto` for the network's own domain.

    Raises:
        BadRequest: it is neither.
    """
    domain, at, server = text.strip().partition("@")
    if (at and not is_server(server)) or not (domain == "auto" or is_domain(domain)):
        error = BadRequest("no domain")
        error.hint = Sentence(
            "a domain is written like chat.example.org, and a server behind it like"
            " chat.example.org@192.168.1.53"
        )
        raise error
    return Site("" if domain == "auto" else domain.lower().rstrip("."), server, key, every)


def shown(site: Site) -> str:
    """A site as `parse_site` reads it."""
    return (site.domain or "auto") + (f"@{site.server}" if site.server else "")


def is_domain(text: str) -> bool:
    """Whether it can be the name of a domain."""
    return len(text) <= _LONGEST_DOMAIN and _NAME.fullmatch(text) is not None


def is_server(text: str) -> bool:
    """Whether it is HOST or HOST:PORT."""
    match = _HOST.fullmatch(text)
    return match is not None and 0 < int(match[3] or 53) < 65_536


def host_and_port(server: str) -> tuple[str, int]:
    """The two parts of what `is_server` took."""
    match = _HOST.fullmatch(server)
    if match is None:
        raise ValueError("no server")
    return match[1] or match[2], int(match[3] or 53)
