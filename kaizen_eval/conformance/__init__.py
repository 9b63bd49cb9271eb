"""Laws that every strategy must keep, and the check that holds one against them."""

from __future__ import annotations

__all__: list[str] = []
