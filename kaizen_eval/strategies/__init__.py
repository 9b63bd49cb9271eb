"""How a run asks the model."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
    from kaizen_eval.strategies.base import Strategy
    from kaizen_eval.strategies.fallback import FallbackStrategy
    from kaizen_eval.strategies.refine import RefineStrategy
    from kaizen_eval.strategies.self_consistency import SelfConsistencyStrategy
    from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
    from kaizen_eval.strategies.traits import Traits

__all__ = [
    "AsyncSingleShotStrategy",
    "FallbackStrategy",
    "RefineStrategy",
    "SelfConsistencyStrategy",
    "Strategy",
    "ToolLoopStrategy",
    "Traits",
]

_HOMES = {
    "AsyncSingleShotStrategy": "async_single_shot",
    "FallbackStrategy": "fallback",
    "RefineStrategy": "refine",
    "SelfConsistencyStrategy": "self_consistency",
    "Strategy": "base",
    "ToolLoopStrategy": "tool_loop",
    "Traits": "traits",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
