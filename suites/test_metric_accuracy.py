"""Metric accuracy: the figures of a result against figures worked out by hand, and against the journal's alone."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from cases import MetricCase, cases
from example_agents import ChatAgent, QAAgent
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.fake import Reply
from kaizen_eval.fake.faults import FAULTS

PRICE = {"input": Decimal("2.5"), "output": Decimal(10), "cached": Decimal("1.25")}
CONFIG = {"model": "house", "prices": {"house": PRICE}, "timeout": 7200, "retries": 9, "output_retries": 9}


def saying(attempt):
    if "fault" in attempt:
        return FAULTS[attempt["fault"]](latency=attempt["latency"])
    return Reply(attempt["text"], usage=attempt["usage"], latency=attempt.get("latency", 0))


@pytest.mark.kaizen_virtual
@pytest.mark.parametrize("case", cases("metrics.json", MetricCase))
def test_the_figures_are_those_worked_out_by_hand(kaizen_llm, case):
    kaizen_llm.script([saying(attempt) for attempt in case.attempts])
    config = {"model": case.model, "prices": case.prices, "retry": {"base": 1, "jitter": "none"}}
    result = QAAgent(config).ask("6 x 7?")
    cost = None if math.isnan(result["_cost"]) else result["_cost"]
    assert (result["_timing"], result["_tokens"], cost) == (case.timing, case.tokens, case.cost)


def billed(exchanges):
    """Tokens by kind, from the exchanges alone."""
    kinds = ("prompt", "completion", "cached", "reasoning")
    sums = {kind: sum(getattr(exchange.usage, kind) for exchange in exchanges if exchange.usage) for kind in kinds}
    return sums | {"total": sums["prompt"] + sums["completion"]}


def charged(exchanges):
    """USD at PRICE, from the exchanges alone."""
    tokens = billed(exchanges)
    fresh = tokens["prompt"] - tokens["cached"]
    sums = fresh * PRICE["input"] + tokens["cached"] * PRICE["cached"] + tokens["completion"] * PRICE["output"]
    return sums / 1_000_000


def lasted(exchanges):
    """Milliseconds from the first question to the last answer."""
    return round((exchanges[-1].ended_ns - exchanges[0].started_ns) / 1e6, 3)


def usages():
    """At least one token: an answer for which none was billed is one whose provider did not say."""
    counts = st.tuples(st.integers(1, 100_000), st.integers(0, 100_000), st.floats(0, 1), st.floats(0, 1))
    return counts.map(
        lambda n: {"prompt": n[0], "completion": n[1], "cached": int(n[0] * n[2]), "reasoning": int(n[1] * n[3])}
    )


def attempts():
    latency = st.integers(0, 5000).map(lambda ms: ms / 1000)
    unfit = st.builds(lambda usage, wait: Reply("no JSON", usage=usage, latency=wait), usages(), latency)
    names = st.sampled_from(["rate_limit", "server_error", "connection_cut", "hang", "wrong_shape"])
    fault = st.builds(lambda name, wait: FAULTS[name](latency=wait), names, latency)
    return st.lists(unfit | fault, max_size=6)


@pytest.mark.kaizen_virtual
@settings(deadline=None)  # the first example loads what later ones use
@given(bad=attempts(), usage=usages())
def test_a_results_figures_are_always_the_journals(fresh_llm, bad, usage):
    with fresh_llm() as llm:
        llm.script([*bad, Reply(data={"answer": "42"}, usage=usage, latency=0.5)])
        result = QAAgent(CONFIG).ask("6 x 7?")
        exchanges = llm.journal.exchanges
        assert result["_attempts"] == len(exchanges) == len(bad) + 1
        assert (result["_tokens"], result.metrics.cost, result["_timing"]) == (
            billed(exchanges),
            charged(exchanges),
            lasted(exchanges),
        )


@settings(deadline=None, max_examples=25)  # the first example loads what later ones use
@given(turns=st.lists(st.tuples(st.sampled_from("ab"), usages()), min_size=1, max_size=6))
def test_the_figures_of_all_runs_add_up_to_everything_billed(fresh_llm, turns):
    with fresh_llm() as llm:
        llm.script([Reply(data={"reply": "ok"}, usage=usage) for _, usage in turns])
        agent = ChatAgent(CONFIG | {"max_turns": 2})
        results = [agent.chat("Hello", session_id=session) for session, _ in turns]
        assert sum(result.metrics.cost for result in results) == charged(llm.journal.exchanges)
        assert sum(result["_tokens"]["total"] for result in results) == billed(llm.journal.exchanges)["total"]


@pytest.mark.asyncio
async def test_runs_at_the_same_time_are_billed_each_for_itself(kaizen_llm):
    def reply(request):
        size = int(request.messages[-1].content.removeprefix("question: "))
        return Reply(data={"answer": "42"}, usage={"prompt": size}, latency=size / 10)

    kaizen_llm.otherwise(reply)
    results = await QAAgent(CONFIG).run_batch_async([{"question": str(size)} for size in (30, 10, 20)])
    assert [(result["_tokens"]["prompt"], result["_timing"]) for result in results] == [
        (30, 3000.0),
        (10, 1000.0),
        (20, 2000.0),
    ]
