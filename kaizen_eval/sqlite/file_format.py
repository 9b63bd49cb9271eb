"""What a SQLite file of ours holds: how it is told from others, and its tables, version by version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

__all__ = ["HEAD", "FileFormat", "bring_up", "stranger", "version_of"]

HEAD = 100
"""Bytes of the header that every SQLite file begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """Of the files of one kind."""

    holds: str
    """As messages name it: "sessions"."""
    application_id: int
    """Tells files of this kind from other SQLite files."""
    migrations: Sequence[Sequence[str]]
    """The n-th leads from version n - 1 to n. One that was released is never changed; what it lacks, the next one adds.
    """
    failed: Callable[[str, str], Exception]
    """What is raised, by message and path."""


_MAGIC = b"SQLite format 3\0"
_ID_PLACE = slice(68, 72)


def stranger(head: bytes, application_id: int) -> str | None:
    """What a file is that is none of this kind, told by its first bytes; None for one that is, and for an empty one."""
    if not head:
        return None
    if len(head) < HEAD or not head.startswith(_MAGIC):
        return "no SQLite database"
    return None if int.from_bytes(head[_ID_PLACE]) == application_id else "a SQLite database of something else"


def version_of(connection: sqlite3.Connection) -> int:
    """0 where nothing is yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def bring_up(connection: sqlite3.Connection, file_format: FileFormat) -> None:
    """Do the migrations that are still to be done, within the transaction that is open."""
    for number, statements in enumerate(file_format.migrations, start=1):
        if number > version_of(connection):
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
    connection.execute(f"PRAGMA application_id = {file_format.application_id}")
