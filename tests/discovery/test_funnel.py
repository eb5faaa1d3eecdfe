"""The funnel: a thousand answers at once all come out, and people we know wait for nobody."""

import asyncio
from ipaddress import ip_address, ip_interface

from lanchat.discovery.admission import MAX_QUEUE, Heard
from lanchat.discovery.advert import label_of, sign
from lanchat.discovery.funnel import MAX_WAITING, Funnel
from lanchat.discovery.intake import Intake
from lanchat.discovery.nearby import Interface
from lanchat.identity.keys import Identity

EPOCH = 1_790_000_000_000
LAN = Interface("eth0", 2, (ip_interface("10.1.0.1/16"),))
FRIEND = Identity(b"\x07" * 32)


def _answer(number: int, identity: Identity | None = None) -> Heard:
    signed = sign(identity or Identity(number.to_bytes(32, "big")), "Ann", 4000, EPOCH)
    address = str(ip_address("10.1.1.0") + number)
    return Heard(signed.label, signed.txt, signed.port, (address,), address, "eth0")


async def test_a_thousand_answers_at_once_all_come_out() -> None:
    out: set[str] = set()
    complete = asyncio.Event()

    def on_advert(advert: object, _source: str | None) -> None:
        out.add(str(advert))
        if len(out) == 990:
            complete.set()

    intake = Intake(on_advert, lambda _label: False)
    intake.interfaces = (LAN,)
    funnel = Funnel(intake)
    checking = asyncio.create_task(intake.run())
    funnel.hear([_answer(number) for number in range(1, 991)])
    async with asyncio.timeout(20):
        await complete.wait()
    checking.cancel()
    await asyncio.wait([checking])
    assert not intake.counts


async def test_people_we_know_pass_those_who_wait_and_who_is_too_many_is_counted() -> None:
    friend = label_of(FRIEND.peer_id)
    known: list[str] = []
    intake = Intake(lambda advert, _source: known.append(advert.label), friend.__eq__)
    intake.interfaces = (LAN,)
    funnel = Funnel(intake)
    stranger = _answer(1)
    crowd = [
        Heard(f"{number:026d}", stranger.txt, 4000, (), f"10.1.2.{number % 250}")
        for number in range(MAX_WAITING + 5)
    ]
    room = intake.room
    funnel.hear(crowd)
    funnel.hear([_answer(0, FRIEND)])
    assert intake.room == room - 1 == MAX_QUEUE - 1  # the rest were of no key
    checking = asyncio.create_task(intake.run())
    while friend not in known:  # noqa: ASYNC110  # the queue rings no bell
        await asyncio.sleep(0.001)
    funnel.cancel()
    checking.cancel()
    await asyncio.wait([checking])
    assert intake.counts["queue full"] == 5
