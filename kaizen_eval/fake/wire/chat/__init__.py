"""The Chat Completions API as a server sees it."""

from __future__ import annotations

__all__: list[str] = []
