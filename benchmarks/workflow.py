"""What a workflow takes beside what its nodes take: order, templates, events, checkpoints, files."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from measure import Row, cpu_per_call, wall_best

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import Workflow, WorkflowBuilder

__all__ = ["rows"]

NODES = 1000
FEW = 200
"""Nodes of a workflow that is executed again and again, so that of many rounds some are undisturbed."""
WIDE = 100
SECONDS = 0.2


class Sort(Signature):
    """Give the item a label."""

    item: str = InputField()
    label: str = OutputField()


async def step(item: str) -> dict[str, str]:
    return {"item": item}


def plain(item: str) -> dict[str, str]:
    return {"item": item}


async def slow(number: int) -> int:
    await asyncio.sleep(SECONDS)
    return number


def blocking(number: int) -> int:
    time.sleep(SECONDS)
    return number


def rows() -> Iterator[Row]:
    yield from _overhead()
    yield _built()
    yield from _side_by_side()
    yield from _kept()
    yield from _file()


def _chain(what: object, count: int = FEW) -> WorkflowBuilder:
    """Each node is given what the one before it returned."""
    flow = WorkflowBuilder("chain").add_node(what, "n0", {"item": "{{inputs.item}}"})
    for number in range(1, count):
        flow.add_node(what, f"n{number}", {"item": f"{{{{n{number - 1}.item}}}}"})
    return flow


def _row(what: object, count: int = FEW) -> WorkflowBuilder:
    """Each node waits for the one before it, and takes an input of the workflow by name."""
    flow = WorkflowBuilder("row").add_node(what, "n0")
    for number in range(1, count):
        flow.add_node(what, f"n{number}").connect(f"n{number - 1}", f"n{number}", {})
    return flow


def _fan(what: object, count: int = FEW) -> WorkflowBuilder:
    """Each node is given an input of the workflow, and none waits for another."""
    flow = WorkflowBuilder("fan")
    for number in range(count):
        flow.add_node(what, f"n{number}", {"item": "{{inputs.item}}"})
    return flow


def _chained(what: Callable[[], Awaitable[object]], count: int = FEW) -> Callable[[], Awaitable[object]]:
    async def one_after_the_other() -> None:
        for _ in range(count):
            await what()

    return one_after_the_other


def _gathered(what: Callable[[], Awaitable[object]], count: int = FEW) -> Callable[[], Awaitable[object]]:
    return lambda: asyncio.gather(*(what() for _ in range(count)))


def _per_node(workflow: Workflow, alone: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """CPU seconds for a node of the workflow, and for the same without one, taking turns: the best of several."""

    async def rounds() -> tuple[float, float]:
        inside, outside = [], []
        for _ in range(25):
            began = time.process_time()
            await LocalRuntime().execute_async(workflow, {"item": "x"})
            middle = time.process_time()
            await alone()
            inside.append(middle - began)
            outside.append(time.process_time() - middle)
        return min(inside[1:]) / len(workflow.nodes), min(outside[1:]) / len(workflow.nodes)

    return asyncio.run(rounds())


def _overhead() -> Iterator[Row]:
    """What a workflow adds to its nodes: in a row each waits for the one before it, side by side for none."""
    agent = BaseAgent({"model": "gpt-4o"}, signature=Sort, provider=FakeLLM(keep=1).otherwise({"label": "a"}))

    def asked() -> Awaitable[object]:
        return agent.run_async(item="x")

    contenders = [
        ("a coroutine, in a row", _chain(step), _chained(lambda: step("x")), "awaited"),
        ("a coroutine, side by side", _fan(step), _gathered(lambda: step("x")), "gathered"),
        ("a plain function, in a row", _chain(plain), _chained(_in_a_thread), "asyncio.to_thread"),
        ("a plain function, side by side", _fan(plain), _gathered(_in_a_thread), "asyncio.to_thread, gathered"),
        ("an agent, in a row", _row(agent), _chained(asked), "run_async()"),
        ("an agent, side by side", _fan(agent), _gathered(asked), "run_async(), gathered"),
    ]
    for what, flow, alone, how in contenders:
        inside, outside = _per_node(flow.build(), alone)
        yield Row(
            name=f"{what}: a node, on top of itself",
            value=(inside - outside) * 1e6,
            unit="µs CPU",
            bound=60,
            beside=f"{how}: {outside * 1e6:.0f} µs",
        )


def _in_a_thread() -> Awaitable[object]:
    return asyncio.to_thread(plain, "x")


def _built() -> Row:
    seconds = cpu_per_call(lambda: _chain(step, NODES).build(), calls=1)
    return Row(name=f"a graph of {NODES:,} nodes, added and built", value=seconds * 1e3, unit="ms CPU", bound=50)


def _side_by_side() -> Iterator[Row]:
    for how, what in [("coroutines", slow), ("blocking functions", blocking)]:
        flow = WorkflowBuilder("side by side")
        for number in range(WIDE):
            flow.add_node(what, f"n{number}", {"number": number})
        workflow = flow.build()
        seconds = wall_best(lambda workflow=workflow: LocalRuntime().execute(workflow), rounds=3)
        name = f"{WIDE} independent nodes of 200 ms, {how}"
        yield Row(name=name, value=seconds, unit="s", bound=0.35, beside="ideal: 0.2 s")


def _kept() -> Iterator[Row]:
    """Each node is a transaction; what is on top of the same workflow without checkpoints."""
    with tempfile.TemporaryDirectory() as folder:
        kept = LocalRuntime(checkpoints=Path(folder) / "runs.db")
        workflow = _chain(step).build()
        numbers = iter(range(10**6))
        bare = cpu_per_call(lambda: LocalRuntime().execute(workflow, {"item": "x"}), calls=1)
        seconds = cpu_per_call(lambda: kept.execute(workflow, {"item": f"x{next(numbers)}"}), calls=1)
        yield Row(name="a node with checkpoints, on top", value=(seconds - bare) / FEW * 1e6, unit="µs CPU")
        _, run_id = kept.execute(workflow, {"item": "again"})
        again = cpu_per_call(lambda: kept.execute(workflow, {"item": "again"}, run_id=run_id), calls=1)
        yield Row(name="a node of a run that is told again", value=again / FEW * 1e6, unit="µs CPU")


def _file() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.yaml"
        types = {"step": step}
        flow = WorkflowBuilder("chain", types=types).add_node("step", "n0", {"item": "{{inputs.item}}"})
        for number in range(1, NODES):
            flow.add_node("step", f"n{number}", {"item": f"{{{{n{number - 1}.item}}}}"})
        workflow = flow.build()
        saved = cpu_per_call(lambda: workflow.save(path), calls=1)
        loaded = cpu_per_call(lambda: Workflow.load(path, types=types), calls=1)
        yield Row(name=f"{NODES:,} nodes, saved as YAML", value=saved * 1e3, unit="ms CPU")
        yield Row(name=f"{NODES:,} nodes, loaded from YAML", value=loaded * 1e3, unit="ms CPU")
