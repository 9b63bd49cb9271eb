"""Tools of the Responses API: which are taken, and what they are in the shape of Chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kaizen_eval.fake.inquiry import ToolChoice
from kaizen_eval.fake.wire.chat.schemas import check_parameters
from kaizen_eval.fake.wire.chat.tools import check_name
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import (
    Check,
    anything,
    at,
    either,
    flag,
    items,
    missing,
    nullable,
    one_of,
    record,
    refused_value,
    table,
    tagged,
    text,
    whole,
    wrong_type,
)

__all__ = ["Choosing", "as_chat_tools", "check_tool", "check_tool_choice", "choosing", "custom_tools"]

_CALLERS = nullable(items(one_of("direct", "programmatic"), of="strings"))
_OWN = {"allowed_callers": _CALLERS, "async": nullable(flag), "defer_loading": nullable(flag)}
_GRAMMAR = tagged(
    {
        "text": record({"type": anything}),
        "grammar": record({"type": anything, "definition": text(), "syntax": one_of("lark", "regex")}),
    }
)
_LOCATION = record(
    {"type": one_of("approximate")},
    {name: nullable(text()) for name in ("city", "country", "region", "timezone")},
)
_PREVIEW = {
    "search_content_types": nullable(items(one_of("text", "image"), of="strings")),
    "search_context_size": nullable(one_of("low", "medium", "high")),
    "user_location": nullable(_LOCATION),
}
_SEARCH = {
    "external_web_access": nullable(flag),
    "filters": nullable(record({}, {"allowed_domains": nullable(items(text(), of="strings"))})),
    "search_context_size": nullable(one_of("low", "medium", "high")),
    "user_location": nullable(_LOCATION),
}
_CONTAINER = record(
    {"type": one_of("auto")},
    {
        "file_ids": items(text(), of="strings"),
        "memory_limit": nullable(one_of("1g", "4g", "16g", "64g")),
        "network_policy": table,
    },
)
_OPTIONAL_HOSTED: Mapping[str, Check] = {
    "web_search": record({"type": anything}, _SEARCH),
    "web_search_2025_08_26": record({"type": anything}, _SEARCH),
    "web_search_preview": record({"type": anything}, _PREVIEW),
    "web_search_preview_2025_03_11": record({"type": anything}, _PREVIEW),
    "file_search": record(
        {"type": anything, "vector_store_ids": items(text(), least=1, of="strings")},
        {"filters": nullable(table), "max_num_results": nullable(whole(1, 50)), "ranking_options": nullable(table)},
    ),
    "code_interpreter": record(
        {"type": anything, "container": either("one of a string or object", {str: anything, Mapping: _CONTAINER})},
        {"allowed_callers": _CALLERS},
    ),
}
"""Tools that the service runs; a model that is offered them may do without, as the fake always does."""
_FUNCTION = record(
    {"type": anything, "name": check_name},
    {
        "parameters": nullable(table),
        "strict": nullable(flag),
        "description": nullable(text()),
        "output_schema": nullable(table),
        **_OWN,
    },
)


def _function(path: str, value: Mapping[str, Any]) -> None:
    _FUNCTION(path, value)
    if value.get("parameters") is not None:
        strict = value.get("strict") is True
        check_parameters(at(path, "parameters"), value["name"], value["parameters"], strict=strict)


_CALLABLE: Mapping[str, Check] = {
    "function": _function,
    "custom": record(
        {"type": anything, "name": check_name},
        {"description": nullable(text()), "format": nullable(_GRAMMAR), **_OWN},
    ),
}
_UNSPOKEN = (
    *("apply_patch", "computer", "computer_use", "computer_use_preview", "image_generation", "local_shell", "mcp"),
    *("namespace", "programmatic_tool_calling", "shell", "tool_search"),
)
_TAKEN = {**_CALLABLE, **_OPTIONAL_HOSTED}
_MODES: tuple[ToolChoice, ...] = ("none", "auto", "required")
_NAMED = record({"type": anything, "name": text()})
_CHOICES: Mapping[str, Check] = {
    "function": _NAMED,
    "custom": _NAMED,
    "allowed_tools": record(
        {
            "type": anything,
            "mode": one_of("auto", "required"),
            "tools": items(tagged({"function": _NAMED, "custom": _NAMED}), least=1),
        }
    ),
}


class Choosing(NamedTuple):
    """Which tools the model may call, and whether it must."""

    choice: ToolChoice
    only: tuple[str, ...]
    """None named means all that are offered."""


def check_tool(path: str, value: object) -> None:
    """Refuse what is no tool, and tools that would not be run."""
    kind = _kind(path, value)
    if kind in _UNSPOKEN:
        raise _unspoken(at(path, "type"), f"tools of type '{kind}'")
    tagged(_TAKEN)(path, value)


def check_tool_choice(path: str, value: object) -> None:
    """Refuse what is no choice of tools, and choices of tools that would not be run."""
    if isinstance(value, str):
        if value not in _MODES:
            raise refused_value(path, value, _MODES)
        return
    if not isinstance(value, Mapping):
        raise wrong_type(path, "one of a string or object", value)
    kind = _kind(path, value)
    if kind in _UNSPOKEN or kind in _OPTIONAL_HOSTED:
        raise _unspoken(path, f"a tool_choice of type '{kind}'")
    tagged(_CHOICES)(path, value)


def as_chat_tools(tools: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """The ones that a client runs."""
    return tuple(_as_chat_tool(tool) for tool in tools if tool["type"] in _CALLABLE)


def custom_tools(tools: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The names of those that take plain text."""
    return frozenset(tool["name"] for tool in tools if tool["type"] == "custom")


def choosing(choice: object, tools: Iterable[Mapping[str, Any]]) -> Choosing:
    """What a checked `tool_choice` says.

    Raises:
        Rejection: it names a tool that is not offered, or asks for one where there is none.
    """
    names = [tool["name"] for tool in tools if tool["type"] in _CALLABLE]
    if isinstance(choice, Mapping):
        return _choosing_named(choice, names)
    mode: ToolChoice = next((mode for mode in _MODES if mode == choice), "auto")
    if mode == "required" and not names:
        raise Rejection("Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice")
    return Choosing(mode, ())


def _choosing_named(choice: Mapping[str, Any], names: list[str]) -> Choosing:
    wanted = tuple(tool["name"] for tool in choice.get("tools", (choice,)))
    for name in wanted:
        if name not in names:
            raise Rejection(f"Tool choice '{name}' not found in 'tools' parameter.", param="tool_choice")
    return Choosing("auto" if choice.get("mode") == "auto" else "required", wanted)


def _as_chat_tool(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = ("name", "description", "format") if tool["type"] == "custom" else _SHOWN
    return {"type": tool["type"], tool["type"]: {name: tool[name] for name in fields if tool.get(name) is not None}}


_SHOWN = ("name", "description", "parameters", "strict")


def _kind(path: str, value: object) -> str:
    if not isinstance(value, Mapping):
        raise wrong_type(path, "an object", value)
    if "type" not in value:
        raise missing(at(path, "type"))
    if not isinstance(value["type"], str):
        raise wrong_type(at(path, "type"), "a string", value["type"])
    return value["type"]


def _unspoken(path: str, what: str) -> Rejection:
    return Rejection(
        f"The fake LLM does not speak {what}: it runs no tools of the service.",
        param=path,
        code="unsupported_parameter",
        is_unspoken=True,
    )
