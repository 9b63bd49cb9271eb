"""What pytest gives to the suites."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

import pytest

from kaizen_eval.generators import profiles
from kaizen_eval.testing import FakeLLM, use_llm, virtual_time

profiles.register()  # for --hypothesis-profile: `nightly` tries more of them

IN_PROCESS = {"direct", "sdk"}
"""The doors to a fake in the caller's own process."""


@pytest.fixture(scope="session")
def door(pytestconfig):
    return pytestconfig.getoption("kaizen_llm") or pytestconfig.getini("kaizen_llm") or "direct"


@pytest.fixture
def in_process(door):
    """For a test that looks at what a script's function sees of the caller: a server runs it on a thread of its own."""
    if door not in IN_PROCESS:
        pytest.skip("looks at what only a fake in the caller's own process can see")


@pytest.fixture
def as_taken(door):
    """For a test that looks at how much of a stream its caller took."""
    if door == "server":
        pytest.skip("looks at what its caller took of a stream, and a server knows what it has sent")


@pytest.fixture
def scripted(door):
    """For a test in which the script does something to the test: a cassette plays what came of a script alone."""
    if door not in {*IN_PROCESS, "server"}:
        pytest.skip("its script does what a cassette cannot play")


@pytest.fixture(scope="session")
def fresh_llm(door):
    """For `@given`, whose examples would share one `kaizen_llm`: `with fresh_llm() as llm:` in the body."""
    if door not in {*IN_PROCESS, "server"}:
        pytest.skip("makes up its inputs, which another version of Hypothesis does in another way")
    with FakeLLM().serve() if door == "server" else nullcontext() as server:
        ways = {"direct": lambda llm: llm, "sdk": FakeLLM.sdk, "server": server and server.door}

        @contextmanager
        def fresh():
            llm = FakeLLM()
            with virtual_time() if server is None else nullcontext(), use_llm(ways[door](llm)):
                yield llm

        yield fresh
