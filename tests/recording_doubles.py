"""What tests of cassettes share: requests, a service that answers, and a cassette on hand-made time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kaizen_eval.recording.cassette import Cassette, Turn
from kaizen_eval.recording.exchange import Exchange, RawRequest
from kaizen_eval.recording.settings import CassetteSettings

__all__ = ["JSON", "MOMENT", "URL", "Ticking", "answered", "asked", "opened", "raw", "recorded", "said"]

URL = "https://api.example.com/v1/chat/completions"
MOMENT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
JSON = (("content-type", "application/json"),)


class Ticking:
    """A clock that goes on by a millisecond each time it is looked at."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        self.now_ns += 1_000_000
        return self.now_ns


def raw(text: str = "Hello", *, url: str = URL, **fields: Any) -> RawRequest:
    """A chat request whose user says this."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **fields}
    return RawRequest("POST", url, (*JSON, ("authorization", "Bearer made-up")), json.dumps(body).encode())


def opened(
    path: Path,
    mode: str = "replay",
    *,
    lane: str = "",
    environment: Mapping[str, str] | None = None,
    now: datetime = MOMENT,
    **settings: Any,
) -> Cassette:
    """A cassette on ticking time, of an empty environment."""
    return Cassette.open(
        path,
        CassetteSettings(mode=mode, **settings),
        lane=lane,
        clock=Ticking(),
        now=lambda: now,
        environment=environment or {},
    )


def answered(turn: Turn, text: str) -> None:
    """What a service does that says this, in two pieces."""
    assert turn.take is not None
    data = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
    turn.take.head(200, JSON)
    turn.take.piece(data[:10])
    turn.take.piece(data[10:])
    turn.take.end()


def asked(cassette: Cassette, text: str, **fields: Any) -> str:
    """What the cassette plays."""
    played = cassette.begin(raw(text, **fields)).play
    assert played is not None
    return said(played)


def said(exchange: Exchange) -> str:
    assert exchange.response is not None
    return json.loads(exchange.response.body.data)["choices"][0]["message"]["content"]


def recorded(path: Path, *pairs: tuple[str, str], **settings: Any) -> Path:
    """A cassette of these questions and answers."""
    cassette = opened(path, "record", **settings)
    for question, answer in pairs:
        answered(cassette.begin(raw(question)), answer)
    cassette.close()
    return path
