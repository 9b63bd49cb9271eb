"""How a baseline's file writes a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kaizen_eval.evals.comparison.measure import SPENDING
from kaizen_eval.evals.comparison.side import CaseFigures, TrialFigures
from kaizen_eval.evals.outcome import Outcome

__all__ = ["case_of", "line_of"]

_ABSENT = "-"
"""The trial has no such figure: there was nothing to judge, or no answer. Null: nobody knows it."""


def line_of(case: CaseFigures, measures: Collection[str]) -> dict[str, Any]:
    """Each of these figures as a list, by trial; what follows from the outcomes is left out."""
    known = dict.fromkeys(name for trial in case.trials for name in trial.figures if name != "passed")
    names = sorted((name for name in known if name in measures), key=lambda name: name in SPENDING)
    return {
        "outcomes": [trial.outcome.value for trial in case.trials],
        "figures": {name: [_written(trial.figures.get(name, _ABSENT)) for trial in case.trials] for name in names},
        "answers": [trial.answer for trial in case.trials],
        "content": case.content,
        **({"cluster": case.cluster} if case.cluster else {}),
    }


def case_of(line: Mapping[str, Any]) -> CaseFigures:
    """The case that `line_of` wrote.

    Raises:
        LookupError, ValueError, TypeError, AttributeError: it wrote something else.
    """
    trials = zip(line["outcomes"], line["answers"], strict=True)
    return CaseFigures(
        cluster=line.get("cluster", ""),
        content=line["content"],
        trials=tuple(
            _trial(Outcome(outcome), answer, at, line["figures"]) for at, (outcome, answer) in enumerate(trials)
        ),
    )


def _trial(outcome: Outcome, answer: str, at: int, columns: Mapping[str, Any]) -> TrialFigures:
    values = {name: column[at] for name, column in columns.items() if column[at] != _ABSENT}
    figures = {name: None if value is None else float(value) for name, value in values.items()}
    if outcome.is_scored:
        figures["passed"] = float(outcome is Outcome.PASSED)
    return TrialFigures(outcome, answer, figures)


def _written(value: float | str | None) -> float | str | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value
