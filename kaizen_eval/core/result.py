"""RunResult: a run's outputs, with what they cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kaizen_eval.messages import Usage
from kaizen_eval.metrics.meter import Call, Metrics
from kaizen_eval.metrics.steps import Step
from kaizen_eval.run_context import RunContext

__all__ = ["RunResult"]


class RunResult(dict[str, Any]):
    """A dict of the outputs, then what the run cost, under keys that start with an underscore.

    `_timing` in milliseconds; `_tokens` by kind, over every billed attempt; `_cost` in USD, NaN when the price is
    unknown; `_attempts`; `_parse_tier`, the most repair that a reply needed, from 1 (none); with a session,
    `_session_id`; of an agent with tools, `_steps`: each call of the model and of a tool, in order.
    """

    def __init__(
        self, outputs: Mapping[str, Any], *, metrics: Metrics, total: Metrics, run: RunContext, with_steps: bool = False
    ) -> None:
        super().__init__(outputs)
        self.metrics = metrics
        self.calls: tuple[Call, ...] = run.meter.calls
        """Each call with its attempts, in order."""
        self.total = total
        """As `metrics`, together with the runs inside of this one: of agents that it called as tools, and others."""
        self.steps: tuple[Step, ...] = tuple(run.steps)
        """What was done, in order; empty without tools."""
        self["_timing"] = metrics.ms
        self["_tokens"] = _tokens(metrics.usage)
        self["_cost"] = math.nan if metrics.cost is None else float(metrics.cost)
        self["_attempts"] = metrics.attempts
        self["_parse_tier"] = run.parse_tier
        if with_steps:
            self["_steps"] = [step.as_dict() for step in self.steps]
        if run.held is not None:
            self["_session_id"] = run.session_id

    @property
    def outputs(self) -> dict[str, Any]:
        """Without the keys that start with an underscore."""
        return {name: value for name, value in self.items() if not name.startswith("_")}


def _tokens(usage: Usage) -> dict[str, int]:
    return {
        "prompt": usage.prompt,
        "completion": usage.completion,
        "total": usage.total,
        "cached": usage.cached,
        "reasoning": usage.reasoning,
    }
