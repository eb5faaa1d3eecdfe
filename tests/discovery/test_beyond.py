"""Beyond one link: peers find each other in a zone of a real BIND, set up as the guide says."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_interface
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import dns.message
import dns.name
import pytest

from lanchat.discovery import domain, tsig
from lanchat.discovery.advert import Advert, Signed, label_of, sign
from lanchat.discovery.beyond import Beyond, Hooks
from lanchat.discovery.domain import LEASE, SWEEP_GRACE, SWEEP_SPREAD, Registered
from lanchat.discovery.nearby import Interface
from lanchat.discovery.primary import Resolver, find
from lanchat.discovery.registry import Registry
from lanchat.discovery.site import Site
from lanchat.errors import (
    BadDnsKey,
    DnsClock,
    DnsError,
    DnsNonsense,
    DnsRefused,
    DnsSilent,
    NoDnsDomain,
    RegistrationRefused,
)
from lanchat.identity.keys import Identity
from tests.discovery.bind import DOMAIN, Bind, write_key

pytestmark = [pytest.mark.long, pytest.mark.longest]

LAN = Interface("eth0", 2, (ip_interface("10.9.0.1/24"),))
EVERY: Final = 0.2  # seconds between two looks
PATIENCE: Final = 15.0


@pytest.fixture
def bind(tmp_path: Path) -> Iterator[Bind]:
    server = Bind(tmp_path / "bind")
    server.start()
    yield server
    server.stop()


def _signed(number: int, epoch: int = 0) -> Signed:
    identity = Identity(number.to_bytes(32, "big"))
    return sign(identity, f"peer {number}", 20_000 + number, epoch or time.time_ns() // 10**6)


def _label(number: int) -> str:
    return label_of(Identity(number.to_bytes(32, "big")).peer_id)


class Watcher:
    """Somebody who looks into the zone, and registers there if he has a key."""

    def __init__(self, number: int, site: Site, *contacts: int) -> None:
        self.signed = _signed(number)
        self.heard: list[Advert] = []
        self.removed: list[str] = []
        self.troubles: list[type[DnsError] | None] = []
        self.address = f"10.9.0.{number}"
        self.open: set[str] = set()  # addresses whose ports answer
        self.knocked: list[str] = []
        labels = {_label(one) for one in contacts}
        self.beyond = Beyond(
            site,
            Hooks(
                on_advert=lambda advert, _source: self.heard.append(advert),
                on_removed=self.removed.append,
                on_trouble=self._on_trouble,
                is_contact=labels.__contains__,
                is_listed=lambda label: label in {one.label for one in self.heard},
                answers=self._answers,
                interfaces=lambda: (LAN,),
                addresses=lambda: (self.address,),
            ),
        )

    def _on_trouble(self, trouble: DnsError | None) -> None:
        self.troubles.append(type(trouble) if trouble else None)

    async def _answers(self, addresses: Sequence[str], _port: int) -> bool:
        self.knocked += addresses
        return bool(self.open & set(addresses))

    def advert(self, number: int) -> Advert | None:
        """The last one of that peer."""
        label = _label(number)
        return next((one for one in reversed(self.heard) if one.label == label), None)

    async def sees(self, number: int) -> Advert:
        await until(lambda: self.advert(number))
        found = self.advert(number)
        assert found is not None
        return found


async def until(true: Callable[[], object]) -> None:
    """Wait until something has become true."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # what is looked at rings no bell
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(watcher: Watcher) -> AsyncIterator[Watcher]:
    watcher.beyond.start(watcher.signed)
    try:
        yield watcher
    finally:
        await watcher.beyond.stop()


async def _registry(bind: Bind) -> Registry:
    key = await asyncio.to_thread(tsig.read, bind.key)
    return Registry(await find(Site(DOMAIN, bind.server)), key)


def _registered(number: int, expires: float | None = None) -> Registered:
    signed = _signed(number)
    record = domain.with_expiry(signed.txt, int(expires or time.time() + LEASE))
    return Registered(signed.label, record, signed.port, (f"10.9.0.{number}",))


def _site(bind: Bind, key: Path | None = None) -> Site:
    return Site(DOMAIN, bind.server, key, EVERY)


@pytest.mark.parametrize("transfers", [True, False], ids=["transfer", "questions"])
async def test_two_who_register_see_each_other_and_who_only_looks_sees_both(
    tmp_path: Path, transfers: bool
) -> None:
    allowed = "allow-transfer { site; }"
    change = (lambda words: words) if transfers else _forbid(allowed)
    bind = await asyncio.to_thread(Bind, tmp_path / "bind", change=change)
    await asyncio.to_thread(bind.start)
    try:
        ann, bob = Watcher(1, _site(bind, bind.key)), Watcher(2, _site(bind, bind.key))
        async with running(ann), running(Watcher(3, _site(bind))) as looks:
            await until(lambda: ann.beyond.registers)
            async with running(bob):
                assert (await bob.sees(1)).nickname == "peer 1"
                assert (await ann.sees(2)).addresses == ("10.9.0.2",)
                await looks.sees(1)
                await looks.sees(2)
            await until(lambda: ann.removed)
        assert ann.removed == [_label(2)]
        assert looks.troubles == []
        assert ann.advert(3) is None
    finally:
        await asyncio.to_thread(bind.stop)


def _forbid(allowed: str) -> Callable[[str], str]:
    def change(words: str) -> str:
        assert allowed in words
        return words.replace(allowed, "allow-transfer { none; }")

    return change


async def test_another_name_and_another_address_reach_the_others(bind: Bind) -> None:
    ann, bob = Watcher(1, _site(bind, bind.key)), Watcher(2, _site(bind, bind.key))
    async with running(ann), running(bob):
        before = await bob.sees(1)
        ann.address = "10.9.0.77"
        ann.beyond.moved()
        await until(lambda: (bob.advert(1) or before).addresses == ("10.9.0.77",))
        ann.beyond.update(_signed(1, before.epoch + 5))
        await until(lambda: (bob.advert(1) or before).epoch == before.epoch + 5)


async def test_who_hides_is_taken_out_of_the_zone_and_stays_out(bind: Bind) -> None:
    ann, bob = Watcher(1, _site(bind, bind.key)), Watcher(2, _site(bind, bind.key))
    async with running(ann), running(bob):
        await bob.sees(1)
        await ann.beyond.withdraw()
        await until(lambda: bob.removed == [_label(1)])
        ann.beyond.moved()  # it looks again
        bob.beyond.moved()
        await until(lambda: ann.beyond.registered == 1)
        assert not ann.beyond.registers
        ann.beyond.update(_signed(1))
        await until(lambda: ann.beyond.registers)


async def test_who_hides_while_the_server_is_down_is_taken_out_once_it_is_back(
    bind: Bind,
) -> None:
    ann = Watcher(1, _site(bind, bind.key))
    async with running(ann), running(Watcher(2, _site(bind))) as looks:
        await looks.sees(1)
        await asyncio.to_thread(bind.stop)
        await ann.beyond.withdraw()
        await asyncio.to_thread(bind.start)
        await until(lambda: looks.removed == [_label(1)])


async def test_who_starts_invisible_is_not_named_by_what_a_crash_left(bind: Bind) -> None:
    await (await _registry(bind)).register(_registered(1))
    async with running(Watcher(2, _site(bind))) as looks:
        await looks.sees(1)
        ann = Watcher(1, _site(bind, bind.key))
        ann.beyond.start(None, hidden=_label(1))
        await until(lambda: looks.removed == [_label(1)])
        await ann.beyond.stop()
    assert not ann.beyond.registers


async def test_a_server_that_is_down_takes_nobody_away_and_is_found_again(bind: Bind) -> None:
    ann, bob = Watcher(1, _site(bind, bind.key)), Watcher(2, _site(bind, bind.key))
    async with running(ann), running(bob):
        await ann.sees(2)
        await asyncio.to_thread(bind.stop)
        await until(lambda: ann.troubles)
        assert ann.removed == []
        assert ann.beyond.registered == 2
        await asyncio.to_thread(bind.forget)  # and nothing of what was there came back
        await asyncio.to_thread(bind.start)
        await until(lambda: ann.troubles[-1] is None)
        async with running(Watcher(3, _site(bind))) as looks:
            await looks.sees(1)
            await looks.sees(2)
    assert ann.troubles == [DnsSilent, None]


async def test_who_is_removed_by_another_is_registered_again(bind: Bind) -> None:
    ann = Watcher(1, _site(bind, bind.key))
    async with running(ann):
        await until(lambda: ann.beyond.registered)
        await (await _registry(bind)).deregister(_label(1))
        await until(lambda: ann.beyond.counts["our registration was changed"])
        async with running(Watcher(2, _site(bind))) as looks:
            await looks.sees(1)


async def test_a_registration_is_renewed_in_time_also_after_a_sleep(bind: Bind) -> None:
    ann = Watcher(1, _site(bind, bind.key))
    async with running(ann):
        await until(lambda: ann.beyond.registers)
        told = ann.beyond._told
        assert told is not None
        slept = domain.with_expiry(told.txt, int(time.time()) + LEASE // 2 - 5)
        ann.beyond._told = replace(told, record=slept)
        await until(lambda: ann.beyond._told and ann.beyond._told.expires >= told.expires)


async def test_a_key_that_was_exchanged_is_read_again(bind: Bind) -> None:
    key = bind.folder / "mine.key"
    await asyncio.to_thread(write_key, key)
    ann = Watcher(1, _site(bind, key))
    async with running(ann):
        await until(lambda: ann.troubles == [RegistrationRefused])
        await asyncio.to_thread(shutil.copy, bind.key, key)
        await until(lambda: ann.beyond.registers)
    assert ann.troubles == [RegistrationRefused, None]


async def test_what_ran_out_is_swept_by_who_has_the_key_and_nothing_else(bind: Bind) -> None:
    registry, now = await _registry(bind), time.time()
    await registry.register(_registered(3, now - SWEEP_GRACE - SWEEP_SPREAD - 60))
    await registry.register(_registered(4, now - 60))
    await registry.register(_registered(5))
    ann = Watcher(1, _site(bind, bind.key))
    async with running(ann), running(Watcher(2, _site(bind))) as looks:
        await until(lambda: ann.beyond.counts["swept"] == 1)
        await until(lambda: looks.beyond.registered == 3)
        await looks.sees(5)
    assert looks.advert(3) is looks.advert(4) is None


async def test_a_registration_that_was_renewed_meanwhile_is_not_swept(bind: Bind) -> None:
    registry = await _registry(bind)
    old = _registered(3, time.time() - 9999)
    renewed = replace(old, record=domain.with_expiry(old.txt, int(time.time()) + LEASE))
    await registry.register(renewed)
    assert await registry.sweep(old) is False
    async with running(Watcher(1, _site(bind))) as looks:
        await looks.sees(3)
    assert await registry.sweep(renewed) is True


async def test_whose_time_is_over_is_listed_once_the_port_answers(bind: Bind) -> None:
    registry = await _registry(bind)
    await registry.register(_registered(3, time.time() - 60))
    await registry.register(_registered(4, time.time() - 60))
    looks = Watcher(1, _site(bind))
    looks.open = {"10.9.0.4"}
    async with running(looks):
        await looks.sees(4)
        await until(lambda: "10.9.0.3" in looks.knocked)
        assert looks.advert(3) is None


async def test_forged_registrations_are_neither_listed_nor_knocked_at(bind: Bind) -> None:
    registry = await _registry(bind)
    good = _registered(3, time.time() - 60)
    await registry.register(replace(good, label=_label(7), addresses=("10.9.0.7",)))
    await registry.register(replace(good, port=4444))
    await registry.register(replace(_registered(4), port=4444))
    await registry.register(replace(_registered(5), addresses=("8.8.8.8", "127.0.0.1")))
    await registry.register(_registered(6))
    async with running(Watcher(1, _site(bind))) as looks:
        await looks.sees(6)
        await until(lambda: looks.beyond.counts["bad advert"] >= 2)
        assert (await looks.sees(5)).addresses == ()
    assert {one.nickname for one in looks.heard} == {"peer 5", "peer 6"}
    assert looks.knocked == []


async def test_more_than_100_register_as_the_guide_sets_bind_up(bind: Bind) -> None:
    registry = await _registry(bind)
    for number in range(10, 130):
        await registry.register(_registered(number))
    async with running(Watcher(1, _site(bind))) as looks:
        await until(lambda: len(looks.heard) == 120)


async def test_a_server_that_takes_no_more_says_what_is_too_small(tmp_path: Path) -> None:
    def few(words: str) -> str:
        assert "max-records-per-type 4000;" in words
        return words.replace("max-records-per-type 4000;", "max-records-per-type 2;")

    bind = await asyncio.to_thread(Bind, tmp_path / "bind", change=few)
    await asyncio.to_thread(bind.start)
    try:
        registry = await _registry(bind)
        for number in (3, 4):
            await registry.register(_registered(number))
        with pytest.raises(DnsNonsense) as caught:
            await registry.register(_registered(5))
        assert "max-records-per-type" in caught.value.hint
    finally:
        await asyncio.to_thread(bind.stop)


async def test_a_clock_that_is_an_hour_off_is_told_from_a_wrong_key(
    bind: Bind, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = SimpleNamespace(time=lambda: time.time() - 3600)
    monkeypatch.setattr(dns.message, "time", late)  # by which updates are signed
    registry = await _registry(bind)
    with pytest.raises(DnsClock):
        await registry.register(_registered(3))


async def test_a_key_that_the_server_does_not_know_leaves_the_list_as_it_is(bind: Bind) -> None:
    await (await _registry(bind)).register(_registered(3))
    for name in ("lanchat", "unknown"):
        key = await asyncio.to_thread(write_key, bind.folder / "other.key", name)
        ann = Watcher(1, _site(bind, key))
        async with running(ann):
            await ann.sees(3)
            await until(lambda: RegistrationRefused in ann.troubles)  # noqa: B023
        assert not ann.beyond.registers


async def test_a_key_may_write_nothing_at_the_name_of_the_zone(bind: Bind) -> None:
    registry = await _registry(bind)
    update = registry._update()
    update.add(f"{DOMAIN}.", 60, "A", "10.0.0.66")
    with pytest.raises(RegistrationRefused):
        await registry._send(update)


async def test_a_key_file_that_is_none_is_told_and_the_list_is_looked_at(bind: Bind) -> None:
    await (await _registry(bind)).register(_registered(3))
    bad = bind.folder / "bad.key"
    ann = Watcher(1, _site(bind, bad))  # it is not even there
    async with running(ann):
        await until(lambda: ann.troubles == [BadDnsKey])
        await ann.sees(3)
        await asyncio.to_thread(shutil.copy, bind.key, bad)
        await until(lambda: ann.beyond.registers)
        assert ann.troubles[-1] is None


async def test_a_server_that_refuses_is_told(tmp_path: Path) -> None:
    bind = await asyncio.to_thread(
        Bind, tmp_path / "bind", change=lambda words: words.replace("{ site; }", "{ none; }")
    )
    await asyncio.to_thread(bind.start)
    try:
        async with running(Watcher(1, _site(bind))) as looks:
            await until(lambda: looks.troubles == [DnsRefused])
    finally:
        await asyncio.to_thread(bind.stop)


async def test_the_domain_is_the_one_that_the_search_domain_names(tmp_path: Path) -> None:
    zone = tmp_path / "bind" / "example.org"
    more = f'zone "example.org" {{ type primary; file "{zone}"; }};\n'
    bind = await asyncio.to_thread(Bind, tmp_path / "bind", more=more)
    zone.write_text(
        "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
        f"b._dns-sd._udp PTR {DOMAIN}.\n"
    )
    await asyncio.to_thread(bind.start)
    try:
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = [bind.address], bind.port
        resolver.search = [
            dns.name.from_text(".".join(["x" * 60] * 4)),  # too long with what is asked for
            dns.name.from_text("nowhere.example.org"),
            dns.name.from_text("example.org"),
        ]
        server = await find(Site("", bind.server), resolver)
        assert server.domain == DOMAIN
        resolver.search = [dns.name.from_text("nowhere.example.org")]
        with pytest.raises(NoDnsDomain):
            await find(Site("", bind.server), resolver)
    finally:
        await asyncio.to_thread(bind.stop)
