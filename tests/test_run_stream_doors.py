"""A run that is read behind each of the fake's doors: the reader is told the same, and billed as the journal says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import pytest
from doubles import Recorder
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import until

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import KaizenError
from kaizen_eval.events import AttemptEnded
from kaizen_eval.fake import FAULTS, FakeLLM
from kaizen_eval.provider import Provider
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.streamed import PartialOutputs, Restarted, TextDelta

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


# --- what goes wrong, at all three doors ------------------------------------------------------------------------------

OF_STREAMS = sorted(name for name, fault in FAULTS.items() if fault.is_of_streams)
STANDING_STILL = ("stream_stall", "stream_comments")
WITH_A_PLACE = ("stream_cut", "stream_cut_in_event", "stream_stall", "stream_error")
TROUBLES = [
    *((name, {}) for name in OF_STREAMS if name != "stream_endless"),
    *((name, {"after": 4}) for name in WITH_A_PLACE),
    ("stream_cut", {"after": 4, "ending": "complete"}),
    ("stream_cut", {"after": 4, "ending": "reset"}),
    ("rate_limit", {"retry_after": 0.01}),
    ("connection_reset", {}),
]


@contextmanager
def behind(door: str, fake: FakeLLM) -> Iterator[Provider]:
    """This door of the fake; time is real behind the server, and virtual elsewhere."""
    if door == "server":
        with fake.serve() as server:
            yield server.door()
    else:
        with virtual_time():
            yield DOORS[door](fake)


def said(item):
    match item:
        case TextDelta():
            return item.call, item.text
        case PartialOutputs():
            return item.call, dict(item.outputs)
        case Restarted():
            return item.call, item.attempt, item.error
        case RunResult():
            return item.outputs, [(one.usage, one.estimated, one.error) for one in item.calls[0].attempts]


def came_of(door, fault, details, *, restart):
    """What the reader was told, the error with what it says had come, and what the journal says."""
    fake, observer, told, error = FakeLLM(), Recorder(), [], None
    fake.fail(fault, **details).times(1)
    fake.otherwise({"answer": "Because it is so.", "tags": ["a", "b"]})
    config = {**CONFIG, "retry": {"attempts": 2, "base": 0}, "request_timeout": 2 if fault in STANDING_STILL else 30}
    with behind(door, fake) as provider:
        agent = BaseAgent({**config, "observer": observer}, signature=QA, provider=provider)
        try:
            told.extend(map(said, agent.run_stream(question="Why?", restart=restart)))
        except KaizenError as raised:
            error = type(raised), getattr(raised, "received", None)
        attempts = sum(isinstance(event, AttemptEnded) for event in observer.events)
        over = until(fake.journal, lambda exchanges: ended(exchanges, attempts))
        return told, error, [(one.outcome, one.text, one.usage) for one in over]


def ended(exchanges, count):
    return len(exchanges) == count and all(one.ended_ns is not None for one in exchanges)


@pytest.mark.unmeasured
@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(("fault", "details"), TROUBLES)
def test_the_three_doors_agree_about_what_goes_wrong_with_a_stream(fault, details, restart):
    direct, sdk, server = (came_of(door, fault, details, restart=restart) for door in ("direct", "sdk", "server"))
    assert direct == sdk == server


def test_behind_the_server_a_stream_that_is_left_is_billed_for_what_came():
    fake = FakeLLM(latency={"per_token": 0.02}).otherwise({"answer": "Because it is so, and so on and on."})
    seen = Recorder()
    with behind("server", fake) as provider:
        agent = BaseAgent({**CONFIG, "observer": seen}, signature=QA, provider=provider)
        with agent.run_stream(question="Why?") as stream:
            given = list(islice(stream, 7))
        [exchange] = until(fake.journal, lambda exchanges: ended(exchanges, 1))
    [attempt] = [event for event in seen.events if isinstance(event, AttemptEnded)]
    assert exchange.outcome == "cancelled"
    assert attempt.usage.completion == sum(isinstance(item, TextDelta) for item in given)
    assert attempt.usage.prompt == exchange.usage.prompt
