"""Classes by `module:Name`, where they can be found again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.messages import Usage
from kaizen_eval.metrics.meter import Attempt, Call, Metrics
from kaizen_eval.metrics.steps import CallStep, ToolStep
from kaizen_eval.named.loading import named

__all__ = ["class_named", "name_of"]

_OURS: dict[str, type] = {kind.__name__: kind for kind in (Attempt, Call, CallStep, Metrics, ToolStep, Usage)}
"""By their names alone: they may move."""


@lru_cache(maxsize=512)
def name_of(kind: Any) -> str | None:
    """None: no module holds it under its name, as of classes made in functions."""
    name: str = kind.__name__
    if _OURS.get(name) is kind:
        return name
    path = f"{kind.__module__}:{kind.__qualname__}"
    try:
        return path if named(path) is kind else None
    except ConfigError:
        return None


def class_named(name: str) -> Any:
    """The class.

    Raises:
        ConfigError: there is none.
    """
    found = _OURS[name] if name in _OURS else named(name)
    if not isinstance(found, type):
        raise ConfigError(f"{name} is no class any more.")
    return found
