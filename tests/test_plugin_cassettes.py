"""With `--kaizen-llm record` tests record cassettes, and with `replay` they are answered from them."""

from pathlib import Path

import pytest
from plugin_project import run

from kaizen_eval.fake import FakeLLM

AGENTS = """
import httpx
import openai
import pytest
from kaizen_eval import BaseAgent
from kaizen_eval.errors import KaizenError

def ask(question, **config):
    return BaseAgent({"model": "gpt-4", "retry": {"base": 0.1}} | config).run(question=question)["response"]

def test_plain(kaizen_llm):
    kaizen_llm.when(user="France").reply("Paris")
    assert ask("France?") == "Paris"
    kaizen_llm.assert_outcomes("reply")
    kaizen_llm.assert_asked("France?")
    assert kaizen_llm.journal.usage.total == 12

def test_a_retry(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=0.5).times(1)
    kaizen_llm.otherwise("fine")
    assert ask("now?") == "fine"
    kaizen_llm.assert_outcomes("rate_limit", "reply")

def test_faults(kaizen_llm):
    for fault in ("connection_reset", "server_error", "html_reply"):
        kaizen_llm.fail(fault).times(1)
        with pytest.raises(KaizenError):
            ask("now?", retry={"attempts": 1})
    kaizen_llm.assert_outcomes("connection_reset", "server_error", "reply")

def test_sessions(kaizen_llm):
    kaizen_llm.otherwise("hi")
    agent = BaseAgent({"model": "gpt-4", "max_turns": 2})
    for session in ("a", "b", "a"):
        agent.run(question=f"I am {session}", session_id=session)
    kaizen_llm.assert_sessions_isolated()
    assert [exchange.session_id for exchange in kaizen_llm.exchanges] == ["a", "b", "a"]

@pytest.mark.asyncio
async def test_async(kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert (await BaseAgent({"model": "gpt-4"}).run_async(question="?"))["response"] == "hi"

@pytest.mark.parametrize("question", ["a/b", "a:b"])
def test_names(kaizen_llm, question):
    kaizen_llm.otherwise(question)
    assert ask(question) == question

def test_asks_nothing(kaizen_llm):
    pass

def test_waits_long(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    kaizen_llm.otherwise("fine")
    assert ask("later?", timeout=7200) == "fine"
    assert kaizen_llm.clock.elapsed == 3600

@pytest.mark.kaizen_virtual
def test_marked(kaizen_llm):
    kaizen_llm.otherwise("fine")
    assert ask("virtual?") == "fine"
"""
COUNTS = {"passed": 8, "skipped": 2}


def told(ran):
    counts = {}
    for outcome in ran.outcomes().values():
        last = outcome.split()[-1]
        counts[last] = counts.get(last, 0) + 1
    return counts


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    return folder, run(folder, AGENTS, "--kaizen-llm=record")


@pytest.fixture(scope="module")
def replayed(recorded):
    folder, _ = recorded
    (folder / "reports.jsonl").unlink()
    return run(folder, AGENTS, "--kaizen-llm=replay")


def test_what_is_recorded_is_replayed_and_what_could_not_be_is_skipped_by_both(recorded, replayed):
    assert (told(recorded[1]), told(replayed)) == (COUNTS, COUNTS)


def test_each_test_that_asked_has_a_cassette_and_the_others_stand_in_a_list(recorded):
    folder, _ = recorded
    names = sorted(path.name.split("-")[0].split(".")[0] for path in (folder / "cassettes/test_it").iterdir())
    assert names == [
        *("test_a_retry", "test_async", "test_faults", "test_names", "test_names", "test_plain", "test_sessions"),
        "unrecorded",
    ]
    assert (folder / "cassettes/test_it/unrecorded.yaml").read_text().splitlines()[2:] == [
        """"test_marked": "needs virtual time, and behind the door 'record' time is real\"""",
        """"test_waits_long": "would wait for 3,600 s, and behind the door 'record' time is real\"""",
    ]


def test_a_replay_says_why_a_test_is_skipped_that_was_not_recorded(replayed):
    assert "was not recorded: would wait for 3,600 s" in replayed.text("test_waits_long")


def test_a_replay_waits_on_virtual_time(replayed):
    report = replayed.reports["test_a_retry"]["kaizen"]
    assert (report["waits"], report["door"], Path(report["cassette"]).name) == (0.5, "replay", "test_a_retry.yaml")


def test_the_summary_counts_the_cassettes(replayed):
    assert "7 cassettes" in replayed.block().splitlines()


def test_recording_again_gives_the_same_but_for_times(recorded, tmp_path):
    first = recorded[0] / "cassettes"
    run(tmp_path, AGENTS, "--kaizen-llm=record")

    def timeless(path):
        marks = ("recorded_at:", "sent_at_us:", "at_us:", "offsets_us:")
        return [line for line in path.read_text().splitlines() if not line.strip().startswith(marks)]

    for path in sorted(first.rglob("*.yaml")):
        assert timeless(path) == timeless(tmp_path / "cassettes" / path.relative_to(first))


ONE = """
from kaizen_eval import BaseAgent

def ask(question):
    try:
        return BaseAgent({{"model": "gpt-4", "retry": {{"attempts": 1}}}}).run(question=question)["response"]
    except Exception:
        return "sorry"

def test_it(kaizen_llm):
    kaizen_llm.otherwise("hi")
    {body}
"""


def one(body):
    return ONE.format(body=body)


def test_a_miss_that_the_agent_swallows_fails_the_test_and_names_the_nearest_request(tmp_path):
    run(tmp_path, one('assert ask("What is it?") == "hi"'), "--kaizen-llm=record")
    ran = run(tmp_path, one('assert ask("What was it?") == "sorry"'), "--kaizen-llm=replay")
    text = ran.text("test_it")
    assert text.startswith("kaizen: a cassette could not answer, and the error did not reach the test.")
    assert "messages[0].content" in text
    assert "pytest test_it.py::test_it --kaizen-llm record" in text


def test_what_a_passing_test_did_not_ask_for_fails_it(tmp_path):
    run(tmp_path, one('assert [ask("one"), ask("two")] == ["hi", "hi"]'), "--kaizen-llm=record")
    ran = run(tmp_path, one('assert ask("one") == "hi"'), "--kaizen-llm=replay")
    assert "two" in ran.text("test_it")
    assert ran.outcome("test_it") == "failed"


def test_what_nobody_asked_for_at_all_fails_it_too(tmp_path):
    run(tmp_path, one('assert ask("one") == "hi"'), "--kaizen-llm=record")
    assert run(tmp_path, one("pass"), "--kaizen-llm=replay").outcome("test_it") == "failed"


def test_without_a_cassette_the_test_fails_and_says_how_to_record_it(tmp_path):
    ran = run(tmp_path, one('assert ask("one") == "sorry"'), "--kaizen-llm=replay")
    assert ran.outcome("test_it") == "failed"
    assert "pytest test_it.py::test_it --kaizen-llm record" in ran.text("test_it")


def test_a_test_that_fails_replaces_no_cassette_and_tells_where_what_it_recorded_is(tmp_path):
    run(tmp_path, one('assert ask("one") == "hi"'), "--kaizen-llm=record")
    cassette = tmp_path / "cassettes/test_it/test_it.yaml"
    before = cassette.read_bytes()
    ran = run(tmp_path, one('assert ask("two") == "ho"'), "--kaizen-llm=record")
    assert cassette.read_bytes() == before
    assert "kaizen-eval cassettes recover" in ran.reports["test_it"]["sections"]["kaizen"]
    assert cassette.with_name("test_it.yaml.rejected").exists()


OWN = """
import openai
import pytest

def ask(question):
    with openai.OpenAI(base_url={url!r}, api_key="sk-no-secret-0123456789abcdef", max_retries=0) as client:
        asked = [{{"role": "user", "content": question}}]
        return client.chat.completions.create(model="gpt-4", messages=asked).choices[0].message.content

def test_fixture(kaizen_cassette):
    assert ask("one") == "from the service"

@pytest.mark.kaizen_cassette("of/my own.yaml", ignore=("model",))
def test_marker():
    assert ask("two") == "from the service"

class TestIt:
    @pytest.mark.asyncio
    async def test_async(self, kaizen_cassette):
        assert ask("three") == "from the service"
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    with FakeLLM().otherwise("from the service").serve() as server:
        tests = OWN.format(url=server.base_url)
        first = run(folder, tests, "--kaizen-llm=record")
    (folder / "reports.jsonl").unlink()
    return folder, first, run(folder, tests)


def test_the_clients_of_a_test_are_recorded_and_then_answered_without_the_service(own):
    folder, first, again = own
    passed = {"test_fixture": "passed", "test_marker": "passed", "TestIt.test_async": "passed"}
    assert (first.outcomes(), again.outcomes()) == (passed, passed)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yaml") if "my own" in path.name) == [
        "cassettes/of/my own.yaml"
    ]


def test_no_key_stands_in_what_was_recorded(own):
    folder, *_ = own
    assert not [path for path in folder.rglob("cassettes/**/*.yaml") if "sk-no-secret" in path.read_text()]


FROM_THE_ENVIRONMENT = """
import openai

def test_it(kaizen_cassette):
    with openai.OpenAI(max_retries=0) as client:
        asked = [{"role": "user", "content": "one"}]
        assert client.chat.completions.create(model="gpt-4", messages=asked).choices[0].message.content == "hi"
"""


def test_a_client_that_reads_the_environment_is_led_to_the_service_and_replays_without_a_key(tmp_path):
    with_key = "import os; os.environ['OPENAI_API_KEY'] = 'sk-no-secret-0123456789abcdef'\n" + FROM_THE_ENVIRONMENT
    with FakeLLM().otherwise("hi").serve() as server:
        recorded = run(tmp_path, with_key, "--kaizen-llm=record", f"--kaizen-base-url={server.base_url}")
    again = run(tmp_path, FROM_THE_ENVIRONMENT)
    assert (recorded.outcomes(), again.outcomes()) == ({"test_it": "passed"}, {"test_it": "passed"})


def test_the_summary_of_own_clients_says_what_was_needed(own):
    _, first, again = own
    assert "no key" not in first.output
    assert "3 cassettes\n0 s of virtual time" in again.output


def test_own_clients_without_a_cassette_fail_before_the_test_and_say_how_to_record(tmp_path):
    ran = run(tmp_path, FROM_THE_ENVIRONMENT)
    told = f"kaizen: There is no cassette {tmp_path}/cassettes/test_it/test_it.yaml, so nothing can be replayed. "
    assert ran.text("test_it") == f"{told}Record it: pytest test_it.py::test_it --kaizen-llm record"


def test_a_warning_that_is_an_error_fails_the_test_with_its_words_alone(tmp_path):
    run(tmp_path, one('assert ask("one") == "hi"'), "--kaizen-llm=record")
    added = run(tmp_path, one('assert ask("two") == "hi"'), "--kaizen-llm=record-missing")
    assert added.text("test_it").startswith("kaizen: 1 of the 1 exchanges in ")


def test_a_marker_with_an_unknown_setting_is_refused_with_a_suggestion(tmp_path):
    tests = OWN.format(url="http://127.0.0.1:1/v1").replace("ignore=", "ingore=")
    assert "has no setting 'ingore'; did you mean 'ignore'?" in run(tmp_path, tests).text("test_marker")


def test_orphans_are_told_by_full_runs_alone(tmp_path):
    run(tmp_path, one('assert ask("one") == "hi"'), "--kaizen-llm=record")
    gone = tmp_path / "cassettes/test_it/test_gone.yaml"
    gone.write_bytes((tmp_path / "cassettes/test_it/test_it.yaml").read_bytes())
    tests = one('assert ask("one") == "hi"') + "\ndef test_other(): pass\n"
    full = run(tmp_path, tests, "--kaizen-llm=replay")
    part = run(tmp_path, tests, "--kaizen-llm=replay", "-k", "test_it")
    named = run(tmp_path, tests, "--kaizen-llm=replay", "test_it.py::test_it")
    found = "cassettes that no test asks for"
    assert (found in full.output, found in part.output, found in named.output) == (True, False, False)
    assert "cassettes/test_it/test_gone.yaml" in full.output.splitlines()


def test_xdist_s_workers_record_and_the_list_is_whole(tmp_path):
    ran = run(tmp_path, AGENTS, "--kaizen-llm=record", "-n2")
    assert told(ran) == COUNTS
    assert len((tmp_path / "cassettes/test_it/unrecorded.yaml").read_text().splitlines()) == 4
