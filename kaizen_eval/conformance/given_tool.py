"""GivenTool: a tool that an agent is given in a situation, as plain data; what it was executed with is noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kaizen_eval.resilience.clock import now_ns, sleep
from kaizen_eval.tools import Tool

__all__ = ["Executed", "GivenTool"]


@dataclass(frozen=True, slots=True)
class Executed:
    """That a tool's function was entered."""

    tool: str
    arguments: dict[str, Any]
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTool:
    """Takes a `text` and a `number`, and returns a text."""

    name: str = "look_up"
    says: str = "found"
    """What it returns."""
    raises: str | None = None
    """The words of the error that it raises instead."""
    seconds: float = 0.0
    """Virtual time that it takes."""
    idempotent: bool = True

    def tool(self, note: Callable[[Executed], object]) -> Tool:
        async def executed(text: str, number: int = 0) -> str:
            note(Executed(self.name, {"text": text, "number": number}, now_ns()))
            await sleep(self.seconds)
            if self.raises is not None:
                raise RuntimeError(self.raises)
            return self.says

        description = "Looks something up."
        return Tool(executed, name=self.name, description=description, idempotent=self.idempotent)
