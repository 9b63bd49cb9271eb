"""Laws of what goes into a run, and what comes out of it."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.signature import entering, fitting, meaning

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*entering.LAWS, *fitting.LAWS, *meaning.LAWS)
