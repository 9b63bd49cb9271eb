"""What secrets look like, wherever they turn up."""

from __future__ import annotations

__all__: list[str] = []
