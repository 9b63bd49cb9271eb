"""What else cassettes are good for: scripts for the fake, and exchanges that go wrong."""

from __future__ import annotations

__all__: list[str] = []
