"""The result of a tool as JSON, and as the text that a model reads."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import to_jsonable_python

from kaizen_eval.signatures.json_form import json_form

__all__ = ["jsonable", "text_of"]


def jsonable(value: Any) -> Any:
    """A copy made of JSON values.

    Raises:
        ValueError: it has no JSON form: an object that pydantic does not know, an iterator, a circle.
    """
    try:
        return to_jsonable_python(json_form(value, []), inf_nan_mode="strings")
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def text_of(result: Any) -> str:
    """A text as it is, anything else as JSON.

    Raises:
        ValueError: it holds half of a surrogate pair, or a number too long to be written.
    """
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    text.encode()
    return text
