"""The types of nodes that this process knows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, overload

from kaizen_eval.errors import WorkflowError

__all__ = ["register_node", "registered"]

_T = TypeVar("_T")
_registered: dict[str, Any] = {}


@overload
def register_node(name: str) -> Callable[[_T], _T]: ...


@overload
def register_node(name: str, what: _T) -> _T: ...


def register_node(name: object, what: Any = None) -> Any:
    """Make `add_node(name, …)` mean this function, agent, class or workflow, in this process; the last one counts.

    Without `what` it decorates a function or a class.

    Raises:
        WorkflowError: the name is none.
    """
    if not isinstance(name, str) or not name or ":" in name:
        raise WorkflowError(
            f"register_node takes a name without a colon, and then what it means; {name!r} is no such name. As a "
            "decorator it is written @register_node('Clean')."
        )
    if what is None:
        return lambda decorated: register_node(name, decorated)
    _registered[name] = what
    return what


def registered() -> Mapping[str, Any]:
    """By name."""
    return MappingProxyType(_registered)
