"""A call of a tool as one was made: what wanted calls are held against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["MadeCall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """One call of a tool."""

    tool: str
    text: str
    """The arguments as JSON text; from a journal, as the model wrote them."""
    where: str
    """In which exchange or call it was asked for, and what came of it where that is known."""
    strand: object = None
    """Which of several trajectories it belongs to: a session's, or that of a run without one."""

    @property
    def arguments(self) -> dict[str, Any] | None:
        """None where the text is no JSON object."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    def __str__(self) -> str:
        return f"{self.tool}({self.text})"
