"""What a node's type means: a registered name, `module:Name`, a function, an agent or a workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kaizen_eval.errors import WorkflowError
from kaizen_eval.named import named
from kaizen_eval.suggestion import suggestion
from kaizen_eval.workflow.node import Kind
from kaizen_eval.workflow.parameters import Parameters, of_agent, of_function
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Found", "found", "is_agent", "register_node"]

_registered: dict[str, Any] = {}


class Found(NamedTuple):
    """What a type means."""

    kind: Kind
    what: Any
    type: str
    takes: Parameters
    reference: str


def register_node(name: str, what: Any = None) -> Any:
    """Make `add_node(name, …)` mean this function, agent, class or workflow, in this process; the last one counts.

    Without `what` it is a decorator.
    """
    if what is None:
        return lambda decorated: register_node(name, decorated)
    _registered[name] = what
    return what


def found(type_: Any, types: Mapping[str, Any]) -> Found:
    """What it means now.

    Args:
        type_: as `add_node` takes it.
        types: names that go before those that are registered.

    Raises:
        WorkflowError: a name that nobody knows, or what can be no node.
        ConfigError: a `module:Name` that leads nowhere.
    """
    what, name = (_looked_up(type_, types), type_) if isinstance(type_, str) else (type_, None)
    reference = name or ""
    if isinstance(what, type):
        reference = name or f"{what.__module__}:{what.__qualname__}"
        what = _made(what)
    if isinstance(what, Workflow):
        return Found("workflow", what, name or what.name, Parameters(more=True), reference)
    if is_agent(what):
        return Found("agent", what, name or type(what).__name__, of_agent(what), reference)
    if callable(what):
        return Found("function", what, name or _name(what), of_function(what), reference)
    raise WorkflowError(f"{what!r} can be no node: it is no function, agent or workflow.")


def is_agent(what: Any) -> bool:
    return hasattr(what, "run_async") and hasattr(what, "signature") and hasattr(what, "agent_id")


def _looked_up(name: str, types: Mapping[str, Any]) -> Any:
    known = {**_registered, **types}
    if name in known:
        return known[name]
    if ":" in name:
        return named(name)
    raise WorkflowError(f"no type {name!r} is registered{suggestion(name, known)}")


def _made(class_: type) -> Any:
    if hasattr(class_, "run_async") and hasattr(class_, "signature"):
        return class_()
    return class_() if "__call__" in vars(class_) else class_


def _name(function: Callable[..., Any]) -> str:
    inner = getattr(function, "func", function)
    return getattr(inner, "__qualname__", None) or type(inner).__qualname__
