"""The tables of a file of sessions, version by version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

__all__ = ["APPLICATION_ID", "HEAD", "MIGRATIONS", "bring_up", "stranger", "version_of"]

APPLICATION_ID = 0x6B7A6E31
"""Tells files of ours from other SQLite files."""
HEAD = 100
"""Bytes of the header that every SQLite file begins with."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE sessions (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, used INTEGER NOT NULL)",
        "CREATE INDEX sessions_by_use ON sessions (used)",
        """
        CREATE TABLE turns (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            messages BLOB NOT NULL
        )
        """,
        "CREATE INDEX turns_of_session ON turns (session, number)",
    ),
)
"""The n-th leads from version n - 1 to n. One that was released is never changed; what it lacks, the next one adds."""

_MAGIC = b"SQLite format 3\0"
_ID_PLACE = slice(68, 72)


def stranger(head: bytes) -> str | None:
    """What a file is that is none of ours, told by its first bytes; None for ours, and for an empty one."""
    if not head:
        return None
    if len(head) < HEAD or not head.startswith(_MAGIC):
        return "no SQLite database"
    return None if int.from_bytes(head[_ID_PLACE]) == APPLICATION_ID else "a SQLite database of something else"


def version_of(connection: sqlite3.Connection) -> int:
    """0 where nothing is yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def bring_up(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]]) -> None:
    """Do the migrations that are still to be done, within the transaction that is open."""
    for number, statements in enumerate(migrations, start=1):
        if number > version_of(connection):
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
