"""How a run asks the model."""

from __future__ import annotations

from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy

__all__ = ["AsyncSingleShotStrategy", "Strategy", "ToolLoopStrategy"]
