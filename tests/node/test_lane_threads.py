"""Lane threads: they carry much, and nobody waits for them as for an answer."""

import asyncio
import ctypes
import os
import platform
import struct
import sys
import threading

import pytest

from lanchat.errors import TransferAbandoned
from lanchat.node.giving_way import PATIENT, SLICE
from lanchat.node.lanes import Lanes


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_a_lane_gives_way_to_everything_else() -> None:
    lanes = Lanes()
    outside = niceness()
    inside = await lanes.in_thread(niceness)
    await asyncio.to_thread(lanes.close)
    assert inside == (max(outside, PATIENT) if sys.platform == "linux" else outside)
    assert niceness() == outside


def slice_of_time() -> int:
    """ns that this thread may run at a time; 0 where none can be chosen (Linux 6.12)."""
    call = {"x86_64": 315, "aarch64": 275}.get(platform.machine())  # sched_getattr(2)
    told = ctypes.create_string_buffer(48)
    if call is None or sys.platform != "linux":
        return 0
    assert ctypes.CDLL(None).syscall(call, 0, told, 48, 0) == 0
    runtime: int = struct.unpack("=IIQiIQQQ", told.raw)[5]
    return runtime


async def test_whoever_wakes_up_interrupts_a_lane() -> None:
    lanes = Lanes()
    outside = slice_of_time()
    inside = await lanes.in_thread(slice_of_time)
    await asyncio.to_thread(lanes.close)
    assert inside == (SLICE if outside else 0)
    assert slice_of_time() == outside


async def test_lanes_that_are_shut_take_no_more_work() -> None:
    lanes = Lanes()
    lanes.shut()
    with pytest.raises(TransferAbandoned):
        await lanes.in_thread(niceness)
    await asyncio.to_thread(lanes.close)
