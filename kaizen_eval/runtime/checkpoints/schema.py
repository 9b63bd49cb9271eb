"""The tables of a file of checkpoints, version by version."""

from __future__ import annotations

from kaizen_eval.errors import CheckpointFailed
from kaizen_eval.sqlite.file_format import FileFormat

__all__ = ["CHECKPOINTS"]

_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            workflow BLOB NOT NULL,
            begun TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            told TEXT NOT NULL,
            is_finished INTEGER NOT NULL DEFAULT 0,
            spent BLOB
        )
        """,
        "CREATE INDEX runs_by_fingerprint ON runs (fingerprint, number)",
        """
        CREATE TABLE steps (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            node TEXT NOT NULL,
            item INTEGER NOT NULL,
            kind TEXT NOT NULL,
            data BLOB NOT NULL,
            spent BLOB,
            UNIQUE (run, node, item)
        )
        """,
    ),
)

CHECKPOINTS = FileFormat(
    holds="checkpoints",
    application_id=0x6B7A6E32,
    migrations=_MIGRATIONS,
    failed=lambda message, path: CheckpointFailed(message, path=path),
)
