"""From the nodes of a compiled JSON Schema to hypothesis strategies for its values."""

from __future__ import annotations

__all__: list[str] = []
