"""What may be a node, what it sees around it, and what becomes of what it returns."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest
from doubles import Scripted, answer

from kaizen_eval import BaseAgent, InputField, OutputField, Signature, virtual_time
from kaizen_eval.errors import NodeFailed, UsageError
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder

_where = ContextVar("where", default="nowhere")


class Shout(Signature):
    """Say it louder."""

    word: str = InputField()
    loud: str = OutputField()


def alone(what, config=None, **settings):
    return WorkflowBuilder().add_node(what, "a", config, **settings).build()


def result_of(what, config=None, inputs=None, **settings):
    return LocalRuntime().execute(alone(what, config, **settings), inputs).results["a"]


# --- kinds ------------------------------------------------------------------------------------------------------------


async def asynchronous(word):
    await asyncio.sleep(0)
    return word.upper()


def plain(word):
    return word.upper()


def handing_on(word):
    return asynchronous(word)


class Callable:
    def __call__(self, word):
        return word.upper()


class AsyncCallable:
    async def __call__(self, word):
        return word.upper()


@pytest.mark.parametrize(
    "what",
    [
        asynchronous,
        plain,
        handing_on,
        lambda word: word.upper(),
        Callable(),
        AsyncCallable(),
        Callable,
    ],
)
def test_whatever_can_be_called_is_a_node(what):
    assert result_of(what, {"word": "tea"}) == "TEA"


def test_an_agent_returns_its_run():
    agent = BaseAgent(signature=Shout, provider=Scripted(answer(loud="TEA")))
    result = result_of(agent, {"word": "tea"})
    assert (result.outputs, result.metrics.attempts) == ({"loud": "TEA"}, 1)


def test_one_agent_may_be_several_nodes_at_once():
    model = Scripted(answer(loud="TEA"), seconds=5)
    agent = BaseAgent({"timeout": 7}, signature=Shout, provider=model)
    flow = WorkflowBuilder()
    for name in ("a", "b", "c"):
        flow.add_node(agent, name, {"word": name})
    with virtual_time() as clock:
        clock.run(LocalRuntime().execute_async(flow.build()))
        assert (len(model.requests), clock.elapsed) == (3, 5)


def test_results_are_handed_over_as_they_are():
    rows = [1, 2]
    flow = WorkflowBuilder().add_node(lambda: rows, "a").add_node(lambda given: given, "b", {"given": "{{a.output}}"})
    results, _ = LocalRuntime().execute(flow.build())
    assert results["a"] is rows
    assert results["b"] is rows


def test_a_plain_function_runs_in_a_thread_and_the_loop_goes_on_meanwhile():
    begun, go_on = threading.Event(), threading.Event()

    def blocking():
        begun.set()
        return go_on.wait(10)

    async def other():
        while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0)
        go_on.set()

    flow = WorkflowBuilder().add_node(blocking, "a").add_node(other, "b")
    assert LocalRuntime().execute(flow.build()).results == {"a": True, "b": None}


def test_virtual_time_waits_for_a_thread():
    async def ticking():
        await asyncio.sleep(3600)

    flow = WorkflowBuilder().add_node(lambda: time.sleep(0.02), "a", timeout=1).add_node(ticking, "b")
    with virtual_time() as clock:
        LocalRuntime().execute(flow.build())
        assert clock.elapsed == 3600


# --- around them ------------------------------------------------------------------------------------------------------


def test_nodes_see_the_context_variables_of_the_caller_and_none_of_each_other():
    seen = []

    async def asynchronous():
        seen.append(_where.get())
        _where.set("in a node")

    def plain():
        seen.append(_where.get())
        _where.set("in a thread")

    flow = WorkflowBuilder().add_node(asynchronous, "a").add_node(plain, "b").add_node(asynchronous, "c")
    flow.connect("a", "b", {}).connect("b", "c", {})
    flow.add_node(
        lambda item: asynchronous(),
        "d",
        {"item": "{{item}}"},
        each="{{inputs.items}}",
        concurrency=1,
    )
    _where.set("at the caller's")
    LocalRuntime().execute(flow.build(), {"items": [1, 2]})
    assert (seen, _where.get()) == (["at the caller's"] * 5, "at the caller's")


def test_it_can_be_executed_inside_a_running_loop():
    async def main():
        return LocalRuntime().execute(alone(plain, {"word": "tea"})).results

    assert asyncio.run(main()) == {"a": "TEA"}


def test_awaited_it_runs_in_the_loop_of_the_caller():
    async def loop_of():
        return asyncio.get_running_loop()

    async def main():
        execution = await LocalRuntime().execute_async(alone(loop_of))
        return execution.results["a"] is asyncio.get_running_loop()

    assert asyncio.run(main())


@pytest.mark.parametrize("is_async", [True, False])
def test_a_node_may_execute_another_workflow(is_async):
    inner = alone(plain, {"word": "{{inputs.word}}"})

    async def awaiting(word):
        return (await LocalRuntime().execute_async(inner, {"word": word})).results["a"]

    def blocking(word):
        return LocalRuntime().execute(inner, {"word": word}).results["a"]

    assert result_of(awaiting if is_async else blocking, {"word": "tea"}) == "TEA"


def test_on_the_loop_of_the_package_it_must_be_awaited():
    async def wrong():
        LocalRuntime().execute(alone(plain, {"word": "tea"}))

    with pytest.raises(NodeFailed, match="execute_async") as failed:
        result_of(wrong)
    assert type(failed.value.__cause__) is UsageError


# --- workflows inside -------------------------------------------------------------------------------------------------


def test_a_workflow_gives_what_its_last_node_gives():
    inner = WorkflowBuilder().add_node(plain, "first", {"word": "{{inputs.word}}"})
    inner.add_node(lambda word: word + "!", "last", {"word": "{{first.output}}"})
    assert result_of(inner.build(), {"word": "tea"}) == "TEA!"


def test_a_workflow_with_several_last_nodes_gives_what_each_of_them_does():
    inner = WorkflowBuilder().add_node(plain, "x", {"word": "a"}).add_node(plain, "y", {"word": "b"})
    assert result_of(inner.build()) == {"x": "A", "y": "B"}


def test_a_workflow_is_executed_for_each_item():
    inner = alone(plain, {"word": "{{inputs.word}}"})
    words = {"words": ["tea", "milk"]}
    assert result_of(inner, {"word": "{{item}}"}, words, each="{{inputs.words}}") == [
        "TEA",
        "MILK",
    ]


# --- for each item ----------------------------------------------------------------------------------------------------


def test_results_stand_in_the_order_of_the_items_whoever_ends_first():
    async def slow(seconds):
        await asyncio.sleep(seconds)
        return seconds

    with virtual_time() as clock:
        flow = alone(slow, {"seconds": "{{item}}"}, each="{{inputs.items}}", concurrency=2)
        execution = clock.run(LocalRuntime().execute_async(flow, {"items": [3, 1, 2, 0]}))
        assert (execution.results["a"], clock.elapsed) == ([3, 1, 2, 0], 3)


def test_no_items_are_an_empty_list():
    assert result_of(plain, {"word": "{{item}}"}, {"items": []}, each="{{inputs.items}}") == []


@pytest.mark.parametrize("items", ["tea", {"a": 1}, 7, None])
def test_what_is_no_list_is_refused(items):
    with pytest.raises(
        NodeFailed,
        match=r"^Node 'a' failed: \{\{inputs.items\}\}, for each item of which it is executed, is no list but",
    ):
        result_of(plain, {"word": "{{item}}"}, {"items": items}, each="{{inputs.items}}")


def test_an_item_knows_which_one_it_is():
    words = {"words": ["tea", "milk"]}
    numbered = result_of(
        lambda word, n: f"{n} {word}",
        {"word": "{{item}}", "n": "{{index}}"},
        words,
        each="{{inputs.words}}",
    )
    assert numbered == ["0 tea", "1 milk"]
