"""Workers: the suite in several processes, each with a network of its own.

Half of the suite waits: for a deadline, a process, a packet.  So there are three processes
for two cores; with more of them slow tests miss their time.  On one loopback interface their
people would hear each other, so every worker moves into a network namespace where it is
alone.  Where that is not to be had there is one process.
"""

import ctypes
import os
import subprocess
import sys
from typing import Final

from tests.lab.namespaces import available, which

CLONE_NEWNET: Final = 0x4000_0000  # <sched.h>
MOST: Final = 6  # memory; a window each takes some of it, too


def count() -> int:
    """How many processes to run the suite in; 0: this one alone."""
    possible, _why = available()
    return min(MOST, max(2, (os.cpu_count() or 1) * 3 // 2)) if possible else 0


def move_into_own_network() -> None:
    """Leave the machine's network for one with nothing but a loopback interface."""
    if sys.platform != "linux":
        raise OSError("network namespaces are a Linux thing")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run([which("ip") or "ip", "link", "set", "lo", "up"], check=True)
