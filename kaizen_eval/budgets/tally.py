"""Tally: what one run, session or process has spent of a budget, and the runs that still spend."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from kaizen_eval.budgets.spent import Spent

__all__ = ["Clock", "Tally"]

Clock = Callable[[], float]
"""Seconds from some moment on; may be called from any thread."""

_Figure = TypeVar("_Figure", int, Decimal)


class Tally:
    """Figures that only grow, until they are cleared. It is not guarded: its users hold the lock of all budgets."""

    __slots__ = ("_ended", "_runs", "calls", "cost", "tokens", "tool_calls")

    def __init__(self) -> None:
        self._runs: dict[object, _Running] = {}
        self.clear()

    def clear(self) -> None:
        """Begin anew, also for the runs that go on: what they spend from now on is counted."""
        self.cost: Decimal | None = Decimal(0)
        self.tokens: int | None = 0
        self.calls = 0
        self.tool_calls = 0
        self._ended = 0.0
        for running in self._runs.values():
            running.restart()

    @property
    def is_in_use(self) -> bool:
        return bool(self._runs)

    def enter(self, run: object, clock: Clock) -> None:
        self._runs[run] = _Running(clock)

    def leave(self, run: object) -> None:
        self._ended += self._runs.pop(run).seconds()

    def bill(self, tokens: int | None, cost: Decimal | None) -> None:
        """What an attempt was billed; None where nobody knows, which no sum gets over."""
        self.tokens = _plus(self.tokens, tokens)
        self.cost = _plus(self.cost, cost)

    @property
    def seconds(self) -> float:
        """Of the runs that have ended, and of those that go on up to now."""
        return round(self._ended + sum(running.seconds() for running in list(self._runs.values())), 6)

    def spent(self) -> Spent:
        return Spent(
            cost=self.cost,
            tokens=self.tokens,
            calls=self.calls,
            tool_calls=self.tool_calls,
            seconds=self.seconds,
        )


class _Running:
    """A run that goes on. In a forked child those of its parent do not."""

    __slots__ = ("_clock", "_process", "_start")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = os.getpid()
        self.restart()

    def restart(self) -> None:
        self._start = self._clock()

    def seconds(self) -> float:
        return self._clock() - self._start if os.getpid() == self._process else 0.0


def _plus(total: _Figure | None, more: _Figure | None) -> _Figure | None:
    return None if total is None or more is None else total + more
