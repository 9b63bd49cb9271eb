"""All that is known of one case, as the page shows it when it is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kaizen_eval.evals.answer import AnsweredTurn
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Shown", "detail", "shown"]

Shown = tuple[str, str]
"""A value as text, with its kind: a browser would round long integers and write 1.0 as 1."""


def detail(case: Case, trials: Sequence[TrialRecord], before: Sequence[TrialRecord]) -> dict[str, Any]:
    """The case, what became of its trials, and of those of the evaluation that it is compared with."""
    asked = [{"inputs": _values(turn.inputs), "expected": _values(turn.expected)} for turn in case.asked]
    return {
        "id": case.id,
        "tags": case.tags,
        "cluster": case.cluster,
        "limits": case.limits,
        "asked": asked,
        "trials": [_trial(record) for record in trials],
        "before": [_trial(record) for record in before],
    }


def shown(value: object) -> Shown:
    """Strings as they are, all else as JSON."""
    if isinstance(value, str):
        return value, "text"
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "data"
    return json.dumps(value, ensure_ascii=False, indent=2, default=str), kind


def _values(values: Mapping[str, Any] | None) -> dict[str, Shown] | None:
    return None if values is None else {name: shown(value) for name, value in values.items()}


def _trial(record: TrialRecord) -> dict[str, Any]:
    answer = record.answer
    return {
        "repeat": record.trial.repeat,
        "outcome": record.outcome,
        "score": record.score,
        "scores": record.scores,
        "failure": record.failure,
        "ms": answer.ms,
        "turns": [_turn(turn) for turn in answer.turns],
    }


def _turn(turn: AnsweredTurn) -> dict[str, Any]:
    return {
        "outputs": _values(turn.outputs),
        "at": turn.at,
        "ms": turn.ms,
        "tokens": [turn.usage.prompt, turn.usage.completion],
        "cost": turn.cost,
        "attempts": turn.attempts,
        "tools": turn.tools,
    }
