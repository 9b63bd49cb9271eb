"""Streams of chat completions, written by hand, and what a reader makes of them."""

from __future__ import annotations

import json
from typing import Any

from kaizen_eval.llm.streaming.decoder import Decoder
from kaizen_eval.messages import ChatDelta

__all__ = ["DONE", "END", "chunk", "event", "read", "stream"]

DONE = b"data: [DONE]\n\n"


def event(data: object, *, name: str = "") -> bytes:
    """One event with this JSON."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def chunk(text: str | None = None, *, finish: str | None = None, usage: Any = None, **delta: Any) -> bytes:
    """One event as OpenAI writes it; `delta` is what else the choice's delta holds."""
    said = delta if text is None else {"content": text, **delta}
    choice = {"index": 0, "delta": said, "finish_reason": finish}
    return event({"id": "c1", "model": "m", "choices": [choice], "usage": usage})


END = chunk(finish="stop")


def stream(*texts: str) -> bytes:
    """A whole one that says these texts."""
    return b"".join(map(chunk, texts)) + END + DONE


def read(*parts: bytes) -> list[ChatDelta]:
    """What comes of the parts of a stream that is over after them."""
    decoder = Decoder()
    deltas = [delta for part in parts for delta in decoder.feed(part)]
    return deltas + list(decoder.finish())
