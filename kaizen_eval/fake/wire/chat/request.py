"""Reads chat requests: the inquiry in a body, or the service's refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.chat.conversation import Conversation, conversation
from kaizen_eval.fake.wire.chat.fields import check_fields
from kaizen_eval.fake.wire.chat.schemas import check_output_schema
from kaizen_eval.fake.wire.chat.tools import TOOL_FIELDS, Choosing, choosing
from kaizen_eval.fake.wire.chat.usual import is_usual
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.llm.wire import encode_request
from kaizen_eval.messages import ChatRequest, OutputMode

__all__ = ["check_request", "decode_inquiry"]

_NO_HEADERS: Mapping[str, str] = {}
_NOTHING: Mapping[str, Any] = {}


def decode_inquiry(
    body: object,
    *,
    headers: Mapping[str, str] = _NO_HEADERS,
    session_id: str | None = None,
    agent_id: str | None = None,
) -> Inquiry:
    """The inquiry in a decoded JSON body; the ids are not the body's.

    Raises:
        Rejection: the real service would refuse it, or the fake cannot do what it asks for.
    """
    data = check_fields(body)
    said = conversation(data["messages"])
    for name, check_together in _TOGETHER.items():
        if data.get(name) is not None:
            check_together(data, said)
    chosen = Choosing() if data.keys().isdisjoint(TOOL_FIELDS) else choosing(data)
    request = _request(data, said, chosen, session_id, agent_id)
    return _inquiry(request, data, headers, said, chosen)


def _request(
    data: Mapping[str, Any], said: Conversation, chosen: Choosing, session_id: str | None, agent_id: str | None
) -> ChatRequest:
    mode, schema = _output(data)
    get = data.get
    return ChatRequest(
        model=data["model"],
        messages=said.messages,
        output_schema=schema,
        output_mode=mode,
        tools=chosen.tools,
        temperature=get("temperature"),
        top_p=get("top_p"),
        max_tokens=_either(get("max_completion_tokens"), get("max_tokens")),
        seed=get("seed"),
        stop=_stops(get("stop")),
        stream=bool(get("stream")),
        session_id=session_id,
        agent_id=agent_id,
    )


def _inquiry(
    request: ChatRequest, data: Mapping[str, Any], headers: Mapping[str, str], said: Conversation, chosen: Choosing
) -> Inquiry:
    get = data.get
    return Inquiry(
        request=request,
        body=data,
        headers=headers,
        choices=get("n") or 1,
        logprobs=(get("top_logprobs") or 0) if get("logprobs") else None,
        include_usage=bool((get("stream_options") or _NOTHING).get("include_usage")),
        tool_choice=chosen.choice,
        only_tools=chosen.only,
        parallel_tool_calls=get("parallel_tool_calls") is not False,
        reasoning_effort=get("reasoning_effort"),
        attachments=said.attachments,
    )


def check_request(request: ChatRequest) -> None:
    """Refuse what the service would not take if it came over the wire.

    Raises:
        Rejection: of the body that it would be sent as.
    """
    if not is_usual(request):
        decode_inquiry(encode_request(request))


def _check_limits(data: Mapping[str, Any], _: Conversation) -> None:
    if data.get("max_tokens") is not None:
        raise Rejection(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            code="invalid_parameter_combination",
        )


def _check_logprobs(data: Mapping[str, Any], _: Conversation) -> None:
    if not data.get("logprobs"):
        raise Rejection(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param="top_logprobs"
        )


def _check_stream_options(data: Mapping[str, Any], _: Conversation) -> None:
    if not data.get("stream"):
        raise Rejection(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )


def _check_output(data: Mapping[str, Any], said: Conversation) -> None:
    form = data["response_format"]
    if form["type"] == "json_schema" and form["json_schema"].get("strict"):
        check_output_schema(form["json_schema"]["name"], form["json_schema"]["schema"])
    if form["type"] == "json_object" and not any("json" in message.content.lower() for message in said.messages):
        raise Rejection(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            param="messages",
        )


_TOGETHER: Mapping[str, Callable[[Mapping[str, Any], Conversation], None]] = {
    "max_completion_tokens": _check_limits,
    "top_logprobs": _check_logprobs,
    "stream_options": _check_stream_options,
    "response_format": _check_output,
}
"""Fields that ask something of others, where they are not null."""


def _output(data: Mapping[str, Any]) -> tuple[OutputMode, Mapping[str, Any] | None]:
    form = data.get("response_format")
    if form is None or form["type"] == "text":
        return "text", None
    return ("json", None) if form["type"] == "json_object" else ("schema", form["json_schema"]["schema"])


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    return (stop,) if isinstance(stop, str) else tuple(stop or ())


def _either(first: int | None, second: int | None) -> int | None:
    return second if first is None else first
