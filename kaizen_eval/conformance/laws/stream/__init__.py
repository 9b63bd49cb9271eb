"""Laws of runs that are read while they go on."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.stream import broken, words

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*words.LAWS, *broken.LAWS)
