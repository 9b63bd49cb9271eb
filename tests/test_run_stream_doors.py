"""A run that is read, behind the fake's doors in this process: the reader's bill is the journal's."""

from __future__ import annotations

from itertools import islice

import pytest
from doubles import Recorder
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.events import AttemptEnded
from kaizen_eval.fake import FakeLLM
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature

DOORS = {"direct": lambda fake: fake, "sdk": FakeLLM.sdk}
CONFIG = {"model": "gpt-4o", "retry": {"attempts": 3, "base": 1, "jitter": "none"}}


class QA(Signature):
    """Answer briefly."""

    question: str = InputField()
    answer: str = OutputField()
    tags: list[str] = OutputField(default=[])


answers = st.fixed_dictionaries(
    {
        "answer": st.text('abc é\N{GRINNING FACE}"\n', max_size=40),
        "tags": st.lists(st.text("ab ", max_size=5), max_size=3),
    }
)


def left_after(items, reply, door):
    """What the observer was told of the bill, and what the journal says, of a stream that was left after some items."""
    fake, seen = FakeLLM(latency={"first": 0.5, "per_token": 0.1}).otherwise(reply), Recorder()
    with virtual_time() as clock:
        agent = BaseAgent({**CONFIG, "observer": seen}, signature=QA, provider=DOORS[door](fake))
        with agent.run_stream(question="Why?") as stream:
            given = list(islice(stream, items))
        [exchange] = fake.exchanges
        [ended] = [event for event in seen.events if isinstance(event, AttemptEnded)]
        return ended.usage, exchange.usage, exchange.outcome, isinstance(given[-1], RunResult), clock.elapsed


@pytest.mark.parametrize("door", DOORS)
@given(answers, st.integers(1, 30))
@settings(max_examples=40)
def test_a_stream_that_is_left_is_billed_as_the_journal_says(door, reply, items):
    billed, entered, outcome, is_whole, _ = left_after(items, reply, door)
    assert (billed, outcome) == (entered, "reply" if is_whole else "cancelled")


@given(answers, st.integers(1, 30))
@settings(max_examples=40)
def test_the_doors_agree_about_a_stream_that_is_left(reply, items):
    assert left_after(items, reply, "direct") == left_after(items, reply, "sdk")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("fault", ["stream_cut", "stream_cut_in_event", "connection_cut", "stream_stall"])
@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_stream_that_broke_off_is_billed_as_the_journal_says(door, fault, after):
    fake = FakeLLM()
    fake.fail(fault, **({} if fault == "connection_cut" else {"after": after})).times(1)
    fake.otherwise({"answer": "Because it is so.", "tags": ["a", "b"]})
    with virtual_time():
        agent = BaseAgent(CONFIG, signature=QA, provider=DOORS[door](fake))
        *_, result = agent.run_stream(question="Why?", restart=True)
    attempts = [attempt.usage for call in result.calls for attempt in call.attempts]
    assert attempts == [exchange.usage for exchange in fake.exchanges]
