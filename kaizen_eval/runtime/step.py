"""Step: what one node does once it may: for itself, or for each item of a list."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import copy_context
from functools import partial
from typing import Any

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.lifecycle import spent_by
from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.resilience.clock import elapsed_ms, now_ns
from kaizen_eval.runtime.crew import Crew
from kaizen_eval.runtime.trying import Try
from kaizen_eval.runtime.under_way import FREE, UnderWay
from kaizen_eval.tools.execution import carried_out
from kaizen_eval.tools.reading import underlying
from kaizen_eval.workflow.fates import Live
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.wiring import inputs_of, items_of
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Inside", "Step"]

Inside = Callable[[Workflow, Mapping[str, Any], str], Awaitable[Any]]
"""Executes a workflow inside, for these inputs, at this path."""


class Step:
    """One node of a workflow, with the edges into it that count."""

    def __init__(self, under_way: UnderWay, workflow: Workflow, node: Node, path: str, live: Live) -> None:
        self._under_way = under_way
        self._workflow = workflow
        self._node = node
        self._path = path
        self._live = live
        self._is_async = inspect.iscoroutinefunction(underlying(node.what)) if node.kind == "function" else True

    async def result(self, results: Mapping[str, Any], inputs: Mapping[str, Any], inside: Inside) -> Any:
        """Kept when this returns."""
        given = partial(inputs_of, self._workflow, self._node, results, inputs, live=self._live)
        if self._node.each is None:
            return await self._once(Try(self._node, self._path), given, inside, self._path)
        one = Try(self._node, self._path)
        items = await one.told(partial(self._items, results, inputs))
        values = await self._each(items, given, inside)
        await one.told(partial(self._under_way.kept.keep, self._path, values))
        return values

    async def _items(self, results: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Any]:
        return items_of(self._node, results, inputs)

    async def _each(self, items: list[Any], given: Callable[..., dict[str, Any]], inside: Inside) -> list[Any]:
        """As many at a time as the node may; each that ends begins the next."""
        values: dict[str, Any] = {}
        crew, context, numbers = Crew(), copy_context(), iter(range(len(items)))

        def begin_next() -> None:
            index = next(numbers, None)
            if index is not None:
                crew.begin(f"{self._path}[{index}]", partial(item, index))

        async def item(index: int) -> None:
            place = f"[{index}]"
            done = self._under_way.kept.done(self._path, index)
            if done is None:
                one = Try(self._node, self._path, item=(index, items[index]))
                of_item = partial(given, extra={"item": items[index], "index": index})
                values[place] = await self._once(one, of_item, inside, self._path + place, item=index)
            else:
                values[place] = done.value
            context.run(begin_next)

        with self._under_way.part(self._path, values):
            async with self._node.what if isinstance(self._node.what, BaseAgent) else nullcontext():
                for _ in range(min(self._node.concurrency, len(items))):
                    begin_next()
                await crew.ended()
        return [values[f"[{index}]"] for index in range(len(items))]

    async def _once(
        self,
        one: Try,
        given: Callable[[], dict[str, Any]],
        inside: Inside,
        path: str,
        *,
        item: int | None = None,
    ) -> Any:
        async def kept() -> Any:
            once = partial(self._carried_out, given(), inside, path)
            value, spent = await self._counted(partial(one.succeeded, once, self._under_way.run, self._place), path)
            await self._under_way.kept.keep(self._path, value, item=item, metrics=spent)
            return value

        return await one.told(kept)

    async def _counted(self, work: Callable[[], Awaitable[Any]], path: str) -> tuple[Any, Metrics | None]:
        """With what it spent, where that counts; of a workflow each node tells it by itself."""
        if not self._under_way.counts_apart or self._node.kind == "workflow":
            return await work(), None
        started = now_ns()
        with self._under_way.counted(path) as meters:
            value = await work()
        return value, spent_by(meters, elapsed_ms(started, now_ns())) if meters else None

    def _place(self) -> AbstractAsyncContextManager[object]:
        if self._node.kind == "workflow":
            return FREE
        return self._under_way.place(in_thread=not self._is_async)

    async def _carried_out(self, inputs: dict[str, Any], inside: Inside, path: str) -> Any:
        what = self._node.what
        if self._node.kind == "workflow":
            return await inside(what, inputs, path)
        if self._node.kind == "agent":
            return await what.run_async(**inputs)
        args, kwargs = self._node.takes.arranged(inputs)
        return await (what(*args, **kwargs) if self._is_async else _returned(what, args, kwargs))


async def _returned(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
    ended = await carried_out(function, *args, **kwargs)
    try:
        if ended.error is not None:
            raise ended.error
        return ended.value
    finally:
        del ended  # the error's traceback holds this frame: no cycle
