"""One run in a file of checkpoints, while it is executed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from kaizen_eval.errors import CheckpointFailed
from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.runtime.checkpoints import rows
from kaizen_eval.runtime.checkpoints.base import Done
from kaizen_eval.runtime.checkpoints.batches import Batches
from kaizen_eval.runtime.checkpoints.holding import Hold
from kaizen_eval.runtime.checkpoints.kept import Kept
from kaizen_eval.runtime.checkpoints.rows import WHOLE, StepRow
from kaizen_eval.runtime.checkpoints.spent import together
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept
from kaizen_eval.runtime.checkpoints.values.written import written
from kaizen_eval.runtime.checkpoints.writing import Piece, RunWriter, Work
from kaizen_eval.sqlite.file import SqliteFile

__all__ = ["FileRun"]


class FileRun:
    """See `KeptRun`."""

    def __init__(
        self, file: SqliteFile, kept: Kept, hold: Hold | None, *, finished: Callable[[], Awaitable[object]]
    ) -> None:
        self._path = file.path
        self._kept = kept
        self._hold = hold
        self._finished = finished
        """What is done when all is."""
        self._values = dict(kept.values)
        self._skipped = dict(kept.skipped)
        self._noted: list[Work] = []
        """Not yet written."""
        self._items: dict[str, dict[int, Any]] = {}
        """Results by node and index."""
        for (node, item), value in kept.values.items():
            if item != WHOLE:
                self._items.setdefault(node, {})[item] = value
        self._batches = Batches(RunWriter(file, kept.run_id, kept.number).write)

    @property
    def run_id(self) -> str:
        return self._kept.run_id

    @property
    def is_finished(self) -> bool:
        return self._kept.is_finished

    @property
    def results(self) -> Mapping[str, Any]:
        whole = ((node, value) for (node, item), value in self._values.items() if item == WHOLE)
        return {node: value for node, value in whole if "/" not in node}

    @property
    def skipped(self) -> Mapping[str, str]:
        return self._skipped

    @property
    def metrics(self) -> Metrics | None:
        return self._kept.metrics

    def done(self, node: str, item: int | None = None) -> Done | None:
        place = node, WHOLE if item is None else item
        return Done(self._values[place]) if place in self._values else None

    def skip(self, node: str, why: str) -> None:
        step = StepRow(node, WHOLE, "skipped", written(why), None)
        self._noted.append(lambda connection: rows.add_step(connection, self._kept.number, step))

    def begin_again(self, node: str) -> None:
        inside = f"{node}/"
        self._values = {place: value for place, value in self._values.items() if not place[0].startswith(inside)}
        self._skipped = {name: why for name, why in self._skipped.items() if not name.startswith(inside)}
        self._items = {name: items for name, items in self._items.items() if not name.startswith(inside)}
        self._noted.append(lambda connection: rows.undo(connection, self._kept.number, inside))

    async def keep(self, node: str, value: Any, *, item: int | None = None, metrics: Metrics | None = None) -> None:
        if item is not None:
            self._items.setdefault(node, {})[item] = value
        await self._put(partial(self._step, node, value, item, metrics))

    async def finish(self, metrics: Metrics) -> Metrics:
        whole = together([self._kept.metrics, metrics]) or metrics
        try:
            await self._put(lambda: self._end(whole, is_finished=True))
        finally:
            self._release()
        await self._finished()
        return whole

    async def leave(self, metrics: Metrics | None = None) -> None:
        whole = together([self._kept.metrics, metrics])
        try:
            if metrics is not None:
                with suppress(CheckpointFailed):  # what ended the execution matters more
                    await self._put(lambda: self._end(whole, is_finished=False))
        finally:
            self._release()

    async def _put(self, piece: Callable[[], Work]) -> None:
        noted, self._noted = self._noted, []
        await self._batches.put(Piece(noted, piece))

    def _release(self) -> None:
        if self._hold is not None:
            self._hold.release()

    def _step(self, node: str, value: Any, item: int | None, metrics: Metrics | None) -> Work:
        kind, what = ("items", len(value)) if item is None and self._is_of_items(node, value) else ("value", value)
        try:
            data = written(what)
        except Unkept as error:
            raise self._unkept(error, node if item is None else f"{node}[{item}]") from error.__cause__
        spent = None if metrics is None else written(metrics)
        step = StepRow(node, WHOLE if item is None else item, kind, data, spent)
        return lambda connection: rows.add_step(connection, self._kept.number, step)

    def _is_of_items(self, node: str, value: Any) -> bool:
        """Whether it is the list of what was kept item by item: then it need not be kept twice."""
        items = self._items.get(node, {})
        if value.__class__ is not list or not items or len(items) != len(value):
            return False
        return all(place in items and items[place] is result for place, result in enumerate(value))

    def _unkept(self, error: Unkept, node: str) -> CheckpointFailed:
        return CheckpointFailed(f"What {node!r} returned cannot be kept in {self._path!r}: {error}.", path=self._path)

    def _end(self, whole: Metrics | None, *, is_finished: bool) -> Work:
        spent = None if whole is None else written(whole)
        return lambda connection: rows.end(connection, self._kept.number, spent, is_finished=is_finished)
