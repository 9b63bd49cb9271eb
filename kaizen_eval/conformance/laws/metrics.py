"""Laws of what a run says that it cost."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = ()
