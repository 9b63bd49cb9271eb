"""Replies that come in parts: what the bytes of a stream say, and what its parts make together."""

from __future__ import annotations

__all__: list[str] = []
