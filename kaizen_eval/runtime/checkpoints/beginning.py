"""Finds the run that an execution is to go on with, or begins one, and holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from kaizen_eval.errors import CheckpointFailed, WorkflowError
from kaizen_eval.runtime.checkpoints import rows
from kaizen_eval.runtime.checkpoints.described import fingerprint
from kaizen_eval.runtime.checkpoints.differences import differences
from kaizen_eval.runtime.checkpoints.holding import Hold, busy, held
from kaizen_eval.runtime.checkpoints.kept import Kept, kept
from kaizen_eval.runtime.checkpoints.rows import RunRow, StepRow
from kaizen_eval.sqlite.file import SqliteFile

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Beginning", "Begun"]


class Begun(NamedTuple):
    """A run, and what holds it: None where it is finished."""

    kept: Kept
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class Beginning:
    """For threads."""

    file: SqliteFile
    told: Mapping[str, Any]
    """What it is begun with, as `described`."""

    def run(self, run_id: str | None) -> Begun:
        """See `Checkpoints.begin`."""
        return self._newest() if run_id is None else self._of_id(run_id)

    def _of_id(self, run_id: str) -> Begun:
        hold = held(self.file.path, run_id)
        if hold is None and not self._is_finished(run_id):
            raise busy(self.file.path, run_id)
        return self._opened(run_id, hold)

    def _newest(self) -> Begun:
        own = fingerprint(self.told)
        for run_id in self.file.transact(lambda connection: rows.unfinished(connection, own), writes=False):
            hold = held(self.file.path, run_id)
            if hold is not None:
                begun = self._opened(run_id, hold)
                if not begun.kept.is_finished:  # else its execution has ended just now
                    return begun
        run_id = uuid4().hex
        return self._opened(run_id, held(self.file.path, run_id))

    def _is_finished(self, run_id: str) -> bool:
        found = self.file.transact(lambda connection: rows.find(connection, run_id), writes=False)
        return found is not None and found.is_finished

    def _opened(self, run_id: str, hold: Hold | None) -> Begun:
        try:
            row, steps = self.file.transact(partial(self._rows, run_id), writes=True)
            self._check(row)
            read = kept(self.file.path, row, steps)
        except BaseException:
            _release(hold)
            raise
        if read.is_finished:
            _release(hold)
        return Begun(read, None if read.is_finished else hold)

    def _rows(self, run_id: str, connection: sqlite3.Connection) -> tuple[RunRow, list[StepRow]]:
        found = rows.find(connection, run_id)
        if found is None:
            found = rows.add_run(
                connection,
                run_id,
                workflow=self.told["workflow"]["name"],
                begun=datetime.now(UTC).isoformat(),
                fingerprint=fingerprint(self.told),
                told=json.dumps(self.told),
            )
        return found, rows.steps_of(connection, found.number)

    def _check(self, row: RunRow) -> None:
        try:
            differing = differences(json.loads(row.told), json.loads(json.dumps(self.told)))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CheckpointFailed(
                f"What the run {row.id!r} in {self.file.path!r} was begun with is damaged: put a copy of the file in "
                "its place, or give another run_id.",
                path=self.file.path,
            ) from error
        if differing:
            raise WorkflowError(
                f"The run {row.id!r} in {self.file.path!r} was begun with something else: {'; '.join(differing)}. Go "
                "on with what it was begun with, or give another run_id.",
                problems=differing,
            )


def _release(hold: Hold | None) -> None:
    if hold is not None:
        hold.release()
