"""Text that a value is searched for in: the value itself, or as JSON writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.scorers.json_values import json_value

__all__ = ["references", "text_of", "text_or_none", "wanted_texts"]


def text_of(value: Any) -> str:
    """Of outputs, each on a line."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(map(text_of, value.values()))
    return json.dumps(json_value(value), ensure_ascii=False, default=repr)


def text_or_none(value: Any) -> str | None:
    """A text, or a number as a text; None of what no text can be meant by."""
    if isinstance(value, str):
        return value
    return None if isinstance(value, bool) or not isinstance(value, int | float) else str(value)


def references(kind: str, expected: Any) -> Iterator[str]:
    """The texts of which one is expected: several where a list is.

    Raises:
        TypeError: something else is expected.
    """
    for item in expected if isinstance(expected, list | tuple) else (expected,):
        text = text_or_none(item)
        if text is None:
            raise TypeError(f"{kind} compares texts; what is expected is {expected!r}")
        yield text


def wanted_texts(kind: str, text: object) -> tuple[str, ...]:
    """Of a setting that takes a text or several.

    Raises:
        ConfigError: it is neither, or empty, and would be found everywhere.
    """
    texts = (text,) if isinstance(text, str) else tuple(text) if isinstance(text, list | tuple) else ()
    if not texts or not all(isinstance(one, str) and one for one in texts):
        raise ConfigError(f"text of {kind} must be a text, or a list of them, none empty, not {text!r}.")
    return texts
