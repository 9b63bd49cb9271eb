"""A trial: one try of one case; and the record of what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from kaizen_eval.evals.answer import Answer
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.score import Scored

__all__ = ["Failure", "Trial", "TrialRecord"]

_NOTHING = Answer(turns=())


class Trial(NamedTuple):
    """What is planned: a case, and which of its repeats, from 1."""

    case: str
    """The case's id."""
    repeat: int = 1

    def __str__(self) -> str:
        return f"{self.case}#{self.repeat}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a trial has no answer."""

    type: str
    """The class name of what was raised."""
    message: str
    traceback: str = ""
    """Its last frames, shortened to the user's own; empty where they say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """What became of one trial: one line of the log."""

    trial: Trial
    outcome: Outcome
    scores: tuple[Scored, ...] = ()
    answer: Answer = _NOTHING
    failure: Failure | None = None
    began: float = 0.0
    """Unix time, in seconds."""

    @property
    def cost(self) -> Decimal | None:
        """USD, of the answer and of those who judged it; None when a part of it is unknown."""
        total = self.answer.cost
        for scored in self.scores:
            if total is None or scored.cost is None:
                return None
            total += scored.cost
        return total

    @property
    def score(self) -> float | None:
        """The mean of its scores by their weights; None where none has a weight, or a scorer crashed."""
        if not self.scores or any(each.value is None for each in self.scores):
            return None
        weight = sum(each.weight for each in self.scores)
        total = sum(each.value * each.weight for each in self.scores if each.value is not None)
        return total / weight if weight else None
