"""Budgets: what is not asked any more when a run, a session or all agents together have spent what they may."""

from __future__ import annotations

import copy
from decimal import Decimal

import pytest
from example_agents import BatchAgent, ChatAgent, InsightSignature, MeteredAgent, QAAgent
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, Budget, BufferMemory, errors
from kaizen_eval.fake import Reply

LOOK_UP = {"name": "look_up", "arguments": {"word": "budget"}}


def look_up(word: str) -> str:
    """What a word means."""
    return f"{word}: what may be spent"


def answering(llm, usage=None, **outputs):
    """Every reply holds these outputs, and is billed so."""
    llm.otherwise(Reply(data=outputs, usage=usage or {"prompt": 600, "completion": 0}))


def exceeded(act):
    """Which limit, and what had been spent; the act must be refused."""
    with pytest.raises(errors.BudgetExceeded) as refused:
        act()
    return refused.value.limit, refused.value.spent


# --- one run ----------------------------------------------------------------------------------------------------------


def test_a_model_that_goes_on_calling_tools_is_stopped_by_its_calls(kaizen_llm):
    words = iter("abcdefgh")
    kaizen_llm.otherwise(lambda request: Reply(tool_calls=[LOOK_UP | {"arguments": {"word": next(words)}}]))
    agent = BaseAgent({"model": "gpt-4", "budget": Budget(max_calls=3)}, tools=[look_up])
    limit, spent = exceeded(lambda: agent.run(question="What is a budget?"))
    assert (limit, spent.calls, spent.tool_calls) == ("max_calls", 3, 3)
    kaizen_llm.assert_calls(3)


def test_no_more_tools_are_executed_than_the_budget_has_room_for(kaizen_llm):
    executed = []
    kaizen_llm.otherwise(Reply(tool_calls=[LOOK_UP | {"arguments": {"word": word}} for word in "abcdefgh"]))
    agent = BaseAgent({"model": "gpt-4", "budget": Budget(max_tool_calls=3)}, tools=[Noted(executed).look_up])
    limit, spent = exceeded(lambda: agent.run(question="What are they?"))
    assert (limit, spent.tool_calls, len(executed) <= 3) == ("max_tool_calls", 3, True)
    kaizen_llm.assert_calls(1)


class Noted:
    """A tool that keeps what it was asked."""

    def __init__(self, executed):
        self.executed = executed

    def look_up(self, word: str) -> str:
        """What a word means."""
        self.executed.append(word)
        return look_up(word)


@pytest.mark.parametrize("limits", [{"max_tokens": 1000}, {"max_cost": "0.01"}], ids=lambda limits: next(iter(limits)))
def test_what_is_left_is_asked_before_each_step(kaizen_llm, limits):
    executed = []
    kaizen_llm.script([Reply(tool_calls=[LOOK_UP], usage={"prompt": 900, "completion": 100}), {"response": "never"}])
    settings = {"model": "m", "prices": {"m": {"input": 10, "output": 10}}, "budget": Budget(**limits)}
    limit, spent = exceeded(lambda: BaseAgent(settings, tools=[Noted(executed).look_up]).run(question="What is it?"))
    assert (limit, spent.tokens, spent.cost, spent.calls, executed) == (*limits, 1000, Decimal("0.01"), 1, [])
    kaizen_llm.assert_calls(1)


def test_each_run_has_the_whole_budget(kaizen_llm):
    answering(kaizen_llm, answer="because")
    agent = QAAgent({"model": "gpt-4", "budget": Budget(max_tokens=600, max_calls=1)})
    for _ in range(3):
        agent.ask("Why?")
    kaizen_llm.assert_calls(3)


def test_retries_are_no_calls(kaizen_llm):
    kaizen_llm.fail("server_error").times(2)
    answering(kaizen_llm, answer="because")
    QAAgent({"model": "gpt-4", "budget": Budget(max_calls=1)}).ask("Why?")
    kaizen_llm.assert_attempts(3)


def test_a_reply_that_does_not_fit_is_not_asked_for_again_over_the_budget(kaizen_llm):
    kaizen_llm.fail("malformed")
    limit, _ = exceeded(lambda: QAAgent({"model": "gpt-4", "budget": Budget(max_calls=1)}).ask("Why?"))
    assert limit == "max_calls"
    kaizen_llm.assert_attempts(1)


@pytest.mark.kaizen_virtual
def test_a_run_that_has_taken_its_time_asks_no_more(kaizen_llm):
    kaizen_llm.otherwise(Reply(tool_calls=[LOOK_UP], latency=2))
    agent = BaseAgent({"model": "gpt-4", "budget": Budget(max_seconds=2)}, tools=[look_up])
    limit, spent = exceeded(lambda: agent.run(question="What is a budget?"))
    assert (limit, spent.seconds, spent.tool_calls, kaizen_llm.clock.elapsed) == ("max_seconds", 2, 0, 2)


@pytest.mark.kaizen_virtual
def test_the_time_of_runs_that_have_ended_counts_where_they_share_a_budget(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"answer": "because"}, latency=2))
    agent = QAAgent({"model": "gpt-4", "budget": Budget(max_seconds=3, per="process")})
    agent.ask("Why?")
    agent.ask("Why not?")
    limit, spent = exceeded(lambda: agent.ask("Why at all?"))
    assert (limit, spent.seconds, spent.calls, kaizen_llm.clock.elapsed) == ("max_seconds", 4, 2, 4)


@pytest.mark.kaizen_virtual
def test_a_wait_for_which_the_budget_has_no_time_is_not_begun(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=30)
    with pytest.raises(errors.RateLimited) as failed:
        QAAgent({"model": "gpt-4", "budget": Budget(max_seconds=30)}).ask("Why?")
    assert (failed.value.__notes__, kaizen_llm.clock.elapsed) == (
        [
            "No time for another attempt: the wait of 30 s would use up a budget's max_seconds.",
            "Gave up after 1 attempt over 0 s.",
        ],
        0,
    )


@pytest.mark.kaizen_virtual
def test_an_attempt_is_not_made_again_when_others_have_spent_what_was_left(kaizen_llm):
    kaizen_llm.when(user="slow").fail("rate_limit", retry_after=10)
    kaizen_llm.otherwise(Reply(data={"label": "a"}, usage={"prompt": 600, "completion": 0}))
    agent = BatchAgent({"model": "gpt-4", "budget": Budget(max_tokens=600, per="process")})
    slow, quick = agent.run_batch([{"item": "slow"}, {"item": "quick"}], return_errors=True)
    assert (type(slow), quick["label"], kaizen_llm.clock.elapsed) == (errors.BudgetExceeded, "a", 10)
    assert slow.__notes__[0].startswith("The attempt before it had failed: RateLimited: ")
    kaizen_llm.assert_attempts(2)


def test_of_several_budgets_each_is_kept(kaizen_llm):
    answering(kaizen_llm, reply="noted")
    run, session, process = (
        Budget(max_calls=2),
        Budget(max_tokens=1000, per="session"),
        Budget(max_calls=5, per="process"),
    )
    agent = ChatAgent({"model": "gpt-4", "budget": [run, session, process]})
    for message in ("one", "two"):
        agent.chat(message, "alice")
    assert exceeded(lambda: agent.chat("three", "alice"))[0] == "max_tokens"
    assert [spent.calls for spent in (run.spent(), session.spent("alice"), process.spent())] == [0, 2, 2]
    kaizen_llm.assert_calls(2)


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_the_cost_is_held_against_the_budget_to_the_last_digit(kaizen_llm):
    answering(kaizen_llm, {"prompt": 1, "completion": 0}, summary="short")
    budget = Budget(max_cost="0.0000003", per="process")
    agent = MeteredAgent({"model": "m", "prices": {"m": {"input": "0.1", "output": "0.2"}}, "budget": budget})
    for _ in range(3):
        agent.run(data="x")
    limit, spent = exceeded(lambda: agent.run(data="x"))
    assert (limit, spent.cost) == ("max_cost", Decimal("0.0000003"))
    kaizen_llm.assert_calls(3)


def test_a_model_whose_price_nobody_knows_is_not_asked_under_a_limited_cost(kaizen_llm):
    answering(kaizen_llm, answer="because")
    with pytest.raises(errors.ConfigError, match="the price of model 'in-house-7b' is unknown"):
        QAAgent({"model": "in-house-7b", "budget": Budget(max_cost=5)}).ask("Why?")
    kaizen_llm.assert_calls(0)


def test_it_is_asked_with_a_price_of_ones_own(kaizen_llm):
    answering(kaizen_llm, answer="because")
    budget = Budget(max_cost=5)
    QAAgent({"model": "in-house-7b", "prices": {"in-house-7b": {"input": 1, "output": 2}}, "budget": budget}).ask(
        "Why?"
    )
    assert budget.spent().cost == Decimal("0.0006")


def test_after_an_answer_whose_bill_nobody_knows_a_limited_cost_lets_nothing_through(kaizen_llm):
    answering(kaizen_llm, {"prompt": 0, "completion": 0}, answer="because")
    agent = QAAgent({"model": "gpt-4", "budget": Budget(max_cost=5, per="process")})
    assert agent.ask("Why?")["answer"] == "because"
    limit, spent = exceeded(lambda: agent.ask("Why not?"))
    assert (limit, spent.cost, spent.tokens) == ("max_cost", None, None)
    kaizen_llm.assert_calls(1)


def test_what_a_budget_counts_is_what_the_journal_says(kaizen_llm):
    kaizen_llm.fail("malformed").times(1)
    kaizen_llm.otherwise({"answer": "because"})
    budget = Budget(max_tokens=10**6)
    QAAgent({"model": "gpt-4", "budget": budget}).ask("Why?")
    assert budget.spent().tokens == sum(exchange.usage.total for exchange in kaizen_llm.exchanges)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_that_has_spent_its_budget_is_not_asked_about_and_others_are(kaizen_llm):
    answering(kaizen_llm, reply="noted")
    agent = ChatAgent({"model": "gpt-4", "max_turns": 5, "budget": Budget(max_tokens=1000, per="session")})
    agent.chat("one", "alice")
    agent.chat("two", "alice")
    limit, spent = exceeded(lambda: agent.chat("three", "alice"))
    assert (limit, spent.tokens, spent.calls) == ("max_tokens", 1200, 2)
    agent.chat("one", "bob")
    assert [request.session_id for request in kaizen_llm.requests] == ["alice", "alice", "bob"]
    kaizen_llm.assert_sessions_isolated()


def test_a_session_goes_on_where_it_was_when_its_budget_is_renewed(kaizen_llm):
    answering(kaizen_llm, reply="noted")
    budget = Budget(max_calls=1, per="session")
    agent = ChatAgent({"model": "gpt-4", "max_turns": 5, "budget": budget})
    agent.chat("one", "alice")
    exceeded(lambda: agent.chat("two", "alice"))
    budget.reset("alice")
    agent.chat("three", "alice")
    assert [message.content for message in kaizen_llm.requests[-1].messages if message.role == "user"] == [
        "message: one",
        "message: three",
    ]


def test_a_copy_of_a_config_has_the_same_budget(kaizen_llm):
    answering(kaizen_llm, answer="because")
    settings = {"model": "gpt-4", "budget": Budget(max_calls=1, per="process")}
    QAAgent(copy.deepcopy(settings)).ask("Why?")
    assert exceeded(lambda: QAAgent(copy.deepcopy(settings)).ask("Why not?"))[0] == "max_calls"
    kaizen_llm.assert_calls(1)


# --- several agents ---------------------------------------------------------------------------------------------------


def test_agents_that_are_given_one_budget_spend_from_it_together(kaizen_llm):
    kaizen_llm.when(user="Why?").reply({"answer": "because"})
    answering(kaizen_llm, reply="noted")
    budget = Budget(max_calls=3, per="process")
    settings = {"model": "gpt-4", "budget": budget}
    chat, qa = ChatAgent(settings), QAAgent(settings)
    chat.chat("one", "alice")
    qa.ask("Why?")
    chat.chat("two", "bob")
    assert [exceeded(act)[1].calls for act in (lambda: qa.ask("Why?"), lambda: chat.chat("three", "bob"))] == [3, 3]
    kaizen_llm.assert_calls(3)


def test_of_many_runs_at_once_as_many_are_answered_as_the_budget_has_calls(kaizen_llm):
    answering(kaizen_llm, label="a")
    agent = BatchAgent({"model": "gpt-4", "budget": Budget(max_calls=7, per="process")})
    items = [{"item": str(n)} for n in range(20)]
    results = agent.run_batch(items, max_concurrency=5, return_errors=True)
    assert sum(isinstance(result, errors.BudgetExceeded) for result in results) == 13
    kaizen_llm.assert_calls(7)


@given(
    tokens=st.lists(st.integers(1, 100), min_size=1, max_size=8), at_once=st.integers(1, 5), limit=st.integers(1, 300)
)
@settings(max_examples=25, deadline=None)  # the first example loads what later ones use
def test_runs_at_once_never_overspend_by_more_than_the_calls_in_flight(fresh_llm, tokens, at_once, limit):
    with fresh_llm() as llm:
        bills = iter(tokens * 12)
        llm.otherwise(lambda request: Reply(data={"label": "a"}, usage={"prompt": next(bills), "completion": 0}))
        budget = Budget(max_tokens=limit, per="process")
        items = [{"item": str(n)} for n in range(12)]
        BatchAgent({"model": "gpt-4", "budget": budget}).run_batch(items, max_concurrency=at_once, return_errors=True)
        spent = budget.spent()
        assert spent.tokens == sum(exchange.usage.total for exchange in llm.exchanges)
        assert spent.tokens < limit + at_once * max(tokens)
        assert spent.calls == len(llm.exchanges)


def test_what_an_agent_spends_as_a_tool_is_its_callers(kaizen_llm):
    kaizen_llm.when(user="numbers").reply({"summary": "short"})
    kaizen_llm.otherwise(Reply(tool_calls=[{"name": "insight", "arguments": {"data": "numbers"}}]))
    expert = BaseAgent({"model": "gpt-4"}, signature=InsightSignature, agent_id="expert")
    budget = Budget(max_calls=2)
    boss = BaseAgent({"model": "gpt-4", "budget": budget}, tools=[expert.as_tool("insight")], agent_id="boss")
    limit, spent = exceeded(lambda: boss.run(question="What is in it?"))
    assert (limit, spent.calls, spent.tool_calls) == ("max_calls", 2, 1)
    assert [request.agent_id for request in kaizen_llm.requests] == ["boss", "expert"]


def test_a_model_is_never_told_of_a_budget(kaizen_llm):
    kaizen_llm.when(user="numbers").reply({"summary": "short"})
    kaizen_llm.otherwise(Reply(tool_calls=[{"name": "insight", "arguments": {"data": "numbers"}}]))
    expert = BaseAgent({"model": "gpt-4", "budget": Budget(max_calls=0)}, signature=InsightSignature)
    boss = BaseAgent({"model": "gpt-4"}, tools=[expert.as_tool("insight")])
    limit, spent = exceeded(lambda: boss.run(question="What is in it?"))
    assert (limit, spent.calls) == ("max_calls", 0)
    kaizen_llm.assert_calls(1)


def test_a_run_that_was_refused_is_not_remembered(kaizen_llm):
    answering(kaizen_llm, reply="noted")
    memory = BufferMemory()
    ChatAgent({"model": "gpt-4", "budget": Budget(max_calls=1)}, memory=memory).chat("one", "alice")
    exceeded(lambda: ChatAgent({"model": "gpt-4", "budget": Budget(max_calls=0)}, memory=memory).chat("two", "alice"))
    ChatAgent({"model": "gpt-4"}, memory=memory).chat("three", "alice")
    kaizen_llm.assert_not_asked("two")
