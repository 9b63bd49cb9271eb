"""Judging: what all scorers say of one answer; one that crashes is told apart from one that says 0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import CannotJudge
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.score import Score, Scored, Scorer

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["SLACK", "judged", "outcome_of"]

SLACK = 1e-9
"""What sums of floats may be off: a value that misses a threshold, or 1, by less has reached it."""


async def judged(scorers: Iterable[Scorer], case: Case, answer: Answer) -> tuple[Scored, ...]:
    """One for each scorer that finds something to judge, in their order. What a scorer raises is its `error`.

    A scorer with `tags` judges only cases that have one of them.
    """
    scores = []
    for scorer in scorers:
        tags = getattr(scorer, "tags", ())
        if tags and not any(tag in case.tags for tag in tags):
            continue
        try:
            score = await scorer.score(case, answer)
            if score is not None:
                scores.append(_scored(scorer, score))
        except Exception as error:  # noqa: BLE001 - a scorer may be anybody's: its crash is a row of the log
            scores.append(_crashed(scorer, error))
    return tuple(scores)


def outcome_of(scores: Iterable[Scored]) -> Outcome:
    """Of an answer: passed if all say so. A scorer of weight 0 is told and decides nothing, unless it crashed."""
    scores = tuple(scores)
    if any(each.error is not None for each in scores):
        return Outcome.SCORER_ERROR
    failed = any(each.passed is False and each.weight > 0 for each in scores)
    return Outcome.FAILED if failed else Outcome.PASSED


def _scored(scorer: Scorer, score: object) -> Scored:
    if not isinstance(score, Score):
        raise TypeError(f"score() gave {score!r}, which is no Score: return Score(value, reason), or None")
    value = _possible(score.value)
    passed = score.passed if score.passed is not None else value >= getattr(scorer, "threshold", 1.0) - SLACK
    weight = getattr(scorer, "weight", 1.0)
    return Scored(
        scorer=scorer.name,
        value=value,
        passed=passed,
        reason=score.reason,
        weight=weight,
        cost=score.cost,
        usage=score.usage,
    )


def _possible(value: object) -> float:
    """The value, from 0 to 1; True is 1."""
    if not isinstance(value, int | float):
        raise TypeError(f"score() gave the value {value!r}: a score is a number from 0 to 1")
    if not -SLACK <= value <= 1 + SLACK:  # not a number is not between, either
        raise ValueError(f"score() gave the value {value!r}: a score is from 0 (nothing is right) to 1 (all is)")
    return min(max(float(value), 0.0), 1.0)


def _crashed(scorer: Scorer, error: Exception) -> Scored:
    from kaizen_eval.named import at  # noqa: PLC0415 - most scorers do not crash

    said = f"{type(error).__name__}: {error}".rstrip(".: ") + at(error)
    weight = getattr(scorer, "weight", 1.0)
    return Scored(scorer=scorer.name, value=None, passed=None, weight=weight, error=said, **_spent(error))


def _spent(error: Exception) -> dict[str, Any]:
    """What it took until it crashed, where it tells."""
    if isinstance(error, CannotJudge) and error.usage is not None:
        return {"cost": error.cost, "usage": error.usage}
    return {}
