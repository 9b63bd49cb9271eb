"""Token counts, estimated from the text alone."""

from __future__ import annotations

from collections.abc import Iterable

from kaizen_eval.messages import Message

__all__ = ["BYTES_PER_TOKEN", "TOKENS_PER_MESSAGE", "estimate", "estimate_messages"]

BYTES_PER_TOKEN = 4
"""The usual rule of thumb for English; an estimate, never what a provider bills."""
TOKENS_PER_MESSAGE = 3
"""What OpenAI's chat format adds around each message (their token-counting guide)."""


def estimate(text: str) -> int:
    """A rough count: UTF-8 bytes over four, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def estimate_messages(messages: Iterable[Message]) -> int:
    """A rough count of a request's messages, with what each adds around its text."""
    return sum(
        estimate(message.content)
        + sum(estimate(call.name + call.arguments) for call in message.tool_calls)
        + TOKENS_PER_MESSAGE
        for message in messages
    )
