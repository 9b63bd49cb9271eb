"""Purse: what one run may spend, by its own budgets and by those of the runs around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from kaizen_eval.budgets.budget import Budget
from kaizen_eval.budgets.limits import LIMITS
from kaizen_eval.budgets.lock import locked
from kaizen_eval.budgets.tally import Clock, Tally
from kaizen_eval.budgets.wording import no_price, used_up
from kaizen_eval.errors import BudgetExceeded, ConfigError

__all__ = ["NO_LIMITS", "Purse"]

_BEFORE_CALL = tuple(name for name in LIMITS if name != "max_tool_calls")
_BEFORE_RETRY = tuple(name for name in _BEFORE_CALL if name != "max_calls")
_BEFORE_TOOL = tuple(name for name in LIMITS if name != "max_calls")


class Purse:
    """Each budget is charged once for what is spent, by the outermost run that has it.

    Args:
        budgets: the run's own.
        parent: the purse of the run around it; its budgets are charged as well.
        clock: of the run; without one its time is not counted.
    """

    def __init__(
        self,
        budgets: Sequence[Budget] = (),
        *,
        parent: Purse | None = None,
        session_id: str | None = None,
        clock: Clock = lambda: 0.0,
    ) -> None:
        self._inherited: tuple[_Held, ...] = () if parent is None else parent.held
        self._budgets = _without({held.budget for held in self._inherited}, budgets)
        self._session_id = session_id
        self._clock = clock
        self.held: tuple[_Held, ...] = self._inherited
        """With the tallies that this run is counted in."""

    def open(self) -> Self:
        """The run begins: its time counts from now."""
        if self._budgets:
            with locked():
                own = [budget.tallies.enter(self, self._session_id, self._clock) for budget in self._budgets]
            pairs = zip(self._budgets, own, strict=True)
            self.held = (*self._inherited, *(_Held(budget, tally, self._session_id) for budget, tally in pairs))
        return self

    def close(self) -> None:
        """The run has ended: its time counts no more."""
        if self._budgets:
            with locked():
                for budget in self._budgets:
                    budget.tallies.leave(self, self._session_id)

    def before_attempt(self, *, is_first: bool, model: str | None, price_known: Callable[[], bool]) -> None:
        """Refuse an attempt that a budget has no room for; the first of a call counts as the call.

        Args:
            is_first: whether the call begins with it.
            model: whose price is needed.
            price_known: asked only where a budget limits the cost.

        Raises:
            BudgetExceeded: a budget is used up; nothing is charged to any.
            ConfigError: a budget limits the cost, and the model's price is unknown.
        """
        if not self.held:
            return
        self._need_price(model, price_known)
        with locked():
            self._refuse(_BEFORE_CALL if is_first else _BEFORE_RETRY, "call" if is_first else "attempt")
            for held in self.held:
                held.tally.calls += is_first

    def after_attempt(self, *, tokens: int | None, cost: Decimal | None) -> None:
        """What an attempt that has ended was billed; None where that is unknown."""
        if not self.held:
            return
        with locked():
            for held in self.held:
                held.tally.bill(tokens, cost)

    def before_tool(self) -> None:
        """Refuse a tool call that a budget has no room for, and count it otherwise.

        Raises:
            BudgetExceeded: a budget is used up; nothing is charged to any.
        """
        if not self.held:
            return
        with locked():
            self._refuse(_BEFORE_TOOL, "tool call")
            for held in self.held:
                held.tally.tool_calls += 1

    def seconds_left(self) -> float:
        """Until a limit of time is reached; infinite where there is none."""
        if not self.held:
            return math.inf
        with locked():
            return min(held.seconds_left() for held in self.held)

    def _refuse(self, limits: Sequence[str], next_step: str) -> None:
        for held in self.held:
            held.refuse(limits, next_step)

    def _need_price(self, model: str | None, price_known: Callable[[], bool]) -> None:
        limited = next((held.budget.limits for held in self.held if held.budget.limits.max_cost is not None), None)
        if limited is not None and not price_known():
            raise ConfigError(no_price(limited, model))


@dataclass(frozen=True, slots=True)
class _Held:
    """A budget, and the tally that the run is counted in."""

    budget: Budget
    tally: Tally
    session_id: str | None
    """Of the outermost run that has the budget."""

    def seconds_left(self) -> float:
        limit = self.budget.limits.max_seconds
        return math.inf if limit is None else limit - self.tally.seconds

    def refuse(self, among: Sequence[str], next_step: str) -> None:
        limits, per = self.budget.limits, self.budget.per
        limit = limits.used_up(self.tally, among)
        if limit is not None:
            spent = self.tally.spent()
            text = used_up(limits, limit, spent, per=per, session_id=self.session_id, next_step=next_step)
            raise BudgetExceeded(text, limit=limit, spent=spent)


def _without(known: set[Budget], budgets: Sequence[Budget]) -> tuple[Budget, ...]:
    """Each once, and none of those."""
    return tuple(budget for budget in dict.fromkeys(budgets) if budget not in known)


NO_LIMITS = Purse()
"""Nothing is counted."""
