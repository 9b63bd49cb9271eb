"""Re-scoring: the answers of an evaluation judged anew, without asking anybody for them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any

from kaizen_eval import bridge
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.running.evaluation import Evaluation, evaluation_in
from kaizen_eval.evals.running.keeping import InMemory, Keeping, kept
from kaizen_eval.evals.scorers.judging import judged, outcome_of
from kaizen_eval.evals.scorers.opening import opened
from kaizen_eval.evals.scorers.own import judges_of
from kaizen_eval.evals.scorers.specs import Spec, scorers_from
from kaizen_eval.evals.scorers.written import spec_of
from kaizen_eval.evals.stamp import stamped
from kaizen_eval.resilience.batch import gather_bounded
from kaizen_eval.resilience.clock import now_ns

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.happening import Ended
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.score import Scorer
    from kaizen_eval.evals.trial import TrialRecord

__all__ = ["rescore", "rescore_async"]

_JUDGED = {Outcome.PASSED, Outcome.FAILED, Outcome.SCORER_ERROR}
"""Those that have an answer."""


def rescore(
    evaluation: Evaluation | str | PathLike[str],
    scorers: Iterable[Spec] | Spec,
    *,
    out: str | PathLike[str] | None = None,
    concurrency: int = 10,
) -> Evaluation:
    """Judge the answers again by other scorers, as an evaluation of its own; the first stays as it is.

    Nobody is asked for an answer; scorers that are graders ask their model. Trials without an answer (errors, timeouts,
    spent budgets) keep what became of them, and scorers of a case's own judge it again. An evaluation that was killed
    can be scored again as far as it is.

    Args:
        evaluation: one, or the folder that it is in.
        scorers: as in a dataset, or as `evaluate` takes them.
        out: an empty folder to keep it in; None: it is in memory.
        concurrency: how many answers are judged at a time.

    Raises:
        UsageError: scorers that cannot work, or a folder that holds an evaluation already.
        EvaluationError: there is no evaluation, its log cannot be trusted, or the new one cannot be written.
    """
    return bridge.run(rescore_async(evaluation, scorers, out=out, concurrency=concurrency))


async def rescore_async(
    evaluation: Evaluation | str | PathLike[str],
    scorers: Iterable[Spec] | Spec,
    *,
    out: str | PathLike[str] | None = None,
    concurrency: int = 10,
) -> Evaluation:
    """The same, in the running loop."""
    judges = scorers_from(scorers)
    if not judges:
        raise ConfigError("rescore needs a scorer, such as 'exact'.")
    source = _opened(evaluation)
    asks = any(map(_asks, judges)) or _own_ask(source.cases(), judges)
    keeping = kept(out, _manifest(source.manifest, judges, asks=asks), source.cases(), resume=False)[0]
    with closing(keeping), _finder(source) as cases:
        started = now_ns()
        async with opened(judges):
            cost = await _judge_all(source.records(), cases, judges, keeping, concurrency)
        ended = source.ended and replace(source.ended, cost=cost, seconds=(now_ns() - started) / 1e9)
        if ended is not None:
            keeping.end(ended)
    return _evaluation(keeping, source, ended)


def _own_ask(cases: Iterable[Case], scorers: Sequence[Scorer]) -> bool:
    """Whether a scorer of a case's own asks a model.

    Raises:
        ConfigError: one cannot be made again.
    """
    own = [any(map(_asks, judges_of(scorers, case))) for case in cases if case.scorers]
    return any(own)


def _finder(source: Any) -> AbstractContextManager[Any]:
    """Cases by id: what has a folder is not kept in memory."""
    folder = getattr(source, "folder", None)
    if folder is None:
        return nullcontext({case.id: case for case in source.cases()})
    from kaizen_eval.evals.log import Log  # noqa: PLC0415 - not of what is in memory
    from kaizen_eval.evals.log.case_finder import CaseFinder  # noqa: PLC0415 - as above

    return CaseFinder(source if isinstance(source, Log) else Log.open(folder))


def _opened(evaluation: Any) -> Any:
    """What has a manifest, cases and records."""
    if isinstance(evaluation, str) or hasattr(evaluation, "__fspath__"):
        from kaizen_eval.evals.log import Log  # noqa: PLC0415 - not of what is in memory

        return Log.open(evaluation)
    if not hasattr(evaluation, "records"):
        raise ConfigError(f"rescore takes an evaluation, or the folder of one, not {evaluation!r}.")
    return evaluation


def _manifest(manifest: Manifest, scorers: Sequence[Scorer], *, asks: bool) -> Manifest:
    stamp = stamped()
    specs, names = tuple(map(spec_of, scorers)), tuple(scorer.name for scorer in scorers)
    labels = {**manifest.labels, "rescored": manifest.id}
    made = replace(manifest, id=stamp.id, created=stamp.created, scorers=specs, scorer_names=names, labels=labels)
    return replace(made, is_deterministic=manifest.is_deterministic and not asks)


def _asks(scorer: Scorer) -> bool:
    return getattr(scorer, "asks_a_model", False) or any(map(_asks, getattr(scorer, "of", ())))


async def _judge_all(
    records: Iterator[TrialRecord],
    cases: Any,
    scorers: tuple[Scorer, ...],
    keeping: Keeping,
    concurrency: int,
) -> Decimal | None:
    """Some at a time, in their order; what all of them cost, with their answers."""

    async def again(record: TrialRecord) -> TrialRecord:
        if record.outcome not in _JUDGED:
            return record
        case = cases[record.trial.case]
        scores = await judged(judges_of(scorers, case), case, record.answer)
        return replace(record, scores=scores, outcome=outcome_of(scores))

    total: Decimal | None = Decimal(0)
    while batch := list(islice(records, concurrency * 10)):
        for record in await gather_bounded(again, batch, limit=concurrency):
            keeping.write(record)
            total = None if total is None or record.cost is None else total + record.cost
    return total


def _evaluation(keeping: Keeping, source: Any, ended: Ended | None) -> Evaluation:
    if keeping.folder is not None:
        return evaluation_in(keeping.folder, keeping.manifest, ended)
    records = keeping.records if isinstance(keeping, InMemory) else []
    cases = tuple(source.cases())
    return Evaluation(keeping.manifest, ended=ended, cases=lambda: iter(cases), records=lambda: iter(records))
