"""Batch execution: one after the other, in parallel, and bounded."""

from __future__ import annotations

import pytest
from example_agents import BatchAgent

from kaizen_eval import errors
from kaizen_eval.fake import Reply

ITEMS = ["a", "b", "c", "d", "e"]


def labelled(llm, latency=1.0):
    """Each item gets a label of its own, after a second."""
    llm.otherwise(lambda request: Reply(data={"label": request.messages[-1].content[-1].upper()}, latency=latency))


def labels(results):
    return "".join(result["label"] for result in results)


def test_one_after_the_other_takes_the_sum(kaizen_llm):
    labelled(kaizen_llm)
    assert (labels(BatchAgent().batch_process(ITEMS)), kaizen_llm.clock.elapsed) == ("ABCDE", 5)


@pytest.mark.asyncio
async def test_in_parallel_takes_as_long_as_one(kaizen_llm):
    labelled(kaizen_llm)
    assert (labels(await BatchAgent().batch_process_async(ITEMS)), kaizen_llm.clock.elapsed) == ("ABCDE", 1)


@pytest.mark.asyncio
async def test_a_strategy_executed_by_itself_keeps_model_retries_and_checks(kaizen_llm):
    kaizen_llm.fail("server_error").times(1)
    labelled(kaizen_llm)
    agent = BatchAgent({"model": "gpt-4", "retry": {"base": 2, "jitter": "none"}})
    assert await agent.batch_process_async(["a"]) == [{"label": "A"}]
    assert ([request.model for request in kaizen_llm.journal.requests], kaizen_llm.journal.waits) == (
        ["gpt-4"] * 2,
        (2,),
    )
    with pytest.raises(errors.InputError):
        await agent.batch_process_async([7])


@pytest.mark.asyncio
async def test_a_strategy_executed_by_itself_ends_at_the_configs_timeout(kaizen_llm):
    kaizen_llm.fail("hang")
    with pytest.raises(errors.RunTimeout):
        await BatchAgent({"timeout": 7}).batch_process_async(["a"])
    assert kaizen_llm.clock.elapsed == 7


@pytest.mark.parametrize(("limit", "seconds"), [(1, 5), (2, 3), (5, 1), (50, 1)])
def test_a_bounded_batch_keeps_its_order_and_its_limit(kaizen_llm, limit, seconds):
    labelled(kaizen_llm)
    results = BatchAgent().run_batch([{"item": item} for item in ITEMS], max_concurrency=limit)
    assert (labels(results), kaizen_llm.clock.elapsed) == ("ABCDE", seconds)


def test_a_batch_may_return_errors_in_their_places(kaizen_llm):
    kaizen_llm.when(user="item: b").fail("bad_request")
    labelled(kaizen_llm)
    results = BatchAgent().run_batch([{"item": "a"}, {"item": "b"}, {"itm": "c"}], return_errors=True)
    assert [type(result).__name__ for result in results] == ["RunResult", "RequestRejected", "InputError"]


def test_otherwise_the_first_error_ends_the_batch(kaizen_llm):
    kaizen_llm.when(user="item: b").fail("bad_request")
    labelled(kaizen_llm)
    with pytest.raises(errors.RequestRejected):
        BatchAgent().run_batch([{"item": item} for item in ITEMS], max_concurrency=1)
    assert [exchange.asked for exchange in kaizen_llm.journal.exchanges] == ["item: a", "item: b"]


def test_one_slow_item_holds_no_other_up(kaizen_llm):
    kaizen_llm.when(user="item: a").reply(Reply(data={"label": "A"}, latency=20))
    labelled(kaizen_llm)
    results = BatchAgent().run_batch([{"item": item} for item in ITEMS])
    assert ([result["_timing"] for result in results], kaizen_llm.clock.elapsed) == ([20_000.0] + [1000.0] * 4, 20)
