"""Laws of trying again."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.retry import advice, counting, ending, waiting

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*counting.LAWS, *advice.LAWS, *waiting.LAWS, *ending.LAWS)
