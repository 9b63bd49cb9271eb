"""Scorers written down: the spec that makes a scorer again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from inspect import signature
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
    """`module:name` of a class or function."""
    return f"{named.__module__}:{getattr(named, '__qualname__', type(named).__qualname__)}"


def _place_in_module(value: object) -> str | None:
    """Of an object that a module holds under a name."""
    module = getattr(value, "__module__", "")
    names = (name for name, held in vars(sys.modules.get(module, object)).items() if held is value)
    return next((f"{module}:{name}" for name in names), None)


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
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "score"):
        return spec_of(value)
    if callable(value):
        return _place_in_module(value) or place_of(value)
    return value
