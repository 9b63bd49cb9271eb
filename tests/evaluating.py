"""Small datasets and tasks, and what an evaluation says of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kaizen_eval.evals import Case, Evaluation, Trial
from kaizen_eval.evals.happening import Happening

__all__ = ["Heard", "case", "cases", "failures", "outcomes"]


class Heard:
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []

    def on_happening(self, happening: Happening) -> None:
        self.happenings.append(happening)

    def of(self, kind: type[Any]) -> list[Any]:
        return [happening for happening in self.happenings if isinstance(happening, kind)]

    @property
    def names(self) -> list[str]:
        return [type(happening).__name__ for happening in self.happenings]


def case(q: Any = "a", expected: Any = None, **parts: Any) -> Case:
    """It asks `q`, and expects that for `answer`."""
    wanted = None if expected is None else {"answer": expected}
    return Case(**{"id": str(q), "inputs": {"q": q}, "expected": wanted, **parts})


def cases(number: int) -> list[Case]:
    return [case(f"q{place}", f"q{place}") for place in range(number)]


def outcomes(evaluation: Evaluation) -> dict[str, str]:
    """By trial, in the order of cases and repeats."""
    return {str(trial): outcome for trial, outcome in sorted(_pairs(evaluation))}


def _pairs(evaluation: Evaluation) -> Iterable[tuple[Trial, str]]:
    return [(record.trial, record.outcome.value) for record in evaluation.records()]


def failures(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(r.failure.type, r.failure.message) for r in evaluation.records() if r.failure is not None]
