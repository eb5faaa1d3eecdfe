"""The intake: what is heard comes out checked, filtered and within bounds."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_interface, ip_network

import pytest

from lanchat.discovery import intake
from lanchat.discovery.admission import MAX_QUEUE, Heard
from lanchat.discovery.advert import Advert, Signed, label_of, sign
from lanchat.discovery.intake import LATELY, REPEAT_BURST, Intake
from lanchat.discovery.nearby import Interface, Network
from lanchat.identity.keys import Identity
from tests.discovery.packets import FORGED_FROM, unsigned

EPOCH = 1_790_000_000_000
LO = Interface("lo", 1, (ip_interface("127.0.0.1/8"), ip_interface("::1/128")))
LAN = Interface("eth0", 2, (ip_interface("10.0.0.5/24"), ip_interface("fe80::5/64")))
ANN = Identity(b"\x01" * 32)
ANN_LABEL = label_of(ANN.peer_id)


def _signed(identity: Identity = ANN, name: str = "Ann", epoch: int = EPOCH) -> Signed:
    return sign(identity, name, 4000, epoch)


def _heard(signed: Signed, *addresses: str, source: str | None = None) -> Heard:
    return Heard(signed.label, signed.txt, signed.port, addresses, source, None)


def _forged(number: int, address: str = "10.0.0.66") -> Heard:
    """Well formed and under its own label, with one letter of the signature changed."""
    signed = _signed(Identity((FORGED_FROM + number).to_bytes(32, "big")))
    return Heard(signed.label, unsigned(signed.txt), signed.port, (address,))


class Running:
    """An intake that checks in the background, and what came out."""

    def __init__(self, *contacts: Identity) -> None:
        labels = {label_of(contact.peer_id) for contact in contacts}
        self.out: list[tuple[Advert, str | None]] = []
        self.intake = Intake(lambda *one: self.out.append(one), labels.__contains__)
        self.intake.interfaces = (LO, LAN)

    async def settle(self) -> None:
        """Until nothing is left to be checked."""
        while len(self.intake._admission):  # noqa: ASYNC110  # the queue rings no bell
            await asyncio.sleep(0.001)


@asynccontextmanager
async def _running(*contacts: Identity) -> AsyncIterator[Running]:
    running = Running(*contacts)
    task = asyncio.create_task(running.intake.run())
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_good_advert_comes_out_with_the_addresses_that_may_be_dialled() -> None:
    async with _running() as running:
        addresses = ("10.0.0.7", "8.8.8.8", "127.0.0.1", "fe80::7%2", "::ffff:10.0.0.7")
        running.intake.hear([_heard(_signed(), *addresses, source="10.9.9.9")])
        await running.settle()
        advert, source = running.out[0]
        assert advert.addresses == ("10.0.0.7", "fe80::7%eth0", "10.9.9.9")
        assert source == "10.9.9.9"
        assert running.intake.addresses(advert.label) == advert.addresses
        assert running.intake.knows(advert.label)


async def test_forged_malformed_and_foreign_ones_are_counted_and_dropped() -> None:
    async with _running() as running:
        good = _heard(_signed())
        running.intake.hear([_forged(1)])
        running.intake.hear([replace(good, txt=b"\xff"), replace(good, label="b" * 26)])
        running.intake.hear([replace(good, port=80), replace(good, port=4001)])
        running.intake.hear([replace(good, txt=bytes(65_535))])
        await running.settle()
        assert running.out == []
        assert running.intake.counts == {"forged": 2, "bad advert": 4}


async def test_a_forged_one_beside_a_good_one_takes_nothing_from_it() -> None:
    async with _running() as running:
        good = _heard(_signed(), "10.0.0.7")
        bad = replace(good, txt=good.txt.replace(b"n=Ann", b"n=Eve"), addresses=("10.0.0.66",))
        running.intake.hear([bad, good, bad])
        await running.settle()
        assert [(advert.nickname, advert.addresses) for advert, _source in running.out] == [
            ("Ann", ("10.0.0.7",))
        ]


async def test_what_was_checked_costs_no_signature_again() -> None:
    async with _running() as running:
        signed = _signed()
        running.intake.hear([_heard(signed, "10.0.0.7")])
        await running.settle()
        running.intake.hear([_heard(signed, "10.0.0.8")])
        assert [advert.addresses for advert, _ in running.out] == [("10.0.0.7",), ("10.0.0.8",)]


async def test_what_is_heard_again_as_before_is_judged_anew_once_networks_or_port_changed() -> (
    None
):
    async with _running() as running:
        hears, heard = running.intake, _heard(_signed(), "10.0.0.7", source="10.0.0.7")
        hears.hear([heard])
        await running.settle()
        hears.hear([heard])
        assert running.out[1] == running.out[0]
        assert running.out[0][1] == "10.0.0.7"
        hears.own = Signed(label_of(Identity(b"\x02" * 32).peer_id), b"", 4000)
        near = (ip_interface("10.0.0.5/24"), ip_interface("10.0.0.7/24"))
        hears.interfaces = (LO, replace(LAN, addresses=near))  # it is ours now
        hears.hear([heard])
        hears.interfaces = (LO,)
        hears.hear([replace(heard, source=None)])
        assert [(one.addresses, source) for one, source in running.out[2:]] == [((), None)] * 2


async def test_who_was_heard_long_ago_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _running() as running:
        others = [_heard(_signed(Identity(bytes((number,)) * 32))) for number in (3, 4, 5)]
        running.intake.hear(others)
        await running.settle()
        assert running.intake.heard == 3
        later = time.monotonic() + LATELY + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert running.intake.heard == 0
        running.intake.hear(others[:1])
        assert running.intake.heard == 1


async def test_nor_may_a_crowd_say_it_again_and_again_and_friends_are_heard_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "STRANGERS_BURST", 7.0)
    monkeypatch.setattr(intake, "STRANGERS_RATE", 0.001)
    async with _running(ANN) as running:
        crowd = [_signed(Identity((FORGED_FROM + n).to_bytes(32, "big"))) for n in range(20)]
        everybody = [*crowd, _signed()]
        running.intake.hear(_heard(one, f"10.0.0.{n + 10}") for n, one in enumerate(everybody))
        await running.settle()
        assert len(running.out) == 21
        running.intake.hear(_heard(one, f"10.0.0.{n + 40}") for n, one in enumerate(everybody))
        assert len(running.out) == 21 + 7 + 1
        assert running.out[-1][0].addresses == ("10.0.0.60",)
        assert running.intake.counts["repeated"] == 13


async def test_nor_may_it_come_without_end_or_with_nine_addresses() -> None:
    async with _running() as running:
        signed = _signed()
        running.intake.hear([_heard(signed)])
        await running.settle()
        running.intake.hear([_heard(signed, *(f"10.0.0.{n}" for n in range(9)))])
        assert running.intake.counts["bad advert"] == 1
        running.intake.hear(_heard(signed, f"10.0.0.{n % 200}") for n in range(500))
        dropped = running.intake.counts["repeated"]
        assert len(running.out) + dropped == 501
        assert dropped > 400 - REPEAT_BURST


async def test_our_own_advert_is_hidden_and_what_contradicts_it_is_counted() -> None:
    async with _running() as running:
        for epoch in (EPOCH, EPOCH + 1):
            running.intake.own = _signed(epoch=epoch)
        running.intake.hear([_heard(_signed(epoch=EPOCH)), _heard(_signed(epoch=EPOCH + 1))])
        assert running.intake.counts == {}
        running.intake.hear([_heard(_signed(name="Eve"))])
        await running.settle()
        assert running.intake.counts == {"answers for our name": 1}
        assert running.out == []


async def test_our_own_address_with_our_own_port_is_left_out() -> None:
    async with _running() as running:
        running.intake.own = _signed(Identity(b"\x02" * 32))
        running.intake.hear([_heard(_signed(), "10.0.0.5", "10.0.0.7")])
        await running.settle()
        assert running.out[0][0].addresses == ("10.0.0.7",)


async def test_in_a_flood_the_queue_stays_bounded_and_contacts_get_through() -> None:
    async with _running(ANN) as running:
        flood = [_forged(n, f"10.0.{n // 16}.{n % 200}") for n in range(3 * MAX_QUEUE)]
        running.intake.hear(flood)
        running.intake.hear([_heard(_signed(), "10.0.0.7")])
        assert len(running.intake._admission) == MAX_QUEUE + 1
        assert running.intake.heeds(ANN_LABEL)
        assert not running.intake.heeds("s" * 26)
        while not running.out:  # noqa: ASYNC110  # the callback rings no bell
            await asyncio.sleep(0)
        assert running.out[0][0].nickname == "Ann"
        assert running.intake.counts["queue full"] == 2 * MAX_QUEUE


async def test_in_a_flood_those_we_know_are_heeded_and_strangers_after_it() -> None:
    async with _running() as running:
        ours = running.intake.own = _signed(Identity(b"\x02" * 32))
        running.intake.hear([_heard(_signed(), "10.0.0.7")])
        await running.settle()
        flood = [_forged(n, f"10.0.{n // 16}.{n % 200}") for n in range(2 * MAX_QUEUE)]
        running.intake.hear(flood)
        assert running.intake.heeds(ANN_LABEL)  # no contact, but checked before
        assert running.intake.heeds(ours.label)
        assert not running.intake.heeds("s" * 26)
        running.intake.dropped(3)
        assert running.intake.counts["queue full"] == MAX_QUEUE + 3
        running.intake.hear([_heard(_signed(), "10.0.0.8")])  # needs no signature, so no place
        assert [advert.addresses for advert, _ in running.out][1:] == [("10.0.0.8",)]
        await running.settle()
        assert running.intake.heeds("s" * 26)


async def test_the_loop_has_a_turn_while_many_are_checked() -> None:
    async with _running() as running:
        running.intake.hear(_forged(n, f"10.0.{n // 16}.{n % 200}") for n in range(200))
        turns, longest, before = 0, 0.0, time.monotonic()
        while len(running.intake._admission):
            await asyncio.sleep(0)
            now = time.monotonic()
            turns, longest, before = turns + 1, max(longest, now - before), now
        assert turns >= 200 // 16


async def test_the_memory_of_checked_labels_is_bounded() -> None:
    async with _running() as running:
        for number in range(2100):
            signed = Signed(f"{number:026d}", b"txt", 4000)
            advert = Advert(ANN.peer_id, "Ann", 4000, EPOCH, label=signed.label)
            ration = running.intake._admission._rest_ration
            running.intake._hand_on(advert, _heard(signed), ration)
        assert len(running.intake._checked) == 2000


@pytest.mark.parametrize(
    ("named", "expected"),
    [((), ()), ((ip_network("10.20.0.0/16"),), ("10.20.0.7",))],
    ids=["not named", "named"],
)
async def test_what_a_reflector_passes_on_is_dialled_where_the_user_named_the_network(
    named: tuple[Network, ...], expected: tuple[str, ...]
) -> None:
    out: list[Advert] = []
    intake = Intake(lambda one, _source: out.append(one), lambda _one: False, networks=named)
    intake.interfaces = (LO, LAN)
    task = asyncio.create_task(intake.run())
    intake.hear([_heard(_signed(), "10.20.0.7")])
    while not out:  # noqa: ASYNC110  # the intake rings no bell
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait([task])
    assert out[0].addresses == expected
