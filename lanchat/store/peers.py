"""Peers as numbers: the books refer to a key by a small number.  In the store's thread."""

from typing import cast

from lanchat.identity.keys import PeerId
from lanchat.store.connection import Connection


def find_number(connection: Connection, peer: PeerId) -> int | None:
    """The number of a peer of whom something is kept."""
    row = connection.execute("SELECT number FROM peers WHERE key = ?", (peer.key,)).fetchone()
    return None if row is None else cast("int", row[0])


def number_of(connection: Connection, peer: PeerId) -> int:
    """The number of a peer, given to them now if they had none."""
    number = find_number(connection, peer)
    if number is not None:
        return number
    connection.execute("INSERT INTO peers (key) VALUES (?)", (peer.key,))
    number = find_number(connection, peer)
    if number is None:
        raise RuntimeError("a row vanished within its transaction")
    return number


def drop_unused(connection: Connection) -> None:
    """Forget the keys of which nothing else is kept."""
    connection.execute(
        """
        DELETE FROM peers
        WHERE NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.peer = peers.number)
          AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.peer = peers.number)
          AND NOT EXISTS (SELECT 1 FROM tombstones WHERE tombstones.peer = peers.number)
          AND NOT EXISTS (SELECT 1 FROM transfers WHERE transfers.peer = peers.number)
          AND NOT EXISTS (SELECT 1 FROM arrivals WHERE arrivals.peer = peers.number)
          AND NOT EXISTS (SELECT 1 FROM drafts WHERE drafts.peer = peers.number)
        """
    )
