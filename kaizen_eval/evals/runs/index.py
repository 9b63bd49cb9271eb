"""An index over run folders, in SQLite: what was read once is not read again while it stays as it is."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["INDEX", "Entry", "Index"]

INDEX = ".kaizen-runs.sqlite"
"""The file's name, in the runs folder. It may be removed at any time."""
_VERSION = 2
"""Of its table, and of the rows in it; any other is written anew."""
_APPLICATION_ID = 0x6B7A7275
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB}
"""Others mean that it is locked for too long, read-only, or finds no room."""
_PATIENCE = 30.0
"""Seconds of real time that others may be writing."""


class Entry(NamedTuple):
    """What is known of one run folder."""

    mark: str
    """Of the log, as it was when it was read."""
    row: dict[str, object]


class Index:
    """Only a copy of what the folders say: where it is missing, old, corrupt or unwritable, they are read instead."""

    def __init__(self, root: Path) -> None:
        self._path = root / INDEX

    def entries(self) -> dict[str, Entry]:
        """By folder; none where it cannot be read."""
        if not self._path.exists():
            return {}
        try:
            with closing(self._connected()) as connection:
                if not _is_ours(connection):
                    return {}
                rows = connection.execute("SELECT folder, mark, row FROM runs")
                return {os.fsdecode(folder): Entry(mark, json.loads(row)) for folder, mark, row in rows}
        except (sqlite3.Error, ValueError, TypeError):
            return {}

    def update(self, new: Mapping[str, Entry], gone: Iterable[str]) -> None:
        """Where it cannot be written, nothing is."""
        with suppress(sqlite3.Error, OSError):
            try:
                self._write(new, gone)
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF not in _DAMAGED:
                    raise
                self._path.unlink(missing_ok=True)
                self._write(new, gone)

    def _write(self, new: Mapping[str, Entry], gone: Iterable[str]) -> None:
        with closing(self._connected()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            if not _is_ours(connection):
                _make(connection)
            connection.executemany("DELETE FROM runs WHERE folder = ?", [(os.fsencode(folder),) for folder in gone])
            connection.executemany(
                "INSERT OR REPLACE INTO runs VALUES (?, ?, ?)",
                [(os.fsencode(folder), entry.mark, json.dumps(entry.row)) for folder, entry in new.items()],
            )
            connection.execute("COMMIT")

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)


def _is_ours(connection: sqlite3.Connection) -> bool:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return bool(version == _VERSION and connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID)


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS runs")
    connection.execute("CREATE TABLE runs (folder BLOB PRIMARY KEY, mark TEXT NOT NULL, row TEXT NOT NULL)")
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
