"""Replies that fit the JSON Schema of a request: the same bytes in every process, on every Python."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.fake.generation.embedded import embedded_schema
from kaizen_eval.fake.generation.prose import reply_to
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.signatures.unsaid import restored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaizen_eval.fake.generation.plan import Plan
    from kaizen_eval.messages import ChatRequest, Message

__all__ = ["arguments", "from_schema", "key_of", "matching", "text"]

_in_order = json.JSONEncoder(separators=(",", ":"), default=dict).encode
_canonical = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=dict).encode
_written = json.JSONEncoder(ensure_ascii=False).encode


class _Known(NamedTuple):
    """A schema that was met before."""

    plan: Plan
    canonical: str
    """Its text, the same in whatever order it was written."""


def text(request: ChatRequest, *, seed: int, attempt: int) -> str:
    """What the fake says: JSON that fits `output_schema` or the schema in the system message, else a sentence.

    Where any JSON object will do, the schema may stand in the last user message, too; else the sentence stands in one.

    A function of the seed, the attempt, and the request without its session, agent and way of delivery. The next
    attempt of the same request is answered differently where the schema leaves a choice. Raises ScriptError when no
    value can be found that fits.
    """
    known = _known_schema(request)
    source = Source.of(_key(request, seed, known), attempt=attempt)
    if known is not None:
        return _written(known.plan.make(source))
    sentence = reply_to(_last(request, "user"), source)
    return _written({"answer": sentence}) if request.output_mode == "json" else sentence


def key_of(request: ChatRequest, seed: int) -> str:
    """What the reply is a function of, beside the attempt."""
    return _key(request, seed, _known_schema(request))


def arguments(parameters: Mapping[str, Any] | None, source: Source) -> str:
    """The JSON text of an object that fits a tool's `parameters`, an empty one where it has none.

    Raises:
        ScriptError: no value can be found that fits.
    """
    if not parameters:
        return "{}"
    return _written(_known(_in_order({"type": "object", "properties": {}, **parameters})).plan.make(source))


def from_schema(schema: Mapping[str, Any] | bool, key: str) -> Any:  # noqa: FBT001 - true and false are JSON Schemas
    """A JSON value that fits the schema; another key, another value. Raises ScriptError when none can be found."""
    return _known(_in_order(schema)).plan.make(Source.of(key))


def matching(pattern: str, source: Source) -> str:
    """A text that the whole pattern matches. Raises ScriptError when none can be found."""
    return str(_known(_in_order({"type": "string", "pattern": f"^(?:{pattern})$"})).plan.make(source))


def _key(request: ChatRequest, seed: int, known: _Known | None) -> str:
    return _canonical([seed, _question(request, known)])


def _known_schema(request: ChatRequest) -> _Known | None:
    if request.output_schema is not None:
        return _known(_in_order(request.output_schema))
    schema = next(filter(None, map(embedded_schema, _latest(request, "system"))), None)
    if schema is None and request.output_mode == "json":
        schema = embedded_schema(_last(request, "user"))
    return None if schema is None else _known(schema)


@lru_cache(maxsize=256)
def _known(schema_text: str) -> _Known:
    """Kept by text, not by identity: a dict that its owner changes is another schema."""
    schema = json.loads(schema_text)
    from kaizen_eval.fake.generation.plan import planned  # noqa: PLC0415 - only a schema needs it, and it is large

    return _Known(planned(restored(schema)), _canonical(schema))


def _question(request: ChatRequest, known: _Known | None) -> list[Any]:
    """What makes two requests the same question: not who asks, nor whether the reply comes in pieces."""
    return [
        request.model,
        [_said(message) for message in request.messages],
        known and known.canonical,
        request.output_mode,
        request.tools,
        request.temperature,
        request.top_p,
        request.max_tokens,
        request.seed,
        request.stop,
    ]


def _said(message: Message) -> list[Any]:
    calls = [[call.id, call.name, call.arguments] for call in message.tool_calls]
    return [message.role, message.content, calls, message.tool_call_id]


def _last(request: ChatRequest, role: str) -> str:
    return next(_latest(request, role), "")


def _latest(request: ChatRequest, role: str) -> Iterator[str]:
    """What messages of this role say, the last first."""
    return (message.content for message in reversed(request.messages) if message.role == role)
