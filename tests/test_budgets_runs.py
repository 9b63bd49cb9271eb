"""Agents with budgets: what is refused before it is asked, and who pays for what."""

from __future__ import annotations

import asyncio
import dataclasses
import pickle
import threading
from decimal import Decimal

import pytest
from doubles import BILLED, Recorder, Scripted, answer
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.budgets import Budget, Spent
from kaizen_eval.config import AgentConfig, Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import BudgetExceeded, ConfigError, InputError, RunTimeout, ServerFailed
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.memory import BufferMemory
from kaizen_eval.messages import ChatReply, Usage
from kaizen_eval.resilience.clock import sleep, virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.tools import Tool


class QA(Signature):
    """Answer briefly."""

    question: str = InputField()
    answer: str = OutputField()


PRICES = {"m": Price("1", "2")}
COST = Decimal("0.00002")
"""Of one answer."""


def down():
    return ServerFailed("down", status=500)


def agent(provider=None, **config):
    strategy = config.pop("strategy", None)
    memory = config.pop("memory", None)
    provider = provider or Scripted(answer(answer="42"))
    settings = {"model": "m", "prices": PRICES, "retry": {"base": 1, "jitter": "none"}, **config}
    return BaseAgent(settings, signature=QA, provider=provider, strategy=strategy, memory=memory)


def run(subject, **inputs):
    with virtual_time() as clock:
        return clock.run(subject.run_async(question="?", **inputs))


def refused(subject, **inputs):
    """Which limit, and what had been spent of it."""
    with pytest.raises(BudgetExceeded) as error:
        run(subject, **inputs)
    return error.value.limit, error.value.spent


class Twice(Strategy):
    """Asks two questions."""

    async def execute(self, signature, inputs, config):
        await self.llm_call(signature, inputs, config)
        return await self.llm_call(signature, inputs, config)


class Delegating(Strategy):
    """Lets other agents answer, one after the other."""

    def __init__(self, *others, session_id=None):
        self.others = others
        self.session_id = session_id

    async def execute(self, signature, inputs, config):
        for other in self.others:
            result = await other.run_async(**inputs, session_id=self.session_id)
        return result


# --- one run ----------------------------------------------------------------------------------------------------------


def test_what_a_run_spends_is_counted():
    budget = Budget(max_calls=9)
    run(agent(Scripted(down(), answer(answer="42"), seconds=0.25), budget=budget))
    assert budget.spent() == Spent(cost=COST, tokens=15, calls=1, seconds=1.5)


def test_a_call_that_the_budget_has_no_room_for_is_never_sent():
    provider, recorder = Scripted(answer(answer="42")), Recorder()
    subject = agent(provider, budget=Budget(max_calls=1), strategy=Twice(), observer=recorder)
    assert refused(subject) == ("max_calls", Spent(cost=COST, tokens=15, calls=1))
    assert (len(provider.requests), recorder.events[-1].error) == (1, "BudgetExceeded")


@pytest.mark.parametrize("limit", [{"max_tokens": 15}, {"max_cost": "0.00002"}, {"max_seconds": 2}])
def test_what_is_billed_or_taken_up_to_the_limit_ends_the_run_before_its_next_call(limit):
    provider = Scripted(answer(answer="42"), seconds=2)
    assert refused(agent(provider, budget=Budget(**limit), strategy=Twice()))[0] in limit
    assert len(provider.requests) == 1


def test_a_budget_that_is_not_used_up_disturbs_nothing():
    budgets = [Budget(max_calls=2, max_tokens=16, max_cost=COST + COST, max_seconds=1, max_tool_calls=0)]
    assert run(agent(budget=budgets, strategy=Twice()))["_tokens"]["total"] == 30


def test_retries_are_no_calls():
    budget = Budget(max_calls=1)
    assert run(agent(Scripted(down(), down(), answer(answer="42")), budget=budget))["_attempts"] == 3


def test_a_retry_that_the_budget_has_no_room_for_is_refused_with_what_had_failed():
    budget = Budget(max_tokens=15, per="process")
    failing, other = agent(Scripted(down()), budget=budget), agent(Scripted(answer(answer="42")), budget=budget)

    async def both():
        refused = asyncio.ensure_future(failing.run_async(question="?"))
        await sleep(0.5)
        await other.run_async(question="?")
        await refused

    with virtual_time() as clock, pytest.raises(BudgetExceeded, match="The next attempt was not begun") as error:
        clock.run(both())
    assert (error.value.__notes__, clock.elapsed) == (["The attempt before it had failed: ServerFailed: down"], 1)


@pytest.mark.parametrize(("limit", "seconds"), [(3, 1), (3.001, 3)])
def test_a_wait_is_begun_only_where_the_budget_has_time_for_it(limit, seconds):
    with virtual_time() as clock, pytest.raises(ServerFailed) as error:
        clock.run(agent(Scripted(down()), budget=Budget(max_seconds=limit)).run_async(question="?"))
    assert clock.elapsed == seconds
    note = "No time for another attempt: the wait of 2 s would use up a budget's max_seconds."
    assert (note in error.value.__notes__) is (seconds == 1)


def test_a_reply_that_does_not_fit_is_not_asked_for_again_over_the_budget():
    provider = Scripted(ChatReply(text="", usage=BILLED))
    assert refused(agent(provider, budget=Budget(max_calls=1)))[1].calls == 1
    assert len(provider.requests) == 1


def test_a_run_that_is_refused_is_not_remembered():
    memory = BufferMemory()
    subject = agent(budget=Budget(max_calls=1, per="session"), memory=memory)
    run(subject, session_id="a")
    before = asyncio.run(memory.load("a"))
    refused(subject, session_id="a")
    assert asyncio.run(memory.load("a")) == before


def test_wrong_inputs_spend_nothing():
    budget = Budget(max_calls=1, per="process")
    with virtual_time() as clock, pytest.raises(InputError):
        clock.run(agent(budget=budget).run_async(answer="?"))
    assert budget.spent() == Spent()


def test_an_attempt_that_was_cut_off_is_a_call_that_was_begun():
    budget = Budget(max_calls=1, per="process")
    with pytest.raises(RunTimeout):
        run(agent(Scripted(answer(answer="42"), seconds=99), budget=budget, timeout=5))
    assert budget.spent() == Spent(calls=1, seconds=5)


def test_a_stream_that_is_left_early_is_charged_with_what_came():
    llm = FakeLLM()
    llm.otherwise("one two three four")
    budget = Budget(max_tokens=99, per="process")
    stream = BaseAgent({"model": "gpt-4o", "budget": budget}, provider=llm).run_stream(question="?")
    with virtual_time(), stream:
        next(iter(stream))
    (exchange,) = llm.exchanges
    assert (exchange.outcome, budget.spent().tokens) == ("cancelled", exchange.usage.total)


# --- what cannot be kept ----------------------------------------------------------------------------------------------


def test_a_model_without_a_price_is_not_asked_under_a_limited_cost():
    provider = Scripted(answer(answer="42"))
    with pytest.raises(ConfigError, match="the price of model 'in-house' is unknown") as error:
        run(agent(provider, model="in-house", budget=Budget(max_cost=1)))
    assert (provider.requests, "prices={'in-house': Price(" in str(error.value)) == ([], True)


def test_without_a_limited_cost_a_model_without_a_price_is_asked():
    budget = Budget(max_tokens=99)
    run(agent(model="in-house", budget=budget))
    assert budget.spent() == Spent(cost=None, tokens=15, calls=1)


@pytest.mark.parametrize("limit", [{"max_tokens": 99}, {"max_cost": 1}])
def test_after_an_answer_without_a_bill_nothing_more_is_asked(limit):
    provider = Scripted(answer(answer="42", usage=Usage()))
    with pytest.raises(BudgetExceeded, match="cannot be kept any more") as error:
        run(agent(provider, budget=Budget(**limit), strategy=Twice()))
    assert error.value.spent == Spent(cost=None, tokens=None, calls=1)


# --- runs inside of runs ----------------------------------------------------------------------------------------------


def test_what_agents_inside_of_a_run_spend_is_charged_to_it():
    budget = Budget(max_calls=2)
    children = [agent(), agent(), agent()]
    assert refused(agent(strategy=Delegating(*children), budget=budget))[1].calls == 2
    assert budget.spent().calls == 2


def test_a_budget_that_parent_and_child_share_is_charged_once():
    budget = Budget(max_calls=9, max_seconds=60, per="process")
    slow = Scripted(answer(answer="42"), seconds=2)
    run(agent(strategy=Delegating(agent(slow, budget=budget)), budget=[budget]))
    assert budget.spent() == Spent(cost=COST, tokens=15, calls=1, seconds=2)


def test_a_childs_own_budget_counts_its_own_runs_alone():
    own = Budget(max_calls=1)
    child = agent(budget=own)
    run(agent(strategy=Delegating(child, child)))
    assert own.spent().calls == 1


def test_a_shared_budget_per_session_charges_the_session_of_the_outermost_run():
    budget = Budget(max_calls=9, per="session")
    child = agent(budget=budget)
    run(agent(strategy=Delegating(child, session_id="inner"), budget=budget), session_id="outer")
    assert (budget.spent("outer").calls, budget.spent("inner")) == (1, Spent())


def test_a_parent_goes_on_after_its_child():
    budget = Budget(max_calls=2)

    class Both(Strategy):
        async def execute(self, signature, inputs, config):
            await agent().run_async(**inputs)
            return await self.llm_call(signature, inputs, config)

    run(agent(strategy=Both(), budget=budget))
    assert budget.spent().calls == 2


# --- tools ------------------------------------------------------------------------------------------------------------


def calling(*calls):
    """A model that calls tools, by name and arguments, and then answers."""
    asked = [{"name": name, "arguments": arguments} for name, arguments in calls]
    llm = FakeLLM()
    llm.when(user="?").steps([Reply(tool_calls=asked), {"answer": "42"}])
    return llm


def with_tools(llm, budget, *tools):
    return BaseAgent({"model": "gpt-4o", "budget": budget}, signature=QA, provider=llm, tools=tools)


def double(number: int) -> int:
    """Twice as much."""
    return 2 * number


def test_tool_calls_that_are_not_executed_are_not_counted():
    calls = [("double", {"number": 1}), ("double", {"number": "x"}), ("half", {"number": 1}), ("deny", {})]
    budget = Budget(max_tool_calls=1)
    deny = Tool(lambda: 1, name="deny", parameters={"type": "object", "properties": {}}, requires_approval=no)
    with virtual_time():
        with_tools(calling(*calls), budget, double, deny).run(question="?")
    assert budget.spent().tool_calls == 1


def no(approval):
    return False


def test_an_agent_that_a_tool_runs_in_its_thread_is_part_of_the_run():
    budget = Budget(max_calls=3)
    other = agent()

    def ask(question: str) -> str:
        """Ask somebody else."""
        return other.run(question=question)["answer"]

    with virtual_time():
        with_tools(calling(("ask", {"question": "?"})), budget, ask).run(question="?")
    assert budget.spent().calls == 3


def test_a_tool_does_not_hide_what_a_budget_refuses():
    def ask(question: str) -> str:
        """Ask somebody else."""
        return agent(budget=Budget(max_calls=0)).run(question=question)["answer"]

    llm = calling(("ask", {"question": "?"}))
    with virtual_time(), pytest.raises(BudgetExceeded):
        with_tools(llm, None, ask).run(question="?")
    llm.assert_calls(1)


# --- sessions, processes, threads -------------------------------------------------------------------------------------


def test_agents_that_share_a_budget_spend_from_it_together_session_by_session():
    budget = Budget(max_calls=2, per="session")
    first, second = agent(budget=budget), agent(budget=budget)
    run(first, session_id="a")
    run(second, session_id="a")
    assert [refused(subject, session_id="a")[1].calls for subject in (first, second)] == [2, 2]
    run(first, session_id="b")


def test_waiting_for_the_session_is_no_time_of_the_run():
    budget = Budget(max_seconds=60, per="session")
    subject = agent(Scripted(answer(answer="42"), seconds=2), budget=budget, max_turns=5)

    async def three():
        await asyncio.gather(*(subject.run_async(question="?", session_id="a") for _ in range(3)))

    with virtual_time() as clock:
        clock.run(three())
    assert (clock.elapsed, budget.spent("a").seconds) == (6, 6)


def test_time_counts_while_the_memory_is_read():
    class Slow(BufferMemory):
        async def load(self, session_id):
            await sleep(3)
            return await super().load(session_id)

    assert refused(agent(memory=Slow(), budget=Budget(max_seconds=3)), session_id="a") == (
        "max_seconds",
        Spent(seconds=3),
    )


@given(
    st.lists(st.tuples(st.floats(0.1, 5), st.integers(1, 50)), min_size=1, max_size=12),
    st.integers(1, 4),
    st.integers(1, 100),
)
def test_runs_at_once_never_overspend_by_more_than_the_calls_in_flight(answers, at_once, limit):
    """Each answer takes so many seconds and so many tokens."""
    budget = Budget(max_tokens=limit, per="process")
    billed = []

    class Timed(Scripted):
        async def complete(self, request):
            seconds, tokens = answers[len(self.requests) % len(answers)]
            self.requests.append(request)
            await sleep(seconds)
            billed.append(tokens)
            return answer(answer="42", usage=Usage(prompt=tokens))

    subject = agent(Timed(), budget=budget)
    with virtual_time():
        results = subject.run_batch([{"question": "?"}] * 30, max_concurrency=at_once, return_errors=True)
    assert {type(result) for result in results if isinstance(result, Exception)} <= {BudgetExceeded}
    assert budget.spent().tokens == sum(billed)
    assert sum(billed[:-at_once]) < limit


def test_threads_share_a_budget():
    budget = Budget(max_calls=5, per="process")
    subjects = [agent(budget=budget) for _ in range(4)]
    outcomes = []

    def use(subject):
        for _ in range(3):
            try:
                outcomes.append(subject.run(question="?")["answer"])
            except BudgetExceeded as error:
                outcomes.append(error.limit)

    threads = [threading.Thread(target=use, args=[subject]) for subject in subjects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["42"] * 5 + ["max_calls"] * 7


def test_a_strategy_that_is_executed_by_itself_is_a_run():
    budget = Budget(max_calls=1)
    subject = agent(budget=budget)

    async def twice():
        for _ in range(2):
            await subject.strategy.execute(subject.signature, {"question": "?"}, subject.config)

    asyncio.run(twice())
    assert budget.spent().calls == 1


# --- the setting, and the error ---------------------------------------------------------------------------------------

ONE = Budget(max_calls=1)


@pytest.mark.parametrize(("given", "settled"), [(ONE, (ONE,)), ([ONE], (ONE,)), ((ONE,), (ONE,)), (None, ())])
def test_a_config_takes_one_budget_several_or_none(given, settled):
    assert AgentConfig(budget=given).budget == AgentConfig.from_domain_config({"budget": given}).budget == settled


@pytest.mark.parametrize("given", [5, {"max_calls": 1}, [1], Budget])
def test_what_is_no_budget_is_refused(given):
    with pytest.raises(ConfigError) as error:
        AgentConfig(budget=given)
    text = f"budget takes a Budget or a list of them, such as Budget(max_cost=1), not {given!r}."
    assert str(error.value) == text


def test_a_config_that_was_copied_spends_from_the_same_budget():
    config = AgentConfig(budget=ONE)
    assert dataclasses.asdict(config)["budget"] == dataclasses.replace(config, seed=1).budget == (ONE,)


def test_the_error_can_be_pickled_with_its_figures():
    error = BudgetExceeded("used up", limit="max_cost", spent=Spent(cost=COST, calls=2))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (str(copy), copy.limit, copy.spent) == ("used up", "max_cost", error.spent)
