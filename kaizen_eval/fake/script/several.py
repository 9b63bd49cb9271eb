"""Several replies, of which each request gets one: by chance, or by how far its conversation is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script.making import Making, Occasion
from kaizen_eval.fake.script.matching import Conditions
from kaizen_eval.fake.script.script import Action, action_of

__all__ = ["Pick", "Steps"]


@dataclass(frozen=True, slots=True, init=False)
class Pick(Making):
    """One of these, by the seed, the request and how often it was asked; asked again, another one.

    Args:
        options: what `.reply()` takes, or faults.
    """

    options: tuple[Action, ...]

    def __init__(self, options: Iterable[Any]) -> None:
        object.__setattr__(self, "options", _actions(options, "Pick"))

    def make(self, occasion: Occasion) -> Action:
        return occasion.seen.source("pick").pick(self.options)

    def check(self, conditions: Conditions) -> None:
        _check(self.options, conditions)


@dataclass(frozen=True, slots=True, init=False)
class Steps(Making):
    """The first after the user spoke, the second once the model has spoken since, and so on; then nothing."""

    steps: tuple[Action, ...]

    def __init__(self, steps: Iterable[Any]) -> None:
        object.__setattr__(self, "steps", _actions(steps, ".steps()"))

    def make(self, occasion: Occasion) -> Action:
        return self.steps[occasion.seen.step]

    def check(self, conditions: Conditions) -> None:
        _check(self.steps, conditions)


def _actions(values: object, where: str) -> tuple[Action, ...]:
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
        raise ScriptError(f"{where} takes a list of replies and faults, not {values!r}.")
    actions = tuple(action_of(value, where=f"{where}[{place}]") for place, value in enumerate(values))
    if not actions:
        raise ScriptError(f"{where} takes a list with at least one reply or fault in it.")
    return actions


def _check(actions: Iterable[Action], conditions: Conditions) -> None:
    for action in actions:
        if isinstance(action, Making):
            action.check(conditions)
