"""What happens to requests, one after the other: replies that fit, faults, latencies."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.fake import Fault, Generated, Latency
from kaizen_eval.generators.going_wrong import faults
from kaizen_eval.messages import Usage

__all__ = ["scripts", "successes"]

_SECONDS = st.sampled_from([0.0, 0.001, 0.2, 1.0, 2.5, 12.0])


def successes(*, most_seconds: float = 12.0) -> SearchStrategy[Generated]:
    """Replies that fit whatever is asked, after some time, and billed by the fake's count or by a given one."""
    seconds = _SECONDS.filter(lambda second: second <= most_seconds)
    latencies = st.none() | seconds.map(lambda second: Latency(first=second))
    return st.builds(Generated, latency=latencies, usage=st.none() | _usages())


def scripts(
    *, most: int = 6, failures: SearchStrategy[Fault] | None = None, most_seconds: float = 12.0
) -> SearchStrategy[tuple[Generated | Fault, ...]]:
    """For `FakeLLM().script(…)`; say with `.otherwise(GENERATED)` that replies follow.

    Args:
        most: how many at most.
        failures: what may go wrong; any fault unless given.
        most_seconds: the longest that a reply takes.
    """
    wrong = faults() if failures is None else failures
    return st.lists(successes(most_seconds=most_seconds) | wrong, max_size=most).map(tuple)


def _usages() -> SearchStrategy[Usage]:
    counts = st.integers(0, 5000)
    return st.builds(_usage, counts, counts, counts, counts)


def _usage(prompt: int, completion: int, cached: int, reasoning: int) -> Usage:
    """The parts are no more than the whole."""
    return Usage(prompt, completion, min(cached, prompt), min(reasoning, completion))
