"""The result of a tool as JSON, and as the text that a model reads."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json, to_json

from kaizen_eval.signatures.json_form import JSON_SCALARS, in_order, json_form

__all__ = ["jsonable", "text_of"]

_written = json.JSONEncoder(ensure_ascii=False).encode


def jsonable(value: Any) -> Any:
    """A copy made of JSON values; what is no number becomes the text "NaN" or "Infinity".

    Of the result of an agent's run it holds the outputs: what the run took is none of a model's business, and never
    the same twice.

    Raises:
        ValueError: it has no JSON form: an object that pydantic does not know, an iterator, a circle, half of a
            surrogate pair.
    """
    if isinstance(value, str):
        return value.encode().decode()
    try:
        return from_json(to_json(json_form(in_order(_found(value)), []), inf_nan_mode="strings"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply, or holds itself") from error
    except TypeError as error:
        raise ValueError(str(error)) from error


def _found(value: Any) -> Any:
    kind = type(value)
    if kind in JSON_SCALARS:
        return value
    if kind is list or kind is tuple:
        return [_found(item) for item in value]
    if kind is dict:
        return {key: _found(item) for key, item in value.items()}
    return value.outputs if isinstance(value, dict) and hasattr(value, "outputs") else value


def text_of(result: Any) -> str:
    """A text as it is, anything else as JSON."""
    return result if isinstance(result, str) else _written(result)
