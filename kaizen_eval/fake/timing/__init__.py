"""When the parts of an answer come."""

from __future__ import annotations

__all__: list[str] = []
