"""When to stop, when to try again; real and virtual time."""

from __future__ import annotations

__all__: list[str] = []
