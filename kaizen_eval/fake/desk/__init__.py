"""Where every request is handled, through whatever door it came, and recognised as one of a conversation."""

from __future__ import annotations

__all__: list[str] = []
