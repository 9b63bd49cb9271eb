"""OpenAI's Responses API as a server sees it: request bodies in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.responses.conversation import as_messages, attachments, check_pairs
from kaizen_eval.fake.wire.responses.fields import check_counting, check_creating
from kaizen_eval.fake.wire.responses.items import Item, kind_of
from kaizen_eval.fake.wire.responses.tools import as_chat_tools, choosing
from kaizen_eval.messages import ChatRequest, Message, OutputMode

__all__ = ["LOGPROBS", "NOTHING_KEPT", "Kept", "decode_inquiry", "response_not_found"]

LOGPROBS = "message.output_text.logprobs"
_NO_HEADERS: Mapping[str, str] = {}


class Kept(Protocol):
    """What the service remembers of earlier responses."""

    def conversation(self, response_id: str) -> Sequence[Item] | None:
        """All items up to the end of a response; None where it is not kept."""
        ...

    def item(self, item_id: str) -> Item | None:
        """One item of a response or of its input; None where it is not kept."""
        ...


class _NothingKept:
    """The memory of a service that stores nothing."""

    def conversation(self, response_id: str) -> None:
        """None is kept."""

    def item(self, item_id: str) -> None:
        """None is kept."""


NOTHING_KEPT: Kept = _NothingKept()


def decode_inquiry(  # noqa: PLR0913 - what a request brings beside its body
    body: Mapping[str, Any],
    *,
    operation: str = "",
    model: str | None = None,
    headers: Mapping[str, str] = _NO_HEADERS,
    session_id: str | None = None,
    agent_id: str | None = None,
    kept: Kept = NOTHING_KEPT,
) -> Inquiry:
    """The inquiry in the body of `POST /responses`, or of `/responses/input_tokens` where that is the operation.

    Raises:
        Rejection: the real service would refuse it; or it asks for something that the fake does not speak.
    """
    (check_counting if operation else check_creating)(body)
    said = (*_earlier(body, kept), *_now(body, kept))
    check_pairs(said)
    chosen = choosing(body.get("tool_choice"), body.get("tools") or ())
    return Inquiry(
        request=_request(body, said, body.get("model") or model, (session_id, agent_id)),
        endpoint="responses",
        operation=operation,
        body=body,
        headers=headers,
        logprobs=(body.get("top_logprobs") or 0) if LOGPROBS in (body.get("include") or ()) else None,
        include_usage=True,
        tool_choice=chosen.choice,
        only_tools=chosen.only,
        parallel_tool_calls=body.get("parallel_tool_calls") is not False,
        reasoning_effort=(body.get("reasoning") or {}).get("effort"),
        attachments=attachments(said),
        items=said,
    )


def _request(
    body: Mapping[str, Any], said: Sequence[Item], model: str | None, asker: tuple[str | None, str | None]
) -> ChatRequest:
    mode, schema = _format(body)
    return ChatRequest(
        model=model,
        messages=(*_instructions(body), *as_messages(said)),
        output_schema=schema,
        output_mode=mode,
        tools=as_chat_tools(body.get("tools") or ()),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        max_tokens=body.get("max_output_tokens"),
        stream=bool(body.get("stream")),
        session_id=asker[0],
        agent_id=asker[1],
    )


def response_not_found(response_id: str) -> Rejection:
    return Rejection(f"Response with id '{response_id}' not found.", status=404)


def _earlier(body: Mapping[str, Any], kept: Kept) -> Sequence[Item]:
    response_id = body.get("previous_response_id")
    if response_id is None:
        return ()
    said = kept.conversation(response_id)
    if said is None:
        raise Rejection(
            f"Previous response with id '{response_id}' not found.",
            param="previous_response_id",
            code="previous_response_not_found",
        )
    return said


def _now(body: Mapping[str, Any], kept: Kept) -> Sequence[Item]:
    given = body.get("input")
    if isinstance(given, str):
        return ({"role": "user", "content": given},)
    if given is None and body.get("previous_response_id") is None:
        raise Rejection(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.",
            param="input",
            code="missing_required_parameter",
        )
    return tuple(_resolved(item, kept) for item in given or ())


def _resolved(item: Item, kept: Kept) -> Item:
    """What a reference refers to."""
    if kind_of(item) != "item_reference":
        return item
    found = kept.item(item["id"])
    if found is None:
        raise Rejection(
            f"Item with id '{item['id']}' not found. Items are not persisted when `store` is set to false. Try again "
            "with `store` set to true, or remove this item from your input.",
            status=404,
            param="input",
        )
    return found


def _instructions(body: Mapping[str, Any]) -> tuple[Message, ...]:
    instructions = body.get("instructions")
    return (Message("system", instructions),) if instructions else ()


def _format(body: Mapping[str, Any]) -> tuple[OutputMode, Mapping[str, Any] | None]:
    shape = (body.get("text") or {}).get("format") or {}
    if shape.get("type") == "json_schema":
        return "schema", shape["schema"]
    if shape.get("type") != "json_object":
        return "text", None
    given = body.get("input")
    said = given if isinstance(given, str) else " ".join(message.content for message in as_messages(given or ()))
    if "json" not in said.lower():
        raise Rejection(
            "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
            "'json_object'.",
            param="input",
        )
    return "json", None
