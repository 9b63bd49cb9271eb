"""A tool that is not idempotent is never executed twice for one call id within a run, whatever is tried again."""

from __future__ import annotations

import asyncio
import json

import pytest
from doubles import Scripted
from hypothesis import given
from hypothesis import strategies as st
from tool_doubles import calling
from toolbox_asking import called, in_a_run, outcomes

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ToolFailed
from kaizen_eval.messages import ChatReply, ToolCall
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.tools import Tool, Toolbox


class Till:
    """Where money goes, and how often it went."""

    def __init__(self):
        self.paid = []

    async def pay(self, amount: int) -> str:
        self.paid.append(amount)
        return f"paid {amount}"

    async def fail(self, amount: int) -> str:
        self.paid.append(amount)
        raise OSError("the till is broken")

    async def wait(self, amount: int) -> str:
        self.paid.append(amount)
        await asyncio.sleep(9)
        return "late"


def once(function, **settings):
    return Tool(function, name="pay", idempotent=False, **settings)


def replies(tool, *rounds, **config):
    """What becomes of the calls of several replies within one run."""

    async def work(run):
        box = Toolbox([tool])
        return [outcomes(await box.execute(calls, run, call=number)) for number, calls in enumerate(rounds, start=1)]

    return in_a_run(work, **config)


PAY = called("pay", amount=5)


def test_the_second_request_for_a_call_gets_what_became_of_the_first():
    till = Till()
    assert (replies(once(till.pay), [PAY], [PAY]), till.paid) == ([[("ok", "paid 5")], [("ok", "paid 5")]], [5])


def test_a_tool_that_is_idempotent_is_executed_again():
    till = Till()
    replies(till.pay, [PAY], [PAY])
    assert till.paid == [5, 5]


def test_the_same_call_in_other_words_is_the_same():
    till = Till()
    reworded = ToolCall("c1", "pay", '{ "amount":5 }')
    assert (replies(once(till.pay), [PAY], [reworded])[1], till.paid) == ([("ok", "paid 5")], [5])


def test_another_call_is_executed():
    till = Till()
    replies(once(till.pay), [PAY], [called("pay", 2, amount=5)])
    assert till.paid == [5, 5]


def test_a_failure_that_is_known_is_told_again():
    till = Till()
    failed = ("error", "pay failed: OSError: the till is broken")
    assert (replies(once(till.fail), [PAY], [PAY]), till.paid) == ([[failed], [failed]], [5])


def test_a_failure_that_is_raised_is_raised_again():
    till = Till()

    async def work(run):
        box = Toolbox([once(till.fail, on_error="raise")])
        for _ in range(2):
            with pytest.raises(ToolFailed, match="the till is broken"):
                await box.execute([PAY], run, call=1)
        return till.paid

    assert in_a_run(work) == [5]


UNKNOWN = (
    "error",
    (
        "pay was begun before with the call id c1, and it is not known whether it has done its work; it is not "
        "executed again."
    ),
)


def test_after_a_timeout_nobody_knows_and_it_is_not_executed_again():
    till = Till()
    late = ("error", "pay did not end within 2 s.")
    assert (replies(once(till.wait, timeout=2), [PAY], [PAY]), till.paid) == ([[late], [UNKNOWN]], [5])


def test_after_a_cancellation_nobody_knows():
    till = Till()

    async def work(run):
        box = Toolbox([once(till.wait)])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(box.execute([PAY], run, call=1), 1)
        return outcomes(await box.execute([PAY], run, call=2))

    assert (in_a_run(work), till.paid) == ([UNKNOWN], [5])


def test_while_it_is_under_way_it_is_not_begun_again():
    till = Till()

    async def work(run):
        box = Toolbox([once(till.wait)])
        both = await asyncio.gather(*(box.execute([PAY], run, call=number) for number in (1, 2)))
        return [outcomes(steps) for steps in both]

    assert (in_a_run(work), till.paid) == ([[("ok", "late")], [UNKNOWN]], [5])


def test_what_was_begun_while_somebody_was_asked_is_not_begun_again():
    till = Till()

    async def slowly(_):
        await asyncio.sleep(1)
        return True

    async def work(run):
        box = Toolbox([once(till.wait, requires_approval=slowly)])
        both = await asyncio.gather(*(box.execute([PAY], run, call=number) for number in (1, 2)))
        return [outcomes(steps) for steps in both]

    assert (in_a_run(work), till.paid) == ([[("ok", "late")], [UNKNOWN]], [5])


def test_an_id_with_other_arguments_is_refused():
    till = Till()
    refused = ("error", "pay was not executed: its id c1 was used before, with other arguments; make a new call.")
    assert (replies(once(till.pay), [PAY], [called("pay", amount=6)])[1], till.paid) == ([refused], [5])


def test_what_was_not_executed_may_be_tried_again():
    till = Till()
    answers = iter([False, True])
    tool = once(till.pay, requires_approval=lambda _: next(answers))
    assert (replies(tool, [called("pay", amount="5")], [PAY], [PAY])[1:], till.paid) == (
        [[("refused", "pay was not executed: it was not approved.")], [("ok", "paid 5")]],
        [5],
    )


def test_each_run_has_a_ledger_of_its_own():
    till = Till()
    tool = once(till.pay)
    for _ in range(2):
        replies(tool, [PAY])
    assert till.paid == [5, 5]


class Twice(ToolLoopStrategy):
    """Goes through the whole loop a second time, as a strategy that tries again does."""

    async def execute(self, signature, inputs, config):
        await super().execute(signature, inputs, config)
        return await super().execute(signature, inputs, config)


def test_a_strategy_that_tries_again_executes_nothing_twice():
    till = Till()
    provider = Scripted(calling(PAY), ChatReply(text="a"), calling(PAY), ChatReply(text="b"))
    agent = BaseAgent({"model": "m"}, provider=provider, tools=[once(till.pay)], strategy=Twice())
    with virtual_time():
        result = agent.run(question="?")
    assert (result["response"], till.paid, [step.get("result") for step in result["_steps"]]) == (
        "b",
        [5],
        [None, "paid 5", None, None, "paid 5", None],
    )


def test_an_agent_within_a_run_that_is_asked_again_executes_nothing_twice():
    till = Till()
    inner = BaseAgent(
        {"model": "m"},
        provider=Scripted(calling(PAY), ChatReply(text="a"), calling(PAY), ChatReply(text="b")),
        tools=[once(till.pay)],
    )

    async def ask(question: str) -> str:
        return (await inner.run_async(question=question))["response"]

    outer = BaseAgent(
        {"model": "m"},
        provider=Scripted(
            calling(called("ask", 1, question="?")), calling(called("ask", 2, question="?")), ChatReply(text="done")
        ),
        tools=[ask],
    )
    with virtual_time():
        outer.run(question="?")
    assert till.paid == [5]


def test_two_agents_may_use_the_same_ids():
    till = Till()

    def make(name):
        provider = Scripted(calling(PAY), ChatReply(text=name))
        return BaseAgent({"model": "m"}, provider=provider, tools=[once(till.pay)], agent_id=name)

    first, second = make("first"), make("second")

    async def both() -> str:
        await first.run_async(question="?")
        return (await second.run_async(question="?"))["response"]

    outer = BaseAgent({"model": "m"}, provider=Scripted(calling(called("both")), ChatReply(text="x")), tools=[both])
    with virtual_time():
        outer.run(question="?")
    assert till.paid == [5, 5]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.sampled_from(["pay", "fail", "wait"])), max_size=4),
        max_size=5,
    )
)
def test_no_call_id_is_ever_executed_twice(rounds):
    till = Till()
    names = ["pay", "fail", "wait"]

    async def work(run):
        box = Toolbox([Tool(getattr(till, name), idempotent=False, timeout=1) for name in names])
        for number, calls in enumerate(rounds, start=1):
            asked = [called(name, i, amount=100 * i + 10 * names.index(name) + n) for i, n, name in calls]
            await box.execute(asked, run, call=number)

    in_a_run(work)
    ids_and_tools = [amount // 10 for amount in till.paid]
    assert len({*ids_and_tools}) == len(ids_and_tools)


def test_the_recorded_result_is_told_to_the_model_as_the_first_was():
    till = Till()
    provider = Scripted(calling(PAY), calling(PAY), ChatReply(text="done"))
    agent = BaseAgent({"model": "m"}, provider=provider, tools=[once(till.pay)])
    with virtual_time():
        agent.run(question="?")
    said = [message.content for message in provider.requests[-1].messages if message.role == "tool"]
    assert (said, till.paid, json.loads(PAY.arguments)) == (["paid 5", "paid 5"], [5], {"amount": 5})
