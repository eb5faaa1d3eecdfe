"""Confining: what a worker that was taken over may still ask of Linux.

Three layers, each left out where the kernel lacks it: a network of its own with nothing in it,
Landlock (no path may be opened, made, moved or removed), and a filter of its calls.  The filter
is a list of what is allowed, not of what is denied: new calls come with each kernel, and what
decoding needs once all is loaded is little.  It holds the memory, reading and writing of what
is open, the clock, randomness, locks, signal handlers and the end; the rest fails with EPERM,
so that a library that tries something goes on without it.  What stays denied though it looks
harmless acts on others or names files: `fcntl` (by F_SETOWN the kernel sends signals), `ioctl`,
`fchmod`, `prlimit64`, `newfstatat`.  Each decoder runs under it in the tests.

Sources: landlock(7), seccomp(2), <linux/landlock.h>, <linux/seccomp.h>, <asm/unistd_64.h> for
x86_64, <asm-generic/unistd.h> for aarch64.  All is of this process, and for good.
"""

import ctypes
import os
import platform
import struct
import sys
from functools import cache
from typing import Final

#: Name, number on x86_64, number on aarch64.
ALLOWED: Final = (
    ("read", 0, 63),
    ("write", 1, 64),
    ("readv", 19, 65),
    ("writev", 20, 66),
    ("pread64", 17, 67),
    ("lseek", 8, 62),
    ("fstat", 5, 80),
    ("close", 3, 57),
    ("mmap", 9, 222),
    ("munmap", 11, 215),
    ("mremap", 25, 216),
    ("mprotect", 10, 226),
    ("madvise", 28, 233),
    ("brk", 12, 214),
    ("futex", 202, 98),
    ("sched_yield", 24, 124),
    ("rt_sigaction", 13, 134),
    ("rt_sigprocmask", 14, 135),
    ("rt_sigreturn", 15, 139),
    ("sigaltstack", 131, 132),
    ("restart_syscall", 219, 128),
    ("clock_gettime", 228, 113),
    ("gettimeofday", 96, 169),
    ("getrandom", 318, 278),
    ("getpid", 39, 172),
    ("gettid", 186, 178),
    ("exit", 60, 93),
    ("exit_group", 231, 94),
)
#: Machine: its column above, AUDIT_ARCH_*, the number of `seccomp` itself.
_MACHINES: Final = {"x86_64": (1, 0xC000003E, 317), "aarch64": (2, 0xC00000B7, 277)}

_NO_NEW_PRIVILEGES: Final = 38  # PR_SET_NO_NEW_PRIVS
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
_THIRD_VERSION: Final = 0x20080522  # _LINUX_CAPABILITY_VERSION_3

_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # alike on both machines
_VERSION: Final = 1  # LANDLOCK_CREATE_RULESET_VERSION
_RULESET: Final = struct.Struct("=QQQ")  # handled: rights to files, to ports; scopes
_FILE_RIGHTS: Final = (13, 14, 15, 15, 16)  # LANDLOCK_ACCESS_FS_*, how many, by version from 1
_PORTS_FROM, _PORTS = 4, 0b11  # version; bind and connect by TCP
_SCOPES_FROM, _SCOPES = 6, 0b11  # version; abstract sockets and signals of others

_SET_FILTER, _ALL_THREADS = 1, 1  # SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC
_STEP: Final = struct.Struct("=HBBI")  # struct sock_filter: code, if so, if not, value
_LOAD, _IS, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_NUMBER_AT, _ARCH_AT = 0, 4  # in struct seccomp_data
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("steps", ctypes.c_ushort), ("first", ctypes.c_char_p))


def leave_network() -> None:
    """An empty network of our own, where we may have one, and no rights to anything."""
    libc = _libc()
    libc.unshare(_NEW_USER | _NEW_NETWORK)
    nothing = (ctypes.c_uint32 * 6)()
    libc.capset((ctypes.c_uint32 * 2)(_THIRD_VERSION, 0), nothing)  # a new user has them all


def forbid_paths() -> bool:
    """Landlock: no path any more, whoever owns it.  False where the kernel lacks it.

    What is open stays so.  Takes a descriptor for a moment.
    """
    if _machine() not in _MACHINES:
        return False
    version = _call(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    files = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]) - 1
    ports = _PORTS if version >= _PORTS_FROM else 0
    scopes = _SCOPES if version >= _SCOPES_FROM else 0
    ruleset = _call(_CREATE_RULESET, _RULESET.pack(files, ports, scopes), _RULESET.size, 0)
    if ruleset < 0:
        return False
    try:
        return _call(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def forbid_calls() -> bool:
    """From here on only what is ALLOWED.  False where machine or kernel do not know how."""
    program = filter_of(machine := _machine())
    if not program:
        return False
    held = _Program(len(program) // _STEP.size, program)
    seccomp = _MACHINES[machine][2]
    return _call(seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(held)) == 0


def filter_of(machine: str) -> bytes:
    """The filter as the kernel takes it; empty for a machine whose numbers are not here."""
    if machine not in _MACHINES:
        return b""
    column, arch, _ = _MACHINES[machine]
    numbers = [int(call[column]) for call in ALLOWED]
    count = len(numbers)
    return b"".join((
        _STEP.pack(_LOAD, 0, 0, _ARCH_AT),
        _STEP.pack(_IS, 0, count + 1, arch),  # calls of another architecture: the refusal
        _STEP.pack(_LOAD, 0, 0, _NUMBER_AT),
        *(_STEP.pack(_IS, count - at, 0, number) for at, number in enumerate(numbers)),
        _STEP.pack(_RETURN, 0, 0, _EPERM),
        _STEP.pack(_RETURN, 0, 0, _ALLOW),
    ))  # fmt: skip


# --- within -------------------------------------------------------------------------------


def _machine() -> str:
    """What runs this process; nothing for a Python of 32 bits, whose calls are others."""
    return platform.machine() if sys.maxsize > 2**32 else ""


def _call(number: int, *words: object) -> int:
    """Call the kernel: -1 if it refuses.  Whole numbers go as wide as its own."""
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in words]
    return int(_libc().syscall(ctypes.c_long(number), *wide))


@cache
def _libc() -> ctypes.CDLL:
    """The C library, once no program may bring more rights: the kernel wants that first."""
    libc = ctypes.CDLL(None)
    libc.syscall.restype = ctypes.c_long
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return libc
