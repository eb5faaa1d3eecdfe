"""Dial-back: somebody we know tries whether they can connect to us, and to nobody else."""

import asyncio
import os
from dataclasses import replace

import pytest

from lanchat.node import checkup
from lanchat.node.checkup import Answer
from lanchat.node.doctoring import examine
from lanchat.wire.payloads import DIAL_BACK, DialBack, Dialled, Reached
from tests.node.byhand import READY, ByHand
from tests.node.house import House, until

TOKEN = b"\x07" * 8
ABLE = replace(READY, caps=DIAL_BACK)


async def test_friends_find_out_whether_each_can_be_reached(house: House) -> None:
    ann, bob = await house.friends()
    link = await ann.meet(bob)
    answer = await ann.node.checkups.ask(link)
    assert answer == Answer(Reached.ANSWERED, heard=False)  # in houses nobody hears anybody
    assert await bob.node.checkups.ask(bob.link(ann)) == answer


async def test_a_port_that_keeps_others_out_is_found_and_asked_for_once_a_minute(
    house: House,
) -> None:
    ann, bob = await house.friends()
    link = await ann.meet(bob)
    await ann.node.doors.shut()
    answer = await ann.node.checkups.ask(link)
    assert answer == Answer(Reached.CLOSED, heard=False)
    await ann.node.doors.reopen(hidden=False)
    assert await ann.node.checkups.ask(link) == answer  # as it was found a moment ago
    ann.node.checkups._known.clear()
    again = await ann.node.checkups.ask(link)
    assert again == Answer(Reached.UNTRIED, heard=False)  # and Bob is not used more often


@pytest.mark.multicast
async def test_the_doctor_tells_what_others_found(house: House) -> None:
    ann, bob = await house.friends(interfaces=("lo",))
    await until(lambda: ann.node.sessions.current(bob.me))
    await until(lambda: bob.node.neighbours.hears(ann.me))
    checks = {one.name: one async for one in examine(ann.node, names=True)}
    assert "and to bob" in str(checks["tcp"].detail)
    assert checks["heard"].status.value == "ok"


async def test_strangers_are_not_dialled_and_friends_at_their_own_port_only(
    house: House,
) -> None:
    ann = await house.lives("ann")
    called: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _r, writer: called.append(writer), "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    async with server, ByHand(ann, ready=replace(ABLE, port=port)) as hand:
        hand.posts(DialBack(TOKEN))
        assert await hand.hears(Dialled) == Dialled(TOKEN, Reached.UNTRIED, 0)
        await ann.ask("trust", peer=str(hand.me), action="known")
        hand.posts(DialBack(TOKEN))
        assert await hand.hears(Dialled, 2) == Dialled(TOKEN, Reached.ANSWERED, 0)
        assert len(called) == 1
        for _ in range(20):
            hand.posts(DialBack(TOKEN))
        await hand.hears(Dialled, 22)
        assert {one.reached for one in hand.got(Dialled)[2:]} == {Reached.UNTRIED}
        assert len(called) == 1
        called[0].close()


@pytest.mark.parametrize("port", [0, 22, 1023])
async def test_no_port_of_the_system_is_looked_at_for_anybody(house: House, port: int) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=replace(ABLE, port=port)) as hand:
        await ann.ask("trust", peer=str(hand.me), action="known")
        hand.posts(DialBack(TOKEN))
        assert (await hand.hears(Dialled)).reached is Reached.UNTRIED


async def test_answers_that_nobody_asked_for_count_for_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "PATIENCE", 0.3)
    ann = await house.lives("ann")
    async with ByHand(ann, ready=ABLE) as hand:
        await ann.ask("trust", peer=str(hand.me), action="known")
        link = ann.node.sessions.current(hand.me)
        assert link is not None
        hand.posts(Dialled(TOKEN, Reached.SILENT, 1))
        asking = asyncio.ensure_future(ann.node.checkups.ask(link))
        asked = await hand.hears(DialBack)
        hand.posts(Dialled(os.urandom(8), Reached.SILENT, 1))
        assert await asking is None  # who says nothing true says nothing
        hand.posts(Dialled(asked.token, Reached.SILENT, 1))
        assert ann.node.checkups._asked == {}


async def test_who_does_not_name_the_bit_is_not_asked(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as hand:
        await ann.ask("trust", peer=str(hand.me), action="known")
        link = ann.node.sessions.current(hand.me)
        assert link is not None
        assert not ann.node.checkups.can(link)
