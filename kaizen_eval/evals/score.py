"""How good an answer is, by one scorer; and what a scorer is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kaizen_eval.messages import Usage

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Score", "Scored", "Scorer"]

_NO_COST = Decimal(0)
_NO_TOKENS = Usage()


@dataclass(frozen=True, slots=True)
class Score:
    """From 0 (nothing is right) to 1 (all is); a reason that a person can check it by."""

    value: float
    reason: str = ""
    passed: bool | None = None
    """Whether that is good enough; None: it is from the scorer's `threshold` on, which is 1 unless it has another."""
    cost: Decimal | None = _NO_COST
    """USD that the scorer itself spent, as on a model that grades; None when it is not known."""
    usage: Usage = _NO_TOKENS
    """Tokens that it took itself."""


@runtime_checkable
class Scorer(Protocol):
    """Anything that judges answers.

    It may have a `threshold` (1.0), a `weight` (1.0) in the trial's score, and `tags`, of which a case must have one.
    """

    @property
    def name(self) -> str: ...

    async def score(self, case: Case, result: Answer, /) -> Score | None:
        """None: there is nothing to judge in this case, such as no expected value; it does not count."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What one scorer said of one trial, as the log keeps it."""

    scorer: str
    value: float | None
    """None where it crashed: that is no 0."""
    passed: bool | None
    reason: str = ""
    weight: float = 1.0
    error: str | None = None
    """What the scorer raised: class name and message."""
    cost: Decimal | None = _NO_COST
    """USD that the scorer spent, apart from what the answer cost; None when it is not known."""
    usage: Usage = _NO_TOKENS
    """Tokens that it took."""
