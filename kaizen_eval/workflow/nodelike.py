"""What can be a node: told from what cannot, and made where it is a class."""

from __future__ import annotations

import inspect
from typing import Any

from kaizen_eval.errors import WorkflowError
from kaizen_eval.named import raised_where
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["instance_of", "is_agent", "name_of", "refuse_unfit"]

_KINDS = "a function, an agent, a workflow, a registered name, or a text like 'my_package.nodes:clean'"


def is_agent(what: Any) -> bool:
    return hasattr(what, "run_async") and hasattr(what, "signature") and hasattr(what, "agent_id")


def refuse_unfit(what: Any) -> None:
    """Of a class, what it makes is judged by itself.

    Raises:
        WorkflowError: it is none of what can be a node, or a kind of function that returns no result.
    """
    if isinstance(what, Workflow) or is_agent(what):
        return
    if hasattr(what, "add_node") and hasattr(what, "build"):
        raise WorkflowError("a builder is no workflow yet: give what its build() returns.")
    if hasattr(what, "input_fields") and hasattr(what, "output_fields"):
        name = getattr(what, "__name__", type(what).__name__)
        raise WorkflowError(f"{name} is a signature, which nobody can execute: give BaseAgent(signature={name}).")
    if not callable(what):
        raise WorkflowError(f"a node is {_KINDS}; {what!r} is none of these.")
    if inspect.isgeneratorfunction(what) or inspect.isasyncgenfunction(what):
        raise WorkflowError(f"{name_of(what)} yields, and a node returns its result: let it return a list.")


def instance_of(class_: type) -> Any:
    """What is executed for a class: of agents, and of classes whose instances can be called, an instance; else the
    class itself, which makes its instances of the inputs.

    Raises:
        WorkflowError: it cannot be made without arguments.
    """
    is_agents = hasattr(class_, "run_async") and hasattr(class_, "signature")
    if not is_agents and not any("__call__" in vars(each) for each in class_.__mro__):
        return class_
    try:
        return class_()
    except Exception as error:  # a user's class may raise anything
        raise WorkflowError(
            f"{class_.__name__}() cannot be made: {raised_where(error)}. Give an instance in place of the class."
        ) from error


def name_of(function: Any) -> str:
    """As it is written in drawings and errors."""
    inner = getattr(function, "func", function)
    return getattr(inner, "__qualname__", "").rpartition("<locals>.")[2] or type(inner).__name__
