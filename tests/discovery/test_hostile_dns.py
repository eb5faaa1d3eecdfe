"""A DNS server that lies, babbles, stalls or never ends: one kind of error, in bounded time."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn, cast

import dns.flags
import dns.message
import dns.name
import dns.rrset
import pytest

from lanchat.discovery import beyond
from lanchat.discovery import server as limits
from lanchat.discovery.primary import Resolver, find
from lanchat.discovery.server import Server
from lanchat.discovery.site import Site
from lanchat.discovery.zones import Zone
from lanchat.errors import DnsError, DnsNonsense, DnsSilent, NoDnsDomain
from tests.discovery.bind import DOMAIN

Answer = Callable[[dns.message.Message], bytes | None]

APEX: Final = dns.name.from_text(DOMAIN)
LABEL: Final = "abcdefghijklmnopqrstuvwxyz"
SERVICE: Final = f"_lanchat._tcp.{DOMAIN}."
SOA: Final = f"{DOMAIN}. 60 IN SOA ns.{DOMAIN}. a.{DOMAIN}. 7 1 1 1 1"
RECORDS: Final = (
    SOA,
    f"{SERVICE} 60 IN PTR {LABEL}.{SERVICE}",
    f"{LABEL}.{SERVICE} 60 IN SRV 0 0 4000 {LABEL}.{DOMAIN}.",
    f'{LABEL}.{SERVICE} 60 IN TXT "v=1" "n=Ann" "exp=1790000000"',
    f"{LABEL}.{DOMAIN}. 60 IN A 10.0.0.1",
    f"{LABEL}.{DOMAIN}. 60 IN AAAA fd00::1",
    SOA,
)


def _answer(query: dns.message.Message, *records: str) -> dns.message.Message:
    answer = dns.message.make_response(query)
    for record in records:
        name, ttl, _class, kind, data = record.split(" ", 4)
        answer.answer.append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
    return answer


def _honest(query: dns.message.Message) -> bytes:
    """A zone with one peer, by transfer or by questions."""
    (question,) = query.question
    kind = question.rdtype.name
    fitting = [
        one
        for one in RECORDS[:-1]
        if one.startswith(question.name.to_text() + " ") and f" IN {kind} " in one
    ]
    return _answer(query, *(RECORDS if kind in ("AXFR", "IXFR") else fitting)).to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        answer = self._answer(dns.message.from_wire(data))
        if answer is not None:
            self._transport.sendto(answer[:1232], address)


@asynccontextmanager
async def _serving(
    answer: Answer, more: Callable[[], bytes] | None = None, *, hangs_up: bool = False
) -> AsyncIterator[Server]:
    """A server that answers so; `more` is said on a connection again and again after that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                said = answer(dns.message.from_wire(await reader.readexactly(size)))
                if said is None:
                    continue
                writer.write(len(said).to_bytes(2, "big") + said)
                if hangs_up:
                    writer.write_eof()
                while more is not None:
                    again = more()
                    writer.write(len(again).to_bytes(2, "big") + again)
                    await writer.drain()
        except (OSError, EOFError):
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    datagrams, _protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(answer), local_addr=("127.0.0.1", port)
    )
    try:
        yield Server(DOMAIN, DOMAIN, "127.0.0.1", port)
    finally:
        datagrams.close()
        listening.close()


def _nobody(_label: str) -> bool:
    return False


def _zone(server: Server, *, transfers: bool) -> Zone:
    zone = Zone(server, _nobody)
    zone._transfers = transfers
    return zone


@pytest.mark.parametrize("transfers", [True, False], ids=["transfer", "questions"])
async def test_what_is_said_honestly_is_read(transfers: bool) -> None:
    async with _serving(_honest) as server:
        there = await _zone(server, transfers=transfers).look()
    assert there[LABEL].addresses == ("10.0.0.1", "fd00::1")
    assert there[LABEL].expires == 1_790_000_000


@pytest.mark.parametrize("transfers", [True, False], ids=["transfer", "questions"])
async def test_no_answer_with_changed_bytes_raises_anything_else(transfers: bool) -> None:
    chance = random.Random(17)

    def spoiled(query: dns.message.Message) -> bytes:
        wire = bytearray(_honest(query))
        for _ in range(chance.choice((0, 1, 1, 2, 8))):
            wire[chance.randrange(2 if transfers else 0, len(wire))] = chance.randrange(256)
        return bytes(wire[: chance.choice((len(wire), len(wire), chance.randrange(len(wire))))])

    failed = 0
    async with _serving(spoiled, hangs_up=transfers) as server:
        for _ in range(150):
            zone = _zone(server, transfers=transfers)
            try:
                await (zone._transfer("") if transfers else zone._resolve(""))
            except DnsError:
                failed += 1
    assert failed


async def test_a_server_that_never_answers_is_given_up() -> None:
    async with _serving(lambda _query: None) as server:
        site = Site(DOMAIN, f"{server.host}:{server.port}")
        attempts = (server.serial(), Zone(server, _nobody).look(), find(site))
        results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(one) for one in results] == [DnsSilent] * 3


async def test_a_transfer_without_end_is_cut_off_by_its_size() -> None:
    record = f"x.{DOMAIN}. 60 IN TXT " + " ".join([f'"{"x" * 255}"'] * 250)
    long: list[bytes] = []
    sent = 0

    def begin(query: dns.message.Message) -> bytes:
        long.append(_answer(query, record).to_wire(max_size=65_535))
        return _answer(query, SOA).to_wire()

    def more() -> bytes:
        nonlocal sent
        sent += 1
        return long[0]

    async with _serving(begin, more) as server:
        with pytest.raises(DnsNonsense):
            await Zone(server, _nobody).look()
    assert sent * len(long[0]) < 3 * limits.MAX_BYTES


async def test_answers_without_end_are_cut_off_by_what_is_in_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However often the server hangs up, and is asked on another connection."""
    monkeypatch.setattr(limits, "MAX_ROWS", 5000)
    lists = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}{LABEL[2:]}" for n in range(100)]
    crowd = [f"{SERVICE} 60 IN PTR {one}.{SERVICE}" for one in lists]
    much = [f"x.{DOMAIN}. 60 IN A 10.0.{n // 250}.{n % 250}" for n in range(500)]
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(5):
            size = int.from_bytes(await reader.readexactly(2), "big")
            query = dns.message.from_wire(await reader.readexactly(size))
            (question,) = query.question
            said = _answer(query, *(crowd if question.rdtype.name == "PTR" else much)).to_wire()
            writer.write(len(said).to_bytes(2, "big") + said)
            if question.rdtype.name == "PTR":
                break
        writer.write_eof()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        zone = _zone(Server(DOMAIN, DOMAIN, "127.0.0.1", port), transfers=False)
        with pytest.raises(DnsNonsense):
            await zone._resolve("")
    assert connections == 4


async def test_answers_to_what_nobody_asked_end_the_connection() -> None:
    def other(query: dns.message.Message) -> bytes:
        query.id ^= 1
        return _honest(query)

    async with _serving(other) as server:
        for transfers in (True, False):
            zone = _zone(server, transfers=transfers)
            with pytest.raises(DnsError):
                await (zone._transfer("") if transfers else zone._resolve(""))


async def test_a_server_that_hangs_up_after_each_answer_is_asked_again() -> None:
    """And holds one connection of ours, not as many as it likes."""
    held, most = 0, 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal held, most
        held += 1
        most = max(most, held)
        size = int.from_bytes(await reader.readexactly(2), "big")
        said = _honest(dns.message.from_wire(await reader.readexactly(size)))
        writer.write(len(said).to_bytes(2, "big") + said)
        await writer.drain()
        writer.write_eof()
        with suppress(ConnectionError):
            await reader.read()
        held -= 1
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        zone = _zone(Server(DOMAIN, DOMAIN, "127.0.0.1", port), transfers=False)
        await zone._resolve("")
    assert list(zone._known) == [LABEL]
    assert most <= 2  # the end of one may be heard of after the beginning of the next


async def test_what_a_resolver_tells_of_another_class_is_no_address() -> None:
    """It would be read as a lump, and a lump has none."""

    def other(query: dns.message.Message) -> bytes:
        (question,) = query.question
        kind = question.rdtype.name
        if kind == "SOA":
            return _answer(query, SOA).to_wire()
        answer, lump = dns.message.make_response(query), r"\# 4 0a000001"
        answer.answer.append(dns.rrset.from_text(question.name, 60, "CLASS1234", kind, lump))
        return answer.to_wire()

    async with _serving(other) as server:
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = [server.host], server.port
        for site in (Site(DOMAIN), Site(DOMAIN, f"ns.{DOMAIN}:53"), Site("")):
            with pytest.raises(DnsError):
                await find(site, resolver)


class _Broken(Resolver):
    """A resolver with a bug."""

    async def resolve(self, *_anything: object, **_more: object) -> NoReturn:
        raise RuntimeError("a bug")


@pytest.mark.logs_errors
async def test_a_bug_that_an_answer_meets_does_not_end_the_search() -> None:
    troubles: list[DnsError | None] = []
    told = asyncio.Event()

    def on_trouble(trouble: DnsError | None) -> None:
        troubles.append(trouble)
        told.set()

    def hears(*_anything: object) -> None:
        pass

    async def silence(*_anything: object) -> bool:
        return False

    hooks = beyond.Hooks(hears, hears, on_trouble, _nobody, _nobody, silence, tuple, tuple)
    source = beyond.Beyond(Site(DOMAIN), hooks, resolver=_Broken(configure=False))
    source.start(None)
    async with asyncio.timeout(10):
        await told.wait()
    await source.stop()  # which raises what ended it
    assert [type(one) for one in troubles] == [DnsNonsense]


async def test_a_search_domain_that_leaves_no_room_for_a_name_is_passed_over() -> None:
    resolver = Resolver(configure=False)
    resolver.search = [dns.name.from_text(".".join(["x" * 60] * 4))]
    with pytest.raises(NoDnsDomain):
        await find(Site(""), resolver)


async def test_a_serial_that_is_missing_or_of_another_zone_is_nonsense() -> None:
    for records in ((), (SOA.replace(DOMAIN, "other.org", 1),), (RECORDS[1],)):
        async with _serving(lambda query: _answer(query, *records).to_wire()) as server:  # noqa: B023
            with pytest.raises(DnsNonsense):
                await server.serial()


async def test_a_zone_that_names_others_each_time_has_us_look_for_who_is_listed_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beyond, "TEND_EVERY", 0.01)
    serial = 7

    def other(query: dns.message.Message) -> bytes:
        nonlocal serial
        (question,) = query.question
        if question.rdtype.name == "SOA":
            return _answer(query, SOA.replace(" 7 ", f" {serial + 1} ")).to_wire()
        serial += 1
        soa, label = SOA.replace(" 7 ", f" {serial} "), f"{chr(97 + serial % 26)}{LABEL[1:]}"
        changed = [one.replace(LABEL, label) for one in RECORDS[1:-1]]
        return _answer(query, soa, *changed, soa).to_wire()

    def hears(*_anything: object) -> None:
        pass

    async def silence(*_anything: object) -> bool:
        return False

    removed: list[str] = []
    two = asyncio.Event()

    def on_removed(label: str) -> None:
        removed.append(label)
        if len(removed) == 2:
            two.set()

    async with _serving(other) as server:
        source = beyond.Beyond(
            Site(DOMAIN, f"{server.host}:{server.port}", None, 0.01),
            beyond.Hooks(
                hears, on_removed, hears, _nobody, lambda label: label[0] in "cd", silence,
                tuple, tuple,
            ),
        )  # fmt: skip
        source.start(None)
        try:
            async with asyncio.timeout(10):
                await two.wait()
        finally:
            await source.stop()
    assert [label[0] for label in removed] == ["c", "d"]
    assert source._gone == {}
