"""What a report keeps of each trial: its figures, with all that was said as one piece of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any, NamedTuple

from kaizen_eval.evals.answer import AnsweredTurn
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.reports.embedding import json_line
from kaizen_eval.evals.reports.values import short, values
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Tried", "tried"]


class Tried(NamedTuple):
    """One trial."""

    repeat: int
    outcome: Outcome
    score: float | None
    ms: float
    tokens: int
    cost: float | None
    """USD."""
    failing: tuple[str, ...]
    """Scorers that it did not pass, or that crashed."""
    said: str
    """What was answered, or why nothing was; in short."""
    detail: bytes
    """JSON."""


def tried(record: TrialRecord) -> Tried:
    answer, score = record.answer, record.score
    cost = answer.cost
    return Tried(
        repeat=record.trial.repeat,
        outcome=record.outcome,
        score=score,
        ms=answer.ms,
        tokens=answer.usage.total,
        cost=None if cost is None else float(cost),
        failing=tuple(sorted({intern(scored.scorer) for scored in record.scores if not scored.passed})),
        said=_said(record),
        detail=json_line(_detail(record, score)),
    )


def _said(record: TrialRecord) -> str:
    failure = record.failure
    return short(record.answer.outputs if failure is None else {"": f"{failure.type}: {failure.message}"})


def _detail(record: TrialRecord, score: float | None) -> Mapping[str, Any]:
    return {
        "repeat": record.trial.repeat,
        "outcome": record.outcome.value,
        "score": score,
        "scores": record.scores,
        "failure": record.failure,
        "ms": record.answer.ms,
        "turns": [_turn(turn) for turn in record.answer.turns],
    }


def _turn(turn: AnsweredTurn) -> Mapping[str, Any]:
    return {
        "outputs": values(turn.outputs),
        "at": turn.at,
        "ms": turn.ms,
        "tokens": (turn.usage.prompt, turn.usage.completion),
        "cost": turn.cost,
        "attempts": turn.attempts,
        "tools": turn.tools,
    }
