"""What fails a test at its end: a miss or a real host, also when the agent swallowed the error."""

import pytest
from plugin_project import REPOSITORY, run

from kaizen_eval.pytest_plugin.ending import RECIPE

TESTS = """
import socket, urllib.request
import openai
import pytest
from hypothesis import given, strategies as st
from kaizen_eval import BaseAgent
from kaizen_eval.errors import ScriptMiss
from kaizen_eval.testing import FakeLLM, allow_hosts, use_llm, virtual_time

class Swallowing(BaseAgent):
    def ask(self, question):
        try:
            return self.run(question=question)["response"]
        except Exception:
            return "sorry"

def reach(host):
    try:
        urllib.request.urlopen(f"http://{host}/v1/chat/completions", timeout=5)
    except OSError:
        pass

def test_miss(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    assert Swallowing().ask("Who am I?") == "sorry"

def test_after_a_miss(kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert Swallowing().ask("hello") == "hi"

def test_miss_of_a_fake_made_inside():
    llm = FakeLLM()
    llm.when(user="hello").reply("hi")
    with use_llm(llm):
        Swallowing().ask("Who am I?")

def test_a_request_that_the_fake_does_not_speak(kaizen_llm):
    async def ask():
        http = openai.DefaultAsyncHttpxClient(transport=kaizen_llm.transport())
        async with openai.AsyncOpenAI(api_key="none", http_client=http) as client:
            try:
                await client.post("/files", cast_to=object)
            except Exception:
                pass
    kaizen_llm.clock.run(ask())

def test_a_rule_that_says_nothing(kaizen_llm):
    kaizen_llm.when(user="hello")

def test_a_rule_that_says_nothing_seen(kaizen_llm):
    kaizen_llm.when(user="hello")
    BaseAgent().run(question="hello")

def test_forgiven(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    with pytest.raises(ScriptMiss):
        BaseAgent().run(question="Who am I?")
    kaizen_llm.forgive_misses()

def test_seen(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    BaseAgent().run(question="Who am I?")

def test_miss_and_wrong_assertion(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    assert Swallowing().ask("Who am I?") == "Alice"

@pytest.mark.xfail(strict=True)
def test_expected_to_fail(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    Swallowing().ask("Who am I?")

@pytest.fixture
def farewell(kaizen_llm):
    kaizen_llm.when(user="hello").reply("hi")
    yield
    Swallowing().ask("Bye?")

def test_miss_in_teardown(farewell):
    pass

def test_host(kaizen_llm):
    reach("203.0.113.7")
    reach("203.0.113.7")
    reach("api.example.com")

def test_host_with_the_clock_alone(kaizen_clock):
    reach("api.example.com")

def test_allowed_host(kaizen_llm):
    with allow_hosts("api.invalid"):
        reach("api.invalid")

def test_this_machine(kaizen_llm):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_host_without_our_fixtures():
    with pytest.raises(OSError):
        socket.getaddrinfo("nowhere.invalid", 80)

@given(st.integers())
def test_examples(kaizen_llm, number):
    pass

@given(st.integers(0, 3))
def test_recipe(number):
    with virtual_time() as clock, use_llm(FakeLLM()) as llm:
        llm.fail("rate_limit", retry_after=30).times(1)
        llm.otherwise(str(number))
        assert BaseAgent().run(question="?")["response"] == str(number)
        assert llm.journal.waits == (30.0,)
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    return run(tmp_path_factory.mktemp("endings"), TESTS)


def test_swallowed_misses_and_real_hosts_fail_exactly_the_tests_that_had_them(ran):
    assert ran.outcomes() == {
        "test_miss": "failed",
        "test_after_a_miss": "passed",
        "test_miss_of_a_fake_made_inside": "failed",
        "test_a_request_that_the_fake_does_not_speak": "failed",
        "test_a_rule_that_says_nothing": "failed",
        "test_a_rule_that_says_nothing_seen": "failed",
        "test_forgiven": "passed",
        "test_seen": "failed",
        "test_miss_and_wrong_assertion": "failed",
        "test_expected_to_fail": "skipped",
        "test_miss_in_teardown": "teardown failed",
        "test_host": "failed",
        "test_host_with_the_clock_alone": "failed",
        "test_allowed_host": "passed",
        "test_this_machine": "passed",
        "test_host_without_our_fixtures": "passed",
        "test_examples": "failed",
        "test_recipe": "passed",
    }


def test_a_miss_is_told_with_its_own_message_and_with_ways_out(ran):
    what, miss, remedy = ran.text("test_miss").split("\n\n")
    assert what == "kaizen: a fake LLM was asked what its script does not answer, and the error did not reach the test."
    assert "Who am I?" in miss
    assert remedy == "Or, if the test means it, call forgive_misses() on the fake."


def test_a_request_that_the_fake_does_not_speak_is_told_with_ways_out(ran):
    assert ran.text("test_a_request_that_the_fake_does_not_speak") == (
        "kaizen: a fake LLM was asked what it does not speak, and the error did not reach the test.\n\n"
        "The fake LLM does not speak POST /v1/files: Invalid URL (POST /v1/files)\n\n"
        "Or, if the test means it, call forgive_misses() on the fake."
    )


def test_a_rule_that_says_nothing_is_named_once(ran):
    said = "when(user='hello') does nothing: end it with .reply(…) or .fail(…)."
    assert ran.text("test_a_rule_that_says_nothing") == f"kaizen: {said}"
    seen = ran.reports["test_a_rule_that_says_nothing_seen"]
    assert (f"ScriptError: {said}" in seen["text"], "kaizen" in seen["sections"]) == (True, False)


def test_beside_another_failure_a_miss_is_a_section_of_the_report(ran):
    report = ran.reports["test_miss_and_wrong_assertion"]
    assert "assert 'sorry' == 'Alice'" in report["text"]
    assert report["sections"]["kaizen"].startswith("kaizen: a fake LLM was asked what its script does not answer")


def test_a_miss_that_failed_the_test_by_itself_is_not_told_twice(ran):
    assert "kaizen" not in ran.reports["test_seen"]["sections"]


def test_the_summary_does_not_say_that_no_network_was_needed(ran):
    needed = {name for name, report in ran.reports.items() if report["kaizen"] and report["kaizen"]["network"]}
    assert needed == {"test_host", "test_host_with_the_clock_alone", "test_allowed_host"}
    assert "no key, network or server" not in ran.output


def test_a_real_host_is_named_once_with_ways_out(ran):
    assert ran.text("test_host") == (
        "kaizen: this test asked for '203.0.113.7', 'api.example.com' on the network. Nothing was sent: a test with "
        "kaizen fixtures reaches this machine only. Let the agent use the fake (no provider of its own, not even in "
        "its config), or, if the host is meant, wrap the code in "
        "`with kaizen_eval.testing.allow_hosts('203.0.113.7', 'api.example.com'):`."
    )


def test_a_fixture_shared_by_examples_is_refused_with_the_recipe(ran):
    text = ran.text("test_examples")
    assert [line for line in RECIPE.splitlines() if line.strip() not in text] == []


def test_the_guide_shows_the_recipe_s_decorators_and_their_reason():
    guide = (REPOSITORY / "docs" / "pytest.md").read_text()
    deadline = next(line.strip() for line in RECIPE.splitlines() if "deadline" in line)
    assert f"\n{deadline}\n@given(" in guide
