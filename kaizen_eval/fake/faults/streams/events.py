"""The events of a stream: taken apart, and changed one by one, in either protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kaizen_eval.fake.wire.events import Answer, Piece
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = ["DONE", "content_of", "cut_in_character", "edited", "events_of", "is_of_responses", "said", "written"]

DONE = b"data: [DONE]"
_BLANK_LINE = b"\n\n"
_DATA = b"data: "
_TWO_BYTES = "é"


def events_of(answer: Answer) -> Iterator[Piece]:
    """One piece for each event, its blank line included."""
    rest = b""
    for piece in pieces_of(answer):
        *whole, rest = (rest + piece.data).split(_BLANK_LINE)
        for event in whole:
            yield replace(piece, data=event + _BLANK_LINE)


def said(event: Piece) -> dict[str, Any] | None:
    """The JSON of an event; None where it has none, as the last one of a chat."""
    for line in event.data.splitlines():
        if line.startswith(_DATA + b"{"):
            data: dict[str, Any] = json.loads(line.removeprefix(_DATA))
            return data
    return None


def written(data: Mapping[str, Any], *, name: str | None = None, at: float = 0.0) -> Piece:
    """An event that says this; those of the Responses API have a name."""
    head = b"" if name is None else f"event: {name}\n".encode()
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Piece(head + _DATA + text.encode() + _BLANK_LINE, at)


def edited(event: Piece, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Piece:
    """The event with its JSON changed, where it has any."""
    data = said(event)
    if data is None:
        return event
    changed = change(data)
    return written(changed, name=changed["type"] if is_of_responses(event) else None, at=event.at)


def is_of_responses(event: Piece) -> bool:
    """Whether it is of the Responses API, whose events have a name."""
    return event.data.startswith(b"event: ")


def content_of(event: Piece) -> str:
    """The text that an event adds to the reply."""
    data = said(event) or {}
    if "choices" in data:
        return "".join(choice["delta"].get("content") or "" for choice in data["choices"])
    return data["delta"] if data.get("type") == "response.output_text.delta" else ""


def cut_in_character(event: Piece) -> bytes | None:
    """The event up to the middle of a character that it says; None where it adds no text."""
    if not content_of(event):
        return None
    data = edited(event, _with_two_bytes).data
    return data[: data.index(_TWO_BYTES.encode()) + 1]


def _with_two_bytes(data: dict[str, Any]) -> dict[str, Any]:
    """Its text begins with a character that can be cut."""
    if "choices" not in data:
        return {**data, "delta": _TWO_BYTES + data["delta"]}
    for choice in data["choices"]:
        choice["delta"]["content"] = _TWO_BYTES + (choice["delta"].get("content") or "")
    return data
