"""Writes what comes of one run, several pieces in one transaction where they come at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.errors import CheckpointFailed
from kaizen_eval.runtime.checkpoints import rows
from kaizen_eval.sqlite.file import SqliteFile

if TYPE_CHECKING:
    import sqlite3

__all__ = ["RunWriter", "Work"]

Work = Callable[["sqlite3.Connection"], object]
"""A part of a transaction."""


@dataclass(frozen=True, slots=True)
class RunWriter:
    """For threads."""

    file: SqliteFile
    run_id: str
    number: int
    """Of the run in the file."""

    def write(self, pieces: list[Callable[[], Work]]) -> list[BaseException | None]:
        """What came of each; each is called, then what they returned is done, all or nothing of it."""
        outcomes: list[BaseException | None] = []
        works: list[Work] = []
        for piece in pieces:
            work = _prepared(piece)
            if isinstance(work, CheckpointFailed):
                outcomes.append(work)
            else:
                outcomes.append(None)
                works.append(work)
        failure = self._done(works)
        return [failure if outcome is None else outcome for outcome in outcomes]

    def _done(self, works: list[Work]) -> CheckpointFailed | None:
        def work(connection: sqlite3.Connection) -> None:
            self._find(connection)
            for each in works:
                each(connection)

        try:
            self.file.transact(work, writes=True)
        except CheckpointFailed as error:
            return error
        return None

    def _find(self, connection: sqlite3.Connection) -> None:
        if not rows.is_there(connection, self.number, self.run_id):
            raise CheckpointFailed(
                f"The run {self.run_id!r} is not in {self.file.path!r} any more: the file was deleted or exchanged "
                "while it was executed. Put it back, or begin the run anew.",
                path=self.file.path,
            )


def _prepared(piece: Callable[[], Work]) -> Work | CheckpointFailed:
    try:
        return piece()
    except CheckpointFailed as error:
        return error
