"""Token counts, estimated from the text alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kaizen_eval.messages import Message

__all__ = [
    "BYTES_PER_TOKEN",
    "ESTIMATE",
    "TOKENS_PER_MESSAGE",
    "Encoding",
    "encoding_of",
    "estimate",
    "estimate_messages",
    "pieces",
]

BYTES_PER_TOKEN = 4
"""The usual rule of thumb for English; an estimate, never what a provider bills."""
TOKENS_PER_MESSAGE = 3
"""What OpenAI's chat format adds around each message (their token-counting guide)."""


class Encoding(Protocol):
    """How a model's texts fall into tokens."""

    @property
    def name(self) -> str: ...

    @property
    def is_exact(self) -> bool:
        """Whether it is the model's own; otherwise all counts are estimates."""
        ...

    def count(self, text: str) -> int: ...

    def split(self, text: str) -> tuple[bytes, ...]:
        """The tokens; joined, they are the text in UTF-8. One may end in the middle of a character."""
        ...


class _Estimate:
    """A rough count: UTF-8 bytes over four, rounded up."""

    name = "estimate"
    is_exact = False

    def count(self, text: str) -> int:
        return estimate(text)

    def split(self, text: str) -> tuple[bytes, ...]:
        data = text.encode("utf-8", "surrogatepass")
        return tuple(data[start : start + BYTES_PER_TOKEN] for start in range(0, len(data), BYTES_PER_TOKEN))


ESTIMATE: Encoding = _Estimate()


def encoding_of(model: str | None) -> Encoding:  # noqa: ARG001 - no model's encoding is known yet
    """The model's own encoding where it is known, else the estimate."""
    return ESTIMATE


def pieces(tokens: Iterable[bytes]) -> tuple[str, ...]:
    """The tokens as texts that can be shown one after the other; what is half a character waits for its rest."""
    texts, waiting = [], b""
    for token in tokens:
        waiting += token
        try:
            texts.append(waiting.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            continue
        waiting = b""
    return tuple(texts)


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
