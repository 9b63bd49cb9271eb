"""Judges clients that are not ours: a command, plans of faults on real time, and laws over what it asked."""

from __future__ import annotations

__all__: list[str] = []
