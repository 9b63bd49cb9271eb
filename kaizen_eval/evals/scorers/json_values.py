"""Values as JSON holds them: what the log keeps of an answer, and so what it is compared as."""

from __future__ import annotations

from typing import Any

__all__ = ["json_value"]

_PLAIN = (str, int, float, bool, type(None))


def json_value(value: Any) -> Any:
    """The value itself where JSON knows it; a value that has no JSON form stays as it is."""
    if type(value) in _PLAIN:
        return value
    if type(value) is list:
        return [json_value(item) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: json_value(item) for key, item in value.items()}
    return _written(value)


def _written(value: Any) -> Any:
    from pydantic_core import PydanticSerializationError, to_jsonable_python  # noqa: PLC0415 - most values are JSON

    from kaizen_eval.signatures.json_form import in_order  # noqa: PLC0415

    try:
        return to_jsonable_python(in_order(value))
    except (PydanticSerializationError, ValueError):
        return value
