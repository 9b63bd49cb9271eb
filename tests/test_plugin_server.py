"""Behind the door "server" agents' tests run on the real clock, and those that need virtual time are skipped."""

import re
from ast import literal_eval

import pytest
from plugin_project import run

BEHIND = "--kaizen-llm=server"

AGENTS = """
import urllib.request
import pytest
from kaizen_eval import BaseAgent, Reply, Usage
from kaizen_eval.errors import ProviderError
from kaizen_eval.resilience.clock import current_clock

def agent(**config):
    return BaseAgent({"model": "gpt-4", "retry": {"base": 0}} | config)

def swallowing(question, **config):
    try:
        return agent(**config).run(question=question)["response"]
    except Exception:
        return "sorry"

def test_plain(kaizen_llm):
    kaizen_llm.fail("server_error").times(1)
    kaizen_llm.otherwise(Reply("hi", usage=Usage(20, 2)))
    assert agent().run(question="Hello?")["response"] == "hi"
    assert current_clock() is None
    kaizen_llm.assert_outcomes("server_error", "reply")
    assert kaizen_llm.journal.requests[0].model == "gpt-4"

def test_factory(kaizen_agent, kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert kaizen_agent(model="gpt-4").run(question="Hello?")["response"] == "hi"

def test_two_sessions(kaizen_llm):
    kaizen_llm.otherwise("hi")
    remembering = agent(max_turns=2)
    for session in ("a", "b", "a"):
        remembering.run(question=f"I am {session}", session_id=session)
    kaizen_llm.assert_sessions_isolated()
    assert [exchange.session_id for exchange in kaizen_llm.exchanges] == ["a", "b", "a"]

def test_batch(kaizen_llm):
    assert len(agent().run_batch([{"question": str(n)} for n in range(20)])) == 20
    kaizen_llm.assert_calls(20)

@pytest.mark.asyncio
async def test_async(kaizen_llm):
    kaizen_llm.fail("server_error").times(1)
    kaizen_llm.otherwise("hi")
    assert (await agent().run_async(question="?"))["response"] == "hi"
    assert agent().run(question="?")["response"] == "hi"

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(kaizen_llm, anyio_backend):
    assert (await agent().run_async(question="?"))["response"]

def test_short_wait(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=0.01).times(1)
    agent().run(question="?")
    [waited] = kaizen_llm.waits
    assert waited >= 0.01

def test_miss(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    assert swallowing("Who am I?") == "sorry"

def test_miss_seen(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    agent().run(question="Who am I?")

def test_broken_script(kaizen_llm):
    kaizen_llm.otherwise(lambda request: 1 / 0)
    assert swallowing("Who am I?") == "sorry"

def test_after_a_miss(kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert swallowing("Who am I?") == "hi"

def test_host(kaizen_llm):
    try:
        urllib.request.urlopen("http://api.example.com", timeout=5)
    except OSError:
        pass

@pytest.mark.kaizen_virtual
def test_marker():
    pass

@pytest.mark.kaizen_virtual
@pytest.mark.asyncio
async def test_marker_async(kaizen_llm):
    pass

def test_clock(kaizen_clock, kaizen_llm):
    pass

def test_late_clock(request):
    request.getfixturevalue("kaizen_clock")

def test_looks_at_clock(kaizen_llm):
    agent().run(question="?")
    assert kaizen_llm.clock.elapsed == 0

def test_looks_at_clock_in_a_thread(kaizen_llm):
    kaizen_llm.otherwise(lambda request: f"{kaizen_llm.clock.now}")
    assert swallowing("?") == "0"

def test_long_retry(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    agent(timeout=7200).run(question="?")

def test_long_retry_swallowed(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    assert swallowing("?", timeout=7200) == "sorry"
    assert swallowing("?") != "sorry"

@pytest.mark.asyncio
async def test_long_latency(kaizen_llm):
    kaizen_llm.otherwise(Reply("hi", latency=1.5))
    await agent().run_async(question="?")

def test_hang(kaizen_llm):
    kaizen_llm.fail("hang")
    with pytest.raises(ProviderError):
        agent(request_timeout=60).run(question="?")

@pytest.fixture
def greeted(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    agent(timeout=7200).run(question="?")

def test_long_wait_in_fixture(greeted):
    pass

@pytest.fixture
def farewell(kaizen_llm):
    yield
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    agent(timeout=7200).run(question="?")

def test_long_wait_in_teardown(farewell):
    pass

@pytest.mark.skip("not today")
def test_skipped_anyway(kaizen_clock):
    pass
"""


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    return run(tmp_path_factory.mktemp("behind"), AGENTS, BEHIND, "-rs")


REAL = "and behind the door 'server' time is real"
SKIPPED = {
    "test_marker": "needs virtual time",
    "test_marker_async": "needs virtual time",
    "test_clock": "needs virtual time",
    "test_late_clock": "needs virtual time",
    "test_looks_at_clock": "looks at kaizen_llm.clock",
    "test_looks_at_clock_in_a_thread": "looks at kaizen_llm.clock",
    "test_long_retry": "would wait for 3,600 s",
    "test_long_retry_swallowed": "would wait for 3,600 s",
    "test_long_latency": "would wait for 1.5 s",
    "test_hang": "would wait for ever",
    "test_long_wait_in_fixture": "would wait for 3,600 s",
    "test_long_wait_in_teardown": "would wait for 3,600 s",
}
FAILED = {"test_miss", "test_miss_seen", "test_broken_script", "test_host"}
WHERE = re.compile(r"SKIPPED \[\d\] test_it\.py(:\d+)?: (.*)")


def test_what_needs_no_virtual_time_passes_and_what_fails_at_its_end_still_does(behind):
    rest = behind.reports.keys() - SKIPPED.keys() - {"test_skipped_anyway"}
    assert {test: behind.outcome(test) for test in rest} == {
        test: "failed" if test in FAILED else "passed" for test in rest
    }


def test_each_way_of_needing_virtual_time_skips_the_test_with_its_reason(behind):
    before = dict.fromkeys(
        ["test_marker", "test_marker_async", "test_clock", "test_long_wait_in_fixture"], "setup skipped"
    )
    assert {test: behind.outcome(test) for test in SKIPPED} == dict.fromkeys(SKIPPED, "skipped") | before | {
        "test_long_wait_in_teardown": "teardown skipped"
    }
    assert {test: literal_eval(behind.text(test))[2] for test in SKIPPED} == {
        test: f"Skipped: {why}, {REAL}" for test, why in SKIPPED.items()
    }


def test_a_skip_is_shown_where_the_test_stands(behind):
    shown = [found[2] for found in WHERE.finditer(behind.output)]
    assert sorted(shown) == sorted(["not today", *(f"{why}, {REAL}" for why in SKIPPED.values())])


def test_the_summary_counts_what_was_skipped_and_tells_whose_time_it_was(behind):
    _, counts, faults, skipped, time, _ = behind.block().split("\n")
    assert counts == "13 tests, 33 runs, 33 calls, 36 attempts, 670 tokens; door server"
    assert faults == "faults: ZeroDivisionError 1, rate_limit 1, server_error 2"
    assert skipped == "12 tests skipped for want of virtual time"
    assert re.fullmatch(r"\d+\.\d\d s on the real clock \(0\.\d+ s of it between attempts\)", time)


def test_a_test_that_ran_carries_its_figures_and_a_skipped_one_none(behind):
    assert {test for test in SKIPPED if behind.reports[test]["kaizen"]} == set()
    told = behind.reports["test_plain"]["kaizen"]
    assert told | {"waits": 0.0} == {
        "door": "server", "runs": 1, "calls": 1, "attempts": 2, "waits": 0.0, "elapsed": None, "tokens": 22,
        "faults": {"server_error": 1}, "network": False, "cassettes": {},
    }  # fmt: skip


def test_a_script_that_fails_is_told_as_that(behind):
    assert behind.text("test_broken_script").split("\n\n") == [
        "kaizen: the script of a fake LLM failed, and the error did not reach the test.",
        "ZeroDivisionError: division by zero",
        "Or, if the test means it, call forgive_misses() on the fake.",
    ]


def test_a_run_of_which_all_is_skipped_says_so_and_nothing_else(tmp_path):
    ran = run(tmp_path, "def test_clock(kaizen_clock): pass", BEHIND)
    assert (ran.block(), ran.code) == ("= kaizen =\n1 test skipped for want of virtual time\n", pytest.ExitCode.OK)
