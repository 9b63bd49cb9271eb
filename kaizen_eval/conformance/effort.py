"""Effort: in how many situations each law is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["EXAMPLES", "Effort"]

Effort = Literal["fast", "thorough"]

EXAMPLES: Mapping[Effort, int] = {"fast": 20, "thorough": 400}
"""Situations for each law."""
