"""Which recorded exchange is for a request."""

from __future__ import annotations

__all__: list[str] = []
