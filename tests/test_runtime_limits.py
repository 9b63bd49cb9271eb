"""Timeouts, retries and budgets of nodes and of whole workflows."""

from __future__ import annotations

import asyncio
import time
from random import Random

import pytest
from doubles import Scripted, answer
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, Budget, InputField, OutputField, RetryPolicy, Signature, virtual_time
from kaizen_eval.errors import (
    BudgetExceeded,
    ConfigError,
    InputError,
    NodeFailed,
    NodeOverBudget,
    NodeTimeout,
    RateLimited,
    Refused,
    RunTimeout,
    ServerFailed,
    WorkflowTimeout,
)
from kaizen_eval.runtime.again import wait_before_try
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.workflow import WorkflowBuilder

STEADY = {"base": 4, "jitter": "none"}


class Shout(Signature):
    """Say it louder."""

    word: str = InputField()
    loud: str = OutputField()


def shouting(*outcomes, seconds=0, **config):
    return BaseAgent({"retries": 0, **config}, signature=Shout, provider=Scripted(*outcomes, seconds=seconds))


def alone(what, config=None, **settings):
    return WorkflowBuilder().add_node(what, "a", config, **settings).build()


class Flaky:
    """Fails as often as told, each time after a second."""

    def __init__(self, times, error=ValueError):
        self.times, self.error, self.tries = times, error, 0

    async def __call__(self):
        self.tries += 1
        await asyncio.sleep(1)
        if self.tries <= self.times:
            raise self.error("not yet")
        return self.tries


# --- retries ----------------------------------------------------------------------------------------------------------


def test_a_node_is_tried_again_after_waits_that_grow():
    flaky = Flaky(2)
    with virtual_time() as clock:
        results, _ = LocalRuntime().execute(alone(flaky, retry={"attempts": 3, **STEADY}))
        assert (results, clock.elapsed) == ({"a": 3}, 3 + 4 + 8)


def test_after_the_last_try_its_error_is_the_cause():
    flaky = Flaky(9)
    with virtual_time(), pytest.raises(NodeFailed) as failed:
        LocalRuntime().execute(alone(flaky, retry=3))
    assert (flaky.tries, type(failed.value.__cause__)) == (3, ValueError)


@given(st.integers(1, 5), st.integers(1, 9), st.integers())
def test_waits_stay_below_their_cap(attempts, failed, seed):
    policy = RetryPolicy(attempts=attempts, base=1, cap=3)
    wait = wait_before_try(policy, failed, ValueError(), Random(seed))
    assert (wait is None) == (failed >= attempts)
    assert wait is None or 0 <= wait <= min(3, 2 ** (failed - 1))


@pytest.mark.parametrize(
    ("error", "is_tried_again"),
    [
        (ValueError(), True),
        (ServerFailed("busy"), True),
        (RunTimeout("late"), True),
        (NodeTimeout("late"), True),
        (Refused("no"), False),
        (InputError("no"), False),
        (BudgetExceeded("no"), False),
        (NodeOverBudget("no"), False),
        (ServerFailed("no", should_retry=False), False),
    ],
)
def test_what_has_no_point_is_not_tried_again(error, is_tried_again):
    assert (wait_before_try(RetryPolicy(), 1, error, Random(0)) is not None) is is_tried_again


def test_what_failed_within_another_execution_decides():
    inner = NodeFailed("failed")
    inner.__cause__ = RateLimited("slow down", retry_after=40)
    assert wait_before_try(RetryPolicy(), 1, inner, Random(0)) == 40


def test_a_wait_for_which_there_is_no_time_is_not_begun():
    with virtual_time() as clock, pytest.raises(NodeFailed):
        LocalRuntime(timeout=5).execute(alone(Flaky(1), retry={"attempts": 2, **STEADY}))
    assert clock.elapsed == 1


def test_items_are_tried_again_one_by_one():
    tries = []

    async def one(item):
        tries.append(item)
        if tries.count(item) < 3:
            raise ValueError
        return item

    flow = alone(one, {"item": "{{item}}"}, each="{{inputs.items}}", retry={"attempts": 3, **STEADY})
    with virtual_time() as clock:
        results, _ = LocalRuntime().execute(flow, {"items": [1, 2]})
        assert (results["a"], sorted(tries), clock.elapsed) == ([1, 2], [1, 1, 1, 2, 2, 2], 12)


def test_a_workflow_inside_is_tried_again_as_a_whole():
    first, second = Flaky(0), Flaky(1)
    inner = WorkflowBuilder().add_node(first, "x").add_node(second, "y").connect("x", "y", {}).build()
    with virtual_time():
        results, _ = LocalRuntime().execute(alone(inner, retry={"attempts": 2, **STEADY}))
    assert (results["a"], first.tries, second.tries) == (2, 2, 2)


# --- timeouts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, -1, "soon"])
def test_a_timeout_is_a_number_above_0(seconds):
    with pytest.raises(ConfigError, match="timeout must be"):
        LocalRuntime(timeout=seconds)


def test_a_node_has_its_timeout_for_each_try():
    async def slow():
        await asyncio.sleep(100)

    with virtual_time() as clock, pytest.raises(NodeTimeout) as late:
        LocalRuntime().execute(alone(slow, timeout=3, retry={"attempts": 2, **STEADY}))
    assert (str(late.value), clock.elapsed) == ("Node 'a' did not finish within its timeout of 3 s.", 10)
    assert isinstance(late.value, TimeoutError)
    assert late.value.__cause__ is None


def test_an_item_that_is_late_is_named():
    flow = alone(asyncio.sleep, {"delay": "{{item}}"}, each="{{inputs.items}}", timeout=3)
    with virtual_time(), pytest.raises(NodeTimeout) as late:
        LocalRuntime().execute(flow, {"items": [1, 9]})
    assert str(late.value) == "Node 'a' did not finish at item 1, 9 within its timeout of 3 s."
    assert (late.value.item, late.value.results) == (1, {"a[0]": None})


def test_a_function_that_blocks_is_left_behind_in_its_thread():
    with pytest.raises(NodeTimeout):
        LocalRuntime().execute(alone(lambda: time.sleep(0.5), timeout=0.01))


def test_time_that_a_node_waits_for_its_turn_is_not_its_own():
    flow = WorkflowBuilder()
    for name in ("a", "b", "c"):
        flow.add_node(Flaky(0), name, timeout=2)
    with virtual_time() as clock:
        LocalRuntime(max_concurrency=1).execute(flow.build())
        assert clock.elapsed == 3


def test_a_workflow_that_is_late_tells_what_it_waited_for():
    flow = WorkflowBuilder("mail").add_node(Flaky(0), "a").add_node(asyncio.sleep, "b", {"delay": 99})
    with virtual_time() as clock, pytest.raises(WorkflowTimeout) as late:
        LocalRuntime(timeout=20).execute(flow.build())
    assert str(late.value) == (
        "Workflow 'mail' did not finish within its timeout of 20 s. It still executed: b. Finished: a."
    )
    assert (late.value.results, clock.elapsed) == ({"a": 1}, 20)


def test_agents_inside_have_no_more_time_than_the_workflow():
    agent = shouting(answer(loud="TEA"), seconds=99, timeout=50)
    with virtual_time() as clock, pytest.raises(WorkflowTimeout):
        LocalRuntime(timeout=20).execute(alone(agent, {"word": "tea"}))
    assert clock.elapsed == 20


def test_an_agent_keeps_a_timeout_of_its_own():
    agent = shouting(answer(loud="TEA"), seconds=99, timeout=20)
    with virtual_time() as clock, pytest.raises(NodeFailed) as failed:
        LocalRuntime(timeout=50).execute(alone(agent, {"word": "tea"}))
    assert (type(failed.value.__cause__), clock.elapsed) == (RunTimeout, 20)


class Working(Strategy):
    """Executes a workflow."""

    def __init__(self, workflow, **settings):
        self.workflow, self.settings = workflow, settings

    async def execute(self, signature, inputs, config):
        results, _ = await LocalRuntime(**self.settings).execute_async(self.workflow)
        return {"loud": str(results)}


def test_the_deadline_of_the_run_around_it_counts():
    agent = BaseAgent(
        {"timeout": 7}, signature=Shout, strategy=Working(alone(asyncio.sleep, {"delay": 99}), timeout=50)
    )
    with virtual_time() as clock, pytest.raises(RunTimeout):
        agent.run(word="tea")
    assert clock.elapsed == 7


def test_no_wait_is_begun_for_which_the_run_around_it_has_no_time():
    workflow = alone(Flaky(1), retry={"attempts": 2, "base": 8, "jitter": "none"})
    agent = BaseAgent({"timeout": 7}, signature=Shout, strategy=Working(workflow))
    with virtual_time() as clock, pytest.raises(NodeFailed):
        agent.run(word="tea")
    assert clock.elapsed == 1


# --- budgets ----------------------------------------------------------------------------------------------------------


def test_a_budget_counts_over_all_agents():
    agent = shouting(answer(loud="TEA"))
    flow = alone(agent, {"word": "{{item}}"}, each="{{inputs.words}}", concurrency=1)
    with pytest.raises(NodeOverBudget) as over:
        LocalRuntime(budget=Budget(max_calls=2)).execute(flow, {"words": ["a", "b", "c"]})
    error = over.value
    assert (error.node, error.item, error.limit, error.spent.calls) == ("a", 2, "max_calls", 2)
    assert str(error).startswith("Node 'a' failed at item 2, 'c': ")
    assert str(error.__cause__) in str(error)
    assert isinstance(error, BudgetExceeded)
    assert isinstance(error, NodeFailed)


def test_a_budget_of_a_run_around_it_counts():
    asked = shouting(answer(loud="TEA"))
    flow = WorkflowBuilder().add_node(asked, "a", {"word": "x"}).add_node(asked, "b", {"word": "{{a.loud}}"})
    agent = BaseAgent({"budget": Budget(max_calls=1)}, signature=Shout, strategy=Working(flow.build()))
    with pytest.raises(BudgetExceeded):
        agent.run(word="tea")


def test_each_execution_has_the_budget_for_itself():
    runtime = LocalRuntime(budget=Budget(max_calls=1))
    flow = alone(shouting(answer(loud="TEA")), {"word": "tea"})
    assert [runtime.execute(flow).results["a"]["loud"] for _ in range(3)] == ["TEA"] * 3
