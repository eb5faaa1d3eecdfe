"""Lookup: whom a person means by PEER on a command line.  docs/COMMANDS.md, *Every command*.

An invite and a whole peer id name a key.  Else contacts come first, present or not: a name or
prefix that fits one of them is never a stranger's.  Among each group a name counts before a
prefix of a peer id.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from lanchat.errors import AmbiguousPeer
from lanchat.identity.fingerprint import Invite, is_invite, parse_invite
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import PeerView
from lanchat.session.address import Address

SHORTEST_PREFIX: Final = 4  # characters of a peer id


@dataclass(frozen=True, slots=True)
class Found:
    """A peer that a query means; `exact` if it named the whole key."""

    peer_id: PeerId
    exact: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    peer_id: PeerId
    names: tuple[str, ...]


def find(query: str, contacts: Iterable[Contact], views: Iterable[PeerView]) -> Found | None:
    """The one peer that `query` means, or None if nobody fits yet.

    Raises:
        AmbiguousPeer: several fit; the hint lists them.
        BadInvite: it begins like an invite, and is damaged.
    """
    given = invite(query)
    whole = given.peer_id if given is not None else whole_id(query)
    if whole is not None:
        return Found(whole, exact=True)
    held = tuple(contacts)
    friends = [_held(contact) for contact in held if contact.trust is not Trust.NEW]
    known = {friend.peer_id for friend in friends}
    strangers = {contact.peer_id: _held(contact) for contact in held} | {
        view.peer_id: _Candidate(view.peer_id, (view.name,)) for view in views
    }
    for group in (friends, [one for one in strangers.values() if one.peer_id not in known]):
        for fits in (_bears(query), _starts(query)):
            found = [one for one in group if fits(one)]
            if len(found) > 1:
                raise _ambiguous(query, found)
            if found:
                return Found(found[0].peer_id)
    return None


def whole_id(query: str) -> PeerId | None:
    """The peer id that `query` is, if it is a whole one."""
    try:
        return PeerId.parse(query)
    except ValueError:
        return None


def invite(query: str) -> Invite | None:
    """The invite that `query` is, if it begins like one.

    Raises:
        BadInvite: it is damaged, or of another version.
    """
    return parse_invite(query) if is_invite(query) else None


def address(query: str) -> Address | None:
    """The HOST:PORT that `query` is, if it is one."""
    try:
        return Address.parse(query)
    except ValueError:
        return None


def _held(contact: Contact) -> _Candidate:
    names = (contact.alias,) if contact.alias else (contact.name,)
    return _Candidate(contact.peer_id, names)


def _bears(query: str) -> Callable[[_Candidate], bool]:
    wanted = query.casefold()
    return lambda one: any(name and name.casefold() == wanted for name in one.names)


def _starts(query: str) -> Callable[[_Candidate], bool]:
    if len(query) < SHORTEST_PREFIX:
        return lambda _one: False
    return lambda one: str(one.peer_id).startswith(query)


def _ambiguous(query: str, found: list[_Candidate]) -> AmbiguousPeer:
    error = AmbiguousPeer(f"{len(found)} peers fit a query of {len(query)} characters")
    rows = "; ".join(f"{one.names[0]} {one.peer_id}" for one in found)
    error.hint = f"these fit: {rows}"
    return error
