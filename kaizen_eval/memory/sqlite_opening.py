"""Opens a SQLite file of sessions, once it is known to be one, in the newest version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kaizen_eval.errors import MemoryFailed
from kaizen_eval.memory.sqlite_schema import HEAD, bring_up, stranger, version_of

if TYPE_CHECKING:
    import sqlite3

__all__ = ["opened"]


def opened(path: str, migrations: Sequence[Sequence[str]]) -> sqlite3.Connection:
    """A connection to it; a file that is not there is made.

    Raises:
        MemoryFailed: it is foreign, or of a newer version; it is left as it is.
        sqlite3.Error, OSError: it cannot be opened, or is damaged.
    """
    import sqlite3  # noqa: PLC0415 - only those who keep sessions in files load it

    what = stranger(_head(path))
    if what is not None:
        raise MemoryFailed(
            f"{path!r} is {what}, and no file of sessions: it is left as it is. Name another path.", path=path
        )
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as sqlite3 opens it
            return file.read(HEAD)
    except FileNotFoundError:
        return b""


def _prepare(connection: sqlite3.Connection, path: str, migrations: Sequence[Sequence[str]]) -> None:
    """FULL: what was appended survives the machine's end, too, and not that of the process alone."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if version_of(connection) < len(migrations):
        connection.execute("BEGIN IMMEDIATE")
        bring_up(connection, migrations)
        connection.execute("COMMIT")
    if version_of(connection) > len(migrations):
        raise MemoryFailed(
            f"{path!r} was written by a newer kaizen-eval: its format is {version_of(connection)}, and this version "
            f"knows formats up to {len(migrations)}. It is left as it is; update kaizen-eval.",
            path=path,
        )
    connection.execute("PRAGMA journal_mode = WAL")
