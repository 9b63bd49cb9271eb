"""The shape that a request gives to its reply: whose it is, and in which kinds of calls tools are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.model.logprobs import TokenLogprob
from kaizen_eval.fake.wire.chat.fields import TIERS
from kaizen_eval.fake.wire.json_text import quoted
from kaizen_eval.messages import ToolCall, Usage

__all__ = ["ID_PREFIX", "Shape", "encoded_logprobs", "encoded_usage", "shape_of"]

ID_PREFIX = "chatcmpl-"
_NO_BODY: Mapping[str, Any] = {}
_NO_NAMES: frozenset[str] = frozenset()


class Shape(NamedTuple):
    """What all parts of one reply share."""

    id: str
    model: str
    tier: str
    custom: frozenset[str] = _NO_NAMES
    """Tools that take plain text."""
    is_older: bool = False
    """Whether `functions` were offered: one `function_call` instead of `tool_calls`."""

    def finish_reason(self, choice: Choice) -> str:
        is_call = self.is_older and choice.finish_reason == "tool_calls"
        return "function_call" if is_call else choice.finish_reason

    def calls(self, choice: Choice) -> dict[str, Any]:
        """The fields of a message that hold its calls."""
        if not choice.tool_calls:
            return {}
        if self.is_older:
            call = choice.tool_calls[0]
            return {"function_call": {"name": call.name, "arguments": call.arguments}}
        return {"tool_calls": [self.call(call, call.arguments) for call in choice.tool_calls]}

    def call(self, call: ToolCall, arguments: str) -> dict[str, Any]:
        if call.name in self.custom:
            return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": arguments}}
        return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}

    def opening(self, kind: str, created: int) -> str:
        """The fields that stand first, as JSON that goes on."""
        return f'{{"id":{quoted(self.id)},"object":"{kind}","created":{created},"model":{quoted(self.model)},'


def shape_of(completion: Completion, inquiry: Inquiry) -> Shape:
    request, body = inquiry.request, inquiry.body or _NO_BODY
    model = completion.model or request.model or ""
    shape = Shape(ID_PREFIX + completion.mark, model, TIERS[body.get("service_tier")])
    if not request.tools:
        return shape
    custom = frozenset(tool["custom"]["name"] for tool in request.tools if tool.get("type") == "custom")
    return shape._replace(custom=custom, is_older=bool(body.get("functions")) and not body.get("tools"))


def encoded_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def encoded_logprobs(text: tuple[TokenLogprob, ...] | None, refusal: tuple[TokenLogprob, ...] | None) -> dict[str, Any]:
    """Of tokens that were said; None for a field that says nothing."""
    return {"content": _encoded(text), "refusal": _encoded(refusal)}


def _encoded(logprobs: tuple[TokenLogprob, ...] | None) -> list[dict[str, Any]] | None:
    if logprobs is None:
        return None
    return [_one(logprob) | {"top_logprobs": [_one(other) for other in logprob.top]} for logprob in logprobs]


def _one(logprob: TokenLogprob) -> dict[str, Any]:
    return {"token": logprob.token, "logprob": logprob.logprob, "bytes": list(logprob.bytes)}
