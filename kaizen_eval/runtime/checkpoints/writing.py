"""Writes what comes of one run, several pieces in one transaction where they come at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.errors import CheckpointFailed
from kaizen_eval.runtime.checkpoints import rows
from kaizen_eval.sqlite.file import SqliteFile

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Piece", "RunWriter", "Work"]

Work = Callable[["sqlite3.Connection"], object]
"""A part of a transaction."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is written together, and asked for at once."""

    noted: Sequence[Work]
    """What came before it, and is done in any case."""
    prepare: Callable[[], Work]
    """It may fail by itself: it raises CheckpointFailed."""


@dataclass(frozen=True, slots=True)
class RunWriter:
    """For threads."""

    file: SqliteFile
    run_id: str
    number: int
    """Of the run in the file."""

    def write(self, pieces: list[Piece]) -> list[BaseException | None]:
        """What came of each; what can be prepared is done, all or nothing of it."""
        outcomes: list[BaseException | None] = []
        works: list[Work] = []
        for piece in pieces:
            works.extend(piece.noted)
            try:
                works.append(piece.prepare())
                outcomes.append(None)
            except CheckpointFailed as error:
                outcomes.append(error)
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
