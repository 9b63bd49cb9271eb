"""Reads the stream of a response, event by event, back into what was said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire import sse
from kaizen_eval.fake.wire.responses.body import decode_response
from kaizen_eval.fake.wire.responses.items import Json

__all__ = ["decode_stream", "events_of"]


def events_of(stream: bytes) -> Iterator[Json]:
    """The events of a stream; each says its type twice, and both are the same.

    Raises:
        ValueError: it is none.
    """
    for event in sse.read(stream):
        held: Json = json.loads(event.data)
        if event.name != held["type"]:
            raise ValueError(f"The event {event.name!r} holds one of type {held['type']!r}.")
        yield held


def decode_stream(stream: bytes) -> Completion:
    """What was said in a stream: the items as their deltas make them, and the rest as its last event has it."""
    items: dict[int, Json] = {}
    last: Json = {}
    for last in events_of(stream):
        reader = _READERS.get(last["type"])
        if reader is not None:
            reader(items, last)
    return decode_response({**last["response"], "output": [items[index] for index in sorted(items)]})


def _added(items: dict[int, Json], event: Mapping[str, Any]) -> None:
    items[event["output_index"]] = event["item"]


def _part_added(items: dict[int, Json], event: Mapping[str, Any]) -> None:
    items[event["output_index"]]["content"].append(event["part"])


def _in_part(field: str) -> Callable[[dict[int, Json], Mapping[str, Any]], None]:
    def read(items: dict[int, Json], event: Mapping[str, Any]) -> None:
        items[event["output_index"]]["content"][event["content_index"]][field] += event["delta"]

    return read


def _in_item(field: str) -> Callable[[dict[int, Json], Mapping[str, Any]], None]:
    def read(items: dict[int, Json], event: Mapping[str, Any]) -> None:
        items[event["output_index"]][field] += event["delta"]

    return read


_READERS: Mapping[str, Callable[[dict[int, Json], Mapping[str, Any]], None]] = {
    "response.output_item.added": _added,
    "response.content_part.added": _part_added,
    "response.output_text.delta": _in_part("text"),
    "response.refusal.delta": _in_part("refusal"),
    "response.function_call_arguments.delta": _in_item("arguments"),
    "response.custom_tool_call_input.delta": _in_item("input"),
}
