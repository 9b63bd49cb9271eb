"""Node: what is executed in a workflow, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kaizen_eval.config import RetryPolicy
from kaizen_eval.workflow.parameters import Parameters

__all__ = ["Kind", "Node"]

Kind = Literal["function", "agent", "workflow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of a workflow, as `build()` made it: all that could be looked up has been.

    Nodes are equal that do the same, whatever their types are called: two agents of one class that were made by the
    same name count as one.
    """

    id: str
    kind: Kind
    what: Any
    """The function, agent or Workflow."""
    type: str
    """How it is written: a registered name, `module:Name`, or the name of the function, class or workflow."""
    reference: str = ""
    """By what it is found again, or made: a registered name, or `module:Name`; empty where it was given itself."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Inputs by name, as they were written: texts may hold templates."""
    needs: tuple[str, ...] = ()
    """The nodes whose results its templates and edges use, in the order in which they were added."""
    each: str | None = None
    """A template of a list: the node is executed once for each item, as `{{item}}`, and its result is a list."""
    concurrency: int = 10
    """Of these, how many at a time."""
    timeout: float | None = None
    """Seconds for one try, of one item."""
    retry: RetryPolicy | None = None
    """None: what fails fails."""
    takes: Parameters = field(default_factory=Parameters, repr=False)
    """What `what` takes by name."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return self._said() == other._said() and (self.what == other.what or self._made() == other._made() != ())

    def __hash__(self) -> int:
        return hash((self.id, self.kind))

    def _said(self) -> tuple[Any, ...]:
        return self.id, self.kind, self.config, self.each, self.concurrency, self.timeout, self.retry

    def _made(self) -> tuple[Any, ...]:
        return (self.reference, type(self.what)) if self.reference else ()
