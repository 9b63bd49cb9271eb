"""Async execution: one sync method over async work, from wherever it is called."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest
from example_agents import ChatAgent, QAAgent

from kaizen_eval import errors
from kaizen_eval.fake import Reply

SLOW = Reply(data={"answer": "42"}, latency=0.2)


def test_run_waits_for_the_answer_without_async_in_the_agent(kaizen_llm):
    kaizen_llm.otherwise(SLOW)
    assert (QAAgent().ask("Why?")["answer"], kaizen_llm.clock.elapsed) == ("42", 0.2)


@pytest.mark.asyncio
async def test_run_works_inside_a_running_loop(kaizen_llm):
    kaizen_llm.otherwise(SLOW)
    assert QAAgent().ask("Why?")["answer"] == "42"


@pytest.mark.kaizen_virtual
@pytest.mark.asyncio
async def test_run_async_gives_the_same_as_run(kaizen_llm):
    kaizen_llm.otherwise(SLOW)
    agent = QAAgent({"model": "gpt-4"})
    assert await agent.run_async(question="Why?") == await asyncio.to_thread(agent.ask, "Why?")
    first, second = kaizen_llm.journal.requests
    assert first == second


def test_run_works_in_any_thread(kaizen_llm):
    kaizen_llm.otherwise({"answer": "42"})
    answers = []
    thread = threading.Thread(target=lambda: answers.append(QAAgent().ask("Why?")["answer"]))
    thread.start()
    thread.join()
    assert answers == ["42"]


@pytest.mark.asyncio
async def test_a_slow_run_holds_nobody_up(kaizen_llm):
    kaizen_llm.when(user="slow").reply(Reply(data={"answer": "late"}, latency=20))
    kaizen_llm.otherwise(SLOW)
    agent = QAAgent()
    slow, fast = await asyncio.gather(agent.run_async(question="slow"), agent.run_async(question="fast"))
    assert (slow["_timing"], fast["_timing"], kaizen_llm.clock.elapsed) == (20_000.0, 200.0, 20)


@pytest.mark.asyncio
async def test_cancelling_the_caller_cancels_the_request(kaizen_llm):
    kaizen_llm.fail("hang")
    task = asyncio.create_task(QAAgent().run_async(question="Why?"))
    await asyncio.sleep(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [exchange.seconds for exchange in kaizen_llm.journal.exchanges] == [5]


@pytest.mark.asyncio
async def test_a_cancelled_run_leaves_no_turn(kaizen_llm):
    kaizen_llm.fail("hang").times(1)
    agent = ChatAgent({"max_turns": 10})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(agent.run_async("s", message="lost"), timeout=5)
    await agent.run_async("s", message="kept")
    assert [message.content for message in kaizen_llm.journal.requests[-1].messages[1:]] == ["message: kept"]


@pytest.mark.usefixtures("in_process")
def test_context_variables_reach_the_run(kaizen_llm):
    tenant = contextvars.ContextVar("tenant", default="nobody")
    kaizen_llm.otherwise(lambda _: {"answer": tenant.get()})
    tenant.set("acme")
    assert QAAgent().ask("Who?")["answer"] == "acme"


@pytest.mark.usefixtures("in_process")
def test_run_inside_a_run_is_refused_with_the_remedy(kaizen_llm):
    agent = QAAgent()
    kaizen_llm.otherwise(lambda _: agent.ask("and you?"))
    with pytest.raises(errors.UsageError, match="run_async"):
        agent.ask("Why?")
