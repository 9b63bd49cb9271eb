"""Scorers written down: the spec that makes a scorer again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from inspect import signature
from os import PathLike
from typing import Any

from kaizen_eval.evals.score import Scorer
from kaizen_eval.evals.scorers.kinds import KINDS

__all__ = ["place_of", "spec_of"]


def spec_of(scorer: Scorer) -> dict[str, dict[str, Any]]:
    """`{name: {settings}}`, JSON all through: what `scorers_from` makes the same scorer of.

    Of one of the user's own: its place as `module:name`, with the settings that its attributes tell. One that stands
    in no module, such as a lambda, is written with the place where it was made, and cannot be made again.
    """
    kind = type(scorer)
    if KINDS.get(getattr(kind, "kind", "")) == f"{kind.__module__}:{kind.__qualname__}":
        return {kind.kind: _settings(scorer)}  # type: ignore[attr-defined]  # it is one of ours
    place = _place_in_module(scorer)
    return {place: {}} if place else {place_of(kind): _settings(scorer)}


def place_of(named: Any) -> str:
    """`module:name` of a class or function; of another object, of its class."""
    kind = named if hasattr(named, "__qualname__") else type(named)
    return f"{kind.__module__}:{kind.__qualname__}"


def _place_in_module(value: object) -> str | None:
    """Of an object that a module holds under a name."""
    home = getattr(value, "__module__", "")
    for module in dict.fromkeys([home, *sys.modules]):
        for name, held in list(getattr(sys.modules.get(module), "__dict__", {}).items()):
            if held is value and name.isidentifier():
                return f"{module}:{name}"
    return None


def _settings(scorer: Any) -> dict[str, Any]:
    """What its attributes tell of the parameters that made it, without those that are as they always are."""
    usual = {"name": scorer.usual_name()} if hasattr(scorer, "usual_name") else {}
    return {
        name: _written(getattr(scorer, name))
        for name, parameter in signature(type(scorer)).parameters.items()
        if hasattr(scorer, name) and getattr(scorer, name) != usual.get(name, parameter.default)
    }


def _written(value: Any) -> Any:
    """As JSON."""
    if isinstance(value, Mapping):
        return {name: _written(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_written(item) for item in value]
    if isinstance(value, Decimal | PathLike):
        return str(value)
    if isinstance(value, str | int | float | type(None)):
        return value
    if hasattr(value, "score"):
        return spec_of(value)
    folder = getattr(value, "folder", None)
    return str(folder) if folder is not None else _place_in_module(value) or _made_somewhere(value)


def _made_somewhere(value: Any) -> Any:
    """Of what no module holds: its class; of an agent with what tells it from others."""
    if hasattr(value, "agent_id"):
        return {"agent": place_of(value), "signature": value.signature.__name__, "model": value.config.model}
    return place_of(value)
