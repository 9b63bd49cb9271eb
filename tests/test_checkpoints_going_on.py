"""LocalRuntime with a file of checkpoints: what is executed when a run is gone on with, and what it took in all."""

from __future__ import annotations

import asyncio
import math
import threading
from dataclasses import dataclass

import pytest

from kaizen_eval import BaseAgent, LocalRuntime, WorkflowBuilder, virtual_time
from kaizen_eval.errors import (
    CheckpointFailed,
    ConfigError,
    NodeFailed,
    NodeTimeout,
    WorkflowBusy,
    WorkflowError,
    WorkflowTimeout,
)
from kaizen_eval.events import NodeEnded, NodeStarted
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.runtime.checkpoints import CheckpointFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


class Work:
    """Functions for nodes, which note that they were called; some fail as often as they are told to."""

    def __init__(self, **failing):
        self.calls = []
        self.failing = failing

    def of(self, name, result=None):
        def step(value=None):
            self.calls.append(name)
            if self.failing.get(name, 0):
                self.failing[name] -= 1
                raise LookupError(name)
            return {"name": name, "value": value} if result is None else result

        step.__name__ = step.__qualname__ = name
        return step


def chain(work, *names, **builder):
    flow = WorkflowBuilder(**builder)
    for before, name in zip((None, *names), names, strict=False):
        flow.add_node(work.of(name), name, {} if before is None else {"value": f"{{{{{before}.name}}}}"})
    return flow


def failed(path, flow, inputs=None, error=NodeFailed, **settings):
    with pytest.raises(error) as caught:
        LocalRuntime(checkpoints=path).execute(flow.build(), inputs, **settings)
    return caught.value


# --- what is executed -------------------------------------------------------------------------------------------------


def test_a_run_that_failed_is_gone_on_with_where_it_failed(path):
    work = Work(b=1)
    error = failed(path, chain(work, "a", "b", "c"))
    results, run_id = LocalRuntime(checkpoints=path).execute(chain(work, "a", "b", "c").build())
    assert (run_id, work.calls) == (error.run_id, ["a", "b", "b", "c"])
    assert results == {
        "a": {"name": "a", "value": None}, "b": {"name": "b", "value": "a"}, "c": {"name": "c", "value": "b"},
    }  # fmt: skip


def test_a_finished_run_is_not_gone_on_with_and_by_its_id_told_again(path):
    work = Work()
    runtime = LocalRuntime(checkpoints=path)
    first = runtime.execute(chain(work, "a").build())
    second = runtime.execute(chain(work, "a").build())
    again = runtime.execute(chain(work, "a").build(), run_id=first.run_id)
    assert (work.calls, first.run_id != second.run_id) == (["a", "a"], True)
    assert (again, again.results.metrics) == (first, first.results.metrics)


def test_a_run_id_that_is_given_names_the_run(path):
    work = Work()
    ids = [LocalRuntime(checkpoints=path).execute(chain(work, "a").build(), run_id="monday").run_id for _ in range(2)]
    assert (ids, work.calls) == (["monday", "monday"], ["a"])


def test_of_a_fan_out_the_items_that_are_missing_are_executed(path):
    calls = []

    def item(n):
        calls.append(n)
        if calls.count(3) == 1 and n == 3:
            raise LookupError
        return n * n

    def flow():
        return WorkflowBuilder().add_node(item, "squares", {"n": "{{item}}"}, each="{{inputs.numbers}}", concurrency=1)

    failed(path, flow(), {"numbers": [1, 2, 3, 4]})
    results, _ = LocalRuntime(checkpoints=path).execute(flow().build(), {"numbers": [1, 2, 3, 4]})
    assert (calls, results) == ([1, 2, 3, 3, 4], {"squares": [1, 4, 9, 16]})


def test_of_a_workflow_inside_the_nodes_that_are_missing_are_executed(path):
    work = Work(b=1, last=1)

    def flow():
        outer = WorkflowBuilder("outer").add_subworkflow("inner", chain(work, "a", "b", name="inner").build())
        return outer.add_node(work.of("last"), "last", {"value": "{{inner.name}}"})

    assert failed(path, flow()).node == "inner/b"
    assert failed(path, flow()).node == "last"
    results, _ = LocalRuntime(checkpoints=path).execute(flow().build())
    assert (work.calls, results["last"]["value"]) == (["a", "b", "b", "last", "last"], "b")


def test_a_workflow_inside_that_is_tried_once_more_is_executed_anew_and_gone_on_with_from_there(path):
    values = iter(range(10))

    def drawn():
        return next(values)

    def judged(value):
        if value < 2:
            raise LookupError(value)
        return value

    def flow(attempts):
        inner = (
            WorkflowBuilder("inner").add_node(drawn, "drawn").add_node(judged, "judged", {"value": "{{drawn.output}}"})
        )
        return WorkflowBuilder().add_node(inner.build(), "inner", retry={"attempts": attempts, "base": 0.001})

    failed(path, flow(2))  # drew 0 and 1
    results, _ = LocalRuntime(checkpoints=path).execute(flow(2).build())  # has the 1, and draws 2
    assert (results, next(values)) == ({"inner": 2}, 3)


def test_what_the_first_try_of_a_workflow_inside_skipped_is_not_told_if_the_second_executes_it(path):
    work, draws = Work(b=1), iter([1, 2])

    def draw():
        return next(draws)

    inner = WorkflowBuilder("inner").add_node(draw, "draw").add_node(work.of("rare"), "rare")
    inner.connect("draw", "rare", {}, when=lambda drawn: drawn == 2)
    inner.add_node(work.of("b"), "b").connect("draw", "b", {})
    flow = WorkflowBuilder().add_node(inner.build(), "inner", retry={"attempts": 2, "base": 0.001})
    results, _ = LocalRuntime(checkpoints=path).execute(flow.build())
    assert (sorted(work.calls), dict(results.skipped)) == (["b", "b", "rare"], {})


def test_what_was_skipped_stays_skipped_whatever_its_condition_says_now(path):
    work, holds = Work(b=1), iter([False, True, True])

    def flow():
        builder = WorkflowBuilder().add_node(work.of("a"), "a").add_node(work.of("never"), "never")
        builder.connect("a", "never", {}, when=lambda _: next(holds))
        return builder.add_node(work.of("b"), "b", {"value": "{{a.name}}"}).add_node(work.of("c"), "c")

    failed(path, flow())
    results, _ = LocalRuntime(checkpoints=path).execute(flow().build())
    assert ("never" in work.calls, [*results.skipped]) == (False, ["never"])


def test_what_was_skipped_in_a_workflow_that_had_finished_is_told_all_the_same(path):
    work = Work(last=1)
    inner = WorkflowBuilder("inner").add_node(work.of("a"), "a").add_node(work.of("never"), "never")
    inner.connect("a", "never", {}, when="1 > 2")
    flow = WorkflowBuilder().add_subworkflow("inner", inner.build())
    flow.add_node(work.of("last"), "last").connect("inner", "last", {})
    failed(path, flow)
    gone_on = LocalRuntime(checkpoints=path).execute(flow.build())
    again = LocalRuntime(checkpoints=path).execute(flow.build(), run_id=gone_on.run_id)
    assert ([*gone_on.results.skipped], gone_on.results.skipped) == (["inner/never"], again.results.skipped)


def test_what_is_gone_on_with_is_as_it_was_types_too(path):
    seen = []

    def look(value):
        seen.append(value)
        if len(seen) == 1:
            raise LookupError

    flow = WorkflowBuilder().add_node(lambda: Place("Bern", (46.9, 7.4)), "place")
    flow.add_node(look, "look", {"value": "{{place.output}}"})
    failed(path, flow)
    LocalRuntime(checkpoints=path).execute(flow.build())
    assert seen == [Place("Bern", (46.9, 7.4))] * 2
    assert type(seen[1].at) is tuple


@dataclass(frozen=True)
class Place:
    name: str
    at: tuple[float, float]


def test_events_are_told_of_what_is_executed_alone(path):
    work, seen = Work(b=1), []

    class Seeing:
        def on_event(self, event):
            if isinstance(event, NodeStarted | NodeEnded):
                seen.append((type(event).__name__, event.node))

    failed(path, chain(work, "a", "b"))
    LocalRuntime(checkpoints=path, observer=Seeing()).execute(chain(work, "a", "b").build())
    assert seen == [("NodeStarted", "b"), ("NodeEnded", "b")]


# --- what it took -----------------------------------------------------------------------------------------------------


def test_what_was_spent_before_counts_also_of_what_failed(path):
    llm = FakeLLM()
    llm.when(user="b").fail("refusal").times(1)
    llm.otherwise(Reply(text="Hi", usage={"prompt": 10, "completion": 1}))

    def flow():
        agent = BaseAgent({"model": "mock"}, provider=llm)
        builder = WorkflowBuilder().add_node(agent, "a", {"message": "a"})
        return builder.add_node(agent, "b", {"message": "b of {{a.response}}"})

    error = failed(path, flow())
    results, _ = LocalRuntime(checkpoints=path).execute(flow().build())
    llm.assert_calls(3)
    assert results.metrics.attempts == 3
    assert results.metrics.usage.prompt == error.results.metrics.usage.prompt + 10
    assert results["a"].outputs == {"response": "Hi"}
    assert math.isnan(results["a"]["_cost"]) or results["a"]["_cost"] >= 0


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_what_cannot_be_kept_fails_at_its_node_and_is_not_tried_again(path):
    calls = []

    def opened():
        calls.append(1)
        return threading.Lock()

    flow = WorkflowBuilder().add_node(opened, "opened", retry=5)
    error = failed(path, flow)
    assert (error.node, type(error.__cause__), calls) == ("opened", CheckpointFailed, [1])
    assert "What 'opened' returned cannot be kept" in str(error)
    assert "return plain values" in str(error)


def test_a_full_disk_fails_the_node_that_cannot_be_kept_and_the_run_can_be_gone_on_with(path):
    file, given = CheckpointFile(path), iter(["x" * 100_000, "less"])
    a = Work().of("a", 1)

    def fill():
        file._file.transact(lambda connection: connection.execute("PRAGMA max_page_count = 1"), writes=False)
        return next(given)

    def flow():
        return WorkflowBuilder().add_node(a, "a").add_node(fill, "fill", {}).connect("a", "fill", {})

    error = failed(file, flow())
    assert (error.node, "the disk is full" in str(error), dict(error.results)) == ("fill", True, {"a": 1})
    file.close()  # what the pragma said is forgotten: there is room
    results, run_id = LocalRuntime(checkpoints=path).execute(flow().build())
    assert (run_id, results) == (error.run_id, {"a": 1, "fill": "less"})


def test_two_executions_of_one_run_at_once_are_refused(path):
    async def scene():
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def wait():
            begun.set()
            await go_on.wait()
            return 1

        flow = WorkflowBuilder().add_node(wait, "wait").build()
        runtime = LocalRuntime(checkpoints=path)
        first = asyncio.create_task(runtime.execute_async(flow, run_id="r"))
        await begun.wait()
        with pytest.raises(WorkflowBusy, match="'r' is under way"):
            await LocalRuntime(checkpoints=path).execute_async(flow, run_id="r")
        go_on.set()
        return (await first).results

    assert asyncio.run(scene()) == {"wait": 1}


def test_another_workflow_under_one_id_is_refused(path):
    work = Work()
    LocalRuntime(checkpoints=path).execute(chain(work, "a").build(), run_id="r")
    error = failed(path, chain(work, "a", "b"), run_id="r", error=WorkflowError)
    assert error.problems == ("the node 'b' is new",)
    assert work.calls == ["a"]


def test_a_cancelled_run_is_free_at_once_and_can_be_gone_on_with(path):
    async def scene():
        begun = asyncio.Event()

        async def wait(value):
            begun.set()
            await asyncio.sleep(3600 if value is None else 0)
            return value

        def flow():
            builder = WorkflowBuilder().add_node(lambda: 1, "a")
            return builder.add_node(wait, "wait", {"value": None}).connect("a", "wait", {}).build()

        runtime = LocalRuntime(checkpoints=path)
        first = asyncio.create_task(runtime.execute_async(flow(), run_id="r"))
        await begun.wait()
        first.cancel()
        await asyncio.wait([first])
        run = await CheckpointFile(path).begin(flow(), {}, "r")
        await run.leave()
        return first.cancelled(), dict(run.results)

    assert asyncio.run(scene()) == (True, {"a": 1})


@pytest.mark.parametrize(
    ("settings", "node", "error"), [({"timeout": 2}, {}, WorkflowTimeout), ({}, {"timeout": 1}, NodeTimeout)]
)
def test_a_run_that_was_out_of_time_is_gone_on_with_on_virtual_time(path, settings, node, error):
    waits = iter([3, 0])

    async def slow():
        await asyncio.sleep(next(waits))
        return "done"

    work = Work()
    flow = chain(work, "a").add_node(slow, "slow", **node).connect("a", "slow", {})
    with virtual_time():
        with pytest.raises(error) as caught:
            LocalRuntime(checkpoints=path, **settings).execute(flow.build())
        results, run_id = LocalRuntime(checkpoints=path).execute(flow.build())
    assert (run_id, work.calls, results["slow"]) == (caught.value.run_id, ["a"], "done")


def test_loops_and_threads_execute_runs_of_one_file_side_by_side(path):
    runtime, results = LocalRuntime(checkpoints=path), {}

    def executed(number):
        flow = WorkflowBuilder().add_node(lambda n: n, "echo", {"n": "{{inputs.n}}"}).build()
        results[number] = asyncio.run(runtime.execute_async(flow, {"n": number})).results["echo"]

    threads = [threading.Thread(target=executed, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results, len(CheckpointFile(path).runs())) == ({number: number for number in range(6)}, 6)


@pytest.mark.parametrize("bad", [7, b"runs.db", ""])
def test_what_is_no_file_is_refused(bad):
    with pytest.raises(ConfigError):
        LocalRuntime(checkpoints=bad)
