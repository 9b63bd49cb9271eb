"""What a function is given: of what scorers know, that which its parameters name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Names", "arguments", "names_taken"]

Names = tuple[str, ...]
_KNOWN: dict[str, Callable[[Case, Answer], Any]] = {
    "answer": lambda _, answer: answer,
    "case": lambda case, _: case,
    "expected": lambda case, _: case.asked[-1].expected or {},
    "inputs": lambda case, _: case.asked[-1].inputs,
    "outputs": lambda _, answer: answer.outputs,
}
"""Inputs, outputs and what is expected are those of the last turn."""


def names_taken(function: Callable[..., Any], said: str) -> Names:
    """For each parameter that must be given, what it takes: one parameter of another name takes the outputs.

    Raises:
        ConfigError: it takes something else.
    """
    parameters = [one for one in signature(function).parameters.values() if one.kind is not Parameter.VAR_KEYWORD]
    wanted = [one.name for one in parameters if one.default is Parameter.empty or one.name in _KNOWN]
    if len(wanted) == 1 and wanted[0] not in _KNOWN:
        return ("outputs",)
    unknown = [name for name in wanted if name not in _KNOWN]
    if unknown or not wanted or any(one.kind is Parameter.VAR_POSITIONAL for one in parameters):
        name = unknown[0] if unknown else "nothing" if not wanted else "*arguments"
        raise ConfigError(
            f"{said} takes {name!r}{suggestion(name, _KNOWN)} It can take {', '.join(_KNOWN)}, or one parameter of "
            "whatever name: the outputs."
        )
    return tuple(wanted)


def arguments(names: Names, case: Case, answer: Answer) -> tuple[Mapping[str, Any] | Any, ...]:
    return tuple(_KNOWN[name](case, answer) for name in names)
