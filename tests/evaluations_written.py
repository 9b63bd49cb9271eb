"""Evaluations for tests of comparisons: written by hand, without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kaizen_eval.evals.answer import Answer, AnsweredTurn
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.score import Scored
from kaizen_eval.evals.trial import Failure, Trial, TrialRecord
from kaizen_eval.messages import Usage

MANIFEST = Manifest(
    id="20261123-080000-000001",
    created="2026-11-23T08:00:00Z",
    dataset="qa",
    dataset_hash="5ba1",
    task="my_pkg:QAAgent",
    strategy="AsyncSingleShotStrategy()",
    model="gpt-4o",
    scorers=({"exact": {}},),
)


@dataclass(frozen=True)
class Written:
    """An evaluation in memory."""

    manifest: Manifest
    all_cases: tuple[Case, ...]
    all_records: tuple[TrialRecord, ...]

    def cases(self) -> Iterable[Case]:
        return iter(self.all_cases)

    def records(self) -> Iterable[TrialRecord]:
        return iter(self.all_records)


def written(
    scores: Mapping[str, object] | Sequence[object],
    *,
    clusters: Mapping[str, str] | None = None,
    cost: float | Sequence[float | None] = 0.01,
    ms: float = 100.0,
    **facts,
) -> Written:
    """By case (or case-1, case-2, …) the scores of its trials: one, or one for each repeat. An outcome stands for a
    trial without a score.
    """
    by_case = scores if isinstance(scores, Mapping) else {f"case-{at:03}": each for at, each in enumerate(scores, 1)}
    tries = {case: each if isinstance(each, list | tuple) else [each] for case, each in by_case.items()}
    clusters = clusters or {}
    costs = dict(zip(tries, cost, strict=True)) if isinstance(cost, Sequence) else dict.fromkeys(tries, cost)
    return Written(
        replace(MANIFEST, **{"repeats": max(map(len, tries.values())), **facts}),
        tuple(
            Case(id=case, inputs={"question": case}, expected={"answer": "yes"}, cluster=clusters.get(case, ""))
            for case in tries
        ),
        tuple(
            record(case, repeat, value, cost=costs[case], ms=ms)
            for case, values in tries.items()
            for repeat, value in enumerate(values, 1)
        ),
    )


def record(case: str, repeat: int, value: object, *, cost: float | None = 0.01, ms: float = 100.0) -> TrialRecord:
    answered = {} if isinstance(value, Outcome) else {"answer": "yes" if value == 1 else f"no, {value}"}
    turn = AnsweredTurn(outputs=answered, usage=Usage(8, 2), cost=None if cost is None else Decimal(str(cost)))
    answer = Answer(turns=(turn,), ms=ms)
    if isinstance(value, Outcome):
        crash = Scored(scorer="exact", value=None, passed=None, error="KeyError: 'city'")
        scores = (crash,) if value is Outcome.SCORER_ERROR else ()
        failure = None if scores else Failure(type="RunTimeout", message="The run's 5 s were up.")
        return TrialRecord(trial=Trial(case, repeat), outcome=value, scores=scores, answer=answer, failure=failure)
    passed = value == 1
    scored = Scored(scorer="exact", value=float(value), passed=passed, reason="" if passed else "answer is not 'yes'")
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    return TrialRecord(trial=Trial(case, repeat), outcome=outcome, scores=(scored,), answer=answer)
