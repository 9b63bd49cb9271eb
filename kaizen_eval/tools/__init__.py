"""Tools that an agent may use."""

from __future__ import annotations

from kaizen_eval.tools.tool import Tool

__all__ = ["Tool"]
