"""What was exchanged with the fake, and what can be said of it afterwards."""

from __future__ import annotations

__all__: list[str] = []
