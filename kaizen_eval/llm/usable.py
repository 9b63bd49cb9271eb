"""Whether a reply can become a result at all, whatever its text says."""

from __future__ import annotations

from kaizen_eval.errors import ContentFiltered, EmptyReply, OutputTruncated, Refused, UnexpectedToolCall
from kaizen_eval.messages import ChatReply, ChatRequest

__all__ = ["refuse_unusable"]


def refuse_unusable(reply: ChatReply, request: ChatRequest) -> None:
    """Raise what stands for a reply that can never become a result.

    Raises:
        RequestRejected: it was filtered, or the model refused.
        OutputError: it is cut or empty, or calls tools that nobody offered.
    """
    if reply.finish_reason == "content_filter":
        raise ContentFiltered("The provider's content filter withheld the reply.", body=reply.text)
    if reply.refusal is not None:
        raise Refused(f"The model refused: {reply.refusal}", body=reply.refusal)
    if reply.finish_reason == "length":
        raise OutputTruncated(_cut(reply, request), reply=reply.text)
    if (reply.text is not None and reply.text.strip()) or (reply.tool_calls and request.tools):
        return
    if reply.tool_calls:
        names = ", ".join(call.name for call in reply.tool_calls)
        raise UnexpectedToolCall(f"The model called {names} instead of answering, and no tools were offered.")
    raise EmptyReply("The model's reply is empty.", reply=reply.text)


def _cut(reply: ChatReply, request: ChatRequest) -> str:
    limit = "the provider's token limit" if request.max_tokens is None else f"max_tokens={request.max_tokens}"
    after = f" after {reply.usage.completion} tokens" if reply.usage.completion else ""
    return f"The reply was cut at {limit}{after}; raise max_tokens or ask for less."
