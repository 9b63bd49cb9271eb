"""Tools of a chat request: which are taken, and which the model may call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.fake.inquiry import ToolChoice
from kaizen_eval.fake.wire.chat.known import Known
from kaizen_eval.fake.wire.chat.schemas import check_parameters
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import (
    Check,
    anything,
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
)

__all__ = [
    "FUNCTIONS",
    "FUNCTION_CALL",
    "TOOL_CHOICE",
    "TOOL_FIELDS",
    "Choosing",
    "are_known",
    "check_name",
    "check_tools",
    "choosing",
]

TOOL_FIELDS = frozenset({"tools", "functions", "tool_choice", "function_call", "parallel_tool_calls"})
"""A body with none of them says nothing of tools."""
_MODES: Mapping[str, ToolChoice] = {"none": "none", "auto": "auto", "required": "required"}
_MOST = 128
_LONGEST_NAME = 64
_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z")
_ONE_OF = "one of one of 'none', 'auto', or 'required' or object"


class Choosing(NamedTuple):
    """Which tools the model may call, and whether it must."""

    tools: tuple[Mapping[str, Any], ...] = ()
    """Functions of the older kind among them, in the shape of the newer."""
    choice: ToolChoice = "auto"
    only: tuple[str, ...] = ()
    """None named means all that are offered."""


def check_name(path: str, value: object) -> None:
    """Refuse what is no name of a function, a format or a speaker."""
    text(longest=_LONGEST_NAME)(path, value)
    if not value:
        raise Rejection(
            f"Invalid '{path}': empty string. Expected a string with minimum length 1, but got an empty string "
            "instead.",
            param=path,
            code="empty_string",
        )
    if not _NAME.match(str(value)):
        raise Rejection(
            f"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern "
            "'^[a-zA-Z0-9_-]+$'.",
            param=path,
            code="invalid_value",
        )


_DEFINITION = record(
    {"name": check_name},
    {"description": nullable(text()), "parameters": nullable(table), "strict": nullable(flag)},
)


def _function(path: str, value: Any) -> None:
    _DEFINITION(path, value)
    if value.get("parameters") is not None:
        strict = bool(value.get("strict"))
        check_parameters(f"{path}.parameters", value["name"], value["parameters"], strict=strict)


_GRAMMAR = record({"definition": text(), "syntax": one_of("lark", "regex")})
_FORMATS = {"text": record({"type": anything}), "grammar": record({"type": anything, "grammar": _GRAMMAR})}
_CUSTOM = record({"name": check_name}, {"description": nullable(text()), "format": nullable(tagged(_FORMATS))})
_KINDS = {
    "function": record({"type": anything, "function": _function}),
    "custom": record({"type": anything, "custom": _CUSTOM}),
}
_TOOLS: Check = items(tagged(_KINDS), least=1, most=_MOST)
_KNOWN = Known()
FUNCTIONS: Check = items(_function, least=1, most=_MOST, of="function definitions")


def check_tools(path: str, value: object) -> None:
    """Refuse what are no tools."""
    if not _KNOWN.has(value):
        _TOOLS(path, value)
        _KNOWN.note(value)


def are_known(tools: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the same ones were found to be in order before; none at all are."""
    return not tools or _KNOWN.has(list(tools))


_NAMED = record({"name": text()})
_ALLOWED = record(
    {
        "mode": one_of("auto", "required"),
        "tools": items(
            tagged(
                {
                    "function": record({"type": anything, "function": _NAMED}),
                    "custom": record({"type": anything, "custom": _NAMED}),
                }
            ),
            least=1,
        ),
    }
)
_CHOICES: Mapping[str, Check] = {
    "allowed_tools": record({"type": anything, "allowed_tools": _ALLOWED}),
    "custom": record({"type": anything, "custom": _NAMED}),
    "function": record({"type": anything, "function": _NAMED}),
}


def _mode(path: str, value: object) -> None:
    if value not in _MODES:
        raise refused_value(path, value, tuple(_MODES))


def _chosen(path: str, value: Mapping[str, Any]) -> None:
    kind = value.get("type")
    if kind not in ("allowed_tools", "custom") and "function" not in value:
        raise missing(f"{path}.function")
    tagged(_CHOICES)(path, value)


def _old_mode(path: str, value: object) -> None:
    if value not in ("none", "auto"):
        raise refused_value(path, value, ("none", "auto"))


TOOL_CHOICE: Check = either(_ONE_OF, {str: _mode, dict: _chosen})
FUNCTION_CALL: Check = either("one of one of 'none' or 'auto' or object", {str: _old_mode, dict: _NAMED})


def choosing(body: Mapping[str, Any]) -> Choosing:
    """What a checked body says of tools.

    Raises:
        Rejection: it says so without offering any, or names one that is not offered.
    """
    tools, functions = body.get("tools"), body.get("functions")
    choice = body.get("tool_choice")
    if body.get("parallel_tool_calls") is not None and not tools:
        raise _only_with("parallel_tool_calls", "tools")
    if choice not in (None, "none") and not tools:
        raise _only_with("tool_choice", "tools")
    if body.get("function_call") not in (None, "none") and not functions:
        raise _only_with("function_call", "functions")
    older = ({"type": "function", "function": function} for function in functions or ())
    return _choosing(body.get("function_call") if choice is None else choice, (*(tools or ()), *older))


def _choosing(choice: object, tools: tuple[Mapping[str, Any], ...]) -> Choosing:
    if not isinstance(choice, Mapping):
        return Choosing(tools, _MODES.get(str(choice), "auto"))
    names = [tool[tool["type"]]["name"] for tool in tools]
    wanted = tuple(_wanted(choice))
    for name in wanted:
        if name not in names:
            raise Rejection(
                f"Invalid value for 'function_call': no function named '{name}' was specified in the 'functions' "
                "parameter.",
                param="function_call",
            )
    return Choosing(tools, _MODES[choice.get("allowed_tools", {}).get("mode", "required")], wanted)


def _wanted(choice: Mapping[str, Any]) -> Iterator[str]:
    if "type" not in choice:
        yield choice["name"]
        return
    for tool in choice.get("allowed_tools", {}).get("tools", (choice,)):
        yield tool[tool["type"]]["name"]


def _only_with(name: str, needed: str) -> Rejection:
    return Rejection(f"Invalid value for '{name}': '{name}' is only allowed when '{needed}' are specified.", param=name)
