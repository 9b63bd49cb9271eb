"""StrategyConformance: the laws as tests in a user's own repository."""

from __future__ import annotations

__all__ = ["StrategyConformance"]


class StrategyConformance:
    """Subclass it."""
