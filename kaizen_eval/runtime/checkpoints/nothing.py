"""Checkpoints that keep nothing: every run is a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["NoCheckpoints"]


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: str
    is_finished: bool = False
    results: Mapping[str, Any] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    metrics: None = None

    def done(self, node: str, item: int | None = None) -> None:
        """Nothing is."""

    def skip(self, node: str, why: str) -> None:
        """Nobody asks later."""

    def begin_again(self, node: str) -> None:
        """Nothing was done."""

    async def keep(self, node: str, value: Any, *, item: int | None = None, metrics: Metrics | None = None) -> None:
        """Kept by the execution alone."""

    async def finish(self, metrics: Metrics) -> Metrics:
        return metrics

    async def leave(self, metrics: Metrics | None = None) -> None:
        """Nothing is held."""


class NoCheckpoints:
    """What an execution without a file uses."""

    async def begin(self, workflow: Workflow, inputs: Mapping[str, Any], run_id: str | None) -> _Run:  # noqa: ARG002
        return _Run(run_id or uuid4().hex)
