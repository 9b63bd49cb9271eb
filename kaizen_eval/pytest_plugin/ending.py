"""The end of a test: what it must not have done fails it, also where its own code swallowed the error."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from kaizen_eval.pytest_plugin import stage

__all__ = ["RECIPE", "settle"]

RECIPE = """\
kaizen: @given runs the test's body once per example, and all examples would share one fake, one script and one clock.
Make them in the body instead:

    from kaizen_eval.testing import FakeLLM, use_llm, virtual_time

    @given(...)
    def test_...(value):
        with virtual_time() as clock, use_llm(FakeLLM()) as llm:
            ..."""


def settle(item: pytest.Item, phase: str, error: BaseException | None) -> None:
    """Fail the phase when nothing else has; otherwise show what was found beside what failed."""
    found = "\n\n".join(_complaints(item, str(error)))
    if error is not None and _is_shared_by_examples(error):
        error.add_note(RECIPE)
    if found and error is None:
        pytest.fail(found, pytrace=False)
    if found:
        item.add_report_section(phase, "kaizen", found)


def _complaints(item: pytest.Item, known: str) -> list[str]:
    missed = [message for message in _misses() if message not in known]
    refused = item.stash[stage.STAGE].take_refused() if stage.STAGE in item.stash else []
    return [*([_about_misses(missed)] if missed else []), *([_about_hosts(refused)] if refused else [])]


def _misses() -> list[str]:
    """What fakes had no answer for since the last time, in whatever test or thread they were made."""
    misses = sys.modules.get("kaizen_eval.fake.misses")
    return [] if misses is None else list(dict.fromkeys(miss.message for miss in misses.take()))


def _about_misses(messages: Sequence[str]) -> str:
    what = "kaizen: a fake LLM was asked what its script does not answer, and the error did not reach the test."
    remedy = (
        "Script an answer, such as kaizen_llm.otherwise(...); or, if the test means it, call forgive_misses() on the "
        "fake."
    )
    return "\n\n".join([what, *messages, remedy])


def _about_hosts(hosts: Sequence[str]) -> str:
    names = ", ".join(repr(host) for host in hosts)
    return (
        f"kaizen: this test asked for {names} on the network. Nothing was sent: a test with kaizen fixtures reaches "
        "this machine only. Let the agent use the fake (no provider of its own, not even in its config), or, if the "
        f"host is meant, wrap the code in `with kaizen_eval.testing.allow_hosts({names}):`."
    )


def _is_shared_by_examples(error: BaseException) -> bool:
    """Hypothesis's own health check about function-scoped fixtures, over one of ours."""
    return type(error).__name__ == "FailedHealthCheck" and "function-scoped fixture 'kaizen_" in str(error)
