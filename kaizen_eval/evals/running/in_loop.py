"""Evaluates a task on a dataset, in the running loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from kaizen_eval.evals.running.engine import Engine
from kaizen_eval.evals.running.evaluation import Evaluation, evaluation_in
from kaizen_eval.evals.running.in_process import InProcess
from kaizen_eval.evals.running.keeping import InMemory, Keeping, kept
from kaizen_eval.evals.running.options import Options
from kaizen_eval.evals.running.preparing import prepared
from kaizen_eval.evals.running.settings import settings_of
from kaizen_eval.evals.running.telling import Telling
from kaizen_eval.evals.scorers.opening import opened

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.dataset import Dataset
    from kaizen_eval.evals.happening import Ended
    from kaizen_eval.evals.running.plan import Plan

__all__ = ["evaluate_async"]


async def evaluate_async(
    dataset: Dataset | Iterable[Case | Mapping[str, Any]], task: Any, **options: Unpack[Options]
) -> Evaluation:
    """Ask the task each case, have each answer judged, and keep a record of each trial.

    Args:
        dataset: a Dataset, or cases.
        task: an agent, its class, a function without arguments that makes one, or a function that takes the inputs by
            name and returns the outputs as a dict, or the value of the only one. A plain function runs in a thread.
        **options: see `Options`.

    Raises:
        UsageError: something cannot work; nothing has run.
        EvaluationError: the log cannot be written, or trials were lost.
    """
    settings = settings_of(options)
    made = prepared(dataset, task, settings, options)
    telling = Telling(options.get("reporters") or ())
    manifest = made.manifest(options)
    keeping, done, dropped, spent = kept(options.get("out"), manifest, made.plan.cases(), resume=settings.resume)
    try:
        engine = Engine(
            plan=made.plan,
            ledger=made.plan.ledger(done),
            work=replace(made.work, around=options.get("around")),
            executor=options.get("executor") or InProcess(settings.concurrency),
            keeping=keeping,
            telling=telling,
            settings=settings,
            dropped=dropped,
            spent=spent,
        )
        del done  # of a hundred thousand trials that is a lot
        stop = options.get("stop")
        if stop is not None:
            stop.listen(engine.brake.stop)
        async with made.task.opened(), opened(made.scorers):
            ended = await engine.run()
    finally:
        keeping.close()
    return _evaluation(keeping, made.plan, ended)


def _evaluation(keeping: Keeping, plan: Plan, ended: Ended) -> Evaluation:
    if keeping.folder is not None:
        return evaluation_in(keeping.folder, keeping.manifest, ended)
    records = keeping.records if isinstance(keeping, InMemory) else []
    return Evaluation(keeping.manifest, ended=ended, cases=plan.cases, records=lambda: iter(records))
