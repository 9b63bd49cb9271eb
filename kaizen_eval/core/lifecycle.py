"""The beginning and the end of a run, told to its observers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from kaizen_eval.errors import RunTimeout, WorkflowTimeout
from kaizen_eval.events import RunEnded, RunStarted
from kaizen_eval.messages import Usage
from kaizen_eval.metrics.meter import Meter, Metrics
from kaizen_eval.metrics.pricing import table_version
from kaizen_eval.resilience.clock import elapsed_ms, now_ns
from kaizen_eval.run_context import RunContext

__all__ = ["Told", "spent_by", "total"]


class Told:
    """A block that tells of the run's start and, however it ends, of its end."""

    __slots__ = ("_run", "metrics")

    metrics: Metrics
    """Once it has ended."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    def __enter__(self) -> Self:
        run = self._run
        run.tell(RunStarted, parent_run_id=None if run.parent is None else run.parent.run_id)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        run = self._run
        if isinstance(error, RunTimeout) and not isinstance(error, WorkflowTimeout):  # which says it by itself
            error.add_note(_spent(run))
        self.metrics = _metrics(run, elapsed_ms(run.started_ns, now_ns()))
        _tell_end(run, self.metrics, error)


def _spent(run: RunContext) -> str:
    """What the run's time went into."""
    waited = f" At the end it waited for {run.awaits}." if run.awaits else ""
    attempts = [attempt for call in run.meter.calls for attempt in call.attempts]
    if not attempts:
        return f"No request had been made.{waited}"
    told_of = [f"{_outcome(attempt.error)} after {attempt.ms / 1000:g} s" for attempt in attempts]
    tools = f" Then tools were executed: {', '.join(dict.fromkeys(run.executing))}." if run.executing else ""
    return f"Attempts: {', '.join(told_of)}.{tools}{waited}"


def _outcome(error: str | None) -> str:
    return {None: "answered", "CancelledError": "still unanswered"}.get(error, str(error))


def _metrics(run: RunContext, ms: float) -> Metrics:
    meter = run.meter
    return Metrics(
        ms=ms,
        attempts=meter.attempts,
        usage=meter.usage,
        cost=meter.cost,
        price_table=table_version(),
        first_token_ms=meter.first_token_ms,
    )


def total(run: RunContext, own: Metrics) -> Metrics:
    """What a run cost, together with all runs inside of it."""
    if not run.inside:
        return own
    return dataclasses.replace(spent_by([run.meter, *run.inside], own.ms), first_token_ms=own.first_token_ms)


def spent_by(meters: Sequence[Meter], ms: float) -> Metrics:
    """What several runs cost together."""
    costs = [meter.cost for meter in meters]
    return Metrics(
        ms=ms,
        attempts=sum(meter.attempts for meter in meters),
        usage=sum((meter.usage for meter in meters), Usage()),
        cost=None if None in costs else sum(filter(None, costs), Decimal(0)),
        price_table=table_version(),
    )


def _tell_end(run: RunContext, metrics: Metrics, error: BaseException | None) -> None:
    run.tell(
        RunEnded,
        ms=metrics.ms,
        attempts=metrics.attempts,
        usage=metrics.usage,
        cost=metrics.cost,
        model=run.meter.model,
        error=None if error is None else type(error).__name__,
        first_token_ms=metrics.first_token_ms,
    )
