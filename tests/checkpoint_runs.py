"""Workflows, figures and runs as tests of checkpoints need them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal

from kaizen_eval.messages import Usage
from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.workflow import Edge, Node, Workflow

__all__ = ["INPUTS", "held", "metrics", "node", "noted", "workflow"]

INPUTS = {"topic": "tea", "count": 3}


def node(name, what=len, **settings):
    kind = "workflow" if isinstance(what, Workflow) else "function"
    return Node(**{"id": name, "kind": kind, "what": what, "type": getattr(what, "__name__", "workflow"), **settings})


def workflow(*nodes, edges=(("a", "b"),), name="workflow"):
    nodes = nodes or (node("a", config={"obj": "{{inputs.topic}}"}), node("b"))
    arrows = tuple(Edge(source=source, target=target) for source, target in edges)
    return Workflow(nodes={each.id: each for each in nodes}, edges=arrows, name=name)


def metrics(attempts=1, ms=10.0, cost="0.01"):
    usage = Usage(prompt=10 * attempts, completion=attempts)
    known = None if cost is None else Decimal(cost)
    return Metrics(ms=ms, attempts=attempts, usage=usage, cost=known, price_table="test")


@asynccontextmanager
async def held(file, *, flow=None, inputs=INPUTS, run_id=None):
    """A run for the block; then it is left, as after a crash: nothing is told."""
    run = await file.begin(flow or workflow(), inputs, run_id)
    try:
        yield run
    finally:
        await run.leave()


def noted(file, *, flow=None, inputs=INPUTS, run_id=None, steps=()):
    """The id of a run in which these nodes are done."""

    async def scene():
        async with held(file, flow=flow, inputs=inputs, run_id=run_id) as run:
            for name, value in steps:
                await run.keep(name, value)
            return run.run_id

    return asyncio.run(scene())
