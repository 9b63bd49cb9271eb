"""What offered tools and calls of tools add to a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kaizen_eval.messages import ToolCall
from kaizen_eval.metrics.tokens.encoding import Encoding
from kaizen_eval.metrics.tokens.structures import CountedStructures
from kaizen_eval.metrics.tokens.written import written

__all__ = ["call_tokens", "tool_tokens"]

_PER_FUNCTION, _PER_FUNCTION_CL100K = 7, 10
_PER_PROPERTIES = 3
_PER_PROPERTY = 3
_PER_ENUM = -3
_PER_ENUM_ITEM = 3
_PER_REQUEST = 12
"""All of these from OpenAI's guide "How to count tokens with tiktoken", which gives them for gpt-4o (and 10 for gpt-4
and gpt-3.5)."""
_UNCOUNTED = frozenset({"type", "properties", "required", "additionalProperties", "$schema"})
_IN_THE_LINE = frozenset({"type", "description", "enum"})


def tool_tokens(tools: Iterable[Mapping[str, Any]], encoding: Encoding) -> int:
    """By OpenAI's guide for function tools; what it does not speak of counts as its compact JSON (our estimate).

    That is: nested schemas, bounds and patterns of a property, `$defs`, and tools that are no functions.
    """
    counts = [_remembered(tool, encoding) for tool in tools]
    return sum(counts) + _PER_REQUEST if counts else 0


def call_tokens(call: ToolCall, encoding: Encoding) -> int:
    """What a call adds to the assistant's message, without the message's own.

    OpenAI publishes nothing; this fits what users measured: 26 tokens for a request that holds a call of `do_stuff`
    alone, 35 and 40 for two with a call and its result (gpt-3.5 and gpt-4).
    """
    return encoding.count(f"to=functions.{call.name}") + encoding.count(call.arguments)


def _tool(tool: Mapping[str, Any], encoding: Encoding) -> int:
    function = tool.get("function", tool)
    if not isinstance(function, Mapping) or "name" not in function:
        return encoding.count(written(tool))
    start = _PER_FUNCTION_CL100K if encoding.name == "cl100k_base" else _PER_FUNCTION
    line = f"{function['name']}:{_description(function)}"
    return start + encoding.count(line) + _parameters(function.get("parameters"), encoding)


def _parameters(schema: object, encoding: Encoding) -> int:
    if not isinstance(schema, Mapping):
        return _rest(schema, encoding)
    properties = schema.get("properties") or {}
    if not isinstance(properties, Mapping):
        return _rest(schema, encoding)
    start = _PER_PROPERTIES if properties else 0
    counts = (_property(name, property_, encoding) for name, property_ in properties.items())
    return start + sum(counts) + _rest(_without(schema, _UNCOUNTED), encoding)


def _property(name: str, schema: object, encoding: Encoding) -> int:
    if not isinstance(schema, Mapping):
        return _PER_PROPERTY + encoding.count(f"{name}:{written(schema)}")
    type_ = schema.get("type", "")
    line = f"{name}:{type_ if isinstance(type_, str) else written(type_)}:{_description(schema)}"
    rest = _rest(_without(schema, _IN_THE_LINE), encoding)
    return _PER_PROPERTY + encoding.count(line) + _enum(schema.get("enum"), encoding) + rest


def _enum(items: object, encoding: Encoding) -> int:
    if not isinstance(items, list | tuple):
        return _rest(items, encoding)
    texts = (item if isinstance(item, str) else written(item) for item in items)
    return _PER_ENUM + sum(_PER_ENUM_ITEM + encoding.count(text) for text in texts)


def _description(schema: Mapping[str, Any]) -> str:
    described = schema.get("description") or ""
    return (described if isinstance(described, str) else written(described)).removesuffix(".")


def _without(schema: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in names}


def _rest(value: object, encoding: Encoding) -> int:
    return encoding.count(written(value)) if value else 0


_remembered = CountedStructures(_tool)
