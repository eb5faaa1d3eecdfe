"""Guests: connections of which nothing is known yet but where they come from.

A guest says in eight bytes whether it wants a session or a lane.  It has one second for them,
and for the token of a lane; whoever says anything else is shown out without a word.
PROTOCOL.md, 2 and 4.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable
from typing import Final

from lanchat.session.address import Address
from lanchat.session.doorkeeper import Caller
from lanchat.session.handshake import MAGIC, PREFACE
from lanchat.session.introduction import FIRST_MESSAGE

LANE_PREFACE: Final = b"LANBULK\x01"
TOKEN: Final = 32  # bytes
TOKEN_HEAD: Final = 8  # bytes by which a token is looked up
COY: Final = 200  # milliseconds, at most, before a hidden profile shuts the door


class Guest:
    """One caller until it has said what it wants.  Lives on the node thread."""

    on_session: Callable[["Guest"], None]
    on_lane: Callable[["Guest", bytes], None]
    on_gone: Callable[["Guest"], None]
    admit_lane: Callable[["Guest", bytes], bool]
    visible = True

    def __init__(
        self,
        sock: socket.socket,
        address: Address,
        caller: Caller,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.sock: Final = sock
        self.address: Final = address
        self.caller: Final = caller
        self.came_at: Final = loop.time()
        self._loop = loop
        self._said = b""
        self._wanted = len(PREFACE)
        self._timer: asyncio.TimerHandle | None = None
        self._gone = False
        caller.drop = self.leave

    def listen(self) -> None:
        """Begin to read, and to count the time."""
        self._timer = self._loop.call_later(FIRST_MESSAGE, self.leave)
        self._loop.add_reader(self.sock, self._read)

    def leave(self) -> None:
        """Show the guest out; may be said twice."""
        if self._gone:
            return
        self._gone = True
        self._let_go()
        self.sock.close()
        self.on_gone(self)

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self.sock)

    def _read(self) -> None:
        try:
            data = self.sock.recv(self._wanted - len(self._said))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        self._said += data
        if not data:
            self.leave()
        elif not _plausible(self._said):
            self._refuse()
        elif len(self._said) == self._wanted:
            self._understand()

    def _understand(self) -> None:
        said = self._said
        if said == PREFACE:
            self._let_go()
            self.on_session(self)
        elif said == LANE_PREFACE:
            self._wanted += TOKEN_HEAD
        elif len(said) == len(LANE_PREFACE) + TOKEN_HEAD:
            if self.admit_lane(self, said[len(LANE_PREFACE) :]):
                self._wanted = len(LANE_PREFACE) + TOKEN
            else:
                self.leave()
        elif said.startswith(LANE_PREFACE):
            self._let_go()
            self.on_lane(self, said[len(LANE_PREFACE) :])
        else:
            self._tell_version()

    def _tell_version(self) -> None:
        """Another version of lanchat: say which one we speak."""
        if self.visible:
            with contextlib.suppress(OSError):
                self.sock.send(PREFACE)
            self.leave()
        else:
            self._refuse()

    def _refuse(self) -> None:
        """Whatever a hidden profile does not like, it ends in the same way as garbage."""
        if self.visible:
            self.leave()
            return
        self._let_go()
        self._timer = self._loop.call_later(secrets.randbelow(COY) / 1000, self.leave)


def _plausible(said: bytes) -> bool:
    """Whether this can still become a preface of lanchat, of whatever version, or of a lane."""
    head = said[: len(MAGIC)]
    return MAGIC.startswith(head) or LANE_PREFACE.startswith(said[: len(LANE_PREFACE)])
