"""How a value stands inside a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["plain", "written"]


def written(value: object) -> str:
    """A text as it is, anything else as JSON; of an agent's result its outputs, as what they cost is never twice the
    same.
    """
    if isinstance(value, str):
        return value
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 - loaded where something is written

    jsonable = to_jsonable_python(plain(value), inf_nan_mode="constants", fallback=str)
    return json.dumps(jsonable, ensure_ascii=False)


def plain(value: Any) -> Any:
    """With the outputs of agents in the place of their results, also in lists and mappings."""
    if isinstance(value, Mapping):
        outputs = getattr(value, "outputs", value)
        return {name: plain(inner) for name, inner in outputs.items()} if isinstance(outputs, Mapping) else value
    if type(value) in (list, tuple):
        return type(value)(plain(inner) for inner in value)
    return value
