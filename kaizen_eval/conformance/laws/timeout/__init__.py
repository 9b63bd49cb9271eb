"""Laws of time limits."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.timeout import deadlines, leaving

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*deadlines.LAWS, *leaving.LAWS)
