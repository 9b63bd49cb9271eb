"""The headers of every response."""

from __future__ import annotations

import json
import re

import pytest
from front_asking import CHAT, asked, front_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake import FakeLLM, Fault
from kaizen_eval.fake.wire.events import json_answer
from kaizen_eval.fake.wire.headers import Allowance, Allowances, duration, standing_headers
from kaizen_eval.resilience.clock import virtual_time

STANDING = {
    "openai-organization": "org-fake",
    "openai-processing-ms": "0",
    "openai-version": "2020-10-01",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "10000000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "9999999",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-reset-tokens": "0s",
}
UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


class LowOnRequests(Fault):
    """A fault that tells of the limits itself."""

    name = "low_on_requests"

    def play(self, asked):
        return json_answer(429, b"{}", ("x-ratelimit-remaining-requests", "0"))


def answer_of(fake):
    """Of whatever body."""
    front = front_of(fake)

    async def answer():
        visit = front.receive("POST", "/v1/chat/completions", {}, json.dumps(CHAT).encode())
        return front.answer(visit, await front.desk.outcome(visit.opened))

    with virtual_time() as clock:
        return clock.run(answer())


def ms_in(text: str) -> int:
    """What Go's own parser of durations reads, in milliseconds."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s)", text)
    assert "".join(map("".join, parts)) == text
    return sum(round(float(number) * UNITS[unit]) for number, unit in parts)


@given(st.integers(0, 10**17))
def test_a_duration_reads_as_it_was_rounded_up_to_milliseconds(ns):
    assert ms_in(duration(ns)) == -(-ns // 1_000_000)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0s"),
        (1, "1ms"),
        (12_000_000, "12ms"),
        (999_000_001, "1s"),
        (8_640_000_000, "8.64s"),
        (360_000_000_000, "6m0s"),
        (86_400_000_000, "1m26.4s"),
        (3_600_000_000_000, "1h0m0s"),
    ],
)
def test_a_duration_is_written_as_the_service_does(ns, text):
    assert duration(ns) == text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/chat/completions", CHAT, 200),
        ("POST", "/v1/chat/completions", CHAT | {"stream": True}, 200),
        ("POST", "/v1/embeddings", {"model": "m", "input": "Hi"}, 200),
        ("POST", "/v1/moderations", {"input": "Hi"}, 200),
        ("GET", "/v1/models", None, 200),
        ("GET", "/v1/models/none", None, 404),
        ("POST", "/v1/embeddings", {"input": ""}, 400),
        ("GET", "/v1/files", None, 404),
    ],
)
def test_every_response_has_them_refusals_included(method, path, body, status):
    came = asked(front_of(), method, path, body)
    assert (came.status, {name: came.headers.get(name) for name in STANDING}) == (status, STANDING)
    assert re.fullmatch(r"req_[0-9a-f]{34}", came.headers["x-request-id"])


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "not_json"])
def test_a_fault_has_them_too(fault):
    fake = FakeLLM()
    fake.fail(fault)
    headers = dict(answer_of(fake).headers)
    assert {name: headers.get(name) for name in STANDING} == STANDING


def test_what_a_fault_says_itself_is_not_said_twice():
    fake = FakeLLM()
    fake.fail(LowOnRequests())
    assert [value for name, value in answer_of(fake).headers if name == "x-ratelimit-remaining-requests"] == ["0"]


@pytest.mark.parametrize(("latency", "told"), [(0.25, "250"), (0.0004, "0"), (12, "12000")])
def test_the_time_it_took_is_the_latency(latency, told):
    came = asked(front_of(FakeLLM(latency=latency)), "POST", "/v1/chat/completions", CHAT)
    assert came.headers["openai-processing-ms"] == told


def test_the_same_refusal_has_the_same_id_and_another_one_another():
    def ids(*bodies):
        return [asked(front_of(), "POST", "/v1/embeddings", body).headers["x-request-id"] for body in bodies]

    first, second, other = ids({"input": ""}, {"input": ""}, {"input": []})
    assert first == second != other


def test_what_is_left_of_the_limits_is_told():
    limits = Allowances(Allowance(60, 59, 1_000_000_000), Allowance(150_000, 149_984, 6_400_000))
    assert dict(standing_headers(7, limits)) == STANDING | {
        "openai-processing-ms": "7",
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-reset-tokens": "7ms",
    }
