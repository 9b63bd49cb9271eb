"""SQLite files that outlive the process and may be shared by several, whatever they hold."""

from __future__ import annotations

__all__: list[str] = []
