"""What pytest gives to the suites."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

import pytest

from kaizen_eval.testing import FakeLLM, use_llm, virtual_time


@pytest.fixture(scope="session")
def fresh_llm(pytestconfig):
    """For `@given`, whose examples would share one `kaizen_llm`: `with fresh_llm() as llm:` in the body."""
    door = pytestconfig.getoption("kaizen_llm") or pytestconfig.getini("kaizen_llm") or "direct"
    with FakeLLM().serve() if door == "server" else nullcontext() as server:
        ways = {"direct": lambda llm: llm, "sdk": FakeLLM.sdk, "server": server and server.door}

        @contextmanager
        def fresh():
            llm = FakeLLM()
            with virtual_time() if server is None else nullcontext(), use_llm(ways[door](llm)):
                yield llm

        yield fresh
