"""What laws are tried on: what ships, and strategies that say nothing of themselves."""

from __future__ import annotations

from dataclasses import replace

from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.fallback import FallbackStrategy
from kaizen_eval.strategies.refine import RefineStrategy
from kaizen_eval.strategies.self_consistency import SelfConsistencyStrategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy

SUBJECTS = [
    REFERENCE,
    Subject.of(SelfConsistencyStrategy(3)),
    replace(Subject.of(SelfConsistencyStrategy(3, need=2)), name="SelfConsistencyStrategy-need-2"),
    Subject.of(FallbackStrategy("another-model")),
    replace(
        Subject.of(FallbackStrategy({"temperature": 0.0}, first=SelfConsistencyStrategy(2))),
        name="FallbackStrategy-of-samples",
    ),
    Subject.of(RefineStrategy()),
    Subject.of(ToolLoopStrategy()),
]
"""With one call or many."""


class Silent(Strategy):
    """Asks nobody."""

    async def execute(self, signature, inputs, config):
        return {"answer": "as ever"}
