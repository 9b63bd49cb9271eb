"""What a tool takes, however it was declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

__all__ = ["Parameters"]


@runtime_checkable
class Parameters(Protocol):
    """The JSON Schema that a model is told, and the check of what it sends."""

    schema: Mapping[str, Any]
    strict: bool
    """Whether the schema is one that OpenAI's strict mode takes."""

    def fit(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the function is called with.

        Raises:
            ValueError: naming the parameters that do not fit, in words for the model.
        """
        ...
