"""The run itself."""

from __future__ import annotations

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult

__all__ = ["BaseAgent", "RunResult"]
