"""Whether an object is the JSON Schema that the prompt showed, said back instead of an answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from kaizen_eval.llm.parsing.names import shares

__all__ = ["is_echo"]


def is_echo(data: object, fields: Collection[str]) -> bool:
    """Whether it holds, at any depth, JSON Schema `properties` that are named like our fields."""
    if isinstance(data, list):
        return any(is_echo(item, fields) for item in data)
    if not isinstance(data, dict):
        return False
    members = cast("dict[str, object]", data)
    properties = members.get("properties")
    if "properties" not in fields and isinstance(properties, dict) and shares(properties, fields):
        return True
    return any(is_echo(member, fields) for member in members.values())
