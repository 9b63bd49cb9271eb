"""Problems: all that is wrong with a workflow, gathered before anybody is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from kaizen_eval.errors import ConfigError, WorkflowError
from kaizen_eval.workflow.draft import Draft
from kaizen_eval.workflow.edge import Edge

__all__ = ["Problem", "Problems", "Where"]

Where = tuple[str | int, ...]
"""Such as `("nodes", 2, "config", "text")` or `("edges", 0, "when")`: by position as added, from 0."""

_TOLD = 20
"""More problems than anybody reads at once."""


class Problem(str):
    """A sentence that knows what it is about."""

    __slots__ = ("where",)
    where: Where

    def __new__(cls, sentence: str, where: Where = ()) -> Self:
        self = super().__new__(cls, sentence)
        self.where = where
        return self

    def __reduce__(self) -> tuple[type[Problem], tuple[str, Where]]:
        return Problem, (str(self), self.where)


class Problems:
    """What has been found so far of what was added."""

    def __init__(self, drafts: Sequence[Draft], edges: Sequence[Edge]) -> None:
        self.found: list[Problem] = []
        self._drafts = drafts
        self._edges = edges

    @property
    def are_many(self) -> bool:
        """More than are told: what others may have meant is not looked for any more, as that takes its time."""
        return len(self.found) >= _TOLD

    def add(self, sentence: str, *where: str | int) -> None:
        self.found.append(Problem(f"{self._place(where)}: {sentence}" if where else sentence, where))

    def of(self, *where: str | int) -> _Block:
        """What the block refuses is a problem there."""
        return _Block(self, where)

    def _place(self, where: Where) -> str:
        kind, position, *rest = where[0], int(where[1]), *where[2:]
        whose = _edge(self._edges[position]) if kind == "edges" else _node(self._drafts[position], position)
        return ", ".join([whose, ".".join(map(str, rest))] if rest else [whose])

    def refuse(self, name: object) -> None:
        """Raise, if there are any.

        Raises:
            WorkflowError: with all of them.
        """
        if not self.found:
            return
        found = sorted(self.found, key=_in_order)
        told = [f"- {sentence}" for sentence in found[:_TOLD]]
        if len(found) > _TOLD:
            told.append(f"- and {len(found) - _TOLD} more, in this error's `problems`.")
        counted = "one problem" if len(found) == 1 else f"{len(found)} problems"
        raise WorkflowError("\n".join([f"Workflow {name!r}: {counted}.", *told]), problems=tuple(found))


def _in_order(problem: Problem) -> tuple[int, int]:
    """Nodes, then edges, as they were added, then what is about several of them."""
    if not problem.where:
        return 2, 0
    return int(problem.where[0] == "edges"), int(problem.where[1])


class _Block:
    def __init__(self, problems: Problems, where: Where) -> None:
        self._problems = problems
        self._where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _traceback: object) -> bool:
        refused = isinstance(error, ConfigError | WorkflowError)
        if refused:
            self._problems.add(str(error), *self._where)
        return refused


def _node(draft: Draft, position: int) -> str:
    return (
        f"node {draft.id!r}" if isinstance(draft.id, str) and draft.id else f"the node added as number {position + 1}"
    )


def _edge(edge: Edge) -> str:
    return f"edge {edge.source} → {edge.target}"
