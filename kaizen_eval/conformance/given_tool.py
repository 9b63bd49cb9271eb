"""GivenTool: a tool that an agent is given in a situation, as plain data; what it was executed with is noted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kaizen_eval.resilience.clock import now_ns, sleep
from kaizen_eval.tools import Tool

__all__ = ["Executed", "GivenTool", "fitting"]


@dataclass(frozen=True, slots=True)
class Executed:
    """That a tool's function was entered."""

    tool: str
    arguments: dict[str, Any]
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTool:
    """Takes a `text` and a `number`, which is 0 unless given, and returns a text: what it says, and the `text`."""

    name: str = "look_up"
    says: str = "found"
    raises: str | None = None
    """The words of the error that it raises instead."""
    seconds: float = 0.0
    """Virtual time that it takes."""
    idempotent: bool = True
    refused: str | None = None
    """Why nobody agrees to its executions; None where nobody is asked."""

    def tool(self, note: Callable[[Executed], object]) -> Tool:
        async def executed(text: str, number: int = 0) -> str:
            note(Executed(self.name, {"text": text, "number": number}, now_ns()))
            await sleep(self.seconds)
            if self.raises is not None:
                raise RuntimeError(self.raises)
            return self.result_of(text)

        return Tool(
            executed,
            name=self.name,
            description="Looks something up.",
            idempotent=self.idempotent,
            requires_approval=False if self.refused is None else lambda _: self.refused or False,
        )

    def result_of(self, text: str) -> str:
        """What it returns, so that each result shows which call it belongs to."""
        return f"{self.says} {text}"


def fitting(arguments: str) -> dict[str, Any] | None:
    """What any GivenTool is executed with for these arguments of a call; None where they do not fit."""
    try:
        given = json.loads(arguments, object_pairs_hook=_each_key_once)
    except ValueError:
        return None
    if not isinstance(given, dict) or given.keys() - {"text", "number"}:
        return None
    text, number = given.get("text"), given.get("number")
    if not isinstance(text, str) or not (number is None or type(number) is int):
        return None
    return {"text": text, "number": number or 0}


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError("a key stands there twice")
    return given
