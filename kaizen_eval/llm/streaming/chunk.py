"""One event of a chat completion's stream: what it adds to the reply, or the error that it tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from kaizen_eval.llm.shapes import WrongShapeError, optional, the, unreadable, words_of
from kaizen_eval.llm.wire import finish_reason_of, usage_of
from kaizen_eval.messages import ChatDelta, ToolCallDelta

__all__ = ["delta_of", "error_in", "error_words", "parsed"]


def parsed(data: bytes) -> Mapping[str, Any]:
    """The JSON of an event.

    Raises:
        WrongShapeError: it is none, or no object.
    """
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise WrongShapeError(f"an event of {unreadable(data.decode(errors='replace'), error)}") from error
    return the(dict, "an event", value)


def error_in(chunk: Mapping[str, Any], name: bytes = b"") -> object:
    """The error that an event tells; None where it tells none."""
    error = chunk.get("error")
    return chunk if error is None and name == b"error" else error


def error_words(body: str) -> str:
    """What a body says that holds an error, in brackets; nothing where it is none, or does not say."""
    try:
        return words_of(parsed(body.encode()).get("error"))
    except WrongShapeError:
        return ""


def delta_of(chunk: Mapping[str, Any]) -> ChatDelta | None:
    """What an event adds; None where it adds nothing, such as one about another choice than the first.

    Raises:
        WrongShapeError: it is none of a chat completion.
    """
    choices = optional(list, "choices", chunk)
    choice = next(filter(_is_first, choices or ()), None)
    if choice is None:
        usage = usage_of(chunk)
        if choices is None and usage is None:
            raise WrongShapeError("an event without choices")
        return None if usage is None else ChatDelta(usage=usage, model=_model(chunk), id=_id(chunk))
    said = optional(dict, "delta", choice) or {}
    calls = optional(list, "tool_calls", said)
    return ChatDelta(
        text=optional(str, "content", said) or "",
        tool_calls=tuple(map(_call, calls)) if calls else (),
        refusal=optional(str, "refusal", said) or "",
        finish_reason=finish_reason_of(choice),
        usage=usage_of(chunk),
        model=_model(chunk),
        id=_id(chunk),
    )


def _is_first(choice: object) -> TypeGuard[dict[str, Any]]:
    return (the(dict, "a choice", choice).get("index") or 0) == 0


def _model(chunk: Mapping[str, Any]) -> str | None:
    return optional(str, "model", chunk)


def _id(chunk: Mapping[str, Any]) -> str | None:
    return optional(str, "id", chunk)


def _call(data: object) -> ToolCallDelta:
    call = the(dict, "a part of a tool call", data)
    function = optional(dict, "function", call) or {}
    return ToolCallDelta(
        index=_index(call),
        id=optional(str, "id", call) or None,
        name=optional(str, "name", function) or None,
        arguments=optional(str, "arguments", function) or "",
    )


def _index(call: Mapping[str, Any]) -> int:
    """Without it, parts of several calls cannot be told apart."""
    index = call.get("index")
    if index is None:
        raise WrongShapeError("a part of a tool call without its index")
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise WrongShapeError("a part of a tool call whose index is no count")
    return index
