"""The tables of a file of sessions, version by version."""

from __future__ import annotations

from kaizen_eval.errors import MemoryFailed
from kaizen_eval.sqlite.file_format import FileFormat

__all__ = ["SESSIONS"]

_MIGRATIONS: tuple[tuple[str, ...], ...] = (
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

SESSIONS = FileFormat(
    holds="sessions",
    application_id=0x6B7A6E31,
    migrations=_MIGRATIONS,
    failed=lambda message, path: MemoryFailed(message, path=path),
)
