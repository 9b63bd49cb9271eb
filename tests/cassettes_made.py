"""Cassettes for tests of what reads them: recorded by the transport, from a service that is a function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import httpx2

from kaizen_eval.recording.transport import CassetteTransport

__all__ = ["KEY", "ask", "chat", "record", "replay", "stream"]

KEY = "sk-proj-abcdefghijklmnopqrstuvwx1234567890"
"""In the shape of a secret."""
URL = "https://service.test/v1"


def chat(text: str, **fields: object) -> dict[str, object]:
    """The body of a request."""
    return {"model": "gpt-5", "messages": [{"role": "user", "content": text}], **fields}


def answer(text: str) -> dict[str, object]:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5", "choices": [choice], "usage": usage}


def stream(text: str) -> bytes:
    """The same in as many events as there are words."""
    words = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in text.split(" ")]
    return b"".join(b"data: " + json.dumps(word).encode() + b"\n\n" for word in words) + b"data: [DONE]\n\n"


def service(request: httpx2.Request) -> httpx2.Response:
    """Says what it was told, with an exclamation mark."""
    body = json.loads(request.content)
    said = f"{body['messages'][-1]['content']}!"
    if body.get("stream"):
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=stream(said))
    return httpx2.Response(200, json=answer(said))


def ask(client: httpx2.Client, body: object) -> str:
    response = client.post(f"{URL}/chat/completions", json=body, headers={"authorization": f"Bearer {KEY}"})
    return response.text


def record(path: Path, *bodies: object, lane: str = "") -> Path:
    with httpx2.Client(transport=CassetteTransport(path, "record", httpx2.MockTransport(service), lane=lane)) as client:
        for body in bodies:
            ask(client, body)
    return path


def replay(path: Path, bodies: Sequence[object]) -> list[str]:
    with httpx2.Client(transport=CassetteTransport(path)) as client:
        return [ask(client, body) for body in bodies]
