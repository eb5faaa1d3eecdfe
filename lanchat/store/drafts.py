"""Drafts: what our user began to write to somebody and did not send.  In the store's thread.

One for each peer, in the order in which they were begun.  Nothing of them goes out, and no
age deletes them: whoever wrote them sends, empties or clears.
"""

from typing import cast

from lanchat.identity.keys import PeerId
from lanchat.store.connection import Connection
from lanchat.store.messages import utf8
from lanchat.store.peers import find_number, number_of


def keep(connection: Connection, peer: PeerId, text: str) -> None:
    """Keep what is being written to `peer`, in the place of what was; "" for nothing."""
    if not text:
        drop(connection, find_number(connection, peer))
        return
    connection.execute(
        "INSERT INTO drafts (peer, text) VALUES (?, ?)"
        " ON CONFLICT (peer) DO UPDATE SET text = excluded.text",
        (number_of(connection, peer), utf8(text)),
    )


def sent(connection: Connection, peer: PeerId, text: str) -> None:
    """What was kept as `text` is a message now; what was begun since then stays."""
    connection.execute(
        "DELETE FROM drafts WHERE peer = ? AND text = ?",
        (find_number(connection, peer), utf8(text)),
    )


def drop(connection: Connection, number: int | None) -> None:
    """Drop what was begun to the peer of that number."""
    connection.execute("DELETE FROM drafts WHERE peer = ?", (number,))


def drop_all(connection: Connection) -> None:
    """Drop what was begun to anybody."""
    connection.execute("DELETE FROM drafts")


def select(connection: Connection) -> dict[PeerId, str]:
    """What is kept, and for whom."""
    rows = connection.execute("SELECT key, text FROM drafts JOIN peers ON number = peer")
    return {PeerId(cast("bytes", key)): cast("str", text) for key, text in rows}
