"""Results as JSON, and back: equal, and of the same types."""

from __future__ import annotations

__all__: list[str] = []
