"""Puts a stream together: what the service would have answered at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kaizen_eval.fake.wire import sse
from kaizen_eval.recording.conversation.looking import count, json_of, mapping, mappings, text

__all__ = ["assembled", "events"]

_Body = dict[str, Any]
_GROWING = {
    "response.output_text.delta": ("content", "content_index", "output_text", "text"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index", "summary_text", "text"),
    "response.refusal.delta": ("content", "content_index", "refusal", "refusal"),
}
"""The Responses API's deltas: which list of an item grows, at which index, by blocks of which kind and field."""
_OF_MESSAGES = frozenset({"message_start", "content_block_start", "content_block_delta"})


def events(data: bytes) -> list[Any]:
    """What stands in the events of a stream; one that is cut, and the mark of the end, do not count."""
    whole = data.decode("utf-8", "replace").encode()
    return [_value(event.data) for event in sse.read(whole) if event.data != sse.DONE]


def assembled(found: Iterable[Any]) -> _Body | None:
    """The answer that a stream's events amount to, as far as they came; None where they are in no known shape."""
    maps = [event for event in found if isinstance(event, Mapping)]
    body = _known(maps)
    error = next((event for event in maps if event.get("error") or event.get("type") == "error"), None)
    if error is not None and not (body or {}).get("error"):
        return {**(body or {}), "error": error.get("error") or error}
    return body


def _known(maps: list[Mapping[str, Any]]) -> _Body | None:
    kinds = {text(event.get("type")) for event in maps}
    if any(kind.startswith("response.") for kind in kinds):
        return _responses(maps)
    if not kinds.isdisjoint(_OF_MESSAGES):
        return _anthropic(maps)
    return _chat(maps) if any("choices" in event for event in maps) else None


def _value(data: str) -> Any:
    """JSON, else the text."""
    return json_of(data, data)


def _chat(maps: list[Mapping[str, Any]]) -> _Body:
    body: _Body = {}
    choices: dict[int, _Body] = {}
    for event in maps:
        body |= {name: value for name, value in event.items() if name != "choices" and value is not None}
        for choice in mappings(event.get("choices")):
            index = count(choice.get("index"))
            _add_choice(choices.setdefault(index, {"index": index}), choice)
    return {**body, "choices": [choices[index] for index in sorted(choices)]}


def _add_choice(choice: _Body, part: Mapping[str, Any]) -> None:
    if isinstance(part.get("text"), str):
        choice["text"] = choice.get("text", "") + part["text"]
    if isinstance(part.get("delta"), Mapping):
        _add_delta(choice.setdefault("message", {}), part["delta"])
    if part.get("finish_reason"):
        choice["finish_reason"] = part["finish_reason"]


def _add_delta(message: _Body, delta: Mapping[str, Any]) -> None:
    for call in mappings(delta.get("tool_calls")):
        _add_call(message.setdefault("tool_calls", []), call)
    for name, value in delta.items():
        if isinstance(value, str) and name not in {"role", "tool_calls"}:
            message[name] = message.get(name, "") + value


def _add_call(calls: list[_Body], part: Mapping[str, Any]) -> None:
    index = count(part.get("index"), len(calls))
    call = next((one for one in calls if one["index"] == index), None)
    if call is None:
        call = {"index": index, "id": "", "function": {"name": "", "arguments": ""}}
        calls.append(call)
    function = mapping(part.get("function"))
    call["id"] = call["id"] or text(part.get("id"))
    call["function"]["name"] = call["function"]["name"] or text(function.get("name"))
    call["function"]["arguments"] += text(function.get("arguments"))


def _responses(maps: list[Mapping[str, Any]]) -> _Body:
    """The last event tells it all; where it did not come, the items do, and for the last of them its deltas."""
    body: _Body = {}
    items: dict[int, _Body] = {}
    for event in maps:
        body = {**mapping(event.get("response"))} or body
        if isinstance(event.get("output_index"), int):
            items[event["output_index"]] = _item(items.get(event["output_index"], {}), event)
    return body if body.get("output") else {**body, "output": [items[index] for index in sorted(items)]}


def _item(item: _Body, event: Mapping[str, Any]) -> _Body:
    """The item with what one event adds to it."""
    if isinstance(event.get("item"), Mapping):
        return {**event["item"]}
    kind, delta = text(event.get("type")), text(event.get("delta"))
    if kind in _GROWING:
        field, index, block, inner = _GROWING[kind]
        whole = {"type": "message" if field == "content" else "reasoning", "role": "assistant", **item}
        return {**whole, field: _grown(mappings(item.get(field)), count(event.get(index)), block, inner, delta)}
    if kind == "response.function_call_arguments.delta":
        return {"type": "function_call", **item, "arguments": text(item.get("arguments")) + delta}
    return item


def _grown(blocks: list[Mapping[str, Any]], index: int, kind: str, field: str, delta: str) -> list[Mapping[str, Any]]:
    if index >= len(blocks):
        return [*blocks, {"type": kind, field: delta}]
    block = blocks[index]
    return [*blocks[:index], {**block, field: text(block.get(field)) + delta}, *blocks[index + 1 :]]


def _anthropic(maps: list[Mapping[str, Any]]) -> _Body:
    body: _Body = {}
    blocks: dict[int, _Body] = {}
    for event in maps:
        index, delta = count(event.get("index")), mapping(event.get("delta"))
        match event.get("type"):
            case "message_start":
                body = {**mapping(event.get("message"))}
            case "content_block_start":
                blocks[index] = {**mapping(event.get("content_block"))}
            case "content_block_delta":
                _add_to_block(blocks.setdefault(index, {"type": "text"}), delta)
            case "message_delta":
                usage = {**mapping(body.get("usage")), **mapping(event.get("usage"))}
                body = {**body, **delta, "usage": usage}
    return {"type": "message", **body, "content": [_parsed(blocks[index]) for index in sorted(blocks)]}


def _add_to_block(block: _Body, delta: Mapping[str, Any]) -> None:
    for field in ("text", "thinking", "partial_json"):
        if isinstance(delta.get(field), str):
            block[field] = text(block.get(field)) + delta[field]


def _parsed(block: _Body) -> _Body:
    """A call's input comes as the text of its JSON."""
    return {**block, "input": _value(block["partial_json"])} if text(block.get("partial_json")) else block
