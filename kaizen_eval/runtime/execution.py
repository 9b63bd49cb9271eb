"""What the execution of a workflow came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.suggestion import suggestion

__all__ = ["Execution", "Results"]


class Results(dict[str, Any]):
    """By node id, in the order in which they came: what a function returned, a RunResult, or of a workflow inside what
    its last node returned. Nodes that were skipped have none. They are what nodes returned, not copies of it.
    """

    def __init__(
        self, results: Mapping[str, Any] = {}, *, metrics: Metrics | None = None, skipped: Mapping[str, str] = {}
    ) -> None:
        super().__init__(results)
        self.metrics = metrics
        """Of all agents together, in every execution of the run; of a run that failed, in the last one."""
        self.skipped = dict(skipped)
        """Why, by node id; of nodes in a workflow inside, by `outer/inner`."""

    def __missing__(self, node: str) -> Any:
        if node in self.skipped:
            raise KeyError(f"{node} was skipped: {self.skipped[node]}")
        raise KeyError(f"there is no result of {node}{suggestion(str(node), self)}")


class Execution(NamedTuple):
    """A finished run of a workflow."""

    results: Results
    run_id: str
