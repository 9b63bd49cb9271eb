"""Laws of what is told of a run while it goes on."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.events import secret, true, whole

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*whole.LAWS, *true.LAWS, *secret.LAWS)
