"""Cassettes that are there already: checked, cleaned, cut, put in order."""

from __future__ import annotations

__all__: list[str] = []
