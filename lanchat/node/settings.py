"""Settings: what a node is told when it starts.  One frozen value, asked for by every desk.

Some of it can change while the node runs: `Node.change`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Self

from lanchat.discovery.nearby import Network as Network
from lanchat.discovery.site import POLL_EVERY, parse_site
from lanchat.discovery.site import Site as Site  # front ends take these from here
from lanchat.discovery.site import shown as shown
from lanchat.errors import BadRequest, Sentence
from lanchat.transfer.clash import Clash as Clash

OFFER_LIMIT: Final = 2 * 2**30  # bytes of one offer taken without asking (PROTOCOL.md, 3b)
DAY_LIMIT: Final = 10 * 2**30  # bytes a day and peer taken without asking (PROTOCOL.md, 3b)
LEAST_PREFIX: Final = 8  # bits of a network that is named; less would be nearly everything


class Accepting(StrEnum):
    """Whose files are taken when nobody is there to ask."""

    ALL = "all"
    TRUSTED = "trusted"  # known and verified people
    VERIFIED = "verified"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node is told when it starts.

    `listening` is False for a command that only browses and dials.  `downloads` is where
    files go; sizes are in bytes.
    """

    downloads: Path
    interfaces: tuple[str, ...] = ()  # names or addresses; empty for every usable one
    port: int = 0  # 0 for any free one
    listening: bool = True
    accept: Accepting = Accepting.NONE
    asks: bool = False  # somebody is there to be asked about what is not taken by itself
    offer_limit: int = OFFER_LIMIT
    day_limit: int = DAY_LIMIT
    read_receipts: bool = False
    limit_rate: int = 0  # bytes a second of all files together, each way; 0 for no limit
    clash: Clash | None = None  # of names that are taken; None: as a sender we know wishes
    keep_executable: bool = False  # what was a program at the sender is one here, too
    networks: tuple[Network, ...] = ()  # addresses of these are dialled, whoever named them
    site: Site | None = None  # whose DNS names people on other networks; None: not asked

    def meanwhile(self, other: Self) -> Self:
        """These, and of `other` what can change while a node runs."""
        return replace(
            self,
            downloads=other.downloads,
            accept=other.accept,
            offer_limit=other.offer_limit,
            day_limit=other.day_limit,
            read_receipts=other.read_receipts,
            limit_rate=other.limit_rate,
            clash=other.clash,
            keep_executable=other.keep_executable,
        )


def network_of(text: str) -> Network:
    """The network that was named, whose addresses may be dialled.

    Raises:
        BadRequest: it is none, or nearly everything.
    """
    try:
        found = ip_network(text.strip())
    except ValueError as error:
        failed = BadRequest("no network")
        failed.hint = Sentence("a network is written like 10.20.0.0/16")
        raise failed from error
    if found.prefixlen < LEAST_PREFIX:
        wide = BadRequest("too wide a network")
        wide.hint = Sentence("a network has a prefix of {bits} bits or more", bits=LEAST_PREFIX)
        raise wide
    return found


def is_network(text: str) -> bool:
    """Whether `network_of` takes it."""
    try:
        network_of(text)
    except BadRequest:
        return False
    return True


def is_site(text: str) -> bool:
    """Whether `site_of` takes it."""
    try:
        return site_of(text, None) is not None
    except BadRequest:
        return False


def site_of(domain: str | None, key: str | None, every: float | None = None) -> Site | None:
    """The site that was named, and the file of its key; None if none was.

    Raises:
        BadRequest: it is no domain, or there is only a key.
    """
    if not domain:
        if key:
            error = BadRequest("key without a domain")
            error.hint = Sentence("--dns-key FILE goes with --dns DOMAIN")
            raise error
        return None
    path = Path(key).expanduser().absolute() if key else None
    return parse_site(domain, path, every or POLL_EVERY)
