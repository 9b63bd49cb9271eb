"""Calls of tools as a model makes them, executed in a run on virtual time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.messages import ToolCall
from kaizen_eval.metrics.steps import ToolStep
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import AnySignature
from kaizen_eval.strategies.call import run_for
from kaizen_eval.tools import Toolbox, message_of

__all__ = ["called", "executed", "in_a_run", "outcomes", "said"]


def called(tool: str, number: int = 1, /, **arguments: Any) -> ToolCall:
    """The call of this number, with an id of its own."""
    return ToolCall(f"c{number}", tool, json.dumps(arguments))


def in_a_run(work: Callable[[RunContext], Awaitable[Any]], **config: Any) -> Any:
    """What the work gives, on virtual time."""

    async def main() -> Any:
        async with run_for(AnySignature, {}, AgentConfig(**config)) as run:
            return await work(run)

    with virtual_time() as clock:
        return clock.run(main())


def executed(tools: Any, *calls: ToolCall, parallel: int = 8, at_most: int = 64, **config: Any) -> list[ToolStep]:
    """The steps that the calls of one reply become."""
    box = Toolbox(tools, secrets=[key] if (key := config.get("api_key")) else [])
    return in_a_run(lambda run: box.execute(calls, run, call=1, parallel=parallel, at_most=at_most), **config)


def outcomes(steps: list[ToolStep]) -> list[tuple[str, Any]]:
    """Of each step how it ended, and its result or its error."""
    return [(step.outcome, step.result if step.outcome == "ok" else step.error) for step in steps]


def said(tools: Any, *calls: ToolCall, **settings: Any) -> list[str]:
    """What the model is told of each call."""
    return [message_of(step).content for step in executed(tools, *calls, **settings)]
