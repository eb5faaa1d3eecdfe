"""Lane threads: they carry much, and nobody waits for them as for an answer."""

import asyncio
import os
import sys
import threading

import pytest

from lanchat.errors import TransferAbandoned
from lanchat.node.lanes import PATIENT, Lanes


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_a_lane_gives_way_to_everything_else() -> None:
    lanes = Lanes()
    outside = niceness()
    inside = await lanes.in_thread(niceness)
    await asyncio.to_thread(lanes.close)
    assert inside == (max(outside, PATIENT) if sys.platform == "linux" else outside)
    assert niceness() == outside


async def test_lanes_that_are_shut_take_no_more_work() -> None:
    lanes = Lanes()
    lanes.shut()
    with pytest.raises(TransferAbandoned):
        await lanes.in_thread(niceness)
    await asyncio.to_thread(lanes.close)
