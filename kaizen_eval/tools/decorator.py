"""The decorator form of Tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from kaizen_eval.tools.approval import Approve
from kaizen_eval.tools.definition import OnError, Tool

__all__ = ["tool"]


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    on_error: OnError = "tell",
    idempotent: bool = True,
    requires_approval: bool | Approve = False,
    approve: Approve | None = None,
    max_result_chars: int = 100_000,
) -> Callable[[Callable[..., Any]], Tool]: ...


def tool(function: Callable[..., Any] | None = None, /, **settings: Any) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """`@tool`, or `@tool(timeout=5)` with any of Tool's settings. What it makes can still be called as the function."""
    if function is not None:
        return Tool(function, **settings)
    return lambda decorated: Tool(decorated, **settings)
