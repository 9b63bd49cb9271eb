"""The tools that an agent is given, each checked where it enters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kaizen_eval.errors import ConfigError, ToolDefinitionError
from kaizen_eval.tools.definition import Tool
from kaizen_eval.tools.toolbox import Toolbox

__all__ = ["given_tools"]


def given_tools(given: object) -> tuple[object, ...]:
    """Tools, each made from its function if need be, and sources of tools as they are."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise ConfigError(f"tools takes a list of functions, Tools and sources of tools, not {given!r}.")
    tools = tuple(_tool(one) for one in given)
    Toolbox([tool for tool in tools if isinstance(tool, Tool)])
    return tools


def _tool(given: Any) -> object:
    if callable(getattr(given, "as_tool", None)):
        raise ToolDefinitionError(f"{given!r} is an agent; what another agent can call is its `.as_tool()`.")
    is_source = not isinstance(given, type) and callable(getattr(given, "tools", None))
    return given if is_source else Tool.of(given)
