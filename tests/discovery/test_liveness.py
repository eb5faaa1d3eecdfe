"""Verifying peers within rations that strangers cannot use up for everybody."""

import asyncio

from lanchat.discovery.ask import Asker
from lanchat.discovery.intake import Intake
from lanchat.discovery.liveness import Liveness

FRIEND = "f" * 26


async def test_who_we_know_does_not_wait_behind_a_crowd_of_strangers() -> None:
    asker = Asker(lambda _heard: None)
    intake = Intake(lambda _advert, _source: None, FRIEND.__eq__)
    liveness = Liveness(asker, intake)
    strangers = [chr(ord("a") + number) * 26 for number in range(26) if number != 5]
    asked = [asyncio.create_task(liveness.verify(label)) for label in strangers]
    await asyncio.sleep(0)
    assert not await liveness.verify(FRIEND)
    assert not all(one.done() for one in asked)
    await liveness.stop()
    await asker.stop()
    await asyncio.gather(*asked, return_exceptions=True)
