"""Finished nodes of workflows in a file, so that a run can be gone on with."""

from __future__ import annotations

__all__: list[str] = []
