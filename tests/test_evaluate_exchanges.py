"""What a record keeps of all that was said on the way to an answer."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from evaluating import case

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Price, Reply, Signature, virtual_time
from kaizen_eval.evals import CaseTurn, SeenAttempt, SeenTool, evaluate
from kaizen_eval.messages import Usage

PRICES = {"prices": {"fake": Price(input=1_000_000, output=0)}}


class Number(Signature):
    """Count."""

    q: str = InputField()
    answer: int = OutputField()


def look(city: str) -> str:
    """What is there to see."""
    return f"the {city} minster"


def fails(city: str) -> str:
    raise ValueError("closed")


def calling(tool, **arguments):
    return Reply(tool_calls=[{"name": tool, "arguments": arguments, "id": "call_1"}])


def recorded(agent, asked=None, **options):
    with virtual_time():
        (record,) = evaluate([asked or case("Hi")], agent, **options).records()
    return record


def test_an_attempt_keeps_what_was_asked_and_answered_and_what_it_cost():
    llm = FakeLLM(latency=2, model="fake").otherwise(Reply("Ho", usage=Usage(prompt=3, completion=1)))
    record = recorded(BaseAgent(PRICES, provider=llm))
    assert record.answer.attempts == (
        SeenAttempt(
            agent="BaseAgent",
            call=1,
            attempt=1,
            at=0,
            ms=2000,
            model="fake",
            messages=({"role": "user", "content": "q: Hi"},),
            text="Ho",
            finish_reason="stop",
            usage=Usage(prompt=3, completion=1),
            cost=Decimal(3),
            tier=1,
        ),
    )
    assert (record.answer.usage, record.answer.cost) == (Usage(prompt=3, completion=1), Decimal(3))


def test_without_exchanges_it_keeps_what_they_cost_and_not_what_was_said():
    llm = FakeLLM().otherwise(Reply("Ho", usage=Usage(prompt=3, completion=1)))
    (attempt,) = recorded(BaseAgent(PRICES, provider=llm), exchanges=False).answer.attempts
    assert (attempt.messages, attempt.text, attempt.cost, attempt.usage) == ((), None, Decimal(3), Usage(3, 1))


def test_failed_attempts_and_waits_are_kept_in_order():
    llm = FakeLLM(latency=1)
    llm.fail("rate_limit", retry_after=3).times(1)
    llm.otherwise("Ho")
    seen = [
        (each.attempt, each.at, each.error, each.message and each.message[:25], each.waited_ms, each.text)
        for each in recorded(BaseAgent(provider=llm)).answer.attempts
    ]
    assert seen == [(1, 0, "RateLimited", "The provider answered 429", 3000, None), (2, 4000, None, None, None, "Ho")]


def test_a_reply_that_does_not_fit_says_why():
    record = recorded(BaseAgent(signature=Number, provider=FakeLLM().otherwise('{"answer": "many"}')))
    first, second = record.answer.attempts
    assert (record.outcome, first.tier, first.text) == ("task_error", None, '{"answer": "many"}')
    assert [("answer" in each.misfit, each.call) for each in (first, second)] == [(True, 1), (True, 2)]


def test_tools_keep_their_arguments_and_what_the_model_was_told_of_them():
    llm = FakeLLM(latency=1).script([calling("look", city="Ulm"), "High."])
    (tool,) = recorded(BaseAgent(provider=llm, tools=[look])).answer.tools
    assert tool == SeenTool(
        agent="BaseAgent",
        call=1,
        tool="look",
        id="call_1",
        arguments='{"city": "Ulm"}',
        at=1000,
        ms=0,
        result="the Ulm minster",
    )


def test_a_tool_that_failed_keeps_its_error():
    llm = FakeLLM().script([calling("fails", city="Ulm"), "Oh."])
    (tool,) = recorded(BaseAgent(provider=llm, tools=[fails])).answer.tools
    assert (tool.error, tool.result) == ("fails failed: ValueError: closed", None)


def test_agents_inside_of_an_agent_are_told_apart_and_counted():
    five = Reply(data={"answer": 5}, usage=Usage(prompt=5, completion=1))
    inner = BaseAgent(PRICES, signature=Number, provider=FakeLLM().otherwise(five), agent_id="deep")
    llm = FakeLLM().script([calling("deep", q="?"), "High."])
    record = recorded(BaseAgent(PRICES, provider=llm, tools=[inner.as_tool()]))
    assert [each.agent for each in record.answer.attempts] == ["BaseAgent", "deep", "BaseAgent"]
    assert record.answer.usage.total == sum(each.usage.total for each in record.answer.attempts)


def test_each_turn_keeps_its_own():
    llm = FakeLLM(latency=1).otherwise("Ho")
    turns = [CaseTurn(inputs={"q": "one"}), CaseTurn(inputs={"q": "two"})]
    record = recorded(BaseAgent({"max_turns": 3}, provider=llm), case(id="a", inputs={}, turns=turns))
    seen = [(turn.at, turn.ms, [len(each.messages) for each in turn.attempts]) for turn in record.answer.turns]
    assert (seen, record.answer.ms) == ([(0, 1000, [1]), (1000, 1000, [3])], 2000)


def test_trials_beside_each_other_keep_what_was_said_in_each():
    llm = FakeLLM(latency="typical").otherwise(lambda request: request.messages[-1].content)
    with virtual_time():
        evaluation = evaluate([case(f"q{n}") for n in range(20)], BaseAgent(provider=llm))
    assert all(
        [each.messages[-1]["content"] for each in record.answer.attempts] == [f"q: {record.trial.case}"]
        and record.answer.outputs == {"response": f"q: {record.trial.case}"}
        for record in evaluation.records()
    )


def test_what_a_run_left_behind_says_later_is_in_no_record():
    late = []
    agent = BaseAgent(provider=FakeLLM(latency=10).otherwise("Ho"))

    async def task(q):
        late.append(asyncio.ensure_future(agent.run_async(q=q)))
        await asyncio.sleep(1)
        return {"answer": q}

    (attempt,) = recorded(task).answer.attempts
    assert (attempt.ms, attempt.text, attempt.error) == (0, None, None)


def test_the_same_evaluation_calls_its_agent_the_same_in_every_process():
    def said():
        return recorded(BaseAgent(provider=FakeLLM().otherwise("Ho")))

    assert said() == said()
    named = BaseAgent(provider=FakeLLM().otherwise("Ho"), agent_id="mine")
    assert recorded(named).answer.attempts[0].agent == "mine"
