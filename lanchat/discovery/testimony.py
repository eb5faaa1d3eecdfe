"""Testimony: what only a running lanchat can tell, and those it has sessions with.  Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from lanchat.discovery import remedies
from lanchat.discovery.diagnosis import Check, Status
from lanchat.discovery.findings import Hearing, Local, Running
from lanchat.discovery.remedies import System
from lanchat.errors import Sentence

#: Where what we send to everybody comes back by the way that others' packets take.
_TELLING: Final = frozenset({System.UFW, System.FIREWALLD, System.NFTABLES, System.LINUX})


def of_a_node(local: Local, running: Running, heard: Sequence[Hearing] = ()) -> Iterator[Check]:
    """What only a running lanchat can tell; `heard` is what came in when we asked."""
    if running.hidden:
        detail = Sentence("You are invisible: others see you as offline.")
        yield Check("invisible", Status.WARN, detail, remedies.INVISIBLE)
    if running.unheard:
        who = ", ".join(running.unheard)
        detail = Sentence("Connected, but never heard by multicast: {who}.", who=who)
        open_here = local.system in _TELLING and heard and all(one.itself for one in heard)
        advice = remedies.FILTERED if open_here else remedies.let_in(local.system)
        yield Check("one-sided", Status.FAIL, detail, advice)
    else:
        detail = Sentence("Everybody who is connected from here was heard, too.")
        yield Check("one-sided", Status.OK, detail)
    if running.deaf:
        detail = Sentence(
            "Connected, but they do not hear you by multicast: {who}.",
            who=", ".join(running.deaf),
        )
        yield Check("heard", Status.FAIL, detail, remedies.THEY_ARE_DEAF)
    elif running.reached or running.unreached:
        detail = Sentence("Those who were asked hear this computer.")
        yield Check("heard", Status.OK, detail)
    if running.port:
        yield _tcp(local, running)
    if running.named is not None:
        yield _dns(running, running.named)
    yield _clock(running)
    yield _identity(running)


def _tcp(local: Local, running: Running) -> Check:
    holds = {"port": running.port, "addresses": ", ".join(running.closed)}
    if running.closed:
        detail = Sentence(
            "Port {port} of this computer does not answer at {addresses}.", **holds
        )
        return Check("tcp", Status.FAIL, detail, remedies.let_in(local.system, running.port))
    if running.unreached:
        return _unreached(local, running)
    if running.reached:
        detail = Sentence(
            "TCP port {port} answers on this computer, and to {who}.",
            port=running.port,
            who=", ".join(running.reached),
        )
        return Check("tcp", Status.OK, detail)
    detail = Sentence(
        "TCP port {port} answers on this computer. Whether a firewall keeps others out, only"
        " another computer can try.",
        port=running.port,
    )
    return Check("tcp", Status.OK, detail)


def _unreached(local: Local, running: Running) -> Check:
    """Others tried, and some could not connect to where we listen."""
    holds = {"port": running.port, "who": ", ".join(running.unreached)}
    advice = remedies.let_in(local.system, running.port)
    if running.reached:
        detail = Sentence(
            "TCP port {port} of this computer answers to {others}, but not to {who}.",
            others=", ".join(running.reached),
            **holds,
        )
        return Check("tcp", Status.WARN, detail, advice)
    if running.refused:
        detail = Sentence(
            "TCP port {port} answers on this computer, but {who} tried it and was refused: a"
            " firewall here keeps others out.",
            **holds,
        )
    else:
        detail = Sentence(
            "TCP port {port} answers on this computer, but {who} tried it and got no answer: a"
            " firewall here keeps others out.",
            **holds,
        )
    return Check("tcp", Status.FAIL, detail, advice)


def _dns(running: Running, named: int) -> Check:
    """The site's DNS server: its own troubles are not why people of this network lack."""
    trouble = running.dns_trouble
    if trouble is None:
        detail = Sentence("People whom the DNS server names: {count}.", count=named)
        if running.named_there:
            detail = Sentence(
                "People whom the DNS server names, with yourself: {count}.", count=named
            )
        if not running.dns_answered:
            detail = Sentence("The DNS server was asked, and has not answered yet.")
        return Check("dns", Status.OK, detail)
    hint = trouble.hint
    advice = hint if isinstance(hint, Sentence) else remedies.DNS
    return Check("dns", Status.WARN, Sentence(trouble.sentence), advice)


def _clock(running: Running) -> Check:
    off = running.clocks_off
    if not off:
        return Check("clock", Status.OK, Sentence("No clock is more than three hours off."))
    if len(off) > 1 and 2 * len(off) > running.present:
        detail = Sentence("Most clocks here are over three hours from that of this computer.")
        return Check("clock", Status.WARN, detail, remedies.OUR_CLOCK)
    detail = Sentence("Clocks more than three hours off: {who}.", who=", ".join(off))
    return Check("clock", Status.WARN, detail, remedies.THEIR_CLOCK)


def _identity(running: Running) -> Check:
    if running.counts.get("answers for our name", 0):
        detail = Sentence("Somebody else answers for this identity on the network.")
        return Check("identity", Status.WARN, detail, remedies.TWO_MACHINES)
    return Check("identity", Status.OK, Sentence("Nobody else answers for this identity."))
