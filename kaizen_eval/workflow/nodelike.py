"""What can be a node: told from what cannot, and made where it is a class."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

from kaizen_eval.errors import WorkflowError
from kaizen_eval.named import raised_where
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["instance_of", "is_agent", "is_maker", "name_of", "refuse_unfit", "unwrapped"]

_KINDS = "a function, an agent, a workflow, a registered name, or a text like 'my_package.nodes:clean'"


def is_agent(what: Any) -> bool:
    return hasattr(what, "run_async") and hasattr(what, "signature") and hasattr(what, "agent_id")


def unwrapped(what: Any) -> Any:
    """Of a Tool its function: a model has no part in this call."""
    is_tool = hasattr(what, "function") and hasattr(what, "idempotent") and not isinstance(what, type)
    return what.function if is_tool else what


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


def is_maker(what: Any) -> bool:
    """Whether it is a class, or a function that says that it returns an agent or a workflow."""
    if isinstance(what, type):
        return True
    if not inspect.isfunction(what) or "return" not in what.__annotations__:
        return False
    try:
        returned = get_type_hints(what)["return"]
    except Exception:  # noqa: BLE001 - an annotation may name anything, also what is there for type checkers alone
        return False
    return isinstance(returned, type) and (_makes_agents(returned) or issubclass(returned, Workflow))


def _makes_agents(class_: type) -> bool:
    return hasattr(class_, "run_async") and hasattr(class_, "signature")


def instance_of(maker: Any) -> Any:
    """What is executed for a class: of agents, and of classes whose instances can be called, an instance; else the
    class itself, which makes its instances of the inputs. For a function: what it returns.

    Raises:
        WorkflowError: it cannot be made without arguments.
    """
    is_called = any("__call__" in vars(each) for each in getattr(maker, "__mro__", ()))
    if isinstance(maker, type) and not _makes_agents(maker) and not is_called:
        return maker
    try:
        return maker()
    except Exception as error:  # a user's class may raise anything
        raise WorkflowError(
            f"{maker.__name__}() cannot be made: {raised_where(error)}. Give an instance in its place."
        ) from error


def name_of(function: Any) -> str:
    """As it is written in drawings and errors."""
    inner = getattr(function, "func", function)
    return getattr(inner, "__qualname__", "").rpartition("<locals>.")[2] or type(inner).__name__
