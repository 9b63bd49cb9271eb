"""Opens a SQLite file of ours, once it is known to be one, in the newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaizen_eval.sqlite.file_format import HEAD, FileFormat, bring_up, stranger, version_of

if TYPE_CHECKING:
    import sqlite3

__all__ = ["opened"]


def opened(path: str, file_format: FileFormat) -> sqlite3.Connection:
    """A connection to it; a file that is not there is made.

    Raises:
        Exception: the format's own; it is foreign, or of a newer version; it is left as it is.
        sqlite3.Error, OSError: it cannot be opened, or is damaged.
    """
    import sqlite3  # noqa: PLC0415 - only those who keep something in files load it

    what = stranger(_head(path), file_format.application_id)
    if what is not None:
        message = f"{path!r} is {what}, and no file of {file_format.holds}: it is left as it is. Name another path."
        raise file_format.failed(message, path)
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path, file_format)
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


def _prepare(connection: sqlite3.Connection, path: str, file_format: FileFormat) -> None:
    """FULL: what was written survives the machine's end, too, and not that of the process alone."""
    newest = len(file_format.migrations)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if version_of(connection) < newest:
        connection.execute("BEGIN IMMEDIATE")
        bring_up(connection, file_format)
        connection.execute("COMMIT")
    if version_of(connection) > newest:
        message = (
            f"{path!r} was written by a newer kaizen-eval: its format is {version_of(connection)}, and this version "
            f"knows formats up to {newest}. It is left as it is; update kaizen-eval."
        )
        raise file_format.failed(message, path)
    connection.execute("PRAGMA journal_mode = WAL")
