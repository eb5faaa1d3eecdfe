"""What becomes of sessions when the machine slept; addresses are in `integration/`."""

import time

import pytest

from lanchat.discovery import following
from lanchat.node.events import NetworksChanged
from lanchat.session import keepalive
from tests.node.house import House, until


async def test_after_sleep_every_session_is_asked_whether_it_still_stands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 0.01)
    monkeypatch.setattr(keepalive, "IDLE", 600.0)  # no other question is asked
    ann, bob = await house.friends()
    await ann.meet(bob)
    link = ann.link(bob)
    assert link._session._smalltalk.pings == 0
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 6.0)
    await until(lambda: link._session._smalltalk.pings == 1)
    assert ann.link(bob) is link
    assert ann.told(NetworksChanged) == []  # they are the same
