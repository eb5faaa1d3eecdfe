"""Giving way: a thread that carries files lets those go before it that a person waits for.

docs/adr/0010-goals-of-speed-and-this-machine.md says what it is good for.
"""

import contextlib
import ctypes
import os
import platform
import struct
import sys
import threading
from typing import Final

PATIENT: Final = 5  # nice value: a third of the weight of what people wait for
SLICE: Final = 20_000_000  # ns; who runs for less at a time need not wait for the end of it
_SET_ATTR: Final = {"x86_64": 314, "aarch64": 274}  # sched_setattr(2), which Python lacks
_ATTR: Final = struct.Struct("=IIQiIQQQ")  # struct sched_attr: size, policy, flags, nice, ...
_KEEP_POLICY: Final = 0x08


def give_way() -> None:
    """Let others go before this thread, where the system can tell threads apart: Linux."""
    if sys.platform != "linux":  # elsewhere it would be the whole process
        return
    with contextlib.suppress(OSError):
        me = threading.get_native_id()
        nice = max(PATIENT, os.getpriority(os.PRIO_PROCESS, me))
        os.setpriority(os.PRIO_PROCESS, me, nice)
        _run_long(nice)


def _run_long(nice: int) -> None:
    """Ask for a long slice of time, so that whoever wakes up interrupts it (Linux 6.12)."""
    call = _SET_ATTR.get(platform.machine())
    if call is None:
        return
    asked = _ATTR.pack(_ATTR.size, 0, _KEEP_POLICY, nice, 0, SLICE, 0, 0)
    # An older kernel, or one that says no, leaves the thread as it is.
    ctypes.CDLL(None).syscall(call, 0, asked, 0)
