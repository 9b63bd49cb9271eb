"""The output of the Responses API: what a model says, item by item, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.model.logprobs import TokenLogprob
from kaizen_eval.fake.wire.responses.items import Json
from kaizen_eval.fake.wire.responses.tools import custom_tools
from kaizen_eval.messages import FinishReason, ToolCall

__all__ = [
    "decode_output",
    "encode_output",
    "item_status",
    "logprobs_of",
    "refusal_part",
    "shown_logprobs",
    "text_part",
]

_ENCRYPTED = "reasoning.encrypted_content"


def encode_output(completion: Completion, inquiry: Inquiry) -> list[Json]:
    """Its items: what was thought, what is said, what is called."""
    if not completion.choices:
        return []
    choice, mark = completion.choices[0], completion.mark
    said = choice.text is not None or choice.refusal is not None
    status = item_status(choice.finish_reason)
    output = []
    if choice.reasoning:
        output.append(_reasoning(mark, inquiry))
    if said:
        spoken = "completed" if choice.tool_calls else status
        output.append(_message(f"msg_{mark}", spoken, choice, logprobs_of(completion, inquiry)))
    custom = custom_tools((inquiry.body or {}).get("tools") or ())
    last = len(choice.tool_calls) - 1
    output.extend(
        _call(call, f"{mark}_{place}", status if place == last else "completed", call.name in custom)
        for place, call in enumerate(choice.tool_calls)
    )
    return output


def decode_output(output: Iterable[Mapping[str, Any]], *, finish_reason: FinishReason, reasoning: int) -> Choice:
    """The choice that was written; how it ended, and how long it was thought about, stand elsewhere."""
    parts = [part for item in output if item["type"] == "message" for part in item["content"]]
    calls = tuple(_decoded_call(item) for item in output if item["type"] in _WRITTEN)
    return Choice(
        text=next((part["text"] for part in parts if part["type"] == "output_text"), None),
        refusal=next((part["refusal"] for part in parts if part["type"] == "refusal"), None),
        tool_calls=calls,
        finish_reason="tool_calls" if calls and finish_reason == "stop" else finish_reason,
        reasoning=reasoning,
    )


def item_status(finish_reason: FinishReason) -> str:
    """Of the item with which a response ends."""
    return "incomplete" if finish_reason in {"length", "content_filter"} else "completed"


def logprobs_of(completion: Completion, inquiry: Inquiry) -> tuple[TokenLogprob, ...]:
    """Of each token of the text, when they are asked for."""
    if inquiry.logprobs is None or completion.choices[0].text is None:
        return ()
    return completion.logprobs(0, inquiry.logprobs)[0]


def shown_logprobs(logprobs: Sequence[TokenLogprob]) -> list[Json]:
    return [{**_logprob(token), "top_logprobs": [_logprob(other) for other in token.top]} for token in logprobs]


def text_part(text: str, logprobs: Sequence[TokenLogprob] = ()) -> Json:
    return {"type": "output_text", "annotations": [], "logprobs": shown_logprobs(logprobs), "text": text}


def refusal_part(refusal: str) -> Json:
    return {"type": "refusal", "refusal": refusal}


def _reasoning(mark: str, inquiry: Inquiry) -> Json:
    item: Json = {"id": f"rs_{mark}", "type": "reasoning", "summary": []}
    if _ENCRYPTED in ((inquiry.body or {}).get("include") or ()):
        item["encrypted_content"] = _sealed(mark)
    return item


def _sealed(mark: str) -> str:
    """Opaque to clients, as the real one is: it is only ever sent back."""
    return "gAAAAA" + blake2b(mark.encode()).hexdigest()


def _message(item_id: str, status: str, choice: Choice, logprobs: Sequence[TokenLogprob]) -> Json:
    content = []
    if choice.text is not None:
        content.append(text_part(choice.text, logprobs))
    if choice.refusal is not None:
        content.append(refusal_part(choice.refusal))
    return {"id": item_id, "type": "message", "status": status, "content": content, "role": "assistant"}


_WRITTEN = {"function_call": "arguments", "custom_tool_call": "input"}
"""Which field of a call holds what the model wrote."""


def _call(call: ToolCall, place: str, status: str, is_custom: bool) -> Json:  # noqa: FBT001 - of a call, what it is
    named = {"call_id": call.id, "name": call.name}
    if is_custom:
        written = {"id": f"ctc_{place}", "type": "custom_tool_call", "status": status, "input": call.arguments}
    else:
        written = {"id": f"fc_{place}", "type": "function_call", "status": status, "arguments": call.arguments}
    return written | named


def _decoded_call(item: Mapping[str, Any]) -> ToolCall:
    return ToolCall(item["call_id"], item["name"], item[_WRITTEN[item["type"]]])


def _logprob(token: TokenLogprob) -> Json:
    return {"token": token.token, "bytes": list(token.bytes), "logprob": token.logprob}
