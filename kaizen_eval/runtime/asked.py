"""What an execution is given, checked before any node begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.suggestion import suggestion
from kaizen_eval.workflow.missing import missing_inputs
from kaizen_eval.workflow.taken import takes_of
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["a_workflow", "inputs_for"]


def a_workflow(given: object) -> Workflow:
    if isinstance(given, Workflow):
        return given
    hint = " Call its build()." if hasattr(given, "build") else ""
    raise InputError(f"A runtime executes a Workflow, not {given!r}.{hint}")


def inputs_for(workflow: Workflow, given: object) -> dict[str, Any]:
    """The inputs, as the workflow can work with them.

    Raises:
        InputError: with all that is missing, and all that nothing in the workflow uses.
    """
    if given is not None and not isinstance(given, Mapping):
        raise InputError(f"The inputs of a workflow are a mapping, such as {{'data': …}}, not {given!r}.")
    inputs = dict(given or {})
    problems = [*missing_inputs(workflow, inputs), *_unused(workflow, inputs)]
    if problems:
        raise InputError(f"Workflow {workflow.name!r} cannot be executed:{_listed(problems)}")
    return inputs


def _unused(workflow: Workflow, inputs: Mapping[Any, Any]) -> list[str]:
    takes = takes_of(workflow)
    if takes.more:
        return []
    known = ", ".join(takes.names)
    takes_words = f"It takes: {known}." if known else "It takes none."
    return [
        f"nothing in it uses the input {name!r}{suggestion(str(name), takes.names)} {takes_words}"
        for name in inputs
        if name not in takes.names
    ]


def _listed(problems: list[str]) -> str:
    return f" {problems[0]}" if len(problems) == 1 else "".join(f"\n- {problem}" for problem in problems)
