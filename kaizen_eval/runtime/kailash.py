"""Workflows for the runtimes of the package `kailash`, which is not loaded before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from kaizen_eval.errors import ConfigError, WorkflowError
from kaizen_eval.runtime.one_node import executed_alone
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.written import plain

__all__ = ["to_kailash"]

_INPUTS = "inputs"
_OF, _SKIPPED = "result of ", "skipped "
"""Before the id of a node: the parameters that take what came of it; with a space, as no others have."""


def to_kailash(workflow: Workflow) -> Any:
    """A `kailash.workflow.graph.Workflow` with the same nodes: `LocalRuntime().execute(it, parameters={"inputs": …})`.

    Kailash decides what is executed when, and hands results on; what a node is given, retries, timeouts, conditions and
    items are ours. Each result stands under `output`, of an agent its outputs; beside that of a skipped node, `skipped`
    says why.

    Raises:
        ConfigError: the package is not installed, or too old.
        WorkflowError: it is no workflow.
    """
    if not isinstance(workflow, Workflow):
        raise WorkflowError(f"to_kailash takes what WorkflowBuilder.build() returns, not {workflow!r}.")
    graph, step = _kailash()
    made = graph(workflow_id=workflow.name, name=workflow.name)
    for node in workflow.nodes.values():
        made.add_node(node.id, type("Step", (step,), {"ours": (workflow, node.id)})())
    for node in workflow.nodes.values():
        for need in node.needs:
            made.connect(need, node.id, {"output": _OF + need, "skipped": _SKIPPED + need})
    return made


async def _outputs(workflow: Workflow, node_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    needs = workflow.nodes[node_id].needs
    skipped = {need for need in needs if given.get(_SKIPPED + need)}
    ended = {need: given[_OF + need] for need in needs if need not in skipped}
    results = await executed_alone(workflow, node_id, ended, skipped, given.get(_INPUTS) or {})
    return {"output": plain(results.get(node_id)), "skipped": results.skipped.get(node_id, "")}


@cache
def _kailash() -> tuple[Any, Any]:
    """Its workflow, and our kind of its nodes."""
    try:
        from kailash.nodes.base import NodeParameter  # noqa: PLC0415 - an extra, and slow to load
        from kailash.nodes.base_async import AsyncNode  # noqa: PLC0415 - as above
        from kailash.runtime.local import ContentAwareExecutionError  # noqa: PLC0415 - as above
        from kailash.workflow.graph import Workflow as Graph  # noqa: PLC0415 - as above
    except ImportError as error:
        raise ConfigError(f"to_kailash needs its package: pip install 'kaizen-eval[kailash]' ({error}).") from error

    class Step(AsyncNode):  # type: ignore[misc]  # it has no types
        """A node of a workflow of kaizen-eval."""

        ours: tuple[Workflow, str]
        """Of the class, as kailash takes what `__init__` is given for a config."""

        def get_parameters(self) -> dict[str, Any]:
            workflow, node_id = self.ours
            taken = [name for need in workflow.needs_of(node_id) for name in (_OF + need, _SKIPPED + need)]
            return {name: NodeParameter(name=name, type=object, required=False) for name in (*taken, _INPUTS)}

        async def execute_async(self, **given: Any) -> dict[str, Any]:
            """In place of one that looks for templates of its own in results.

            Kailash goes on after any other error, where no node needs this one.
            """
            try:
                return dict(self.validate_outputs(await _outputs(*self.ours, given)))
            except Exception as error:
                raise ContentAwareExecutionError(str(error)) from error

    return Graph, Step
