"""What pytest gives to the suites."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from kaizen_eval.testing import FakeLLM, use_llm, virtual_time


@pytest.fixture(scope="session")
def fresh_llm(pytestconfig):
    """For `@given`, whose examples would share one `kaizen_llm`: `with fresh_llm() as llm:` in the body."""
    behind_sdk = pytestconfig.getoption("kaizen_llm") == "sdk"

    @contextmanager
    def fresh():
        llm = FakeLLM()
        with virtual_time(), use_llm(llm.sdk() if behind_sdk else llm):
            yield llm

    return fresh
