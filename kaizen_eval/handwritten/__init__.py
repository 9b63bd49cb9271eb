"""Files that people write: YAML and JSON, read with the place of every value, and what may stand in one."""

from __future__ import annotations

__all__: list[str] = []
