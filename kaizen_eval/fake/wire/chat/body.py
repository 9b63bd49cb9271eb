"""OpenAI's whole chat completion: the body that says what the model said, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.chat.shape import ID_PREFIX, Shape, encoded_logprobs, encoded_usage, shape_of
from kaizen_eval.fake.wire.json_text import quoted, quoted_or_null, utf8, written
from kaizen_eval.messages import FinishReason, ToolCall, Usage

__all__ = ["decode_choice", "decode_completion", "decode_usage", "encode_completion", "write_completion"]

_KIND = "chat.completion"
_FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


def encode_completion(completion: Completion, inquiry: Inquiry) -> dict[str, Any]:
    """The body of a `chat.completion`."""
    shape = shape_of(completion, inquiry)
    return {
        "id": shape.id,
        "object": _KIND,
        "created": completion.created,
        "model": shape.model,
        "choices": [
            _encoded(index, choice, shape, completion, inquiry) for index, choice in enumerate(completion.choices)
        ],
        "usage": encoded_usage(completion.usage),
        "service_tier": shape.tier,
        "system_fingerprint": completion.fingerprint,
    }


def write_completion(completion: Completion, inquiry: Inquiry) -> bytes:
    """The same as JSON, without going through it: most of what is sent is the same each time."""
    shape = shape_of(completion, inquiry)
    choices = [
        _plain(index, choice, shape)
        if inquiry.logprobs is None and not choice.tool_calls
        else written(_encoded(index, choice, shape, completion, inquiry))
        for index, choice in enumerate(completion.choices)
    ]
    return utf8(
        f'{shape.opening(_KIND, completion.created)}"choices":[{",".join(choices)}],"usage":{_usage(completion.usage)},'
        f'"service_tier":"{shape.tier}","system_fingerprint":{quoted(completion.fingerprint)}}}'
    )


def decode_completion(body: Mapping[str, Any]) -> Completion:
    """What a body says, apart from what no body tells: pace, encoding, and how long each choice was reasoned about."""
    return Completion(
        mark=body["id"].removeprefix(ID_PREFIX),
        choices=tuple(decode_choice(choice["message"], choice["finish_reason"]) for choice in body["choices"]),
        model=body["model"],
        usage=decode_usage(body["usage"]),
        created=body["created"],
        fingerprint=body["system_fingerprint"],
    )


def decode_choice(message: Mapping[str, Any], finish_reason: str) -> Choice:
    """A choice from its message."""
    older = message.get("function_call")
    calls = () if older is None else (ToolCall("", older["name"], older["arguments"]),)
    return Choice(
        text=message.get("content"),
        tool_calls=(*calls, *map(_decoded_call, message.get("tool_calls") or ())),
        refusal=message.get("refusal"),
        finish_reason=_FINISH_REASONS[finish_reason],
    )


def decode_usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        prompt=usage["prompt_tokens"],
        completion=usage["completion_tokens"],
        cached=usage["prompt_tokens_details"]["cached_tokens"],
        reasoning=usage["completion_tokens_details"]["reasoning_tokens"],
    )


def _decoded_call(call: Mapping[str, Any]) -> ToolCall:
    if call["type"] == "custom":
        return ToolCall(call["id"], call["custom"]["name"], call["custom"]["input"])
    return ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])


def _encoded(index: int, choice: Choice, shape: Shape, completion: Completion, inquiry: Inquiry) -> dict[str, Any]:
    message = {"role": "assistant", "content": choice.text, **shape.calls(choice)}
    return {
        "index": index,
        "message": message | {"refusal": choice.refusal, "annotations": []},
        "logprobs": None if inquiry.logprobs is None else _logprobs(index, choice, completion, inquiry.logprobs),
        "finish_reason": shape.finish_reason(choice),
    }


def _logprobs(index: int, choice: Choice, completion: Completion, top: int) -> dict[str, Any]:
    text, refusal = completion.logprobs(index, top)
    return encoded_logprobs(text if choice.text is not None else None, refusal if choice.refusal is not None else None)


def _plain(index: int, choice: Choice, shape: Shape) -> str:
    """A choice that calls no tools, as JSON."""
    return (
        f'{{"index":{index},"message":{{"role":"assistant","content":{quoted_or_null(choice.text)},'
        f'"refusal":{quoted_or_null(choice.refusal)},"annotations":[]}},"logprobs":null,'
        f'"finish_reason":"{shape.finish_reason(choice)}"}}'
    )


def _usage(usage: Usage) -> str:
    return (
        f'{{"prompt_tokens":{usage.prompt},"completion_tokens":{usage.completion},"total_tokens":{usage.total},'
        f'"prompt_tokens_details":{{"cached_tokens":{usage.cached},"audio_tokens":0}},'
        f'"completion_tokens_details":{{"reasoning_tokens":{usage.reasoning},"audio_tokens":0,'
        f'"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}}'
    )
