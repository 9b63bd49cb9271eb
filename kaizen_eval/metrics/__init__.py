"""What a run cost: time, tokens, money."""

from __future__ import annotations

__all__: list[str] = []
