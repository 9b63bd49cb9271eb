"""Laws of sessions."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.memory.keeping import CLEAR, COPIES, TOOL_TURNS
from kaizen_eval.conformance.laws.memory.sessions import (
    BOUNDED,
    EQUAL_TURNS,
    FAILED_TURNS,
    NO_SESSION,
    ORDER,
    SESSIONS,
    SESSIONS_TOGETHER,
    TURNS,
)

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (
    TURNS,
    EQUAL_TURNS,
    ORDER,
    SESSIONS,
    SESSIONS_TOGETHER,
    NO_SESSION,
    FAILED_TURNS,
    COPIES,
    BOUNDED,
    CLEAR,
    TOOL_TURNS,
)
