"""What a run with tools did, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["CallStep", "Step", "ToolOutcome", "ToolStep"]

ToolOutcome = Literal["ok", "error", "refused"]
"""error: the tool failed, or was not executed since the call was no good; refused: its approval was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep:
    """One call of the model."""

    call: int
    """Which call of the run, from 1."""
    outcome: str
    """"tool_calls", "answer", or the class name of the error that it ended with."""
    at: float
    """Milliseconds from the run's start to the call's."""
    ms: float
    """Milliseconds that it took, attempts and waits included."""

    def as_dict(self) -> dict[str, Any]:
        return {"kind": "call", "call": self.call, "outcome": self.outcome, "at": self.at, "ms": self.ms}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStep:
    """One tool call, executed or not."""

    call: int
    """Which call of the run asked for it, from 1."""
    id: str
    tool: str
    arguments: Mapping[str, Any] | str
    """As the model wrote them: a text where that is no JSON object."""
    outcome: ToolOutcome
    result: Any = None
    """JSON value; None unless the outcome is "ok"."""
    error: str | None = None
    """What the model is told went wrong."""
    at: float
    """Milliseconds from the run's start to the tool's."""
    ms: float

    def as_dict(self) -> dict[str, Any]:
        arguments = self.arguments if isinstance(self.arguments, str) else dict(self.arguments)
        told = {"result": self.result} if self.outcome == "ok" else {"error": self.error}
        return {
            "kind": "tool",
            "call": self.call,
            "id": self.id,
            "tool": self.tool,
            "arguments": arguments,
            "outcome": self.outcome,
            **told,
            "at": self.at,
            "ms": self.ms,
        }


Step = CallStep | ToolStep
