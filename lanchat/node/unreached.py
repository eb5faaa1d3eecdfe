"""Unreached: what to say of somebody who was not where we looked, and what to do about it."""

from collections.abc import Sequence
from typing import Final

from lanchat.discovery import interfaces
from lanchat.errors import LanchatError, PeerUnreachable, Sentence
from lanchat.node.presence import Version
from lanchat.session.address import Address

MOST_NAMED: Final = 4  # addresses in a sentence
OFFLINE: Final = Sentence("this computer is on no network now")


def is_offline(tried: Sequence[Address]) -> bool:
    """Whether they are not of this computer, and it is on no network."""
    outside = any(one.is_inner is False for one in tried)
    return outside and not interfaces.routed()


def at(tried: Sequence[Address], error: LanchatError) -> Sentence:
    """Why a dial was in vain, and what to look at."""
    if not tried:
        return Sentence("they are not seen on any network of this computer")
    if not isinstance(error, PeerUnreachable):
        return Sentence(
            "something answered at {addresses}, but not as lanchat does; the port may be"
            " another one by now",
            addresses=_listed(tried),
        )
    return Sentence(
        "nothing answered at {addresses}; lanchat may not be open there, the port may be"
        " another one by now, or a firewall is in the way",
        addresses=_listed(tried),
    )


def another(version: Version) -> Sentence:
    """That somebody is there whose lanchat does not speak with ours."""
    if version is Version.NEWER:
        return Sentence("they seem to have a newer lanchat; update yours to reach them")
    return Sentence("they seem to have an older lanchat, and need to update theirs first")


def by_invite(
    tried: Sequence[Address], wrong: Sequence[Address], error: LanchatError
) -> Sentence:
    """Why an invite was in vain, `wrong` of it not having been dialled, and what to do."""
    if tried and wrong:
        return Sentence(
            "nothing came of {tried}, and {refused} was not tried, as nobody else can be there;"
            " ask for a new invite",
            tried=_listed(tried), refused=_listed(wrong),
        )  # fmt: skip
    if tried and isinstance(error, PeerUnreachable):
        return Sentence(
            "nothing answered at {addresses}, where their invite leads; lanchat may not be open"
            " there, a firewall may be in the way, or the invite is old: ask for a new one",
            addresses=_listed(tried),
        )
    if tried:
        return at(tried, error)
    if wrong:
        return Sentence(
            "their invite leads to {addresses}, where nobody else can be, so nothing was tried;"
            " ask for a new one",
            addresses=_listed(wrong),
        )
    return Sentence(
        "they are not seen here, and their invite does not say where they are; ask for a new"
        " one while lanchat is open there"
    )


def _listed(addresses: Sequence[Address]) -> str:
    more = ", …" if len(addresses) > MOST_NAMED else ""
    return ", ".join(map(str, addresses[:MOST_NAMED])) + more
