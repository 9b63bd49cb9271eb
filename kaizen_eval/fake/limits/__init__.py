"""Rate limits: what is left of them, and what a request beyond them meets."""

from __future__ import annotations

__all__: list[str] = []
