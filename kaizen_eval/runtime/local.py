"""LocalRuntime: executes workflows in this process."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from kaizen_eval import bridge, run_context
from kaizen_eval.budgets import Budget
from kaizen_eval.checks import number, optional, text_or_none, whole
from kaizen_eval.clients import clients_for
from kaizen_eval.config import AgentConfig
from kaizen_eval.core.lifecycle import Told, total
from kaizen_eval.errors import ConfigError, RunTimeout, WorkflowTimeout
from kaizen_eval.events import Observer
from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.resilience.deadline import Deadline
from kaizen_eval.run_context import RunContext
from kaizen_eval.runtime.asked import a_workflow, inputs_for
from kaizen_eval.runtime.checkpoints.base import Checkpoints, KeptRun
from kaizen_eval.runtime.checkpoints.nothing import NoCheckpoints
from kaizen_eval.runtime.execution import Execution, Results
from kaizen_eval.runtime.failure import Failure, told_of
from kaizen_eval.runtime.level import Level
from kaizen_eval.runtime.under_way import UnderWay
from kaizen_eval.signatures import AnySignature
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["LocalRuntime"]


class LocalRuntime:
    """One serves any number of executions, also at once.

    Args:
        timeout: seconds for a whole execution; None sets no limit, but that of a run around it counts.
        budget: what all agents of an execution may spend together, beside their own budgets.
        max_concurrency: agents and functions that are executed at a time, in workflows inside as well; None: all that
            can be, of plain functions 128.
        checkpoints: a file in which what has finished is kept, so that a run can be gone on with.
        observer: is told of the workflow's run and of its nodes; agents have observers of their own.

    Raises:
        ConfigError: a setting cannot work.
    """

    def __init__(
        self,
        *,
        timeout: float | None = None,
        budget: Budget | Sequence[Budget] | None = None,
        max_concurrency: int | None = None,
        checkpoints: str | Path | Checkpoints | None = None,
        observer: Observer | None = None,
    ) -> None:
        optional(number, "timeout", timeout, above=0)
        optional(whole, "max_concurrency", max_concurrency, least=1)
        self._timeout = math.inf if timeout is None else timeout
        self._max_concurrency = max_concurrency
        self._config = AgentConfig(budget=budget or (), observer=observer, owner=object())
        self._checkpoints = _checkpoints(checkpoints)

    def execute(
        self, workflow: Workflow, inputs: Mapping[str, Any] | None = None, *, run_id: str | None = None
    ) -> Execution:
        """Execute it and wait for the end: from any thread, also inside a running event loop.

        Results are handed from node to node as they are, not copied.

        Args:
            workflow: what `build()` returned.
            inputs: what templates find under `inputs`, and what agents take by name.
            run_id: of a run that is to be gone on with; needs checkpoints to find anything.

        Raises:
            InputError: inputs are missing, or nothing uses one; before any node begins.
            NodeFailed: a node failed: NodeTimeout for its own timeout, NodeOverBudget for a budget.
            WorkflowTimeout: the whole did not finish in time.
            WorkflowBusy: the run with this id is under way.
            UsageError: called on the package's own loop, where it would wait for itself: await execute_async there.
        """
        return bridge.run(self.execute_async(workflow, inputs, run_id=run_id))

    async def execute_async(
        self, workflow: Workflow, inputs: Mapping[str, Any] | None = None, *, run_id: str | None = None
    ) -> Execution:
        """The same, awaited in the caller's own loop. Cancelling it cancels all nodes."""
        text_or_none("run_id", run_id)
        given = inputs_for(a_workflow(workflow), inputs)
        outer = run_context.active()
        deadline = Deadline(self._timeout, inherited=None if outer is None else outer.deadline)
        kept = await self._checkpoints.begin(workflow, given, run_id)
        if kept.is_finished:
            return Execution(Results(kept.results, metrics=kept.metrics, skipped=kept.skipped), kept.run_id)
        async with clients_for(self._config) as clients:
            run = run_context.begun(
                self._config, AnySignature, given, agent_id=workflow.name, deadline=deadline, clients=clients
            )
            run.run_id, run.is_workflow = kept.run_id, True
            return await self._finished(workflow, run, kept)

    async def _finished(self, workflow: Workflow, run: RunContext, kept: KeptRun) -> Execution:
        under_way = UnderWay(
            run,
            kept,
            max_concurrency=self._max_concurrency,
            counts_apart=not isinstance(self._checkpoints, NoCheckpoints),
        )
        results = None
        metrics: Metrics | None = None
        try:
            with Told(run) as measured:
                results = await _executed(workflow, run, under_way)
        except BaseException as error:
            await kept.leave(total(run, measured.metrics))
            _add_metrics(error, total(run, measured.metrics))
            raise
        metrics = await kept.finish(total(run, measured.metrics))
        return Execution(Results(results, metrics=metrics, skipped=under_way.skipped), run.run_id)


async def _executed(workflow: Workflow, run: RunContext, under_way: UnderWay) -> dict[str, Any]:
    with run_context.activate(run):
        level = Level(under_way, workflow, run.inputs)
        try:
            with under_way.part("", level.results):
                async with run.deadline.enforced() if math.isfinite(run.deadline.at) else nullcontext():
                    await level.run()
        except Failure as failure:
            if isinstance(failure.cause, RunTimeout) and run.deadline.remaining() <= 0:
                raise _late(workflow, run, under_way) from failure.cause
            error = told_of(failure, results=under_way.results(), run_id=run.run_id)
            raise error from error.__cause__
        except RunTimeout:
            raise _late(workflow, run, under_way) from None
        return level.results


def _late(workflow: Workflow, run: RunContext, under_way: UnderWay) -> WorkflowTimeout:
    results = under_way.results()
    text = f"Workflow {workflow.name!r} did not finish within its timeout of {run.deadline.seconds:g} s."
    if under_way.cut:
        text += f" It still executed: {', '.join(under_way.cut)}."
    if results:
        text += f" Finished: {', '.join(results)}."
    return WorkflowTimeout(text, results=results, run_id=run.run_id)


def _add_metrics(error: BaseException, metrics: Metrics) -> None:
    results = getattr(error, "results", None)
    if isinstance(results, Results):
        results.metrics = metrics


def _checkpoints(given: Any) -> Checkpoints:
    if given is None:
        return NoCheckpoints()
    if isinstance(given, str | Path):
        from kaizen_eval.runtime.checkpoints.file import CheckpointFile  # noqa: PLC0415 - loads SQLite

        return CheckpointFile(given)
    if isinstance(given, Checkpoints):
        return given
    raise ConfigError(f"checkpoints takes the path of a file, not {given!r}.")
