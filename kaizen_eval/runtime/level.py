"""Level: one workflow while it is executed, by itself or as a node of another."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.events import NodeEnded, NodeSkipped, NodeStarted
from kaizen_eval.resilience.clock import elapsed_ms, now_ns
from kaizen_eval.runtime.crew import Crew
from kaizen_eval.runtime.failure import Failure
from kaizen_eval.runtime.step import Step
from kaizen_eval.runtime.under_way import UnderWay
from kaizen_eval.workflow.fates import Live, Skipped, fate_of
from kaizen_eval.workflow.missing import missing_inputs
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Level"]


class Level:
    """Begins each node as soon as all that it needs has ended.

    Args:
        under_way: the execution that it is part of.
        workflow: whose nodes are executed.
        inputs: its.
        within: what stands before the ids of its nodes, such as `outer/`.
    """

    def __init__(self, under_way: UnderWay, workflow: Workflow, inputs: Mapping[str, Any], within: str = "") -> None:
        self._under_way = under_way
        self._workflow = workflow
        self._inputs = inputs
        self._within = within
        self._order = TopologicalSorter({node.id: node.needs for node in workflow.nodes.values()})
        self._skipped: set[str] = set()
        self._tried: set[str] = set()
        """The workflows inside that were begun."""
        self.results: dict[str, Any] = {}
        self._crew = Crew()
        self._context = copy_context()

    async def run(self) -> None:
        """Until all has ended.

        Raises:
            Failure: a node failed; none is executed any more.
        """
        self._order.prepare()
        self._context.run(self._begin_ready)
        await self._crew.ended()

    def outcome(self) -> Any:
        """As the result of a node of another workflow: what the last node gave, or by id what several last ones did."""
        last = self._workflow.last
        if len(last) == 1:
            return self.results.get(last[0])
        return {name: self.results[name] for name in last if name in self.results}

    def _begin_ready(self) -> None:
        while ready := self._order.get_ready():
            for name in ready:
                if not self._crew.is_closing:
                    self._begin(name)

    def _begin(self, name: str) -> None:
        path = self._within + name
        done = self._under_way.kept.done(path)
        if done is not None:
            self.results[name] = done.value
            self._order.done(name)
            return
        try:
            fate = self._fate_of(name, path)
        except Exception as error:  # noqa: BLE001 - also what a condition raises is this node's failure
            self._crew.fail(Failure(path, error))
            return
        if isinstance(fate, Skipped):
            self._skip(name, path, fate.why)
        else:
            self._crew.begin(path, partial(self._execute, name, path, fate))

    def _fate_of(self, name: str, path: str) -> Live | Skipped:
        why = self._under_way.kept.skipped.get(path)
        if why is not None:
            return Skipped(why)
        node = self._workflow.nodes[name]
        if not node.needs:
            return _LIVE
        return fate_of(self._workflow, node, self.results, self._skipped, self._inputs)

    def _skip(self, name: str, path: str, why: str) -> None:
        self._skipped.add(name)
        self._under_way.skipped[path] = why
        self._under_way.kept.skip(path, why)
        self._under_way.run.tell(NodeSkipped, node=path, why=why)
        self._order.done(name)

    async def _execute(self, name: str, path: str, live: Live) -> None:
        run, started = self._under_way.run, now_ns()
        run.tell(NodeStarted, node=path)
        error: str | None = None
        try:
            self.results[name] = await self._result_of(name, path, live)
        except BaseException as raised:
            error = raised.error if isinstance(raised, Failure) else type(raised).__name__
            if error == "CancelledError":
                self._under_way.cut[path] = None
            raise
        finally:
            run.tell(NodeEnded, node=path, ms=elapsed_ms(started, now_ns()), error=error)
        self._context.run(self._go_on, name)

    def _go_on(self, name: str) -> None:
        self._order.done(name)
        self._begin_ready()

    async def _result_of(self, name: str, path: str, live: Live) -> Any:
        step = Step(self._under_way, self._workflow, self._workflow.nodes[name], path, live)
        return await step.result(self.results, self._inputs, self._of_workflow)

    async def _of_workflow(self, workflow: Workflow, inputs: Mapping[str, Any], path: str) -> Any:
        missing = missing_inputs(workflow, inputs)
        if missing:
            raise InputError(f"Workflow {workflow.name!r} cannot be executed: {' '.join(missing)}")
        if path in self._tried:
            self._under_way.begin_again(path)
        self._tried.add(path)
        level = Level(self._under_way, workflow, inputs, f"{path}/")
        with self._under_way.part(f"{path}/", level.results):
            await level.run()
        return level.outcome()


_LIVE = Live()
