"""CheckpointFile: runs of workflows in a file, which outlives the process and may be shared by several."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from kaizen_eval.checks import optional, whole
from kaizen_eval.errors import CheckpointFailed, ConfigError
from kaizen_eval.runtime.checkpoints import rows
from kaizen_eval.runtime.checkpoints.batches import in_thread
from kaizen_eval.runtime.checkpoints.beginning import Beginning, Begun
from kaizen_eval.runtime.checkpoints.described import described
from kaizen_eval.runtime.checkpoints.holding import busy, held
from kaizen_eval.runtime.checkpoints.run import FileRun
from kaizen_eval.runtime.checkpoints.schema import CHECKPOINTS
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept
from kaizen_eval.sqlite.file import SqliteFile
from kaizen_eval.sqlite.path import checked_path
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["CheckpointFile", "RunEntry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run that a file holds."""

    run_id: str
    workflow: str
    """Its name."""
    begun: datetime
    is_finished: bool


class CheckpointFile:
    """Keeps each node's result as soon as it is there: a run can be gone on with after whatever ended its execution.

    The file is opened, and made if there is none, at once. Threads, loops and processes may share it.

    Args:
        path: of the file; beside it SQLite keeps two more, `…-wal` and `…-shm`, and each run under way a `….lock`.
        max_runs: when there are more, the oldest that nobody executes are forgotten as a run finishes, also those that
            never finished; None keeps all.

    Raises:
        CheckpointFailed: the file is foreign, damaged, or of a newer version; it is left as it is.
    """

    def __init__(self, path: str | os.PathLike[str], *, max_runs: int | None = None) -> None:
        optional(whole, "max_runs", max_runs, least=1)
        without = "without one, a workflow needs no checkpoints"
        self._file = SqliteFile(checked_path(path, of="CheckpointFile", without=without), CHECKPOINTS)
        self._max_runs = max_runs
        self._file.transact(lambda _: None, writes=False)

    @property
    def path(self) -> str:
        """Of the file, from the root."""
        return self._file.path

    async def begin(self, workflow: Workflow, inputs: Mapping[str, Any], run_id: str | None = None) -> FileRun:
        """See `Checkpoints.begin`."""
        optional(_an_id, "run_id", run_id)
        begun = await in_thread(partial(self._begun, workflow, inputs, run_id), dropped=_release)
        return FileRun(self._file, *begun, finished=self._forget_surplus)

    def runs(self) -> tuple[RunEntry, ...]:
        """All that the file holds, the newest first."""
        return tuple(
            RunEntry(
                run_id=row.id,
                workflow=row.workflow,
                begun=datetime.fromisoformat(row.begun),
                is_finished=row.is_finished,
            )
            for row in self._file.transact(rows.all_runs, writes=False)
        )

    def forget(self, run_id: str) -> None:
        """Nothing of it is left in the file; one that is not there need not be forgotten.

        Raises:
            WorkflowBusy: it is under way.
        """
        if not self._forgotten(run_id):
            raise busy(self.path, run_id)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    def _begun(self, workflow: Workflow, inputs: Mapping[str, Any], run_id: str | None) -> Begun:
        try:
            told = described(workflow, inputs)
        except Unkept as error:
            message = f"The inputs cannot be kept in {self.path!r}: {error}."
            raise CheckpointFailed(message, path=self.path) from error.__cause__
        return Beginning(self._file, told).run(run_id)

    def _forgotten(self, run_id: str) -> bool:
        """False: somebody executes it."""
        hold = held(self.path, run_id)
        if hold is not None:
            try:
                self._file.transact(lambda connection: rows.delete_run(connection, run_id), writes=True)
            finally:
                hold.release()
        return hold is not None

    async def _forget_surplus(self) -> None:
        most = self._max_runs
        if most is not None:
            with suppress(CheckpointFailed):  # the run itself is finished, and kept
                await in_thread(partial(self._forget_all_but, most))

    def _forget_all_but(self, most: int) -> None:
        for run_id in self._file.transact(lambda connection: rows.surplus(connection, most), writes=False):
            self._forgotten(run_id)

    def __repr__(self) -> str:
        return f"CheckpointFile({self.path!r}, max_runs={self._max_runs})"


def _an_id(name: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{name} is a text that names a run, not {value!r}.")


def _release(begun: Begun) -> None:
    if begun.hold is not None:
        begun.hold.release()
