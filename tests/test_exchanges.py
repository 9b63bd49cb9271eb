"""What exchanges meant, and the judgements of retries and time limits over them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from fake_asking import asking
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.conformance.exchanges import (
    asked_alike,
    cancelled_late,
    gave_up_early,
    not_paused,
    outlives,
    permanent_repeated,
    retry_after_ignored,
    success_repeated,
    taken_for_answer,
    too_many,
    tried,
    waited_too_long,
    waits,
)
from kaizen_eval.errors import KaizenError
from kaizen_eval.fake import BadRequest, Empty, FakeLLM, HtmlReply, Length, RateLimit, Refusal, Reply, ServerError
from kaizen_eval.resilience.clock import WALL_EPOCH, sleep, virtual_time


def asked(*sayings, pauses=(), question="Why?"):
    """What each meant, asked one after the other with these pauses between."""
    fake = FakeLLM().script(sayings)

    async def ask_all():
        for place in range(len(sayings)):
            with suppress(KaizenError):
                await fake.complete(asking(question))
            await sleep(pauses[place] if place < len(pauses) else 0)

    with virtual_time() as clock:
        clock.run(ask_all())
    by_rule = {f"script[{place}]": saying for place, saying in enumerate(sayings)}
    return tried(fake.exchanges, lambda each: by_rule[each.rule], epoch=WALL_EPOCH - 1000)


def texts(lapses):
    return [lapse.text for lapse in lapses]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"retry_after": 7}, 7.0),
        ({"retry_after_ms": 250}, 0.25),
        ({"retry_after": 7, "retry_after_ms": 250}, 0.25),
        ({"retry_after": 2.5, "retry_after_date": True}, 3.0),
        ({"retry_after": 2.5, "retry_after_date": True, "latency": 1.5}, 1.5),
        ({"retry_after_text": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_our_own_client_reads_it(told, seconds):
    assert asked(RateLimit(**told))[0].retry_after == seconds


@pytest.mark.parametrize(
    ("saying", "error", "may_repeat"),
    [
        (Reply("Because."), "NoneType", False),
        (ServerError(), "ServerFailed", True),
        (ServerError(should_retry=False), "ServerFailed", False),
        (BadRequest(), "RequestRejected", False),
        (BadRequest(should_retry=True), "RequestRejected", True),
        (HtmlReply(), "BadResponse", True),
        (Empty(), "EmptyReply", True),
        (Refusal(), "Refused", False),
        (Length(), "OutputTruncated", False),
    ],
)
def test_what_may_be_asked_again_is_what_our_own_client_asks_again(saying, error, may_repeat):
    [attempt] = asked(saying)
    assert (type(attempt.error).__name__, attempt.may_repeat) == (error, may_repeat)


@given(st.integers(1, 6), st.integers(1, 6))
def test_there_are_too_many_attempts_or_too_few_or_as_many_as_there_may_be(count, most):
    attempts = asked(*[ServerError()] * count)
    assert bool(too_many(attempts, most)) is (count > most)
    assert bool(gave_up_early(attempts, most)) is (count < most)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_waits_lie_between_the_end_of_one_attempt_and_the_beginning_of_the_next(pauses):
    attempts = asked(*[ServerError(latency=0.5)] * (len(pauses) + 1), pauses=pauses)
    assert waits(attempts) == pytest.approx(pauses, abs=1e-6)
    assert bool(not_paused(attempts, 200.0)) is (sum(waits(attempts)) < 200)


@given(st.floats(0, 4))
def test_a_wait_may_be_shorter_or_longer_than_it_was_told_by_no_more_than_is_said(pause):
    attempts = asked(RateLimit(retry_after=2), Reply("done"), pauses=[pause])
    (waited,) = waits(attempts)
    assert bool(retry_after_ignored(attempts, tolerance=0.5)) is (waited < 1.5)
    assert bool(retry_after_ignored(attempts, tolerance=0.5, slack=1.0)) is not (1.5 <= waited <= 3.0)


def test_what_was_done_wrong_is_told_in_figures():
    attempts = asked(
        ServerError(), RateLimit(retry_after=2), BadRequest(), Reply("done"), Reply("done"), pauses=[9.0, 1.0]
    )
    assert texts(waited_too_long(attempts, base=0.5, cap=8.0)) == [
        "Waited 9 s after failure 1 (server_error); at most 0.5 s, min(cap=8, base=0.5 * 2 ** 0) expected."
    ]
    assert texts(retry_after_ignored(attempts)) == [
        "Waited 1 s after exchange 2 (rate_limit); Retry-After asked for 2 s."
    ]
    assert texts(permanent_repeated(attempts)) == [
        "Exchange 3 (bad_request) will not pass, and the same was asked again: exchange 4 (reply)."
    ]
    assert texts(success_repeated(attempts)) == [
        "Exchange 4 (reply) was an answer, and the same was asked again: exchange 5 (reply)."
    ]


def test_what_is_asked_alike_stands_together_in_the_order_asked():
    mixed = (*asked(ServerError(), Reply("a")), *asked(Reply("b"), question="How?"))
    assert [[str(attempt) for attempt in group] for group in asked_alike(mixed[::-1])] == [
        ["exchange 1 (reply)"],
        ["exchange 2 (reply)", "exchange 1 (server_error)"],
    ]


def test_a_request_that_outlives_its_time_is_told_by_how_much():
    attempts = asked(Reply("slow", latency=3.0), Reply("late"))
    second = 1_000_000_000
    assert texts(outlives(attempts, 1002 * second)) == [
        "Exchange 1 (reply) went on for 1 s after the deadline.",
        "Exchange 2 (reply) began 1 s after the deadline.",
    ]
    assert texts(cancelled_late(attempts[:1], 1001 * second)) == [
        "Exchange 1 (reply) was open for 2 s after its client gave up."
    ]
    assert outlives(attempts, 1002 * second, tolerance=1.0) == cancelled_late(attempts, 1003 * second) == ()


@pytest.mark.parametrize(("saying", "is_taken"), [(Reply("yes"), False), (Refusal(), True), (HtmlReply(), True)])
def test_only_an_answer_is_taken_for_one(saying, is_taken):
    attempts = asked(saying)
    assert bool(taken_for_answer(attempts, answered=True)) is is_taken
    assert taken_for_answer(attempts, answered=False) == ()
