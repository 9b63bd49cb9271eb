"""The result of a tool as JSON, and as the text that a model reads."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json, to_json

from kaizen_eval.signatures.json_form import json_form

__all__ = ["jsonable", "text_of"]

_written = json.JSONEncoder(ensure_ascii=False).encode


def jsonable(value: Any) -> Any:
    """A copy made of JSON values; what is no number becomes the text "NaN" or "Infinity".

    Raises:
        ValueError: it has no JSON form: an object that pydantic does not know, an iterator, a circle, half of a
            surrogate pair.
    """
    if isinstance(value, str):
        return value.encode().decode()
    try:
        return from_json(to_json(json_form(value, []), inf_nan_mode="strings"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply, or holds itself") from error
    except TypeError as error:
        raise ValueError(str(error)) from error


def text_of(result: Any) -> str:
    """A text as it is, anything else as JSON."""
    return result if isinstance(result, str) else _written(result)
