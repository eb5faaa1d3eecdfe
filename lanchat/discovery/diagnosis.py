"""Diagnosis: why somebody is not seen, from what was found.  Pure.

`checks.py` and the node look; here what they found becomes checks, each with what was
found in one sentence and, where something is amiss, what to do about it.  `FAIL` stands only
for what keeps people from being seen or reached.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from lanchat.discovery import remedies
from lanchat.discovery.findings import Adapter, Asked, Hearing, Local, Reply
from lanchat.discovery.nearby import Interface
from lanchat.errors import Sentence

FORGED: Final = 20  # adverts refused since the start that say: somebody floods
_FLOOD: Final = ("forged", "bad advert", "queue full", "source too fast")  # as intake counts


class Status(StrEnum):
    """How much a check matters."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what was found, and what to do; no advice where all is well."""

    name: str
    status: Status
    detail: Sentence
    advice: Sentence | None = None


def network(local: Local) -> Check:
    """Whether this machine is on a network that lanchat can use."""
    used = [one for one in local.adapters if one.used and one.running]
    real = [one for one in used if not one.interface.is_loopback]
    if real:
        names = ", ".join(f"{one.interface.name} ({_prefixes(one)})" for one in real)
        return Check("interfaces", Status.OK, Sentence("In use: {networks}.", networks=names))
    away = [one for one in local.adapters if not one.interface.is_loopback]
    if unused := [one.interface.name for one in away if one.running and one.multicast]:
        detail = Sentence("lanchat was told not to use {names}.", names=", ".join(unused))
        return Check("interfaces", Status.FAIL, detail, remedies.UNUSED)
    if tunnels := [one.interface.name for one in away if one.running]:
        detail = Sentence("Only a VPN is there: {names}.", names=", ".join(tunnels))
        return Check("interfaces", Status.FAIL, detail, remedies.ONLY_VPN)
    if away:
        names = ", ".join(one.interface.name for one in away)
        detail = Sentence("Nothing is connected to {names}.", names=names)
        return Check("interfaces", Status.FAIL, detail, remedies.NO_CARRIER)
    if used:
        detail = Sentence("This computer is on no network; only lanchats on itself are seen.")
    else:
        detail = Sentence("This computer is on no network.")
    return Check("interfaces", Status.FAIL, detail, remedies.NO_NETWORK)


def port(local: Local) -> Check:
    """Whether the mDNS port can be shared."""
    if not local.port_taken:
        return Check("port", Status.OK, Sentence("UDP port 5353 can be shared."))
    detail = Sentence(
        "Another program holds UDP port 5353 alone, so lanchat hears nobody by itself."
    )
    return Check("port", Status.FAIL, detail, remedies.port_taken(local.system))


def hearing(local: Local, heard: Sequence[Hearing]) -> Check | None:
    """Whether what is sent to everybody comes back to ourselves; None where nothing was."""
    if not heard:
        return None
    deaf = [one for one in heard if not one.itself]
    if not deaf:
        return Check("hearing", Status.OK, Sentence("This computer hears its own questions."))
    names = ", ".join(one.interface for one in deaf)
    if blocked := next((one.blocked for one in deaf if one.blocked), ""):
        detail = Sentence(
            "Nothing can be sent to everybody on {names}: {reason}.",
            names=names,
            reason=blocked,
        )
        return Check("hearing", Status.FAIL, detail, remedies.blocked(local.system))
    detail = Sentence(
        "This computer does not hear its own questions on {names}: a firewall here drops"
        " UDP port 5353.",
        names=names,
    )
    return Check("hearing", Status.FAIL, detail, remedies.let_in(local.system))


def multicast(
    local: Local, heard: Sequence[Hearing], linked: frozenset[str], asked: Sequence[Asked]
) -> Check | None:
    """Whether others are heard; None where a cause nearer to us was found already."""
    lan = [one.interface for one in local.adapters if _lan(one)]
    if not lan or not heard or not all(one.itself for one in heard):
        return None
    others = frozenset().union(*(one.others for one in heard))
    expected = [one.address for one in asked if _should_be_heard(local, one)]
    if expected and not others:
        detail = Sentence(
            "{address} answers when it is asked directly, but what it sends to everybody does"
            " not arrive: the network filters multicast.",
            address=expected[0],
        )
        return Check("multicast", Status.FAIL, detail, remedies.FILTERED)
    if others:
        detail = Sentence("Another computer is heard, from {address}.", address=min(others))
        if len(others) > 1:
            detail = Sentence(
                "Other computers are heard, from {number} addresses.", number=len(others)
            )
        return Check("multicast", Status.OK, detail)
    answered = frozenset().union(*(one.answered for one in heard))
    hosts = {one for one in linked - local.gateways if _on(lan, one)}
    if there := answered or hosts:
        detail = Sentence(
            "Other computers are here ({number}), but none of them is heard: the network may"
            " filter multicast.",
            number=len(there),
        )
        return Check("multicast", Status.WARN, detail, remedies.FILTERED)
    detail = Sentence("No other computer was heard; perhaps none is here.")
    return Check("multicast", Status.OK, detail)


def known(asked: Sequence[Asked], heard: Sequence[Hearing]) -> Check | None:
    """Whether the people whom we met before answer; None if there are none near."""
    if not asked:
        return None
    there = [one for one in asked if _there(one) or one.linked]
    detail = Sentence(
        "Of {number} addresses known from before {there} answer.",
        number=len(asked), there=len(there),
    )  # fmt: skip
    if len(asked) == 1:
        address = asked[0].address
        detail = Sentence("{address}, known from before, answers.", address=address)
        if not there:
            detail = Sentence("{address}, known from before, does not answer.", address=address)
    elif not there:
        detail = Sentence(
            "None of {number} addresses known from before answers.", number=len(asked)
        )
    if there or any(one.others or one.answered for one in heard):
        return Check("known", Status.OK, detail)
    return Check("known", Status.WARN, detail, remedies.ISOLATED)


def peer(local: Local, asked: Asked, heard: Sequence[Hearing]) -> Iterator[Check]:
    """What stands between us and an address that somebody typed."""
    yield _subnet(local, asked)
    others = frozenset().union(*(one.others for one in heard))
    was_heard = bare(asked.address) in others
    if others and not was_heard and _should_be_heard(local, asked):
        detail = Sentence(
            "{address} answers when it is asked directly, but it was not heard by multicast.",
            address=asked.address,
        )
        yield Check("peer", Status.WARN, detail, remedies.FILTERED)
    else:
        yield _peer(local, asked, was_heard=was_heard)


def ourselves(address: str) -> Check:
    """The address that was typed is of this computer, and no other lanchat on it is meant."""
    detail = Sentence("{address} is this computer itself.", address=address)
    return Check("peer", Status.WARN, detail, remedies.OURSELVES)


def unresolved(host: str) -> Check:
    """A name that was typed leads nowhere."""
    detail = Sentence("No address is known of a computer called {host}.", host=host)
    return Check("peer", Status.FAIL, detail, remedies.NO_NAME)


def _subnet(local: Local, asked: Asked) -> Check:
    """Whether it can be seen from here; who is not, but can be reached, is no failure."""
    address = asked.address
    if near(local, address):
        detail = Sentence("{address} is in a network of this computer.", address=address)
        return Check("subnet", Status.OK, detail)
    own = ", ".join(_prefixes(one) for one in local.adapters if _lan(one)) or "-"
    if Reply.ANSWERED is (asked.mdns if asked.tcp is None else asked.tcp):
        detail = Sentence(
            "{address} is in another network than this computer ({own}): it is not seen, as"
            " multicast does not cross a router, but it can be reached by its address.",
            address=address, own=own,
        )  # fmt: skip
        return Check("subnet", Status.WARN, detail, remedies.BEYOND_A_ROUTER)
    detail = Sentence(
        "{address} is in another network than this computer ({own}); multicast does not go"
        " there.",
        address=address, own=own,
    )  # fmt: skip
    return Check("subnet", Status.FAIL, detail, remedies.OTHER_NETWORK)


def _peer(local: Local, asked: Asked, *, was_heard: bool) -> Check:
    holds = {"address": asked.address, "port": asked.port}
    if asked.tcp is Reply.CLOSED:
        detail = Sentence("{address} is there, but nobody listens at its port {port}.", **holds)
        return Check("peer", Status.FAIL, detail, remedies.NOT_RUNNING)
    if asked.tcp is Reply.ANSWERED:
        return _reachable(local, asked, was_heard=was_heard)
    if asked.mdns is Reply.ANSWERED and asked.tcp is None:
        return Check("peer", Status.OK, Sentence("{address} answers at UDP 5353.", **holds))
    if asked.mdns is Reply.ANSWERED:
        detail = Sentence("{address} answers at UDP 5353, but not at its port {port}.", **holds)
        return Check("peer", Status.FAIL, detail, remedies.THEIR_FIREWALL)
    if asked.mdns is Reply.CLOSED:
        detail = Sentence("{address} is there, but no lanchat answers at UDP 5353.", **holds)
        return Check("peer", Status.FAIL, detail, remedies.NOT_RUNNING)
    if was_heard or asked.linked:
        detail = Sentence("{address} is there, but does not answer.", **holds)
        return Check("peer", Status.FAIL, detail, remedies.THEIR_FIREWALL)
    detail = Sentence("{address} does not answer at all.", **holds)
    why = remedies.ISOLATED if near(local, asked.address) else remedies.NO_WAY
    return Check("peer", Status.FAIL, detail, why)


def _reachable(local: Local, asked: Asked, *, was_heard: bool) -> Check:
    """Somebody listens there; the question is whether each of us sees the other by itself."""
    holds = {"address": asked.address, "port": asked.port}
    if not near(local, asked.address):
        detail = Sentence("{address} answers at its port {port}.", **holds)
        return Check("peer", Status.OK, detail)
    if asked.mdns is Reply.ANSWERED:
        detail = Sentence("{address} answers, at UDP 5353 and at its port {port}.", **holds)
        return Check("peer", Status.OK, detail)
    detail = Sentence(
        "{address} answers at its port {port}, but not at UDP 5353: it may not see you.",
        **holds,
    )
    status = Status.WARN if was_heard else Status.FAIL
    return Check("peer", status, detail, remedies.THEIR_MDNS)


def vpn(local: Local, heard: Sequence[Hearing]) -> Check | None:
    """Whether a VPN takes what should stay in the local network."""
    if local.routes is None:
        return None
    tunnels = {
        one.interface.name for one in local.adapters
        if not one.multicast and not one.interface.is_loopback
    } & local.routes  # fmt: skip
    if not tunnels:
        return Check("vpn", Status.OK, Sentence("No VPN takes the way out."))
    names = ", ".join(sorted(tunnels))
    if any(one.blocked for one in heard):
        detail = Sentence("The VPN {names} lets nothing into the local network.", names=names)
        return Check("vpn", Status.FAIL, detail, remedies.VPN_BLOCKS)
    detail = Sentence(
        "The VPN {names} takes the way out, but leaves the local network.", names=names
    )
    return Check("vpn", Status.OK, detail)


def pressure(lost: int, counts: Mapping[str, int]) -> Check:
    """Whether more comes in than can be read; `lost` packets since we began to look."""
    flood = sum(counts.get(kind, 0) for kind in _FLOOD)
    if lost:
        detail = Sentence(
            "Packets lost in full buffers in these seconds: {number}.", number=lost
        )
        return Check("pressure", Status.WARN, detail, remedies.BUFFERS)
    if flood > FORGED:
        detail = Sentence("Announcements refused since the start: {number}.", number=flood)
        return Check("pressure", Status.WARN, detail, remedies.FLOOD)
    return Check("pressure", Status.OK, Sentence("Nothing is lost."))


def _there(asked: Asked) -> bool:
    return Reply.ANSWERED in (asked.mdns, asked.tcp)


def _should_be_heard(local: Local, asked: Asked) -> bool:
    """Whether its multicast, too, comes from the address that was asked."""
    ip = ip_address(bare(asked.address))
    same = ip.version == 4 or ip.is_link_local
    there = asked.mdns is Reply.ANSWERED and not own(local, asked.address)
    return there and same and near(local, asked.address)


def bare(address: str) -> str:
    """An address without its zone."""
    return address.partition("%")[0]


def own(local: Local, address: str) -> bool:
    """Whether it is an address of this machine."""
    ip = ip_address(bare(address))
    return any(ip == one.ip for each in local.adapters for one in each.interface.addresses)


def near(local: Local, address: str) -> bool:
    """Whether an address lies on a network of this machine."""
    return _on([one.interface for one in local.adapters if one.running], address)


def _on(interfaces: Sequence[Interface], address: str) -> bool:
    ip = ip_address(bare(address))
    return any(one.holds(ip) for one in interfaces)


def _lan(adapter: Adapter) -> bool:
    return adapter.used and adapter.running and not adapter.interface.is_loopback


def _prefixes(adapter: Adapter) -> str:
    own = adapter.interface.addresses
    routed = [one for one in own if not one.ip.is_link_local] or own
    return ", ".join(str(one) for one in routed)
