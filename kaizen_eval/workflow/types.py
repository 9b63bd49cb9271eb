"""What a node's type means: a registered name, `module:Name`, a function, an agent or a workflow."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from kaizen_eval.errors import ConfigError, WorkflowError
from kaizen_eval.named import named
from kaizen_eval.suggestion import suggestion
from kaizen_eval.workflow.node import Kind
from kaizen_eval.workflow.nodelike import instance_of, is_agent, is_maker, name_of, refuse_unfit, unwrapped
from kaizen_eval.workflow.parameters import Parameters, of_agent, of_function
from kaizen_eval.workflow.registry import registered
from kaizen_eval.workflow.taken import takes_of
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Found", "Types"]


class Found(NamedTuple):
    """What a type means: the fields of a Node that come from it."""

    kind: Kind
    what: Any
    type: str
    reference: str
    takes: Parameters


class Types:
    """Looks types up for one `build()`, each once.

    Args:
        own: what names mean, before those that are registered.
    """

    def __init__(self, own: Mapping[str, Any]) -> None:
        self._own = own
        self._known: dict[Hashable, Found | WorkflowError | ConfigError] = {}

    def found(self, type_: Any) -> Found:
        """What it means now.

        Raises:
            WorkflowError: a name that nobody knows, or what can be no node.
            ConfigError: a `module:Name` that leads nowhere.
        """
        key = type_ if isinstance(type_, str) else id(type_)
        if key not in self._known:
            self._known[key] = self._tried(type_)
        known = self._known[key]
        if isinstance(known, Exception):
            raise known
        return known

    def _tried(self, type_: Any) -> Found | WorkflowError | ConfigError:
        try:
            reference = type_ if isinstance(type_, str) else ""
            return _found(self._looked_up(reference) if reference else type_, reference)
        except (WorkflowError, ConfigError) as error:
            return error

    def _looked_up(self, name: str) -> Any:
        known = {**registered(), **self._own}
        if name in known:
            return known[name]
        if ":" in name:
            return named(name)
        listed = f" Registered are: {', '.join(sorted(known))}." if known else ""
        raise WorkflowError(
            f"no type {name!r} is registered{suggestion(name, known)}{listed} Register it by register_node({name!r}, "
            "…), or give a function, an agent, a workflow, or a text like 'my_package.nodes:clean'."
        )


def _found(given: Any, name: str) -> Found:
    given = unwrapped(given)
    refuse_unfit(given)
    is_made = is_maker(given)
    what = instance_of(given) if is_made else given
    reference = name or (f"{given.__module__}:{given.__qualname__}" if is_made else "")
    if isinstance(what, Workflow):
        return Found("workflow", what, name or what.name, reference, takes_of(what))
    if is_agent(what):
        return Found("agent", what, name or type(what).__name__, reference, of_agent(what))
    return Found("function", what, name or name_of(what), reference, of_function(what))
