"""Evaluations: what they take and give, and what they are to a type-checker."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from kaizen_eval import evals
from kaizen_eval.evals import (
    Answer,
    Case,
    Comparison,
    Dataset,
    Evaluation,
    Happening,
    Log,
    Manifest,
    Outcome,
    Reporter,
    RunRow,
    Score,
    Scored,
    Scorer,
    Shard,
    Summary,
    Trend,
    Trial,
    TrialRecord,
    Verdict,
    compare,
    evaluate,
    evaluate_async,
    gate,
    merged,
    report,
    rescore,
    runs_in,
    summarised,
    trends,
)
from kaizen_eval.evals.comparison import bles  # type: ignore[attr-defined]  # noqa: F401 - no such name
from kaizen_eval.evals.runs import runs_on  # type: ignore[attr-defined]  # noqa: F401 - no such name
from kaizen_eval.evals.statistics import wilsn  # type: ignore[attr-defined]  # noqa: F401 - no such name


class Polite:
    name = "polite"

    async def score(self, case: Case, result: Answer, /) -> Score | None:
        return Score(1.0, "it says please") if case.tags else None


class Impolite:
    name = "impolite"

    def score(self, case: Case, result: Answer, /) -> float:
        return 0.0


class Told:
    def on_happening(self, happening: Happening) -> None: ...


async def answer(question: str) -> dict[str, str]:
    return {"answer": question}


scorer: Scorer = Polite()
reporter: Reporter = Told()
cases = [Case(inputs={"question": "a"}, expected={"answer": "a"})]
evaluation = evaluate(Dataset(cases), answer, scorers=[scorer, "exact"], repeats=2, shard=Shard(1, 2), max_cost="1.50")
evaluate(cases, answer, out=Path("runs/a"), resume=True, reporters=[reporter], labels={"commit": "3f9a1c"})


async def asked() -> None:
    assert_type(await evaluate_async(cases, answer), Evaluation)


assert_type(evaluation, Evaluation)
assert_type(evaluation.manifest, Manifest)
assert_type(evaluation.folder, Path | None)
assert_type(evaluation.summary, Summary)
assert_type(evaluation.summary.outcomes, Mapping[Outcome, int])
assert_type(evaluation.summary.rate.low, float)
assert_type(evaluation.summary.cost, Decimal | None)
assert_type(evaluation.records(), Iterator[TrialRecord])
for record in evaluation.records():
    assert_type(record.trial, Trial)
    assert_type(record.outcome, Outcome)
    assert_type(record.scores, tuple[Scored, ...])
    assert_type(record.score, float | None)
    assert_type(record.answer.outputs, Mapping[str, Any])

log = Log.open("runs/a")
assert_type(log, Log)
assert_type(log.cases(), Iterator[Case])
assert_type(summarised(log.records(), log.cases(), repeats=2), Summary)
assert_type(rescore("runs/a", ["normalised", scorer], out="runs/b"), Evaluation)
assert_type(report(log, against=evaluation), str)

comparison = compare("runs/a", evaluation, metric=["score", "cost"], margin={"score": 0.02})
assert_type(comparison, Comparison)
assert_type(comparison.verdict, Verdict)
assert_type(gate(log, "baselines/qa.json"), Comparison)

assert_type(merged(["runs/1", "runs/2"], out="runs/whole"), Log)
assert_type(runs_in("runs"), list[RunRow])
assert_type(trends(runs_in("runs"), "pass_rate"), list[Trend])

evals.evalaute  # type: ignore[attr-defined]  # noqa: B018 - a typo
wrong: Scorer = Impolite()  # type: ignore[assignment]  # a scorer is async, and gives a Score
evaluate(cases, answer, repeat=2)  # type: ignore[call-arg]  # repeats
evaluate(cases, answer, concurrency="2")  # type: ignore[arg-type]  # a number
compare("runs/a", "runs/b", "score")  # type: ignore[call-arg]  # by name
