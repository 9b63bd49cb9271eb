"""Tool: a function that a model may call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

__all__ = ["OnError", "Tool"]

OnError = Literal["tell", "raise"]


class Tool:
    """A function with what the model is told of it, and how it is executed."""

    def __init__(  # noqa: PLR0913 - all that makes one tool another
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        on_error: OnError = "tell",
        idempotent: bool = True,
        requires_approval: bool | Callable[..., bool | Awaitable[bool]] = False,
        approve: Callable[..., bool | Awaitable[bool]] | None = None,
        max_result_chars: int = 100_000,
    ) -> None:
        raise NotImplementedError
