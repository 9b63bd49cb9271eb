"""Progress: how far a loop of tool calls has come, and whether it still gets on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kaizen_eval.errors import RepeatedToolCall, StepLimitReached
from kaizen_eval.messages import ToolCall

__all__ = ["Progress"]

_SHOWN = 200
"""Characters of a call's arguments in a message."""


@dataclass(slots=True)
class Progress:
    """The steps of one loop, and what they called."""

    max_steps: int
    max_repeats: int | None
    steps: list[tuple[str, ...]] = field(default_factory=list)
    """The names that each called."""
    _made: Counter[tuple[str, str]] = field(default_factory=Counter)

    def goes_on_with(self, calls: Sequence[ToolCall]) -> None:
        """Enter a step that makes these calls; equal calls of one step count once.

        Raises:
            RepeatedToolCall: one of them has been made too often. StepLimitReached: it is a step too many.
        """
        for key, call in {_key(call): call for call in calls}.items():
            self._count(key, call)
        names = tuple(call.name for call in calls)
        if len(self.steps) == self.max_steps:
            raise StepLimitReached(_too_many(self.steps, names), steps=self.max_steps)
        self.steps.append(names)

    def _count(self, key: tuple[str, str], call: ToolCall) -> None:
        self._made[key] += 1
        if self._made[key] == self.max_repeats:
            raise RepeatedToolCall(_repeated(call, self.max_repeats), tool=call.name, arguments=call.arguments)


def _key(call: ToolCall) -> tuple[str, str]:
    """The same for calls whose arguments differ in layout, in the order of keys, or as 1 and 1.0 alone."""
    try:
        arguments = _IN_ORDER.encode(_NUMBERS_ALIKE.decode(call.arguments))
    except (ValueError, RecursionError):
        arguments = call.arguments
    return call.name, arguments


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


_NUMBERS_ALIKE = json.JSONDecoder(parse_float=_number)
_IN_ORDER = json.JSONEncoder(sort_keys=True)


def _repeated(call: ToolCall, times: int) -> str:
    return (
        f"The model made the call {call.name}({_shortened(call.arguments)}) in {times} steps with the same arguments "
        f"(max_repeats={times}); this time it was not executed. What {call.name} returns does not bring the model on: "
        "let it say what to do next, or give ToolLoopStrategy a higher max_repeats (None for any number)."
    )


def _too_many(steps: Sequence[tuple[str, ...]], names: tuple[str, ...]) -> str:
    done = _listed(name for step in steps for name in step)
    return (
        f"The model still called tools after max_steps={len(steps)} steps. Executed: {done}. "
        f"Not executed: {_listed(names)}. Give ToolLoopStrategy a higher max_steps, or let the signature's docstring "
        "say when to answer."
    )


def _listed(names: Iterable[str]) -> str:
    """Each name once, with how often it was called."""
    return ", ".join(name if times == 1 else f"{name} ({times} times)" for name, times in Counter(names).items())


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
