"""Sayings: what a recorded exchange ended with, as a script says it: a reply, or a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.fake.reply import Reply
from kaizen_eval.messages import ToolCall
from kaizen_eval.recording.conversation.looking import mapping, text
from kaizen_eval.recording.conversation.streams import events
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedResponse, media_type
from kaizen_eval.recording.script.errors import error_fault
from kaizen_eval.recording.script.spoken import is_stream, spoken_of
from kaizen_eval.recording.settings import Pace

__all__ = ["saying_of"]

_Saying = dict[str, Any]
_LOST = {
    "CancelledError": "hang",
    "ConnectError": "connection_refused",
    "ConnectTimeout": "hang",
    "PoolTimeout": "hang",
    "ReadTimeout": "hang",
    "RemoteProtocolError": "connection_closed",
    "TimeoutException": "hang",
    "WriteTimeout": "hang",
}
"""Before any answer came; all others were resets."""


def saying_of(exchange: Exchange, *, pace: Pace = "recorded") -> _Saying:
    """The `reply` or the `fail` of a rule; with `pace` "instant" without latency."""
    said = _said(exchange)
    latency = _latency(exchange) if pace == "recorded" else None
    if not latency or "hang" in said.values():
        return said
    if "fail" not in said:
        return {"reply": {**said["reply"], "latency": latency}}
    name, details = _named(said["fail"])
    first = latency["first"] if isinstance(latency, dict) else latency
    return {"fail": {name: {**details, "latency": latency if _has_begun(exchange) else first}}} if first else said


def _has_begun(exchange: Exchange) -> bool:
    """Whether some of an answer came."""
    return exchange.response is not None and exchange.response.status < 400


def _named(fault: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(fault, str):
        return fault, {}
    [(name, details)] = fault.items()
    return name, dict(details)


def _said(exchange: Exchange) -> _Saying:
    response, failure = exchange.response, exchange.failure
    if response is None:
        return {"fail": _LOST.get(failure.error, "connection_reset") if failure else "hang"}
    if response.status >= 400:
        return {"fail": error_fault(response)}
    if failure is not None:
        return {"fail": _broken(response, failure)}
    if is_stream(response) and (fault := _told_in_stream(response)):
        return {"fail": fault}
    spoken = spoken_of(response)
    return {"fail": _no_reply(response)} if spoken is None else _replied(spoken)


def _replied(spoken: Reply) -> _Saying:
    if spoken.text is None and not spoken.tool_calls and spoken.refusal is None:
        return {"fail": {"empty": {"text": None}}}
    return {"reply": dict(_fields(spoken))}


def _fields(spoken: Reply) -> Iterator[tuple[str, Any]]:
    if spoken.tool_calls:
        yield "tool_calls", [_called(call) for call in spoken.tool_calls]
        if spoken.text:
            yield "text", _literal(spoken.text)
    elif spoken.refusal is not None:
        yield "refusal", _literal(spoken.refusal)
    else:
        yield "text", _literal(spoken.text or "")
    if spoken.finish_reason != ("tool_calls" if spoken.tool_calls else "stop"):
        yield "finish_reason", spoken.finish_reason
    if spoken.usage is not None:
        used = spoken.usage
        counts = {"cached": used.cached, "reasoning": used.reasoning}
        more = {name: count for name, count in counts.items() if count}
        yield "usage", {"prompt": used.prompt, "completion": used.completion, **more}


def _called(call: ToolCall) -> dict[str, str]:
    told = {"name": _literal(call.name), "arguments": _literal(call.arguments)}
    return told | {"id": _literal(call.id)} if call.id else told


def _literal(said: str) -> str:
    """A template that says just this."""
    return said.replace("{{", "{{ '{{' }}")


def _broken(response: RecordedResponse, failure: Failure) -> Any:
    """A fault of delivery, or of a stream, that ends as this did."""
    is_late = "Timeout" in failure.error
    ending = "reset" if failure.error in {"ReadError", "WriteError"} else "cut"
    if is_stream(response):
        return _broken_stream(response, "hang" if is_late else ending)
    if is_late:
        return "hang_in_body"
    if ending == "cut":
        return "connection_cut"
    return "reset_in_body" if response.sizes else "reset_after_headers"


def _broken_stream(response: RecordedResponse, ending: str) -> Any:
    data = response.body.data.replace(b"\r\n", b"\n")
    after, is_whole = data.count(b"\n\n"), data.endswith(b"\n\n") or not data
    spoken = spoken_of(response)
    reply = {"reply": spoken.text} if spoken is not None and spoken.text else {}
    if ending == "hang":
        return {"stream_stall": {"after": after, **reply}}
    name = "stream_cut" if is_whole else "stream_cut_in_event"
    return {name: {"after": after, "ending": ending, **reply}}


def _told_in_stream(response: RecordedResponse) -> Any:
    """The error that stands in a stream; None where there is none."""
    for place, event in enumerate(events(response.body.data)):
        one = mapping(event)
        if one.get("type") == "response.failed":
            error = mapping(mapping(one.get("response")).get("error"))
            return {"stream_failed": {"message": text(error.get("message"))}}
        if one.get("type") == "error" or isinstance(one.get("error"), Mapping):
            error = mapping(one.get("error")) or one
            code = error.get("code")
            told = {"after": place, "message": text(error.get("message"))}
            return {"stream_error": {**told, "code": code if isinstance(code, str) else None}}
    return None


def _no_reply(response: RecordedResponse) -> Any:
    """The fault that answers with this body, which says nothing."""
    body = response.body.data.decode("utf-8", "replace")
    if not body:
        return "empty_body"
    if "html" in media_type(response.headers):
        return {"html_reply": {"body": body}}
    try:
        return "null_body" if json.loads(body) is None else {"wrong_shape": {"body": body}}
    except (ValueError, RecursionError):
        return {"not_json": {"body": body}}


def _latency(exchange: Exchange) -> Any:
    """Seconds to what came whole; of a stream to its head, and for each token."""
    response, failure = exchange.response, exchange.failure
    if response is None:
        return 0 if failure is None else _milliseconds(failure.at_us)
    last = max(response.offsets_us, default=response.at_us)
    if not is_stream(response):
        return _milliseconds(last)
    spoken = spoken_of(response)
    tokens = spoken.usage.completion if spoken is not None and spoken.usage is not None else len(response.sizes)
    each = round((last - response.at_us) / max(tokens, 1) / 1e6, 5)
    pace = {"first": _milliseconds(response.at_us), "per_token": each}
    return pace if any(pace.values()) else 0


def _milliseconds(microseconds: int) -> float:
    """In seconds; what is finer is chance."""
    return round(microseconds / 1e6, 3)
