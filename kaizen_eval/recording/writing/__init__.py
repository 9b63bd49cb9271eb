"""Recording: from what comes to a file, whatever happens meanwhile."""

from __future__ import annotations

__all__: list[str] = []
