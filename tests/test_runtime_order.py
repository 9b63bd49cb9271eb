"""In which order nodes are executed, and how many at a time."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import virtual_time
from kaizen_eval.errors import ConfigError
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder


@st.composite
def graphs(draw):
    """What each node needs, all of it earlier ones; how many seconds it takes; in which order they are added."""
    count = draw(st.integers(1, 12))
    names = [f"n{number}" for number in range(count)]
    needs = {
        name: draw(st.sets(st.sampled_from(names[:place]))) if place else set() for place, name in enumerate(names)
    }
    seconds = {name: draw(st.integers(0, 5)) for name in names}
    return needs, seconds, draw(st.permutations(names))


class Worker:
    """Notes which nodes have ended, and refuses to begin before what it needs has."""

    def __init__(self, graph):
        self.needs, self.seconds, self.order = graph
        self.ended = []

    async def asynchronous(self, name):
        assert self.needs[name] <= set(self.ended)
        await asyncio.sleep(self.seconds[name])
        self.ended.append(name)
        return name

    def plain(self, name):
        assert self.needs[name] <= set(self.ended)
        self.ended.append(name)
        return name

    def workflow(self, *, plain=False):
        flow = WorkflowBuilder()
        for name in self.order:
            flow.add_node(self.plain if plain else self.asynchronous, name, {"name": name})
        for name in self.order:
            for need in sorted(self.needs[name]):
                flow.connect(need, name, {})
        return flow.build()

    def longest(self):
        """Seconds that the longest way through the graph takes."""
        until = {}
        for name, needs in self.needs.items():
            until[name] = self.seconds[name] + max((until[need] for need in needs), default=0)
        return max(until.values())


@given(graphs())
def test_each_node_is_executed_once_after_all_that_it_needs_and_none_waits_for_anything_else(
    graph,
):
    worker = Worker(graph)
    with virtual_time() as clock:
        results, _ = clock.run(LocalRuntime().execute_async(worker.workflow()))
        assert clock.elapsed == worker.longest()
    assert sorted(worker.ended) == sorted(worker.needs)
    assert (results, list(results)) == (
        {name: name for name in worker.needs},
        worker.ended,
    )


@given(graphs())
def test_plain_functions_are_executed_once_after_all_that_they_need(graph):
    worker = Worker(graph)
    results, _ = LocalRuntime().execute(worker.workflow(plain=True))
    assert sorted(worker.ended) == sorted(worker.needs)
    assert results == {name: name for name in worker.needs}


@given(st.integers(1, 12), st.integers(1, 4))
def test_never_more_at_a_time_than_may(count, most):
    at_work, seen = set(), []

    async def counted(name):
        at_work.add(name)
        seen.append(len(at_work))
        await asyncio.sleep(1)
        at_work.remove(name)

    flow = WorkflowBuilder()
    for number in range(count):
        flow.add_node(counted, f"n{number}", {"name": number})
    with virtual_time() as clock:
        clock.run(LocalRuntime(max_concurrency=most).execute_async(flow.build()))
        assert (max(seen), clock.elapsed) == (min(most, count), -(-count // most))


def test_a_limit_must_be_a_number_that_lets_somebody_through():
    with pytest.raises(ConfigError, match="max_concurrency must be at least 1, not 0"):
        LocalRuntime(max_concurrency=0)


def test_a_limit_counts_in_workflows_inside_as_well():
    ends = []

    async def one():
        await asyncio.sleep(1)
        ends.append(asyncio.get_running_loop().time())

    inner = WorkflowBuilder().add_node(one, "a").add_node(one, "b").build()
    outer = WorkflowBuilder().add_subworkflow("left", inner).add_subworkflow("right", inner).build()
    with virtual_time() as clock:
        clock.run(LocalRuntime(max_concurrency=2).execute_async(outer))
        assert clock.elapsed == 2
    assert len(ends) == 4


def test_a_hundred_functions_that_block_stand_side_by_side():
    together = 0
    most = 0

    def blocking():
        nonlocal together, most
        together += 1
        most = max(most, together)
        while most < 100:
            time.sleep(0.001)
        together -= 1

    flow = WorkflowBuilder()
    for number in range(100):
        flow.add_node(blocking, f"n{number}")
    LocalRuntime(timeout=60).execute(flow.build())
    assert most == 100


def test_an_empty_workflow_has_no_results():
    assert LocalRuntime().execute(WorkflowBuilder().build()).results == {}


def test_one_workflow_is_executed_many_times_at_once():
    async def double(number):
        await asyncio.sleep(number)
        return 2 * number

    workflow = WorkflowBuilder().add_node(double, "double", {"number": "{{inputs.number}}"}).build()
    runtime = LocalRuntime()

    async def all_of_them():
        return await asyncio.gather(*[runtime.execute_async(workflow, {"number": n}) for n in range(5)])

    with virtual_time() as clock:
        done = clock.run(all_of_them())
        assert clock.elapsed == 4
    assert [execution.results["double"] for execution in done] == [0, 2, 4, 6, 8]
    assert len({execution.run_id for execution in done}) == 5


def test_a_result_that_is_not_there_says_why():
    flow = WorkflowBuilder().add_node(str.upper, "tea", {"self": "tea"}).add_node(str.lower, "milk", {"self": "milk"})
    results = LocalRuntime().execute(flow.connect("tea", "milk", {}, when="{{tea.output}} == 'tea'").build()).results
    with pytest.raises(
        KeyError,
        match=r"milk was skipped: the condition of the edge from tea, .* does not hold",
    ):
        results["milk"]
    with pytest.raises(KeyError, match=r"there is no result of tae; did you mean 'tea'\?"):
        results["tae"]
    assert results.get("milk") is None
