"""UnderWay: one execution, as all its nodes share it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from typing import Any

from kaizen_eval import run_context
from kaizen_eval.metrics.meter import Meter
from kaizen_eval.run_context import RunContext
from kaizen_eval.runtime.checkpoints.base import KeptRun
from kaizen_eval.runtime.execution import Results
from kaizen_eval.runtime.places import Places

__all__ = ["FREE", "UnderWay"]


class UnderWay:
    """Its run, where its finished nodes are kept, and what is there of results so far."""

    def __init__(self, run: RunContext, kept: KeptRun, *, max_concurrency: int | None, counts_apart: bool) -> None:
        self.run = run
        self.kept = kept
        self.skipped: dict[str, str] = dict(kept.skipped)
        """Why, by node id with those around it."""
        self.cut: dict[str, None] = {}
        """The nodes that were cancelled."""
        self._parts: dict[str, Mapping[str, Any]] = {}
        """By what stands before their ids: the results of the workflows and items that have not all ended."""
        self._slots = None if max_concurrency is None else asyncio.Semaphore(max_concurrency)
        self._threads = Places()
        self.counts_apart = counts_apart
        """Whether anybody wants to know what each node spends."""

    @contextmanager
    def part(self, prefix: str, results: Mapping[str, Any]) -> Iterator[None]:
        """Results that can be read should the execution fail before the block has ended."""
        self._parts[prefix] = results
        yield
        del self._parts[prefix]

    def begin_again(self, path: str) -> None:
        """A workflow inside is tried once more: nothing in it has finished, or was skipped, any more."""
        self.skipped = {name: why for name, why in self.skipped.items() if not name.startswith(f"{path}/")}
        self.kept.begin_again(path)

    def results(self) -> Results:
        """What has finished so far."""
        finished = {prefix + name: value for prefix, part in self._parts.items() for name, value in part.items()}
        return Results(finished, skipped=self.skipped)

    def counted(self, path: str) -> AbstractContextManager[list[Meter]]:
        """The runs in this block, counted by themselves."""
        return run_context.apart(self.run, f"{self.run.agent_id}/{path}")

    def place(self, *, in_thread: bool) -> AbstractAsyncContextManager[object]:
        """Entered once one more may be executed beside the others."""
        if self._slots is None:
            return self._threads if in_thread else FREE
        return self._both() if in_thread else self._slots

    @asynccontextmanager
    async def _both(self) -> AsyncIterator[None]:
        async with self._slots or FREE, self._threads:
            yield


FREE = nullcontext()
"""A place for which nobody waits."""
