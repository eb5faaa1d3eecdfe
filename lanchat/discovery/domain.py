"""Domain: what a site's DNS zone says of the peers that registered there.  PROTOCOL.md, 6.

The records are those of mDNS under another domain, and one string more in TXT:

    _lanchat._tcp.<domain>            PTR   <label>._lanchat._tcp.<domain>
    <label>._lanchat._tcp.<domain>    SRV   0 0 port <label>.<domain>
                                      TXT   the advert, and  exp=<Unix seconds>
    <label>.<domain>                  A, AAAA

`exp` is not signed.  Who changes it gains no more than who repeats an old advert: it decides
whether somebody is listed before or after the port answered, and what may be swept.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lanchat.discovery.admission import Heard
from lanchat.discovery.advert import LABEL_LENGTH, MAX_ADDRESSES, MAX_TXT, SERVICE, is_label
from lanchat.discovery.records import AAAA, PTR, SRV, TXT, A

MAX_LISTED: Final = 2000  # peers taken from one domain, as many as the roster holds
MAX_FACTS: Final = 40_000  # records looked at
LEASE: Final = 3600  # seconds until a registration has run out; it is renewed after half of it
SWEEP_GRACE: Final = 900  # seconds after that until others may remove it; clocks differ by 300
SWEEP_SPREAD: Final = 900  # seconds more, so that not everybody does it at once

_SERVICE: Final = SERVICE.removesuffix(".local.")
_EXP: Final = b"exp="
_EXPIRES: Final = re.compile(rb"[1-9][0-9]{0,10}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A record: its owner as labels before the domain, in lower case, and what it says.

    The value of a PTR and of an SRV's target are such owners, too.
    """

    owner: str
    kind: int
    value: str | bytes | tuple[int, str]


@dataclass(frozen=True, slots=True)
class Registered:
    """What a zone says of one label, unread."""

    label: str
    record: bytes = field(repr=False)  # TXT as it stands, with its expiry
    port: int
    addresses: tuple[str, ...]

    @property
    def txt(self) -> bytes:
        """The advert, as its owner signed it."""
        return b"".join(_packed(one) for one in strings(self.record) if not _is_expiry(one))

    @property
    def expires(self) -> int:
        """Unix seconds at which it ran out; 0 if it does not say."""
        said = [one for one in strings(self.record) if _is_expiry(one)]
        text = said[0][len(_EXP) :] if len(said) == 1 else b""
        return int(text) if _EXPIRES.fullmatch(text) else 0

    @property
    def heard(self) -> Heard:
        """The same, for the intake."""
        return Heard(self.label, self.txt, self.port, self.addresses)


def service() -> str:
    """The owner of the list, before the domain."""
    return _SERVICE


def instance(label: str) -> str:
    """The owner of a peer's SRV and TXT, before the domain."""
    return f"{label}.{_SERVICE}"


def with_expiry(txt: bytes, expires: int) -> bytes:
    """An advert and the moment at which its registration has run out, in Unix seconds."""
    return txt + _packed(_EXP + b"%d" % expires)


def pointed_at(facts: Iterable[Fact], is_contact: Callable[[str], bool]) -> list[str]:
    """Whom the list names: contacts first, and no more than `MAX_LISTED`."""
    named = dict.fromkeys(
        _label(str(fact.value), "." + _SERVICE)
        for fact in facts
        if fact.kind == PTR and fact.owner == _SERVICE
    )
    named.pop("", None)
    return sorted(named, key=lambda label: not is_contact(label))[:MAX_LISTED]


def collect(facts: Iterable[Fact], labels: Iterable[str]) -> dict[str, Registered]:
    """What is said of each of the labels of which all is said, once."""
    ports: dict[str, list[int]] = {}
    texts: dict[str, list[bytes]] = {}
    addresses: dict[str, list[str]] = {}
    for fact in facts:
        if fact.kind == SRV and isinstance(fact.value, tuple):
            label = _label(fact.owner, "." + _SERVICE)
            if fact.value[1] == label:
                ports.setdefault(label, []).append(fact.value[0])
        elif fact.kind == TXT and isinstance(fact.value, bytes):
            texts.setdefault(_label(fact.owner, "." + _SERVICE), []).append(fact.value)
        elif fact.kind in (A, AAAA) and isinstance(fact.value, str):
            addresses.setdefault(_label(fact.owner, ""), []).append(fact.value)
    found = {}
    for label in labels:
        port, text = ports.get(label, []), texts.get(label, [])
        where = sorted(dict.fromkeys(addresses.get(label, [])))[:MAX_ADDRESSES]
        if len(port) == len(text) == 1 and where:
            found[label] = Registered(label, text[0], port[0], tuple(where))
    return found


def may_sweep(own: str, one: Registered, now: float) -> bool:
    """Whether we, whose label is `own`, remove this one: it ran out long ago.

    Each of us waits for another while, so that one does it and the others find it done.
    """
    if not one.expires:
        return False
    share = hashlib.sha256(f"{own} {one.label}".encode()).digest()[0] / 255
    return now > one.expires + SWEEP_GRACE + SWEEP_SPREAD * share


def strings(record: bytes) -> list[bytes]:
    """The strings of a TXT record; nothing of one that is too long or cut short."""
    if len(record) > MAX_TXT + 32:
        return []
    strings, at = [], 0
    while at < len(record):
        end = at + 1 + record[at]
        if end > len(record):
            return []
        strings.append(record[at + 1 : end])
        at = end
    return strings


def _is_expiry(string: bytes) -> bool:
    return string[: len(_EXP)].lower() == _EXP


def _packed(string: bytes) -> bytes:
    return bytes((len(string),)) + string


def _label(owner: str, ending: str) -> str:
    """The label in an owner; empty if it is none of ours."""
    if len(owner) != LABEL_LENGTH + len(ending) or not owner.endswith(ending):
        return ""
    label = owner[:LABEL_LENGTH]
    return label if is_label(label) else ""
