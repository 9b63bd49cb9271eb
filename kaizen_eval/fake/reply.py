"""Reply: what the fake says when nothing goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass
from typing import Any, get_args

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.latency import Latency
from kaizen_eval.messages import FinishReason, ToolCall, Usage

__all__ = ["Reply", "canonical_json"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the model.

    Raises:
        ScriptError: both text and data, or a value that no model could send.
    """

    text: str | None = None
    _: KW_ONLY
    data: InitVar[Any] = None
    """Any JSON value, or what pydantic can turn into one; becomes `text` as canonical JSON."""
    tool_calls: tuple[ToolCall, ...] = ()
    """ToolCalls, or mappings with `name` and `arguments`; a call without an id gets one when it is sent."""
    usage: Usage | None = None
    """What is billed; estimated from the texts when None. A mapping of Usage's fields serves too."""
    finish_reason: FinishReason = "stop"
    """"stop" becomes "tool_calls" when there are any."""
    latency: Latency | None = None
    """Instead of the fake's own; a number is the whole time to the reply, in seconds."""
    refusal: str | None = None
    """What the model says instead of an answer when it refuses."""

    def __post_init__(self, data: Any) -> None:
        calls = _tool_calls(self.tool_calls)
        self._settle("text", _text(self.text, data))
        self._settle("tool_calls", calls)
        self._settle("usage", _usage(self.usage))
        self._settle("finish_reason", _finish_reason(self.finish_reason, calls))
        if self.latency is not None:
            self._settle("latency", Latency.of(self.latency))

    def _settle(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def canonical_json(value: object) -> str:
    """JSON text with sorted keys: the same value always gives the same text.

    Raises:
        ScriptError: the value cannot be written as JSON.
    """
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, default=_jsonable)
    except (TypeError, ValueError, RecursionError) as error:
        raise ScriptError(f"A reply's data must be a JSON value; {value!r} is none: {error}.") from error


def _jsonable(value: object) -> object:
    """Dates, enums, pydantic models and dataclasses, the way pydantic writes them."""
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 - loaded only for values that json does not know

    return to_jsonable_python(value)


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


def _usage(usage: object) -> Usage | None:
    if usage is None or isinstance(usage, Usage):
        return usage
    try:
        return Usage(**usage)  # type: ignore[arg-type]  # whatever is no mapping of its fields is refused below
    except TypeError:
        raise ScriptError(f"usage takes a Usage(prompt=…, completion=…), not {usage!r}.") from None


def _finish_reason(reason: object, calls: tuple[ToolCall, ...]) -> FinishReason:
    for known in get_args(FinishReason):
        if reason == known:
            return "tool_calls" if calls and reason == "stop" else known
    raise ScriptError(f"finish_reason is one of {', '.join(map(repr, get_args(FinishReason)))}, not {reason!r}.")
