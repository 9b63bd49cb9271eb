"""A response of the Responses API: the body that a client gets, and what was said in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.responses.items import Json
from kaizen_eval.fake.wire.responses.output import decode_output, encode_output
from kaizen_eval.messages import FinishReason, Usage

__all__ = ["begun", "cancelled", "decode_response", "encode_response", "finished"]

_REASONS: Mapping[FinishReason, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}
_FINISHES: Mapping[str, FinishReason] = {reason: finish for finish, reason in _REASONS.items()}


def encode_response(completion: Completion, inquiry: Inquiry) -> Json:
    """The body of a response that is done."""
    return finished(completion, inquiry, encode_output(completion, inquiry))


def finished(completion: Completion, inquiry: Inquiry, output: list[Json]) -> Json:
    """The same, with its items at hand."""
    reason = _REASONS.get(completion.choices[0].finish_reason)
    settled = {
        "status": "incomplete" if reason else "completed",
        "completed_at": None if reason else completion.created + int(completion.seconds),
        "incomplete_details": {"reason": reason} if reason else None,
        "output": output,
        "usage": _usage(completion.usage),
    }
    return _response(completion, inquiry, settled)


def begun(completion: Completion, inquiry: Inquiry, status: str) -> Json:
    """The body of a response of which nothing has been said: "queued" or "in_progress"."""
    return _response(completion, inquiry, {"status": status, "service_tier": _asked_tier(inquiry)})


def cancelled(completion: Completion, inquiry: Inquiry) -> Json:
    return _response(completion, inquiry, {"status": "cancelled"})


def decode_response(body: Mapping[str, Any]) -> Completion:
    """What was said in a response that is done; its encoding and its pace are not in it."""
    details = body["incomplete_details"]
    usage = _decoded_usage(body["usage"])
    finish_reason: FinishReason = _FINISHES[details["reason"]] if details else "stop"
    return Completion(
        mark=body["id"].removeprefix("resp_"),
        choices=(decode_output(body["output"], finish_reason=finish_reason, reasoning=usage.reasoning),),
        model=body["model"],
        usage=usage,
        created=body["created_at"],
    )


def _response(completion: Completion, inquiry: Inquiry, settled: Json) -> Json:
    return {
        "id": f"resp_{completion.mark}",
        "object": "response",
        "created_at": completion.created,
        "status": None,
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        **_settings(inquiry.body or {}),
        "model": completion.model,
        "output": [],
        "service_tier": _tier(inquiry),
        "usage": None,
        **settled,
    }


def _settings(asked: Mapping[str, Any]) -> Json:
    """What was asked for, with the service's defaults for what was not."""
    echo = {name: default if (given := asked.get(name)) is None else given for name, default in _DEFAULTS.items()}
    echo["reasoning"] = {"effort": None, "summary": None} | echo["reasoning"]
    echo["text"] = _TEXT | {name: given for name, given in echo["text"].items() if given is not None}
    echo["text"]["format"] = _format(echo["text"]["format"])
    echo["tools"] = [_tool(tool) for tool in echo["tools"]]
    if asked.get("access_programs") is not None:
        echo["access_programs"] = asked["access_programs"]
    if asked.get("prompt_cache_options") is not None:
        echo["prompt_cache_options"] = _CACHING | asked["prompt_cache_options"]
    return echo


_TEXT = {"format": {"type": "text"}, "verbosity": "medium"}
_DEFAULTS: Mapping[str, Any] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "reasoning": {},
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "text": {},
    "tool_choice": "auto",
    "tools": (),
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
_CACHING = {"mode": "implicit", "ttl": "30m"}


def _format(shape: Mapping[str, Any]) -> Mapping[str, Any]:
    if shape["type"] != "json_schema":
        return shape
    strict = shape.get("strict")
    return {"description": None, **shape, "strict": True if strict is None else strict}


def _tool(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    if tool["type"] == "function":
        strict = tool.get("strict")
        return {"description": None, "parameters": None, **tool, "strict": True if strict is None else strict}
    if tool["type"] == "custom":
        return {**tool, "format": tool.get("format") or {"type": "text"}}
    return tool


_SERVED = {"auto": "default", "fast": "priority"}
"""By tier that is asked for: the one that serves, where it has another name."""


def _asked_tier(inquiry: Inquiry) -> str:
    return (inquiry.body or {}).get("service_tier") or "auto"


def _tier(inquiry: Inquiry) -> str:
    asked = _asked_tier(inquiry)
    return _SERVED.get(asked, asked)


def _usage(usage: Usage) -> Json:
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }


def _decoded_usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        prompt=usage["input_tokens"],
        completion=usage["output_tokens"],
        cached=usage["input_tokens_details"]["cached_tokens"],
        reasoning=usage["output_tokens_details"]["reasoning_tokens"],
    )
