"""What became of a tool call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kaizen_eval.metrics.steps import ToolOutcome

__all__ = ["NoGoodError", "Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: ToolOutcome
    result: Any = None
    """JSON value."""
    error: str | None = None
    """What the model is told went wrong."""
    failure: BaseException | None = None
    """Of a tool that was executed and failed: what `on_error="raise"` raises from."""
    certain: bool = True
    """Whether it is known what was done: not so of what was cut off."""

    @property
    def error_type(self) -> str | None:
        """In one word, as logs want it."""
        if self.error is None:
            return None
        if self.failure is not None:
            return type(self.failure).__name__
        return "NotApproved" if self.kind == "refused" else "NotExecuted"


class NoGoodError(Exception):
    """Within this package: the call is not executed, and the model is told why."""

    def __init__(self, message: str, kind: ToolOutcome = "error") -> None:
        super().__init__(message)
        self.kind: ToolOutcome = kind
