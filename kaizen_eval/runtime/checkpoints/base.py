"""What an execution asks of the place where its finished nodes are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Checkpoints", "Done", "KeptRun"]


@dataclass(frozen=True, slots=True)
class Done:
    """That a node, or one of its items, is done."""

    value: Any
    """Its result."""


class KeptRun(Protocol):
    """One run, held by this execution until `finish` or `leave`; of the loop in which it was begun.

    A node is named by its id; in a workflow inside by those around it, too: `outer/inner`, and `outer[2]/inner` for an
    item of a node with `each`.
    """

    @property
    def run_id(self) -> str: ...

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do: `results`, `skipped` and `metrics` are those of the whole. It is not held."""

    @property
    def results(self) -> Mapping[str, Any]:
        """Of the nodes that were done when the run was begun, without those of workflows inside, in the order in which
        they came.
        """

    @property
    def skipped(self) -> Mapping[str, str]:
        """Why, of the nodes that had been skipped when the run was begun, those of workflows inside as well."""

    @property
    def metrics(self) -> Metrics | None:
        """What executions before this one took; None where there was none."""

    def done(self, node: str, item: int | None = None) -> Done | None:
        """None: it is still to be executed."""

    def skip(self, node: str, why: str) -> None:
        """Note it; it is kept together with what is kept next."""

    def begin_again(self, node: str) -> None:
        """A node that is a workflow, or its item `outer[2]`, failed and is tried once more: nothing in it is done any
        more. It is written together with what is kept next; what it took still counts.
        """

    async def keep(self, node: str, value: Any, *, item: int | None = None, metrics: Metrics | None = None) -> None:
        """On the disk when this returns, also where the caller is cancelled meanwhile.

        Args:
            node: with `each`, its items come first, then the whole with the list of what they gave.
            value: the result.
            item: its index.
            metrics: what it took by itself, all tries together; None: nothing that counts. With items the whole has
                none. They count until `finish` or `leave` tells the sum.

        Raises:
            CheckpointFailed: the file cannot be written, or takes no such value.
        """

    async def finish(self, metrics: Metrics) -> Metrics:
        """All is done; what this execution took, in, and what all executions of the run took together, out.

        Raises:
            CheckpointFailed: the file cannot be written.
        """

    async def leave(self, metrics: Metrics | None = None) -> None:
        """The execution ends before the run does, in whatever way; somebody may go on with it. Never raises."""


@runtime_checkable
class Checkpoints(Protocol):
    """Where runs are kept."""

    async def begin(self, workflow: Workflow, inputs: Mapping[str, Any], run_id: str | None) -> KeptRun:
        """The run with this id, a new one if there is none; without an id the newest unfinished run of this workflow
        and these inputs that nobody executes, else a new one.

        Raises:
            CheckpointFailed: the file cannot be used, or takes no such inputs.
            WorkflowBusy: the run with this id is under way.
            WorkflowError: the run with this id was begun with another workflow or other inputs.
        """
