"""What a request says, whichever API it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.recording.conversation.contents import call, flat, parts, written
from kaizen_eval.recording.conversation.looking import mapping, mappings
from kaizen_eval.recording.conversation.said import Part, Said

__all__ = ["asked", "settings", "tools"]

_SAID = {"input", "instructions", "messages", "model", "prompt", "system", "tools"}
"""Fields that `asked` and `tools` tell; what is left are settings."""


def asked(body: Mapping[str, Any]) -> tuple[Said, ...]:
    """What was said to the model; empty where the body is in no shape that we know."""
    return tuple(
        said
        for said in (
            *_instructions(body.get("system")),
            *_instructions(body.get("instructions")),
            *_messages(body.get("messages")),
            *_input(body.get("input")),
            *_input(body.get("prompt")),
        )
        if said.parts
    )


def settings(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What else was asked for, in the order of the request: `("temperature", "0")`."""
    return tuple((name, _setting(value)) for name, value in body.items() if name not in _SAID and value is not None)


def tools(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the tools that the model may call."""
    offered = body.get("tools")
    return tuple(_tool(tool) for tool in offered) if isinstance(offered, list) else ()


def _instructions(content: Any) -> Iterator[Said]:
    if content:
        yield Said("system", parts(content))


def _messages(messages: Any) -> Iterator[Said]:
    for message in messages if isinstance(messages, list) else ():
        yield _message(message)


def _message(message: Any) -> Said:
    if not isinstance(message, Mapping):
        return Said("?", (Part("json", written(message)),))
    role = str(message.get("role") or "?")
    if role in {"tool", "function"}:
        return Said(role, (Part("result", flat(message.get("content")), id=str(message.get("tool_call_id") or "")),))
    return Said(role, (*parts(message.get("content")), *_extras(message)))


def _extras(message: Mapping[str, Any]) -> Iterator[Part]:
    if message.get("refusal"):
        yield Part("refusal", str(message["refusal"]))
    for made in mappings(message.get("tool_calls")):
        function = mapping(made.get("function")) or mapping(made.get("custom"))
        yield call(function.get("name"), function.get("arguments", function.get("input")), made.get("id"))


def _input(given: Any) -> Iterator[Said]:
    """The Responses API's `input`, and what embeddings and older completions take: one text or several."""
    if isinstance(given, str):
        yield Said("user", (Part("text", given),))
    elif isinstance(given, list) and given and all(isinstance(item, int) for item in given):
        yield Said("user", (Part("text", f"({len(given)} tokens)"),))
    elif isinstance(given, list):
        for item in given:
            yield _item(item)


def _item(item: Any) -> Said:
    if isinstance(item, list):
        return Said("user", (Part("text", f"({len(item)} tokens)"),))
    if not isinstance(item, Mapping) or item.get("type") in {"text", "image_url"}:
        return Said("user", parts([item]))
    if item.get("type") in {"message", None} and "content" in item:
        return Said(str(item.get("role") or "user"), parts(item["content"]))
    return _acted(item)


def _acted(item: Mapping[str, Any]) -> Said:
    match item.get("type"):
        case "function_call":
            return Said("assistant", (call(item.get("name"), item.get("arguments"), item.get("call_id")),))
        case "function_call_output":
            return Said("tool", (Part("result", flat(item.get("output")), id=str(item.get("call_id") or "")),))
        case "reasoning":
            return Said("assistant", tuple(Part("thinking", part.text) for part in parts(item.get("summary"))))
        case _:
            return Said("?", (Part("json", written(item)),))


def _setting(value: Any) -> str:
    """In one line: a schema by its name, whatever else by its JSON."""
    if isinstance(value, Mapping):
        schema = value.get("json_schema") or value.get("format") or value
        if isinstance(schema, Mapping) and isinstance(schema.get("name"), str):
            return f"{value.get('type') or schema.get('type') or ''} {schema['name']}".strip()
    text = " ".join(written(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _tool(tool: Any) -> str:
    if not isinstance(tool, Mapping):
        return written(tool)
    function = tool.get("function")
    named = function if isinstance(function, Mapping) else tool
    return str(named.get("name") or tool.get("type") or "?")
