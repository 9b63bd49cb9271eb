"""Asking a front as a door does: HTTP requests in, responses out, no network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.front.front import Front, TurnedAway
from kaizen_eval.fake.wire.events import Answer
from kaizen_eval.resilience.clock import virtual_time

__all__ = ["CHAT", "Came", "asked", "error_of", "front_of", "sent"]

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


class Came(NamedTuple):
    """A response, its JSON decoded; a stream as its text, None for an empty body."""

    status: int
    headers: Mapping[str, str]
    body: Any


def front_of(fake: FakeLLM | None = None, *, api_key: str | None = None) -> Front:
    """The front of a fake that may be asked what it does not speak."""
    fake = fake or FakeLLM()
    fake.forgive_misses()
    return Front(fake._desk, model=fake.model, api_key=api_key)


def asked(front: Front, method: str, path: str, body: Any = None, **headers: str) -> Came:
    """The response to one request with a JSON body, or none; `_` in the names of headers stands for `-`."""
    return sent(front, method, path, b"" if body is None else json.dumps(body).encode(), **headers)


def sent(front: Front, method: str, path: str, raw: bytes, **headers: str) -> Came:
    """The same with a body of any bytes."""
    told = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    with virtual_time() as clock:
        answer = clock.run(_answer(front, method, path, told, raw))
    data = answer.body if isinstance(answer.body, bytes) else b"".join(piece.data for piece in answer.body)
    return Came(answer.status, dict(answer.headers), _decoded(data))


def error_of(message: str, *, kind: str = "invalid_request_error", param: Any = None, code: Any = None) -> Any:
    """The body of an error."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


async def _answer(front: Front, *request: Any) -> Any:
    visit = front.receive(*request)
    if isinstance(visit, Answer):
        return visit
    return (
        visit.answer if isinstance(visit, TurnedAway) else front.answer(visit, await front.desk.outcome(visit.opened))
    )


def _decoded(data: bytes) -> Any:
    if not data or data.startswith(b"data: "):
        return data.decode() or None
    return json.loads(data)
