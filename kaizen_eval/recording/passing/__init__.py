"""Requests and responses on their way through a cassette."""

from __future__ import annotations

__all__: list[str] = []
