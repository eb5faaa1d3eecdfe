"""Words: the full-text index of the history, filled when nobody is waiting.

Indexing a message costs twice what storing it does, so it is a chore (database.py) and is
caught up with before a search.  Each peer's `indexed` says up to which place it has come.
In the store's thread.
"""

import unicodedata
from typing import Final, cast

from lanchat.store.connection import Connection, Row

SLICE: Final = 64  # messages indexed in one go: some milliseconds
MERGED: Final = 64  # pages of the index rewritten in one go
MAX_QUERY: Final = 1000  # characters; what is behind them is not looked for
MAX_TERMS: Final = 32

_MERGE_CHANGES: Final = 2  # fewer changes than this: the merge found nothing to do (FTS5)
_ESCAPED: Final = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def index_some(connection: Connection) -> bool:
    """Index the next few messages of somebody; True if there may be more."""
    row = connection.execute(
        "SELECT number, max(indexed, number << 32) FROM peers WHERE EXISTS"
        " (SELECT 1 FROM messages WHERE place > max(indexed, number << 32)"
        " AND place < (number + 1) << 32) LIMIT 1"
    ).fetchone()
    if row is None:
        return False
    number, indexed = cast("tuple[int, int]", row)
    (last,) = connection.execute(
        "SELECT max(place) FROM (SELECT place FROM messages"
        " WHERE place > ?1 AND place < (?2 + 1) << 32 ORDER BY place LIMIT ?3)",
        (indexed, number, SLICE),
    ).fetchall()[0]
    connection.execute(
        "INSERT INTO words (rowid, text, file) SELECT place, text, file FROM messages"
        " WHERE place > ? AND place <= ? ORDER BY place",
        (indexed, last),
    )
    connection.execute("UPDATE peers SET indexed = ? WHERE number = ?", (last, number))
    return True


def purge_some(connection: Connection) -> bool:
    """After a deletion: rewrite a little of the index, so that deleted words leave it too.

    Until then they stand in it beside their deletion.  True if there is more.
    """
    row = connection.execute("SELECT value FROM meta WHERE key = 'purging'").fetchone()
    if row is None:
        return False
    begun = row[0] == b"begun"
    before = connection.total_changes
    connection.execute(  # below zero: begin to merge everything into one
        "INSERT INTO words (words, rank) VALUES ('merge', ?)", (MERGED if begun else -MERGED,)
    )
    if begun and connection.total_changes - before < _MERGE_CHANGES:
        connection.execute("DELETE FROM meta WHERE key = 'purging'")
        return False
    connection.execute("UPDATE meta SET value = ? WHERE key = 'purging'", (b"begun",))
    return True


def search(connection: Connection, text: str) -> tuple[str, str] | None:
    """The condition on `messages` for a user's words, and its one argument; None: no words."""
    terms = text.replace("\0", " ")[:MAX_QUERY].split()[:MAX_TERMS]
    if not terms:
        return None
    if all(_is_indexed(term) for term in terms):
        query = " ".join('"' + term.replace('"', '""') + '"*' for term in terms)
        # A code point without a UTF-8 form cannot be in a message: look for something else.
        safe = query.encode("utf-8", "replace").decode("utf-8")
        return "place IN (SELECT rowid FROM words WHERE words MATCH ?)", safe
    # Signs that are no words to the index, or languages that put no space between words.
    pattern = "%" + " ".join(terms).translate(_ESCAPED) + "%"
    safe = pattern.encode("utf-8", "replace").decode("utf-8")
    return r"(text || ' ' || file) LIKE ? ESCAPE '\'", safe


def drop(connection: Connection, which: str, arguments: Row) -> None:
    """Take messages out of the index before they are deleted; `which` is SQL of ours."""
    connection.execute(
        "INSERT INTO words (words, rowid, text, file)"  # noqa: S608 - as said
        f" SELECT 'delete', place, text, file FROM messages"
        f" WHERE {which} AND ?2 IS ?2"
        " AND place <= (SELECT indexed FROM peers WHERE number = ?1)",
        arguments,
    )
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('purging', x'')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    )


def _is_indexed(term: str) -> bool:
    """Whether the index cuts this term out of a text as a word, as its readers do."""
    kinds = {unicodedata.category(sign) for sign in term}
    return bool(kinds & {"Lu", "Ll", "Lt", "Nd"}) and not kinds & {"Lo", "Cn", "Co", "So"}
