"""Budget: what a run, a session or the whole process may spend, by all agents that it is given to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Self, get_args

from kaizen_eval.budgets.limits import Limits
from kaizen_eval.budgets.lock import locked
from kaizen_eval.budgets.spent import Spent
from kaizen_eval.budgets.tallies import Scope, Tallies
from kaizen_eval.checks import amount, one_of, whole
from kaizen_eval.errors import ConfigError, UsageError

__all__ = ["Budget", "Scope", "budgets_of"]


class Budget:
    """Looked at before every attempt and every tool call; safe across threads and loops.

    Args:
        max_cost: USD. A model whose price is unknown is then refused before it is asked.
        max_tokens: billed ones, of prompts and completions together.
        max_calls: calls begun; their retries are no calls.
        max_tool_calls: tool calls begun.
        max_seconds: what runs have taken when an attempt or tool call is to begin; none is cut short by it.
        per: "run" counts each run by itself, "session" each session, "process" all of them together. Runs inside of a
            run count as part of it.
        max_sessions: sessions kept; the least recently used that no run spends from is forgotten when there are more.
    """

    def __init__(  # noqa: PLR0913 - one argument for each limit
        self,
        *,
        max_cost: Decimal | float | str | None = None,
        max_tokens: int | None = None,
        max_calls: int | None = None,
        max_tool_calls: int | None = None,
        max_seconds: float | None = None,
        per: Scope = "run",
        max_sessions: int = 10_000,
    ) -> None:
        one_of("per", per, get_args(Scope))
        whole("max_sessions", max_sessions, least=1)
        self.limits = Limits(
            max_cost=None if max_cost is None else amount("max_cost", max_cost),
            max_tokens=max_tokens,
            max_calls=max_calls,
            max_tool_calls=max_tool_calls,
            max_seconds=max_seconds,
        )
        self.per = per
        self.tallies = Tallies(per, max_sessions)
        """What has been spent; looked at under the lock of all budgets alone."""

    def spent(self, session_id: str | None = None) -> Spent:
        """What the session, the process, or of runs the one that began last has spent; also while they go on."""
        self._check_session("spent", session_id, needed=True)
        with locked():
            return self.tallies.find(session_id).spent()

    def reset(self, session_id: str | None = None) -> None:
        """Let the session, or without one everybody, begin anew; what goes on is counted from here."""
        self._check_session("reset", session_id, needed=False)
        with locked():
            for tally in self.tallies.all() if session_id is None else [self.tallies.find(session_id)]:
                tally.clear()

    def _check_session(self, method: str, session_id: str | None, *, needed: bool) -> None:
        if self.per != "session" and session_id is not None:
            raise UsageError(f"This budget counts per {self.per}, not per session: call {method}() without session_id.")
        if self.per == "session" and needed and session_id is None:
            raise UsageError(f"This budget counts each session by itself: say which, {method}(session_id).")

    def __deepcopy__(self, memo: Mapping[int, object]) -> Self:
        """Itself: whoever copies a config does not mean to spend twice as much."""
        return self

    def __copy__(self) -> Self:
        return self

    def __repr__(self) -> str:
        return f"Budget({self.limits}, per={self.per!r})"


def budgets_of(value: Any) -> tuple[Budget, ...]:
    """Budgets from one, several or None."""
    given = () if value is None else (value,) if isinstance(value, Budget) else value
    if not isinstance(given, Sequence) or not all(isinstance(budget, Budget) for budget in given):
        raise ConfigError(f"budget takes a Budget or a list of them, such as Budget(max_cost=1), not {value!r}.")
    return tuple(given)
