"""A test's cassette stays open for what its fixtures ask when the test is over."""

from __future__ import annotations

import pytest
from plugin_project import run

from kaizen_eval.fake import FakeLLM

TESTS = """
import contextlib
import os
import httpx
import pytest
from said import URL

def ask(question):
    messages = [{"role": "user", "content": question}]
    return httpx.post(f"{URL}/chat/completions", json={"model": "gpt-4", "messages": messages}).status_code

@pytest.fixture
def thread(kaizen_cassette):
    ask("make a thread")
    yield
    assert ask("delete the thread") == 200

@pytest.fixture
def within(thread):
    yield

@pytest.fixture
async def from_a_loop(kaizen_cassette):
    yield
    assert ask("good bye") == 200

@pytest.fixture
def silent(kaizen_cassette):
    yield
    with contextlib.suppress(Exception):
        ask("good bye" + os.environ.get("MORE", ""))

def test_it(thread):
    assert ask("one") == 200

def test_within(within):
    assert ask("one") == 200

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_async(anyio_backend, from_a_loop):
    assert ask("one") == 200

def test_silent(silent):
    assert ask("one") == 200
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teardown")
    with FakeLLM().otherwise("hi").serve() as server:
        return folder, run(folder, TESTS, "--kaizen-llm=record", said=f"URL = {server.base_url!r}")


PASSED = dict.fromkeys(("test_it", "test_within", "test_async[asyncio]", "test_silent"), "passed")


def test_what_fixtures_ask_at_their_end_is_recorded_and_replayed(recorded):
    folder, first = recorded
    again = run(folder, TESTS, said="URL = 'https://api.example.com/v1'")
    assert (first.outcomes(), again.outcomes()) == (PASSED, PASSED)
    assert (folder / "cassettes/test_it/test_it.yaml").read_text().count("\nslot:") == 3


def test_what_they_miss_and_swallow_fails_the_test_at_its_very_end(recorded, monkeypatch):
    monkeypatch.setenv("MORE", "!")
    missed = run(recorded[0], TESTS, said="URL = 'https://api.example.com/v1'")
    assert missed.outcomes() == {**PASSED, "test_silent": "teardown failed"}
    assert "a cassette could not answer, and the error did not reach the test" in missed.text("test_silent")


def test_what_nobody_asks_for_is_told_there_too(recorded):
    tests = TESTS.replace('assert ask("one") == 200', "pass")
    unused = run(recorded[0], tests, said="URL = 'https://api.example.com/v1'")
    assert unused.outcomes() == dict.fromkeys(PASSED, "teardown failed")
    assert "1 of the 3 exchanges in" in unused.text("test_it")
