"""The retry schedule decides; it never waits."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import errors
from kaizen_eval.config import RetryPolicy
from kaizen_eval.errors import ProviderError, RateLimited, RequestRejected, ServerFailed, TransientError
from kaizen_eval.resilience.retry import may_retry, wait_before

policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 200),
    base=st.floats(0, 1e6),
    cap=st.floats(0, 1e6),
    jitter=st.sampled_from(["full", "none"]),
)
seeds = st.integers(0, 2**32).map(Random)


@given(policies, st.integers(1, 200), seeds)
def test_a_wait_always_lies_between_zero_and_the_capped_exponential(policy, failed, random):
    wait = wait_before(policy, failed, ServerFailed("down"), random)
    if wait is None:
        assert failed >= policy.attempts
    else:
        assert 0 <= wait <= min(policy.cap, policy.base * 2.0 ** min(failed - 1, 1000))


@given(policies, seeds)
def test_there_are_never_more_attempts_than_the_policy_allows(policy, random):
    assert wait_before(policy, policy.attempts, ServerFailed("down"), random) is None


@given(st.floats(0, 1e9), seeds)
def test_what_the_provider_asks_for_is_waited_for_exactly(seconds, random):
    assert wait_before(RetryPolicy(cap=1), 1, RateLimited("slow down", retry_after=seconds), random) == seconds


@given(st.integers(1, 2))
def test_without_jitter_the_wait_is_the_upper_end(failed):
    policy = RetryPolicy(base=0.5, cap=8, jitter="none")
    assert wait_before(policy, failed, ServerFailed("down"), Random()) == 0.5 * 2 ** (failed - 1)


def test_jitter_spreads_the_waits():
    waits = {wait_before(RetryPolicy(), 1, ServerFailed("down"), Random(seed)) for seed in range(50)}
    assert len(waits) == 50


def _provider_errors() -> list[type[ProviderError]]:
    found = [getattr(errors, name) for name in errors.__all__]
    return [e for e in found if isinstance(e, type) and issubclass(e, ProviderError)]


@pytest.mark.parametrize("kind", _provider_errors(), ids=lambda kind: kind.__name__)
def test_only_transient_errors_are_tried_again(kind):
    assert may_retry(kind("it failed")) is issubclass(kind, TransientError)


@pytest.mark.parametrize("word", [True, False])
@pytest.mark.parametrize("kind", [RequestRejected, ServerFailed])
def test_the_providers_own_word_goes_before_the_table(kind, word):
    assert may_retry(kind("it failed", should_retry=word)) is word
