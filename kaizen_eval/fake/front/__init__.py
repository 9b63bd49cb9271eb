"""Where HTTP requests come in: who is let in, what is asked, and which endpoint it is for."""

from __future__ import annotations

__all__: list[str] = []
