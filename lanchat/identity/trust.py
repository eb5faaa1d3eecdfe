"""Trust: what the user holds of a peer, and the few acts that change it.  PROTOCOL.md, 5.

    state      a key ...                                how it is left
    NEW        never accepted                           pin, verify, block
    KNOWN      the user wrote to, added or answered     verify, block
    VERIFIED   the user compared words, print or code   unverify, block
    BLOCKED    the user wants nothing from              unblock: KNOWN if it ever was, else NEW
    CONFLICT   NEW, and its name looks like somebody's  computed by `judge`, never stored

The key is the person: another key is another person, who inherits nothing.  Only acts of
the local user stand in the table; nothing a peer sends moves anybody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final

from lanchat.errors import NameTaken, PeerBlocked
from lanchat.identity.keys import PeerId
from lanchat.identity.lookalikes import skeletons


class Trust(StrEnum):
    """What a peer is to the user."""

    NEW = "new"
    KNOWN = "known"
    VERIFIED = "verified"
    CONFLICT = "conflict"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Contact:
    """What is held of one peer.  Times are ms since 1970; 0 is never."""

    peer_id: PeerId
    name: str  # pinned: stays when the peer calls itself something else
    alias: str = ""  # the user's own name for them
    trust: Trust = Trust.NEW  # never CONFLICT
    was_known: bool = False
    claimed_name: str = ""  # what they call themselves now, where it is not `name`
    first_seen: int = 0
    last_seen: int = 0
    verified_at: int = 0
    verified_how: str = ""
    failed_at: int = 0  # a comparison failed; a fact beside the state, not a state
    wire_version: int = 1  # the highest ever authenticated
    reach: bytes = b""  # what they gave us to reach them in hidden mode: 32 bytes, or none
    beacon_key: bytes = b""
    addresses: tuple[str, ...] = ()  # last known, "host:port"
    muted: bool = False  # nobody is told of what they write; of no weight for trust

    @property
    def display(self) -> str:
        """The name to show."""
        return self.alias or self.name


class Act(Enum):
    """What a user can do to somebody's trust."""

    PIN = auto()
    VERIFY = auto()
    UNVERIFY = auto()
    BLOCK = auto()


#: Every act that changes a state.  Elsewhere PIN, UNVERIFY and BLOCK change nothing;
#: BLOCKED is left by `unblock` alone, because where that leads hangs on the past.
STEPS: Final = MappingProxyType(
    {
        (Trust.NEW, Act.PIN): Trust.KNOWN,
        (Trust.NEW, Act.VERIFY): Trust.VERIFIED,
        (Trust.NEW, Act.BLOCK): Trust.BLOCKED,
        (Trust.KNOWN, Act.VERIFY): Trust.VERIFIED,
        (Trust.KNOWN, Act.BLOCK): Trust.BLOCKED,
        (Trust.VERIFIED, Act.UNVERIFY): Trust.KNOWN,
        (Trust.VERIFIED, Act.BLOCK): Trust.BLOCKED,
    }
)


def fold(name: str) -> str:
    """What a name comes down to for an eye that is not careful: equal folds look alike."""
    return skeletons(name)[0]


def taken_names(contacts: Iterable[Contact], me: PeerId, my_name: str) -> dict[str, PeerId]:
    """The folded names that are spoken for: mine, and those of known and verified contacts.

    Where two people share a name, mine comes first, then a verified one's.
    """
    held = tuple(contacts)
    owners = [(my_name, me)]
    for trust in (Trust.VERIFIED, Trust.KNOWN):
        for contact in held:
            if contact.trust is trust:
                owners += [(contact.alias, contact.peer_id), (contact.name, contact.peer_id)]
    taken: dict[str, PeerId] = {}
    for name, owner in owners:
        taken.setdefault(fold(name), owner)
    taken.pop("", None)
    return taken


def bearer(name: str, peer_id: PeerId, taken: Mapping[str, PeerId]) -> PeerId | None:
    """Who, other than `peer_id`, bears a name that `name` looks like."""
    found = [taken.get(folded, peer_id) for folded in skeletons(name) if folded]
    return next((one for one in found if one != peer_id), None)


def is_taken(name: str, peer_id: PeerId, taken: Mapping[str, PeerId]) -> bool:
    """Whether `name` looks like one that is spoken for by somebody else than `peer_id`."""
    return bearer(name, peer_id, taken) is not None


def judge(
    contact: Contact | None, peer_id: PeerId, nickname: str, taken: Mapping[str, PeerId]
) -> Trust:
    """What to think of `peer_id`, who calls itself `nickname` now.

    CONFLICT only for a key that was never accepted: somebody the user knows stays what
    they are, whatever they call themselves.  Of a stranger the name counts too that is held,
    as that is what is shown.
    """
    if contact is not None and contact.trust is not Trust.NEW:
        return contact.trust
    names = (nickname,) if contact is None else (nickname, contact.name)
    alike = any(is_taken(name, peer_id, taken) for name in names)
    return Trust.CONFLICT if alike else Trust.NEW


def stranger(peer_id: PeerId, name: str, now_ms: int) -> Contact:
    """What is held of somebody the user has done nothing about yet."""
    return Contact(peer_id, name, first_seen=now_ms, last_seen=now_ms)


def pin(contact: Contact | None, peer_id: PeerId, name: str, now_ms: int) -> Contact:
    """After an act of the user aimed at this peer: from now on it is known, by `name`.

    The name of somebody who was known before stays as it is.

    Raises:
        PeerBlocked: the user blocked this peer.
    """
    contact = contact or stranger(peer_id, name, now_ms)
    if contact.trust is Trust.NEW:
        contact = replace(contact, name=name or contact.name, claimed_name="")
    pinned = _step(contact, Act.PIN)
    return replace(pinned, was_known=True, last_seen=max(now_ms, contact.last_seen))


def mark_verified(contact: Contact, how: str, now_ms: int) -> Contact:
    """After this user compared the key: `how` is "words", "fingerprint" or "code".

    Raises:
        PeerBlocked: the user blocked this peer.
    """
    return replace(
        _step(contact, Act.VERIFY),
        was_known=True,
        verified_at=now_ms,
        verified_how=how,
        failed_at=0,
    )


def mark_failed(contact: Contact, now_ms: int) -> Contact:
    """After a comparison that did not match.  The trust stays; the date is shown beside it."""
    return replace(contact, failed_at=now_ms)


def unverify(contact: Contact) -> Contact:
    """Take a verification back: known remains."""
    if contact.trust is not Trust.VERIFIED:
        return contact
    return replace(_step(contact, Act.UNVERIFY), verified_at=0, verified_how="")


def block(contact: Contact) -> Contact:
    """Want nothing from this peer any more."""
    return contact if contact.trust is Trust.BLOCKED else _step(contact, Act.BLOCK)


def unblock(contact: Contact) -> Contact:
    """Take a block back: known if the peer ever was, else new; a verification is not kept."""
    if contact.trust is not Trust.BLOCKED:
        return contact
    trust = Trust.KNOWN if contact.was_known else Trust.NEW
    return replace(contact, trust=trust, verified_at=0, verified_how="")


def hear_name(contact: Contact, nickname: str) -> Contact:
    """Note what a peer calls itself.  A pinned name stays; a stranger's simply follows."""
    if not nickname:
        return contact
    if contact.trust is Trust.NEW:
        return replace(contact, name=nickname, claimed_name="")
    return replace(contact, claimed_name="" if nickname == contact.name else nickname)


def may_adopt(contact: Contact, taken: Mapping[str, PeerId]) -> bool:
    """Whether the name that a peer calls itself now could become its pinned one."""
    claimed = contact.claimed_name
    return bool(claimed) and not is_taken(claimed, contact.peer_id, taken)


def adopt_name(contact: Contact, taken: Mapping[str, PeerId]) -> Contact:
    """After the user agreed: what the peer calls itself becomes its pinned name.

    Raises:
        NameTaken: it looks like the name of another contact, or mine.
    """
    if not contact.claimed_name:
        return contact
    if not may_adopt(contact, taken):
        raise NameTaken("adopting a name")
    return replace(contact, name=contact.claimed_name, claimed_name="")


def set_alias(contact: Contact, alias: str) -> Contact:
    """Give a contact the user's own name for it; "" takes it back."""
    return replace(contact, alias=alias)


def mute(contact: Contact, *, muted: bool) -> Contact:
    """Be told no more of what somebody writes, or again; only of somebody who was accepted.

    A stranger is quiet enough, and is accepted or blocked instead.
    """
    accepted = contact.trust in {Trust.KNOWN, Trust.VERIFIED}
    return replace(contact, muted=muted) if accepted else contact


def _step(contact: Contact, act: Act) -> Contact:
    if contact.trust is Trust.BLOCKED:
        raise PeerBlocked(f"{act.name} while blocked")
    trust = STEPS.get((contact.trust, act), contact.trust)
    return replace(contact, trust=trust)
