"""Rate limits: who is let in, and what the others are told."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fake_asking import DOORS, ask_all, asking
from front_asking import CHAT, asked, error_of, front_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.errors import RateLimited, ScriptError
from kaizen_eval.fake import FakeLLM, RateLimits
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.limits.bucket import Bucket
from kaizen_eval.fake.limits.rate_limits import USUAL_REPLY, Turnstile
from kaizen_eval.fake.wire.headers import Allowance
from kaizen_eval.messages import ChatReply
from kaizen_eval.resilience.clock import virtual_time

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
LEARN = "Visit https://platform.openai.com/account/rate-limits to learn more."
limits = st.integers(1, 10**7)
waits = st.integers(0, 2 * MINUTE)


@given(limits, st.lists(st.tuples(waits, st.integers(1, 100))))
def test_a_bucket_is_always_as_full_as_the_exact_sum_says(limit, uses):
    bucket, level, now = Bucket(limit, 0), Fraction(limit), 0
    for waited, amount in uses:
        now += waited
        bucket.refill(now)
        level = min(Fraction(limit), level + Fraction(waited * limit, MINUTE))
        assert (bucket.wait_ns(amount) == 0) == (level >= amount)
        if level >= amount:
            bucket.take(amount)
            level -= amount
        full_in = -((level - limit) * MINUTE // limit)
        assert bucket.allowance == Allowance(limit, int(level), full_in)


@given(limits, st.data())
def test_what_a_bucket_says_to_wait_for_is_always_enough_and_a_nanosecond_less_never(limit, data):
    bucket = Bucket(limit, 0)
    bucket.take(data.draw(st.integers(1, limit)))
    amount = data.draw(st.integers(1, limit))
    wait = bucket.wait_ns(amount)
    if wait:
        bucket.refill(wait - 1)
        assert (bucket.wait_ns(amount), bucket.allowance.remaining < amount) == (1, True)
    bucket.refill(wait)
    assert (bucket.wait_ns(amount), bucket.allowance.remaining >= amount) == (0, True)


@given(st.integers(1, 50), st.lists(st.integers(0, 30 * SECOND), max_size=40))
def test_no_minute_ever_lets_more_in_than_twice_the_limit(limit, gaps):
    turnstile, let_in, now = Turnstile(RateLimits(requests_per_minute=limit)), [], 0
    for gap in gaps:
        now += gap
        if turnstile.admit(inquiry(), now).refusal is None:
            let_in.append(now)
    assert all(sum(start <= at < start + MINUTE for at in let_in) <= 2 * limit for start in let_in)


def test_an_earlier_clock_fills_nothing_and_stops_nothing():
    bucket = Bucket(60, 1000 * SECOND)
    bucket.take(60)
    bucket.refill(0)
    assert bucket.allowance.remaining == 0
    bucket.refill(2 * SECOND)
    assert bucket.allowance.remaining == 2


class QA(Signature):
    """Answer."""

    question: str = InputField(description="What is asked")
    answer: str = OutputField(description="What is answered")


def inquiry(text="hello", *, choices=1, endpoint="chat", **fields):
    return Inquiry(request=asking(text, **({"model": "m"} | fields)), choices=choices, endpoint=endpoint)


@pytest.mark.parametrize(
    ("asked_for", "tokens"),
    [
        (inquiry("12345678"), 2 + USUAL_REPLY),
        (inquiry("12345678", max_tokens=100), 102),
        (inquiry("12345678", max_tokens=100, choices=3), 302),
        (inquiry("12345678", system="1234", max_tokens=1), 4),
        (inquiry("12345678", endpoint="embeddings"), 2),
        (inquiry("12345678", endpoint="moderations"), 2),
    ],
)
def test_a_request_counts_for_its_text_and_for_the_longest_reply_that_it_allows(asked_for, tokens):
    admission = Turnstile(RateLimits(tokens_per_minute=10_000)).admit(asked_for, 0)
    assert admission.allowances.tokens.remaining == 10_000 - tokens


def test_each_model_has_limits_of_its_own():
    turnstile = Turnstile(RateLimits(requests_per_minute=1))
    came = [turnstile.admit(inquiry(model=model), 0).refusal is None for model in ("a", "b", "a", "b")]
    assert came == [True, True, False, False]


def test_a_model_for_each_request_does_not_fill_the_memory_and_lets_no_busy_one_off():
    turnstile = Turnstile(RateLimits(requests_per_minute=3))
    for number in range(3000):
        assert turnstile.admit(inquiry(model=f"m{number}"), 0).refusal is None
        refusal = turnstile.admit(inquiry(model="busy"), 0).refusal
        assert (refusal is None) == (number < 3)
    assert len(turnstile._buckets) == 1000


def test_to_look_at_what_is_stored_is_not_limited():
    turnstile = Turnstile(RateLimits(requests_per_minute=1))
    stored = Inquiry(request=asking(model="m"), endpoint="responses", operation="retrieve")
    assert [turnstile.admit(one, 0).refusal is None for one in (inquiry(), stored, stored)] == [True] * 3


@pytest.mark.parametrize("name", ["requests_per_minute", "tokens_per_minute"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "60"])
def test_a_limit_that_cannot_be_is_refused(name, value):
    with pytest.raises(ScriptError, match=f"a whole number from 1 as {name}, or None, not {value!r}"):
        RateLimits(**{name: value})


def test_a_refused_request_is_told_what_is_used_and_when_to_come_again():
    front = front_of(FakeLLM(rate_limits=RateLimits(requests_per_minute=3)))
    with virtual_time():
        came = [asked(front, "POST", "/v1/chat/completions", CHAT) for _ in range(4)]
    assert [one.status for one in came] == [200, 200, 200, 429]
    assert came[3].body == error_of(
        "Rate limit reached for m in organization org-fake on requests per min (RPM): Limit 3, Used 3, Requested 1. "
        f"Please try again in 20s. {LEARN}",
        kind="requests",
        code="rate_limit_exceeded",
    )
    assert {name: value for name, value in came[3].headers.items() if "retry" in name or "limit" in name} == {
        "retry-after": "20",
        "retry-after-ms": "20000",
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-limit-tokens": "10000000",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-remaining-tokens": "9999999",
        "x-ratelimit-reset-requests": "1m0s",
        "x-ratelimit-reset-tokens": "0s",
    }
    assert [one.headers["x-ratelimit-remaining-requests"] for one in came] == ["2", "1", "0", "0"]
    assert [one.headers["x-ratelimit-reset-requests"] for one in came] == ["20s", "40s", "1m0s", "1m0s"]


def test_tokens_are_limited_beside_requests():
    front = front_of(FakeLLM(rate_limits=RateLimits(requests_per_minute=10, tokens_per_minute=1000)))
    greedy = CHAT | {"max_completion_tokens": 899}
    with virtual_time():
        first, second = (asked(front, "POST", "/v1/chat/completions", greedy) for _ in range(2))
    assert (first.headers["x-ratelimit-remaining-tokens"], first.headers["x-ratelimit-reset-tokens"]) == ("100", "54s")
    assert (second.status, second.body) == (
        429,
        error_of(
            "Rate limit reached for m in organization org-fake on tokens per min (TPM): Limit 1000, Used 900, "
            f"Requested 900. Please try again in 48s. {LEARN}",
            kind="tokens",
            code="rate_limit_exceeded",
        ),
    )
    assert second.headers["x-ratelimit-remaining-requests"] == "9"


def test_a_request_for_more_than_the_whole_limit_is_told_that_waiting_does_not_help():
    front = front_of(FakeLLM(rate_limits=RateLimits(tokens_per_minute=1000)))
    came = asked(front, "POST", "/v1/chat/completions", CHAT | {"max_completion_tokens": 1000})
    message = (
        "Request too large for m in organization org-fake on tokens per min (TPM): Limit 1000, Requested 1001. The "
        f"input or output tokens must be reduced in order to run successfully. {LEARN}"
    )
    assert (came.status, came.body) == (429, error_of(message, kind="tokens", code="rate_limit_exceeded"))
    assert not {"retry-after", "retry-after-ms"} & came.headers.keys()


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/gpt-4o"])
def test_a_look_at_the_models_is_not_limited(path):
    front = front_of(FakeLLM(rate_limits=RateLimits(requests_per_minute=1)))
    assert [asked(front, "GET", path).status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models"), ("GET", "/v1/none"), ("POST", "/v1/embeddings")])
def test_a_response_that_no_limit_is_for_tells_of_none(method, path):
    limited, free = (
        asked(front_of(FakeLLM(rate_limits=limits)), method, path, {"input": ""}).headers
        for limits in (RateLimits(tokens_per_minute=1), RateLimits())
    )
    assert free.keys() - limited.keys() == {name for name in free if name.startswith("x-ratelimit-")} != set()


def test_every_endpoint_of_a_model_counts_for_the_same_limit():
    front = front_of(FakeLLM(rate_limits=RateLimits(requests_per_minute=1)))
    body = {"model": "m", "input": "Hi"}
    with virtual_time():
        came = [asked(front, "POST", path, body).status for path in ("/v1/embeddings", "/v1/moderations")]
    assert came == [200, 429]


@pytest.mark.parametrize("door", DOORS)
def test_the_same_comes_of_it_behind_every_door(door):
    fake = FakeLLM(latency=1, rate_limits=RateLimits(requests_per_minute=2))
    fake.when(user="hello").reply("hi").times(3)
    first, second, refusal = ask_all(fake, *[asking("hello", model="m")] * 3, door=door)
    assert (first.text, second.text, fake._desk.script.uses) == ("hi", "hi", [2])
    assert (type(refusal), refusal.retry_after, refusal.status) == (RateLimited, 28.0, 429)
    assert refusal.body["error"]["message"] == (
        "Rate limit reached for m in organization org-fake on requests per min (RPM): Limit 2, Used 2, Requested 1. "
        f"Please try again in 28s. {LEARN}"
    )
    assert [(e.outcome, e.rule == "rate limits", e.error, e.usage is None, e.seconds) for e in fake.exchanges] == [
        ("reply", False, None, False, 1),
        ("reply", False, None, False, 1),
        ("rate_limit", True, "RateLimited", True, 0),
    ]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("limit", "waits"), [(3, (20.0, 20.0)), (7, (8.572, 8.571)), (60, (1.0, 1.0))])
def test_an_agent_that_tries_again_gets_through_exactly_when_the_bucket_allows(door, limit, waits):
    fake = FakeLLM(rate_limits=RateLimits(requests_per_minute=limit)).otherwise({"answer": "42"})
    agent = BaseAgent(
        {"model": "m", "retry": {"attempts": 2}, "timeout": None},
        signature=QA,
        provider=fake if door == "direct" else fake.sdk(),
    )

    async def ask(times):
        return [(await agent.run_async(question="?"))["answer"] for _ in range(times)]

    with virtual_time() as clock:
        assert clock.run(ask(limit + 2)) == ["42"] * (limit + 2)
    assert fake.waits == waits
    fake.assert_outcomes(*["reply"] * limit, *["rate_limit", "reply"] * 2)


def test_a_reset_gives_everything_back():
    fake = FakeLLM(rate_limits=RateLimits(requests_per_minute=1))
    for _ in range(2):
        fake.reset()
        [reply] = ask_all(fake, asking("hello"))
        assert isinstance(reply, ChatReply)
