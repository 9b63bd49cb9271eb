"""What the client at the other end makes of the wire."""

from __future__ import annotations

__all__: list[str] = []
