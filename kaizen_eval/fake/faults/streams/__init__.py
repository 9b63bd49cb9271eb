"""Faults of streams, for either protocol."""

from __future__ import annotations

__all__: list[str] = []
