"""The text that a streamed answer adds up to, for whoever reviews a cassette."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaizen_eval.recording.file.events import events_of

__all__ = ["assembled"]

_DELTAS = frozenset({"response.output_text.delta", "response.refusal.delta"})


def assembled(data: bytes) -> str:
    """The text of a stream of server-sent events, as far as it came; empty where the body is none, or says nothing."""
    texts: dict[object, list[str]] = {}
    for event in events_of(data):
        for choice, text in _said(event):
            texts.setdefault(choice, []).append(text)
    return "\n\n".join("".join(parts) for parts in texts.values())


def _said(event: dict[str, Any]) -> Iterator[tuple[object, str]]:
    """What an event adds, and to which of several answers."""
    if isinstance(choices := event.get("choices"), list):
        for choice in choices:
            yield from _chosen(choice)
    elif event.get("type") in _DELTAS and isinstance(event.get("delta"), str):
        yield str(event.get("output_index")), event["delta"]
    elif isinstance(delta := event.get("delta"), dict) and isinstance(delta.get("text"), str):
        yield str(event.get("index")), delta["text"]


def _chosen(choice: object) -> Iterator[tuple[object, str]]:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(delta, dict):
        return
    for name in ("content", "refusal"):
        if isinstance(delta.get(name), str) and delta[name]:
            yield str(choice.get("index")), delta[name]
    for call in delta.get("tool_calls") or ():
        yield from _called(str(choice.get("index")), call)


def _called(choice: str, call: Any) -> Iterator[tuple[object, str]]:
    """`get_weather {"city": "Paris"}`."""
    function = call.get("function") if isinstance(call, dict) else None
    if isinstance(function, dict):
        name, arguments = function.get("name"), function.get("arguments")
        place = (choice, str(call.get("index")))
        yield place, f"{name} " if isinstance(name, str) else ""
        yield place, arguments if isinstance(arguments, str) else ""
