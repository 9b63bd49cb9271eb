"""What a provider bills for the prompt of a request, and how much of it was cached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaizen_eval.messages import ChatRequest, Message
from kaizen_eval.metrics.tokens.encoding import Encoding
from kaizen_eval.metrics.tokens.estimate import estimate
from kaizen_eval.metrics.tokens.schema_tokens import schema_tokens
from kaizen_eval.metrics.tokens.tool_tokens import call_tokens, tool_tokens

__all__ = [
    "LEAST_CACHED",
    "TOKENS_PER_MESSAGE",
    "cached_tokens",
    "estimate_messages",
    "message_tokens",
    "name_tokens",
    "prompt_tokens",
]

TOKENS_PER_MESSAGE = 3
"""What OpenAI's chat format adds around each message (their token-counting guide)."""
_PER_ROLE = 1
"""Each role's name is one token, in each of the encodings."""
_PER_NAME = 1
_PRIMING = 3
"""Each reply is primed with the start of the assistant's message (the same guide)."""
LEAST_CACHED = 1024
"""OpenAI's guide on prompt caching: shorter prompts are not cached, longer ones in steps."""
_CACHED_STEP = 128
_CACHES_NOTHING = "cl100k_base"
"""Models before gpt-4o have no prompt cache."""


def prompt_tokens(request: ChatRequest, encoding: Encoding, *, extra: int = 0) -> int:
    """What OpenAI bills for the prompt: exact for messages of text, when the encoding is.

    Tools, calls of tools and schemas follow what is published or was measured; where neither is, estimates. See
    `tool_tokens`, `call_tokens` and `schema_tokens`.

    Args:
        request: of which the messages, the tools and the schema count.
        encoding: the model's own, or the estimate.
        extra: tokens of what a ChatRequest does not hold, such as names (`name_tokens`) and images.
    """
    return _prompt(request, request.messages, encoding) + extra


def cached_tokens(request: ChatRequest, encoding: Encoding) -> int:
    """The part of the prompt that the same conversation has sent before, as OpenAI's prompt cache counts.

    What was sent before is read from the request alone: the messages before the assistant's last one. From 1,024
    tokens on, in steps of 128; 0 for models before gpt-4o.
    """
    earlier = _earlier(request.messages)
    if not earlier or encoding.name == _CACHES_NOTHING:
        return 0
    sent = _prompt(request, earlier, encoding)
    return sent - sent % _CACHED_STEP if sent >= LEAST_CACHED else 0


def message_tokens(messages: Iterable[Message], encoding: Encoding) -> int:
    """What messages add to a prompt, each with what stands around it.

    A tool's result stands under its function's name instead of the role (measured, as in `call_tokens`).
    """
    total, names = 0, dict[str | None, str]()
    for message in messages:
        name = names.get(message.tool_call_id) if message.role == "tool" else None
        total += TOKENS_PER_MESSAGE + encoding.count(message.content)
        total += _PER_ROLE if name is None else encoding.count(name)
        for call in message.tool_calls:
            names[call.id] = call.name
            total += call_tokens(call, encoding)
    return total


def name_tokens(name: str, encoding: Encoding) -> int:
    """What a message's `name` adds."""
    return _PER_NAME + encoding.count(name)


def estimate_messages(messages: Iterable[Message]) -> int:
    """A rough count of a request's messages, with what each adds around its text."""
    return sum(
        estimate(message.content)
        + sum(estimate(call.name + call.arguments) for call in message.tool_calls)
        + TOKENS_PER_MESSAGE
        for message in messages
    )


def _prompt(request: ChatRequest, messages: Iterable[Message], encoding: Encoding) -> int:
    """The start of the assistant's message, with which the reply is primed, stands in the next turn's prompt, too."""
    total = _PRIMING + message_tokens(messages, encoding)
    if request.tools:
        total += tool_tokens(request.tools, encoding)
    if request.output_schema is not None and request.output_mode == "schema":
        total += schema_tokens(request.output_schema, encoding)
    return total


def _earlier(messages: Sequence[Message]) -> Sequence[Message]:
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role == "assistant":
            return messages[:index]
    return ()
