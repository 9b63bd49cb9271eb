"""Laws of runs beside each other, and of the same again."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.concurrency.again import AGAIN, OTHER_PROCESS
from kaizen_eval.conformance.laws.concurrency.beside import ALONE, TOGETHER
from kaizen_eval.conformance.laws.concurrency.loop import LOOP

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (TOGETHER, ALONE, AGAIN, OTHER_PROCESS, LOOP)
