"""By which name another process finds the same function or agent, or why by none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from kaizen_eval.errors import ConfigError, WorkflowError
from kaizen_eval.named import named
from kaizen_eval.workflow.node import Node

__all__ = ["reference_of_function", "reference_of_node"]

_PUT = "put it into a module, by a name, and give it as 'module:name'."


def reference_of_node(node: Node) -> str:
    """A registered name, or `module:Name`.

    Raises:
        WorkflowError: there is none.
    """
    if node.reference:
        _refuse_unreachable(node.reference, node.type)
        return node.reference
    return reference_of_function(node.what) if node.kind == "function" else _held(node.what)


def reference_of_function(function: Callable[..., Any]) -> str:
    """`module:name`, under which the very same one stands.

    Raises:
        WorkflowError: there is none.
    """
    name = getattr(function, "__qualname__", "")
    if not name:
        return _held(function)
    reference = f"{function.__module__}:{name}"
    _refuse_unreachable(reference, name.rpartition("<locals>.")[2])
    try:
        there = named(reference) == function
    except ConfigError:
        there = False
    return reference if there else _held(function)


def _refuse_unreachable(reference: str, name: str) -> None:
    if "<lambda>" in reference:
        raise WorkflowError(f"a lambda has no name: write it as a function, {_PUT}")
    if "<locals>" in reference:
        raise WorkflowError(f"{name} is defined inside of a function, where nobody else finds it: {_PUT}")
    if reference.startswith("__main__:"):
        raise WorkflowError(f"{name} is defined in the program that runs, which no other can import: {_PUT}")


def _held(what: Any) -> str:
    """The first name under which a module holds the very same object, public ones first."""
    found = sorted(_names(what), key=lambda each: each.rpartition(":")[2].startswith("_"))
    if not found:
        shown = getattr(what, "__qualname__", f"an instance of {type(what).__qualname__}")
        raise WorkflowError(f"{shown} is held by no module, so that nobody else finds it: {_PUT}")
    return found[0]


def _names(what: Any) -> Iterator[str]:
    modules: list[Any] = [sys.modules.get(type(what).__module__), *sys.modules.values()]
    for module in modules:
        if isinstance(module, ModuleType) and sys.modules.get(module.__name__) is module != sys.modules["__main__"]:
            held = [name for name, value in list(vars(module).items()) if value is what]
            yield from (f"{module.__name__}:{name}" for name in held if name.isidentifier())
