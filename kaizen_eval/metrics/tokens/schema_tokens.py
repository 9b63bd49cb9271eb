"""What the JSON Schema of a strict reply adds to a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.metrics.tokens.encoding import Encoding
from kaizen_eval.metrics.tokens.structures import CountedStructures
from kaizen_eval.metrics.tokens.written import written

__all__ = ["schema_tokens"]

_AROUND = 9
_UNCOUNTED = frozenset({"required", "additionalProperties", "$schema"})
_BY_NAME = frozenset({"properties", "$defs", "definitions", "patternProperties"})
"""Where keys are names that the user chose."""


def schema_tokens(schema: Mapping[str, Any], encoding: Encoding) -> int:
    """Compact JSON without three keywords, and 9 tokens around it.

    OpenAI publishes nothing; this is what a user found to match its bills for schemas of several lengths (discussed at
    the repository of OpenAI's cookbook). A request for any JSON object (`json_object`) adds nothing that is known.
    """
    return _AROUND + _body(schema, encoding)


def _counted(schema: object, *, are_names: bool = False) -> object:
    if isinstance(schema, list | tuple):
        return [_counted(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: _counted(value, are_names=not are_names and key in _BY_NAME)
        for key, value in schema.items()
        if are_names or key not in _UNCOUNTED
    }


_body = CountedStructures(lambda schema, encoding: encoding.count(written(_counted(schema))))
