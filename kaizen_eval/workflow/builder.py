"""WorkflowBuilder: nodes and edges as they are added, until they are built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

from kaizen_eval.config import RetryPolicy
from kaizen_eval.workflow.assembly import assembled
from kaizen_eval.workflow.draft import Draft, kept
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["WorkflowBuilder"]


class WorkflowBuilder:
    """Add nodes, connect them, and `build()`: only there is anything looked up, and all that is wrong told at once.

    Args:
        name: of the workflow, in events, drawings and errors.
        types: what names of types mean here, before what `register_node` made them mean.
    """

    def __init__(self, name: str = "workflow", *, types: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.name = name
        self.types = dict(types)
        self._drafts: list[Draft] = []
        self._edges: list[Edge] = []

    def add_node(  # noqa: PLR0913 - what a node can be told
        self,
        type: Any,  # noqa: A002 - the guide's order, and what it is called in files
        id: str,  # noqa: A002 - as above
        config: Mapping[str, Any] | None = None,
        *,
        each: str | None = None,
        concurrency: int = 10,
        timeout: float | None = None,
        retry: int | RetryPolicy | Mapping[str, Any] | None = None,
    ) -> Self:
        """Add a step.

        Args:
            type: a registered name, `module:Name`, a function, an agent, a workflow, or a class of agents.
            id: letters, digits, `_` and `-`; its result is `{{id.field}}`, or `{{id.output}}` as a whole.
            config: inputs by name; texts at any depth may hold templates, `{{{{` stands for two braces.
            each: a template of a list: the node is executed for each `{{item}}`, and its result is a list.
            concurrency: how many items at a time.
            timeout: seconds for one try, of one item.
            retry: how many tries in all, or a RetryPolicy; None: what fails fails.
        """
        self._drafts.append(Draft(type, id, {} if config is None else kept(config), each, concurrency, timeout, retry))
        return self

    def add_subworkflow(
        self,
        id: str,  # noqa: A002 - the guide's name
        workflow: Workflow,
        config: Mapping[str, Any] | None = None,
    ) -> Self:
        """Add a workflow as a step; inputs that the config does not name it takes from the outer inputs by name."""
        return self.add_node(workflow, id, config)

    def connect(
        self,
        from_id: str,
        to_id: str,
        mapping: Mapping[str, str] | None = None,
        *,
        when: str | Callable[[Any], Any] | None = None,
    ) -> Self:
        """Let a node come after another, and be given of its result.

        Args:
            from_id: the one.
            to_id: the other.
            mapping: by field of the result, or `output`, the whole of it, the input that it fills; `{}` gives nothing.
                None: fields to inputs of the same names; what has no fields to the only input that nothing fills.
            when: the edge counts where this holds: a text such as `"{{classify.kind}} == 'billing'"`, or a function
                of the result.
        """
        self._edges.append(
            Edge(source=from_id, target=to_id, mapping=None if mapping is None else kept(mapping), when=when)
        )
        return self

    def build(self) -> Workflow:
        """The workflow as it is now; the builder can be added to, and built again.

        Raises:
            WorkflowError: with all that is wrong, each a sentence in `problems`.
        """
        return assembled(self.name, self._drafts, self._edges, self.types)

    def __repr__(self) -> str:
        return f"<WorkflowBuilder {self.name!r}: {len(self._drafts)} nodes, {len(self._edges)} edges, not built>"
