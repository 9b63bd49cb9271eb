"""The endpoints of the service that the fake stands in for: each reads requests and writes answers."""

from __future__ import annotations

__all__: list[str] = []
