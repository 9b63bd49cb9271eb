"""The ways from our own agents to the fake: `direct`, `sdk` and `server`."""

from __future__ import annotations

__all__: list[str] = []
