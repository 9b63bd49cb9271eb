"""The HTTP clients of users, made to ask the cassette in use."""

from __future__ import annotations

__all__: list[str] = []
