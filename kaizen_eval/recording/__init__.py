"""Cassettes: real LLM traffic, recorded once and replayed exactly, without secrets."""

from __future__ import annotations

__all__: list[str] = []
