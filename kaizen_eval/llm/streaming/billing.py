"""What is billed for a stream that nobody read to its end, as far as its reader can tell."""

from __future__ import annotations

from collections.abc import Iterable

from kaizen_eval.messages import ChatRequest, ToolCall, Usage
from kaizen_eval.metrics.tokens import cached_tokens, call_tokens, encoding_of, prompt_tokens

__all__ = ["completion_of_part", "usage_of_part"]


def usage_of_part(
    request: ChatRequest, text: str, tool_calls: Iterable[ToolCall] = (), *, refusal: str = "", model: str | None = None
) -> Usage:
    """The whole prompt, and what came of the reply, counted in the model's own tokens where its encoding is known.

    An estimate: tokens that were made and not sent, such as those of reasoning, are not seen, and a text that breaks
    off may fall into other tokens than those in which it was made.

    Args:
        request: that was sent.
        text: that came.
        tool_calls: as far as they came.
        refusal: that came.
        model: that answered, for requests that name none.
    """
    encoding = encoding_of(request.model or model)
    return Usage(
        prompt=prompt_tokens(request, encoding),
        completion=completion_of_part(text, tool_calls, refusal=refusal, model=request.model or model),
        cached=cached_tokens(request, encoding),
    )


def completion_of_part(
    text: str, tool_calls: Iterable[ToolCall] = (), *, refusal: str = "", model: str | None = None
) -> int:
    """The tokens of what came of a reply."""
    encoding = encoding_of(model)
    calls = sum(call_tokens(call, encoding) for call in tool_calls)
    return encoding.count(text) + encoding.count(refusal) + calls
