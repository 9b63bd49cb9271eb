"""Limits: what an answer may take, in attempts, tokens, money and time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from kaizen_eval.checks import amount, number, optional, whole
from kaizen_eval.errors import CannotJudge
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.settings import Settings

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer, SeenAttempt
    from kaizen_eval.evals.case import Case, Limits

__all__ = ["AttemptLimit", "CostLimit", "LatencyLimit", "TokenLimit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit(Settings, ABC):
    """1 within the limit, else 0. Without `at_most`, the case's own limit holds; where it has none, none is judged."""

    about: ClassVar[str] = "at_most"

    at_most: Any = None

    @abstractmethod
    def of_case(self, limits: Limits) -> Any: ...

    @abstractmethod
    def taken(self, answer: Answer) -> Any: ...

    @abstractmethod
    def said(self, amount: Any) -> str: ...

    def attempts(self, answer: Answer) -> Sequence[SeenAttempt]:
        """Those that were seen.

        Raises:
            CannotJudge: none was: what a function asks without an agent of this package is not known.
        """
        if not answer.attempts:
            raise CannotJudge(f"{self.kind}: no request was seen, so that what was spent is not known")
        return answer.attempts

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        most = self.of_case(case.limits) if self.at_most is None else self.at_most
        if most is None:
            return None
        taken = self.taken(answer)
        return Score(float(taken <= most), f"it took {self.said(taken)}, and may take {self.said(most)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimit(_Limit):
    """Requests to models, those that failed and those of agents called as tools included."""

    kind: ClassVar[str] = "attempts"

    at_most: int | None = None

    def __post_init__(self) -> None:
        optional(whole, "at_most of attempts", self.at_most, least=0)
        Settings.__post_init__(self)

    def of_case(self, limits: Limits) -> int | None:
        return limits.attempts

    def taken(self, answer: Answer) -> int:
        return len(self.attempts(answer))

    def said(self, amount: int) -> str:
        return f"{amount} attempt{'' if amount == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLimit(_Limit):
    """Tokens that were billed, of prompts and replies."""

    kind: ClassVar[str] = "tokens"

    at_most: int | None = None

    def __post_init__(self) -> None:
        optional(whole, "at_most of tokens", self.at_most, least=0)
        Settings.__post_init__(self)

    def of_case(self, limits: Limits) -> int | None:
        return limits.tokens

    def taken(self, answer: Answer) -> int:
        if any(attempt.usage is None and attempt.error is None for attempt in self.attempts(answer)):
            raise CannotJudge("tokens: how many were billed is not known, since the provider did not say of each reply")
        return answer.usage.total

    def said(self, amount: int) -> str:
        return f"{amount} token{'' if amount == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLimit(_Limit):
    """USD, of all that was billed. A cost that is not known is an error of this scorer, and never 0."""

    kind: ClassVar[str] = "cost"

    at_most: Decimal | float | str | None = None

    def __post_init__(self) -> None:
        if self.at_most is not None:
            object.__setattr__(self, "at_most", amount("at_most of cost", self.at_most))
        Settings.__post_init__(self)

    def of_case(self, limits: Limits) -> Decimal | None:
        return limits.cost

    def taken(self, answer: Answer) -> Decimal:
        attempts, cost = self.attempts(answer), answer.cost
        if cost is None:
            models = sorted({repr(attempt.model) for attempt in attempts if attempt.cost is None})
            of = f": there is no price for {', '.join(models)}" if models else ""
            raise CannotJudge(f"cost: what was spent is not known{of}")
        return cost

    def said(self, amount: Decimal) -> str:
        return f"{amount.normalize():f} USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyLimit(_Limit):
    """Seconds of the whole trial, retries and all turns included, without scoring."""

    kind: ClassVar[str] = "latency"

    at_most: float | None = None

    def __post_init__(self) -> None:
        optional(number, "at_most of latency", self.at_most, least=0)
        Settings.__post_init__(self)

    def of_case(self, limits: Limits) -> float | None:
        return limits.seconds

    def taken(self, answer: Answer) -> float:
        return answer.ms / 1000

    def said(self, amount: float) -> str:
        return f"{amount:.6g} s"
