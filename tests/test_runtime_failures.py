"""What becomes of an execution when a node fails, or the caller leaves."""

from __future__ import annotations

import asyncio
import threading

import pytest
from doubles import Scripted
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, InputField, OutputField, Signature, virtual_time
from kaizen_eval.errors import NodeFailed, Refused
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder


class Shout(Signature):
    """Say it louder."""

    word: str = InputField()
    loud: str = OutputField()


def broken(error):
    def fail():
        raise error

    return fail


class Forever:
    """Waits until it is cancelled, and takes a second for its clean-up."""

    def __init__(self):
        self.has_ended = False

    async def __call__(self):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            self.has_ended = True


def failed(workflow, inputs=None, **settings):
    with pytest.raises(NodeFailed) as caught:
        LocalRuntime(**settings).execute(workflow, inputs)
    return caught.value


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_failing_node_is_named_with_its_cause_and_what_had_finished():
    cause = ValueError("no milk")
    flow = WorkflowBuilder().add_node(lambda: "tea", "a").add_node(broken(cause), "b").connect("a", "b", {})
    error = failed(flow.add_node(lambda: 1, "c").connect("b", "c", {}).build())
    assert (str(error), error.node, error.item) == ("Node 'b' failed: ValueError: no milk", "b", None)
    assert (error.results, len(error.run_id)) == ({"a": "tea"}, 32)
    assert error.__cause__ is cause


def test_errors_of_ours_keep_their_words():
    agent = BaseAgent(signature=Shout, provider=Scripted(Refused("I would rather not.")))
    error = failed(WorkflowBuilder().add_node(agent, "a", {"word": "tea"}).build())
    assert (str(error), type(error.__cause__)) == ("Node 'a' failed: I would rather not.", Refused)


def test_what_does_not_fit_a_node_is_its_failure():
    flow = WorkflowBuilder().add_node(lambda: {"tea": 1}, "a").add_node(lambda x: x, "b", {"x": "{{a.milk}}"})
    assert str(failed(flow.build())).startswith("Node 'b' failed: {{a.milk}}: a has no 'milk'")


def test_a_condition_that_fails_is_the_failure_of_the_node_after_it():
    flow = (
        WorkflowBuilder().add_node(lambda: 1, "a").add_node(lambda: 2, "b").connect("a", "b", {}, when=lambda x: x / 0)
    )
    error = failed(flow.build())
    assert (error.node, type(error.__cause__), error.results) == ("b", ZeroDivisionError, {"a": 1})


@given(st.integers(0, 5), st.integers(1, 3))
def test_a_failing_item_is_named_and_what_others_came_to_can_be_read(bad, concurrency):
    async def one(item):
        if item == bad:
            raise ValueError("no")
        return item

    flow = WorkflowBuilder().add_node(one, "a", {"item": "{{item}}"}, each="{{inputs.items}}", concurrency=concurrency)
    error = failed(flow.build(), {"items": list(range(6))})
    assert (str(error), error.node, error.item) == (f"Node 'a' failed at item {bad}, {bad}: ValueError: no", "a", bad)
    assert {f"a[{n}]": n for n in range(bad)}.items() <= error.results.items()


def test_nodes_of_workflows_inside_are_named_with_those_around_them():
    inner = (
        WorkflowBuilder()
        .add_node(lambda: "tea", "one")
        .add_node(broken(KeyError("x")), "two")
        .connect("one", "two", {})
    )
    middle = WorkflowBuilder().add_subworkflow("inner", inner.build()).build()
    flow = WorkflowBuilder().add_node(middle, "each", each="{{inputs.items}}", concurrency=1)
    error = failed(flow.build(), {"items": [1, 2]})
    assert (error.node, error.results) == ("each[0]/inner/two", {"each[0]/inner/one": "tea"})


def test_of_what_had_ended_as_a_whole_the_parts_are_not_told():
    inner = WorkflowBuilder().add_node(lambda: "tea", "x").build()
    flow = WorkflowBuilder().add_subworkflow("in", inner).add_node(inner, "each", each="{{inputs.items}}")
    flow.add_node(broken(ValueError()), "b").connect("in", "b", {}).connect("each", "b", {})
    assert failed(flow.build(), {"items": [1, 2]}).results == {"in": "tea", "each": ["tea", "tea"]}


def test_a_node_that_executes_another_workflow_fails_as_that_does():
    async def inside():
        await LocalRuntime().execute_async(WorkflowBuilder().add_node(broken(ValueError("no")), "deep").build())

    error = failed(WorkflowBuilder().add_node(inside, "a").build())
    assert (error.node, str(error)) == ("a", "Node 'a' failed: Node 'deep' failed: ValueError: no")
    assert error.__cause__.node == "deep"


def test_of_several_that_fail_the_first_is_raised_and_tells_of_the_others():
    async def first():
        await asyncio.sleep(1)
        raise ValueError("first")

    async def second():
        try:
            await asyncio.sleep(2)
        finally:
            raise KeyError("second")

    flow = WorkflowBuilder().add_node(second, "b").add_node(first, "a")
    with virtual_time():
        error = failed(flow.build())
    assert (error.node, error.__notes__) == ("a", ["Meanwhile: Node 'b' failed: KeyError: 'second'"])


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("is_async", [True, False])
def test_what_ends_a_program_ends_the_execution_as_it_is(error, is_async):
    async def asynchronous():
        raise error

    other = Forever()
    flow = WorkflowBuilder().add_node(other, "b").add_node(asynchronous if is_async else broken(error), "a")
    with virtual_time(), pytest.raises(error):
        LocalRuntime().execute(flow.build())
    assert other.has_ended


def test_a_node_that_cancels_itself_has_failed():
    async def cancelled():
        raise asyncio.CancelledError

    error = failed(WorkflowBuilder().add_node(cancelled, "a").build())
    assert (error.node, type(error.__cause__)) == ("a", asyncio.CancelledError)


# --- what ends --------------------------------------------------------------------------------------------------------


def test_what_runs_beside_a_failing_node_is_cancelled_and_has_ended():
    async def late():
        await asyncio.sleep(5)
        raise ValueError

    other, begun = Forever(), []
    flow = WorkflowBuilder().add_node(late, "a").add_node(other, "b")
    flow.add_node(lambda: begun.append(1), "c").connect("a", "c", {})
    with virtual_time() as clock:
        failed(flow.build())
        assert (other.has_ended, begun, clock.elapsed) == (True, [], 6)


def test_one_that_swallows_its_cancellation_is_left_behind():
    async def stubborn():
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                continue

    async def late():
        await asyncio.sleep(1)
        raise ValueError

    flow = WorkflowBuilder().add_node(stubborn, "a").add_node(late, "b")
    with virtual_time() as clock:
        error = failed(flow.build())
        assert clock.elapsed == 6
    assert error.__notes__ == ["Node 'a' did not end within 5 s of being cancelled."]


@given(st.integers(0, 9))
def test_whenever_the_caller_leaves_no_task_is_left(seconds):
    async def one(item):
        await asyncio.sleep(item)
        if item == 2:
            raise ValueError

    inner = WorkflowBuilder().add_node(one, "x", {"item": 3}).add_node(one, "y", {"item": 9}).build()
    flow = WorkflowBuilder().add_node(one, "a", {"item": "{{item}}"}, each="{{inputs.items}}", concurrency=2)
    flow.add_node(one, "b", {"item": 2}, retry={"attempts": 9, "base": 4, "jitter": "none"})
    flow.add_node(one, "c", {"item": 7}, timeout=8).add_subworkflow("d", inner)

    async def leaving():
        task = asyncio.ensure_future(LocalRuntime().execute_async(flow.build(), {"items": [1, 0, 9, 4]}))
        await asyncio.sleep(seconds + 0.5)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled(), asyncio.all_tasks() - {asyncio.current_task()}

    with virtual_time() as clock:
        assert clock.run(leaving()) == (True, set())
        assert clock.elapsed == seconds + 0.5


def test_a_function_that_blocks_does_not_hold_the_caller():
    begun, go_on = threading.Event(), threading.Event()

    def blocking():
        begun.set()
        go_on.wait(60)

    async def leaving():
        task = asyncio.ensure_future(LocalRuntime().execute_async(WorkflowBuilder().add_node(blocking, "a").build()))
        while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled(), go_on.is_set()

    try:
        assert asyncio.run(leaving()) == (True, False)
    finally:
        go_on.set()
