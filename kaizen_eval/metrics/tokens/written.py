"""JSON as it is counted: compact."""

from __future__ import annotations

import json

__all__ = ["written"]


def written(value: object) -> str:
    """Nothing for what is nested too deeply to be written: no model would be asked with it."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=repr)
    except RecursionError:
        return ""
