"""Epochs and reach secrets: the numbers and secrets a profile keeps for itself.

An epoch tells a newer start, or a newer advert, from an older one; it never goes back,
whatever the clock does (PROTOCOL.md, 2 and 6).
"""

import secrets
import time
from collections.abc import Awaitable
from typing import Final, Protocol

_EPOCH: Final = "epoch"
_SECRET_SIZE: Final = 32  # bytes


class Drawer(Protocol):
    """What is needed of the store: values by name."""

    def get(self, key: str) -> Awaitable[bytes | None]:
        """The value under `key`, if there is one."""

    def put(self, key: str, value: bytes) -> Awaitable[None]:
        """Keep `value` under `key`."""


async def next_epoch(drawer: Drawer) -> int:
    """A number above every earlier one: the clock in ms, or the last plus one."""
    kept = await drawer.get(_EPOCH)
    last = int.from_bytes(kept, "big") if kept else 0
    epoch = max(last + 1, time.time_ns() // 1_000_000)
    await drawer.put(_EPOCH, epoch.to_bytes(8, "big"))
    return epoch


async def secret(drawer: Drawer, name: str) -> bytes:
    """The 32-byte secret kept under `name`, drawn when it is first asked for."""
    return await drawer.get(name) or await new_secret(drawer, name)


async def new_secret(drawer: Drawer, name: str) -> bytes:
    """A new 32-byte secret in the place of the one kept under `name`."""
    drawn = secrets.token_bytes(_SECRET_SIZE)
    await drawer.put(name, drawn)
    return drawn
