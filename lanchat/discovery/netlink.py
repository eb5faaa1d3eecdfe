"""The bell: it rings when Linux says that its links, addresses or routes changed.

What is said is not read, as all of it means the same: look again.  So a line that is lost, or
a thousand of them, do no harm, and nothing here depends on the format of the kernel.
"""

import asyncio
import contextlib
import socket
from typing import Final

#: Links, IPv4 addresses and routes, IPv6 addresses and routes (<linux/rtnetlink.h>).
GROUPS: Final = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
MAX_LINES: Final = 64  # taken at one ring; what is left rings again
LINE: Final = 8192  # bytes


class Bell:
    """Waits for news of the system.  Lives on the node thread; deaf where there are none."""

    def __init__(self) -> None:
        self._socket = _open()

    @property
    def deaf(self) -> bool:
        """Whether it never rings: then one has to look now and then."""
        return self._socket is None

    async def rung(self, seconds: float) -> bool:
        """Wait until it rings, at most so long; whether it did.

        Read only while somebody waits here: a flood of news fills a buffer of the kernel.
        """
        if self._socket is None:
            await asyncio.sleep(seconds)
            return False
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        loop.add_reader(self._socket, news.set)
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._socket)
        self._take()
        return True

    def close(self) -> None:
        """Hear no more; safe to repeat."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _take(self) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(
            OSError
        ):  # nothing left; or lines were lost, which is news too
            for _ in range(MAX_LINES):
                self._socket.recv(LINE)


def _open() -> socket.socket | None:
    """A socket that gets the news; None where the system has or allows none."""
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        return None
    try:
        bell = socket.socket(family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)  # NETLINK_ROUTE
    except OSError:
        return None
    try:
        bell.setblocking(False)
        bell.bind((0, GROUPS))
    except OSError:
        bell.close()
        return None
    return bell
