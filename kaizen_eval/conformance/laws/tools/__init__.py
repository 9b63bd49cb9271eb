"""Laws of tools."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.tools import executed, limited, told

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*executed.LAWS, *told.LAWS, *limited.LAWS)
