"""OpenAI's stream of a chat completion: server-sent events, a chunk each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from kaizen_eval.fake.completion import Choice, Completion
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.events import Piece
from kaizen_eval.metrics.tokens import pieces

__all__ = ["encode_stream"]


def encode_stream(completion: Completion, inquiry: Inquiry) -> Iterable[Piece]:
    """The events, those that are due at the same instant in one piece."""
    events = b"".join(_events(completion, inquiry))
    return (Piece(events),)


def _events(completion: Completion, inquiry: Inquiry) -> Iterator[bytes]:
    for index, choice in enumerate(completion.choices):
        yield from _choice(completion, index, choice)
    if inquiry.include_usage:
        yield _event(completion, 0, {})
    yield b"data: [DONE]\n\n"


def _choice(completion: Completion, index: int, choice: Choice) -> Iterator[bytes]:
    for text in pieces(completion.encoding.split(choice.text or "")):
        yield _event(completion, index, {"content": text})


def _event(completion: Completion, index: int, delta: dict[str, str]) -> bytes:
    chunk = {
        "id": f"chatcmpl-{completion.mark}",
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.model,
        "choices": [{"index": index, "delta": delta, "finish_reason": None}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
