"""Reply: what the fake says when nothing goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.timing.latency import AnyLatency, Latency
from kaizen_eval.messages import FinishReason, ToolCall, Usage

__all__ = ["Reply", "canonical_json"]


@dataclass(frozen=True, slots=True, init=False)
class Reply:
    """One answer of the model."""

    text: str | None
    tool_calls: tuple[ToolCall, ...]
    """A call without an id gets one when it is sent."""
    usage: Usage | None
    """What is billed; estimated from the texts when None."""
    finish_reason: FinishReason
    latency: Latency | None
    """Instead of the fake's own."""
    refusal: str | None
    """What the model says instead of an answer when it refuses."""

    def __init__(  # noqa: PLR0913 - one argument for each thing that a completion can hold
        self,
        text: str | None = None,
        *,
        data: Any = None,
        tool_calls: Iterable[ToolCall | Mapping[str, Any]] = (),
        usage: Usage | Mapping[str, int] | None = None,
        finish_reason: FinishReason = "stop",
        latency: AnyLatency | None = None,
        refusal: str | None = None,
    ) -> None:
        """Check everything.

        Args:
            text: what it says.
            data: instead of a text: any JSON value, or what pydantic can turn into one; sent as canonical JSON.
            tool_calls: ToolCalls, or mappings with `name` and `arguments`.
            usage: a Usage, or a mapping of its fields.
            finish_reason: "stop" becomes "tool_calls" when there are any.
            latency: a Latency, the whole time to the reply in seconds, or a profile such as "slow".
            refusal: what it says instead of an answer.

        Raises:
            ScriptError: both text and data, or what no model could send.
        """
        calls = _tool_calls(tool_calls)
        keep = object.__setattr__
        keep(self, "text", _text(text, data))
        keep(self, "tool_calls", calls)
        keep(self, "usage", _usage(usage))
        keep(self, "finish_reason", _finish_reason(finish_reason, calls))
        keep(self, "latency", None if latency is None else Latency.of(latency))
        keep(self, "refusal", refusal)


def canonical_json(value: object) -> str:
    """JSON text with sorted keys: the same value always gives the same text.

    Raises:
        ScriptError: the value cannot be written as JSON.
    """
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise ScriptError(f"A reply's data must be a JSON value; {value!r} is none: {error}.") from error


def _jsonable(value: object) -> object:
    """Dates, enums, pydantic models and dataclasses, the way pydantic writes them."""
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 - loaded only for values that json does not know

    return to_jsonable_python(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False, default=_jsonable)
"""Made once: `json.dumps` makes one for each text."""


def _text(text: object, data: object) -> str | None:
    if data is None:
        if text is None or isinstance(text, str):
            return text
        raise ScriptError(f"A reply's text must be a str, not {text!r}; for JSON use Reply(data=…).")
    if text is not None:
        raise ScriptError("A Reply takes a text or data, not both: data becomes the text.")
    return canonical_json(data)


def _tool_calls(calls: object) -> tuple[ToolCall, ...]:
    if isinstance(calls, str | bytes | Mapping) or not isinstance(calls, Iterable):
        raise ScriptError(f"tool_calls takes a list of {{'name', 'arguments'}} mappings or ToolCalls, not {calls!r}.")
    return tuple(map(_tool_call, calls))


def _tool_call(call: object) -> ToolCall:
    if isinstance(call, ToolCall):
        return call
    if not isinstance(call, Mapping) or not isinstance(call.get("name"), str) or call.keys() - {"id", *_TOOL_CALL}:
        raise ScriptError(f"A tool call is a ToolCall or a mapping with name and arguments, not {call!r}.")
    arguments = call.get("arguments", {})
    written = arguments if isinstance(arguments, str) else canonical_json(arguments)
    return ToolCall(id=str(call.get("id", "")), name=call["name"], arguments=written)


_TOOL_CALL = ("name", "arguments")
_FINISH_REASONS: tuple[FinishReason, ...] = get_args(FinishReason)


def _usage(usage: object) -> Usage | None:
    if usage is None:
        return None
    try:
        given = usage if isinstance(usage, Usage) else Usage(**usage)  # type: ignore[arg-type]  # refused below
    except TypeError:
        raise ScriptError(f"usage takes a Usage(prompt=…, completion=…), not {usage!r}.") from None
    counts = (given.prompt, given.completion, given.cached, given.reasoning)
    if any(type(count) is not int or count < 0 for count in counts):
        raise ScriptError(f"usage counts tokens in whole numbers from 0, not {usage!r}.")
    return given


def _finish_reason(reason: object, calls: tuple[ToolCall, ...]) -> FinishReason:
    for known in _FINISH_REASONS:
        if reason == known:
            return "tool_calls" if calls and reason == "stop" else known
    raise ScriptError(f"finish_reason is one of {', '.join(map(repr, _FINISH_REASONS))}, not {reason!r}.")
