"""What a function, an agent or a workflow takes by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.workflow.reaching import MISSING

__all__ = ["SESSION", "Parameters", "of_agent", "of_function"]

SESSION = "session_id"
"""What every agent takes beside its inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names of inputs."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    more: bool = False
    """Whether any other name is taken as well."""
    beside: tuple[str, ...] = ()
    """What is taken only where a config or a mapping names it."""
    by_position: Mapping[str, Any] = field(default_factory=dict)
    """Of these, those that a function takes by position alone, in order, with their defaults or MISSING."""

    @property
    def names(self) -> tuple[str, ...]:
        return self.required + self.optional

    def take(self, name: str) -> bool:
        return self.more or name in self.required or name in self.optional or name in self.beside

    def arranged(self, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """As a call takes them: by position, and by name."""
        if not self.by_position:
            return [], dict(given)
        rest = {name: value for name, value in given.items() if name not in self.by_position}
        return [given.get(name, default) for name, default in self.by_position.items()], rest


def of_function(function: Callable[..., Any]) -> Parameters:
    """Anything, of one that does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return Parameters(more=True)
    named = [each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    return Parameters(
        required=tuple(each.name for each in named if each.default is each.empty),
        optional=tuple(each.name for each in named if each.default is not each.empty),
        more=any(each.kind is each.VAR_KEYWORD for each in parameters),
        by_position={
            each.name: MISSING if each.default is each.empty else each.default
            for each in named
            if each.kind is each.POSITIONAL_ONLY
        },
    )


def of_agent(agent: Any) -> Parameters:
    """By its signature; any inputs, without one."""
    from kaizen_eval.signatures import AnySignature  # noqa: PLC0415 - loads pydantic, as agents do

    fields = getattr(agent.signature, "input_fields", None)
    if agent.signature is AnySignature or not isinstance(fields, Mapping):
        return Parameters(more=True, beside=(SESSION,))
    return Parameters(
        required=tuple(name for name, each in fields.items() if each.required),
        optional=tuple(name for name, each in fields.items() if not each.required),
        beside=(SESSION,),
    )
