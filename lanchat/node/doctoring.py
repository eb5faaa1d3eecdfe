"""Doctoring: why do I not see them?  The checks in the order in which causes are looked for.

With a node its own knowledge goes in: whom it met, whom it never heard, what it dropped.
Without one the machine and the network alone are looked at, so that no profile is needed.
No check sends anything of ours but questions that any mDNS browser asks; a node also asks a
few people it has a session with to connect back.
"""

import asyncio
import math
import platform
import socket
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from lanchat import __version__
from lanchat.discovery import arp, checks, diagnosis, testimony
from lanchat.discovery.diagnosis import Check as Check  # front ends take these from here
from lanchat.discovery.diagnosis import Status as Status
from lanchat.discovery.findings import Asked, Hearing, Local, Reply, Running
from lanchat.errors import BadPlace, ReachedOurselves, Sentence
from lanchat.identity.fingerprint import is_invite, parse_invite
from lanchat.identity.keys import PeerId
from lanchat.node import inviting
from lanchat.node.checkup import Answer, Reached
from lanchat.node.rows import JSON, Row
from lanchat.session.address import Address
from lanchat.session.knock import Knock, knock
from lanchat.session.tcp import Link

if TYPE_CHECKING:  # a node takes long to load, and is not needed
    from lanchat.node.node import Node

SETTLED: Final = 5.0  # seconds after which both sides of a session have heard each other
MOST_ASKED: Final = 3  # people who are asked to connect back
MOST_LINKED: Final = 8  # of those in the neighbour table that are asked
MOST_KNOWN: Final = 16  # addresses from before that are asked
KNOCK_TIMEOUT: Final = 1.5  # seconds
RESOLVE_TIMEOUT: Final = 5.0  # seconds
_REPLIES: Final[Mapping[Knock, Reply]] = {
    Knock.OPEN: Reply.ANSWERED,
    Knock.REFUSED: Reply.CLOSED,
    Knock.SILENT: Reply.SILENT,
}


async def examine(
    node: "Node | None" = None,
    *,
    chosen: Sequence[str] = (),
    peer: str = "",
    names: bool = False,
) -> AsyncGenerator[Check, None]:
    """Look, and give each check as soon as it is made.

    `chosen` are the interfaces to use if no node says so; `peer` is HOST, HOST:PORT or an
    invite of somebody who is not seen; `names`: call peers by their names, not their addresses.
    What cannot be looked at here is left out.

    Raises:
        BadPlace, BadInvite: `peer` is no address, or an invite without one.
        ReachedOurselves: it is our own invite.
    """
    own = node.settings.interfaces if node else chosen
    found = await asyncio.to_thread(checks.local, own)
    places = await _places(found, peer, node.me if node else None) if peer else []
    near = [one for one in places if _is_near(found, one[0])]
    wanted = next(iter(near or places), None)
    yield diagnosis.network(found)
    yield diagnosis.port(found)
    lost = await asyncio.to_thread(checks.buffer_errors)
    typed = await _resolved(*wanted) if wanted else None
    known = _known(node, found) if node else []
    met = await asyncio.gather(*(_ask(one, 0) for one in known))
    asked = await _ask(typed, wanted[1]) if typed and wanted else None
    all_asked = [*met, *([asked] if asked else [])]
    answering = {diagnosis.bare(one.address) for one in all_asked if _is_heard(one)}
    heard, linked = await asyncio.gather(
        checks.listen(found, wanted=answering), _linked(found, all_asked)
    )
    for check in _of_the_network(found, heard, linked, met, all_asked):
        yield check
    if wanted is not None:
        for check in _of_the_way(node, found, asked, heard, wanted[0]):
            yield check
    running = await _running(node, found, names=names) if node else None
    for check in testimony.of_a_node(found, running, heard) if running else ():
        yield check
    yield diagnosis.pressure(await _since(lost), running.counts if running else {})


def row(check: Check) -> Row:
    """A check as docs/COMMANDS.md gives it."""
    advice: JSON = None if check.advice is None else str(check.advice)
    return {
        "check": check.name,
        "status": check.status.value,
        "detail": str(check.detail),
        "advice": advice,
    }


def machine() -> str:
    """What lanchat, Python and system a report comes from."""
    system = f"{platform.system()} {platform.release()}"
    return f"lanchat {__version__}, Python {platform.python_version()}, {system}"


# --- within -----------------------------------------------------------------------------


def _of_the_network(
    found: Local,
    heard: Sequence[Hearing],
    linked: frozenset[str],
    met: Sequence[Asked],
    asked: Sequence[Asked],
) -> Iterator[Check]:
    """What was heard, and what it means; without what could not be looked at."""
    made = (
        diagnosis.hearing(found, heard),
        diagnosis.multicast(found, heard, linked, asked),
        diagnosis.known(met, heard),
        diagnosis.vpn(found, heard),
    )
    return (check for check in made if check is not None)


def _of_the_way(
    node: "Node | None", found: Local, asked: Asked | None, heard: Sequence[Hearing], host: str
) -> Iterable[Check]:
    """What stands between us and what was typed."""
    if asked is None:
        return [diagnosis.unresolved(host)]
    our_port = node.doors.port if node else 0
    if diagnosis.own(found, asked.address) and asked.port in (0, our_port):
        return [diagnosis.ourselves(asked.address)]
    return diagnosis.peer(found, asked, heard)


async def _since(lost: int | None) -> int:
    """Packets lost since then; 0 where nobody counts them."""
    now = await asyncio.to_thread(checks.buffer_errors)
    return 0 if lost is None or now is None else now - lost


async def _places(found: Local, text: str, me: PeerId | None) -> list[tuple[str, int]]:
    """The host and port that were typed, or those of an invite."""
    if not is_invite(text):
        return [_typed(text)]
    given = parse_invite(text)
    if given.peer_id == me:
        raise ReachedOurselves("our own invite")
    used = [one.interface for one in found.adapters if one.used]
    leads = (await inviting.leads(given, used)).to
    if not leads:
        failed = BadPlace("an invite that leads nowhere")
        failed.hint = Sentence("this invite holds no address of another computer")
        raise failed
    return [(one.host, one.port) for one in leads]


def _is_near(found: Local, host: str) -> bool:
    return _is_address(host) and diagnosis.near(found, host)


def _typed(text: str) -> tuple[str, int]:
    """The host and port that were typed; port 0 if there was none."""
    host = text.strip().removeprefix("[").removesuffix("]")
    try:
        ip_address(diagnosis.bare(host))
    except ValueError:
        pass
    else:
        return host, 0
    try:
        address = Address.parse(text.strip())
    except ValueError as error:
        if ":" in host or not host or not host.isprintable() or len(host) > 253:
            failed = BadPlace("no address")
            failed.hint = Sentence("an address is HOST or HOST:PORT")
            raise failed from error
        return host, 0
    return address.host, address.port


async def _resolved(host: str, port: int) -> str | None:
    """The first address of a host; None if its name is not known."""
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT):
            infos = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_DGRAM
            )
    except (OSError, TimeoutError, UnicodeError):
        return None
    address = str(infos[0][4][0])
    zone = host.partition("%")[2]
    return f"{address}%{zone}" if zone and "%" not in address else address


def _known(node: "Node", found: Local) -> list[str]:
    """Where contacts were last reached, as far as that is in a network of ours."""
    own = {str(one.ip) for each in found.adapters for one in each.interface.addresses}
    hosts = [one for one in node.acquaintance.last_known() if _is_address(one)]
    near = [one for one in hosts if diagnosis.near(found, one) and one not in own]
    return near[:MOST_KNOWN]


def _is_address(host: str) -> bool:
    try:
        return not ip_address(diagnosis.bare(host)).is_loopback
    except ValueError:
        return False


async def _ask(address: str, port: int) -> Asked:
    """Ask it at the port of mDNS and knock at its own, then see whether it is on the link."""
    knocking = knock([Address(address, port)], timeout=KNOCK_TIMEOUT) if port else _nothing()
    mdns, tcp = await asyncio.gather(checks.ask(address), knocking)
    table = None if ":" in address else await asyncio.to_thread(arp.table)
    linked = None if table is None else table.get(address, math.inf) <= arp.FRESH
    return Asked(address, mdns, None if tcp is None else _REPLIES[tcp], port, linked)


async def _linked(found: Local, asked: Sequence[Asked]) -> frozenset[str]:
    """Who else is on our links: confirmed just now, or answers when it is asked directly.

    Those who were asked already say more themselves, and who is gone stays in the table.
    """
    table = await asyncio.to_thread(arp.table) or {}
    others = set(table) - {one.address for one in asked} - found.gateways
    near = sorted((one for one in others if diagnosis.near(found, one)), key=table.__getitem__)
    there = near[:MOST_LINKED]
    replies = await asyncio.gather(*(checks.ask(one) for one in there))
    answered = {
        one for one, reply in zip(there, replies, strict=True) if reply is not Reply.SILENT
    }
    after = await asyncio.to_thread(arp.table) or {}
    return frozenset(answered | {one for one in near if after.get(one, math.inf) <= arp.FRESH})


async def _nothing() -> None:
    return None


def _is_heard(asked: Asked) -> bool:
    return asked.mdns is Reply.ANSWERED and ":" not in asked.address


async def _settled(node: "Node") -> None:
    """Whoever connected just now may be heard in a moment, and hear us: that is no finding."""
    youngest = max((link.opened_at for link in node.sessions.links()), default=-math.inf)
    left = youngest + SETTLED - asyncio.get_running_loop().time()
    await asyncio.sleep(max(left, 0.0))


async def _running(node: "Node", found: Local, *, names: bool) -> Running:
    await _settled(node)
    roster, beyond = node.neighbours.roster, node.doors.beyond
    unheard = [
        link
        for link in node.sessions.links()
        if link.ready.port
        and roster.find(link.peer_id) is None
        and _is_address(link.address.host)
        and diagnosis.near(found, link.address.host)
    ]
    off = [one for one in roster if roster.clock_suspect(one.peer_id)]

    def called(peer: PeerId, addresses: Sequence[str]) -> str:
        if names:
            view = node.neighbours.view(peer)
            return f"{view.name if view else ''} ({peer.short})".strip()
        return addresses[0] if addresses else "-"

    answers = await _asked_back(node)
    heard_of = [(link, one) for link, one in answers if one.reached is not Reached.UNTRIED]
    deaf = [
        link
        for link, one in answers
        if not one.heard
        and one.reached is not Reached.UNTRIED
        and diagnosis.near(found, link.address.host)
    ]

    def names_of(links: Iterable[Link]) -> tuple[str, ...]:
        return tuple(called(one.peer_id, [one.address.host]) for one in links)

    return Running(
        reached=names_of(link for link, one in heard_of if one.reached is Reached.ANSWERED),
        unreached=names_of(
            link for link, one in heard_of if one.reached is not Reached.ANSWERED
        ),
        refused=any(one.reached is Reached.CLOSED for _link, one in heard_of),
        deaf=names_of(deaf),
        unheard=tuple(called(one.peer_id, [one.address.host]) for one in unheard),
        clocks_off=tuple(called(one.peer_id, one.addresses) for one in off),
        present=len(roster),
        counts=node.doors.counts,
        hidden=node.attendance.showing.hidden,
        port=node.doors.port,
        closed=await _closed(found, node.doors.port),
        named=beyond.registered if beyond else None,
        named_there=beyond is not None and beyond.registers,
        dns_answered=beyond is not None and beyond.answered,
        dns_trouble=beyond.trouble if beyond else None,
    )


async def _asked_back(node: "Node") -> list[tuple[Link, Answer]]:
    """What a few people we know find who try to connect to us.

    Those whom we called come first: of who came in by our port, little is to be learnt.
    """
    if not node.doors.port or node.attendance.showing.hidden:
        return []
    links = [one for one in node.sessions.links() if node.checkups.can(one)]
    links.sort(key=lambda one: not one.initiator)
    asked = links[:MOST_ASKED]
    answers = await asyncio.gather(*(node.checkups.ask(one) for one in asked))
    return [(link, one) for link, one in zip(asked, answers, strict=True) if one is not None]


async def _closed(found: Local, port: int) -> tuple[str, ...]:
    """Own addresses at which our port does not answer ourselves."""
    if not port:
        return ()
    hosts = [
        f"{one.ip}%{each.interface.name}"
        if one.ip.is_link_local and one.version == 6
        else str(one.ip)
        for each in found.adapters
        if each.used and each.running
        for one in each.interface.addresses
    ]
    results = await asyncio.gather(
        *(knock([Address(host, port)], timeout=KNOCK_TIMEOUT) for host in hosts)
    )
    return tuple(
        host for host, result in zip(hosts, results, strict=True) if result is not Knock.OPEN
    )
