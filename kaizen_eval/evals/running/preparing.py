"""What an evaluation is made of, each part checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ConfigError, DatasetError
from kaizen_eval.evals.running.manifest_of import manifest_of
from kaizen_eval.evals.running.plan import Plan
from kaizen_eval.evals.running.tasks import Task, task_of
from kaizen_eval.evals.running.work import Work

if TYPE_CHECKING:
    from kaizen_eval.evals.dataset import Dataset
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.running.options import Options
    from kaizen_eval.evals.running.settings import Settings
    from kaizen_eval.evals.score import Scorer
    from kaizen_eval.evals.shard import Shard

__all__ = ["Prepared", "prepared"]

_SHOWN = 10


class Prepared:
    """Whom to ask what, and who judges.

    Raises:
        DatasetError: the task cannot be asked the cases.
    """

    def __init__(
        self, dataset: Dataset, task: Task, scorers: tuple[Scorer, ...], settings: Settings, shard: Shard | None
    ) -> None:
        self.dataset = dataset
        self.task = task
        self.scorers = scorers
        self.settings = settings
        self.shard = shard
        self.plan = Plan(dataset, repeats=settings.repeats, shard=shard)
        _refuse_unaskable(self.plan, task)

    @property
    def work(self) -> Work:
        from kaizen_eval.evals.scorers import judged, judges_of, outcome_of  # noqa: PLC0415 - loads what judging needs

        settings = self.settings
        return Work(
            task=self.task,
            scorers=self.scorers,
            judge=judged,
            outcome_of=outcome_of,
            judges_of=judges_of,
            timeout=settings.timeout,
            call_timeout=settings.call_timeout,
            exchanges=settings.exchanges,
            seed=settings.seed,
        )

    def manifest(self, options: Options) -> Manifest:
        return manifest_of(
            dataset=self.dataset,
            task=self.task,
            scorers=self.scorers,
            settings=self.settings,
            shard=self.shard,
            labels=options.get("labels") or {},
            facts=options.get("facts") or {},
        )


def prepared(dataset: Any, task: Any, settings: Settings, options: Options) -> Prepared:
    """Raises:
    ConfigError, DatasetError: something cannot work.
    """
    given = _dataset(dataset)
    asked = task_of(task, signature=given.signature)
    typed = given if asked.signature is None else given.typed_by(asked.signature)
    scorers = _scorers(given.scorers if options.get("scorers") is None else options.get("scorers"), typed)
    return Prepared(typed, asked, scorers, settings, _shard(options.get("shard")))


def _dataset(given: Any) -> Dataset:
    from kaizen_eval.evals.dataset import Dataset  # noqa: PLC0415 - loads what signatures need

    if isinstance(given, Dataset):
        return given
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise ConfigError(
            f"evaluate takes a dataset or cases, not {given!r}. For a file: Dataset.load('fixtures/qa.yaml')."
        )
    return Dataset(given)


def _scorers(given: Any, dataset: Dataset) -> tuple[Scorer, ...]:
    from kaizen_eval.evals.scorers import Exact, refuse_unknown_fields, scorers_from  # noqa: PLC0415 - loads what they need

    if not given:
        return (Exact(),)
    made = scorers_from(given)
    if dataset.signature is not None:
        inputs, outputs = dataset.signature.input_fields, dataset.signature.output_fields
        refuse_unknown_fields(made, inputs=inputs, outputs=outputs)
    return made


def _shard(given: Shard | str | None) -> Shard | None:
    from kaizen_eval.evals.shard import Shard  # noqa: PLC0415 - few have shards

    return Shard.parse(given) if isinstance(given, str) else given


def _refuse_unaskable(plan: Plan, task: Task) -> None:
    problems = []
    known: dict[frozenset[str], str | None] = {}
    for case in plan.cases():
        why = task.refuse_turns() if case.turns else None
        for turn in case.asked:
            names = frozenset(turn.inputs)
            if names not in known:
                known[names] = task.refuse_inputs(names)
            why = why or known[names]
        if why is not None:
            problems.append(f"  {case.id}: {why}")
    if problems:
        more = [f"  … and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        cases = "1 case" if len(problems) == 1 else f"{len(problems)} cases"
        raise DatasetError("\n".join([f"{cases} cannot be asked:", *problems[:_SHOWN], *more]))
