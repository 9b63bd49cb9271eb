"""How far an evaluation is, for whoever shows it while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kaizen_eval.amounts import duration, money
from kaizen_eval.evals.happening import Started
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Counts"]


class Counts:
    """Of what has ended since it began, and before it was resumed."""

    def __init__(self) -> None:
        self.planned = self.done = self.failing = self.tokens = 0
        self._before = 0
        self._cost = Decimal(0)
        self._is_priced = True
        self._began = 0.0

    def begin(self, started: Started, now: float) -> None:
        self.planned, self.done, self._before = started.planned, started.done, started.done
        self._began = now

    def add(self, record: TrialRecord) -> None:
        self.done += 1
        self.failing += record.outcome is not Outcome.PASSED
        self.tokens += record.answer.usage.total + sum(scored.usage.total for scored in record.scores)
        cost = record.cost
        if cost is None:
            self._is_priced = False
        else:
            self._cost += cost

    def left(self, now: float) -> str:
        """At the pace so far; empty where there is none yet."""
        done = self.done - self._before
        if not done or self.done >= self.planned:
            return ""
        return f"{duration((now - self._began) / done * (self.planned - self.done))} left"

    @property
    def cost(self) -> str:
        """At least, where that of some is unknown; empty where none is known."""
        if self._is_priced:
            return money(self._cost)
        return f"> {money(self._cost)}" if self._cost else "cost unknown"

    def line(self, now: float, *, room: int = 1_000) -> str:
        """As much as there is room for, what is most wanted first."""
        text = f"{self.done:,}/{self.planned:,}"
        for part in self._parts(now):
            if len(text) + len(part) + 2 > room:
                break
            text = f"{text}, {part}"
        return text

    def _parts(self, now: float) -> Iterator[str]:
        yield f"{self.failing:,} failing"
        if self.left(now):
            yield self.left(now)
        if self.tokens:
            yield f"{self.tokens:,} tokens"
            yield self.cost
