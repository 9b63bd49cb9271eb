"""With `--kaizen-llm record` tests record cassettes, and with `replay` they are answered from them."""

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

def test_the_fake_itself(kaizen_llm):
    kaizen_llm.otherwise("its script says")
    asked = BaseAgent({"model": "gpt-4"}, provider=kaizen_llm).run(question="by its name")
    assert asked["response"] == "its script says"
    kaizen_llm.assert_asked("by its name")

def test_skips_itself(kaizen_llm):
    kaizen_llm.otherwise("no")
    pytest.skip(f"the answer was {ask('go on?')}")

@pytest.mark.xfail(raises=AssertionError, strict=True, reason="not yet")
def test_is_expected_to_fail(kaizen_llm):
    kaizen_llm.otherwise("no")
    assert ask("done?") == "yes"

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
COUNTS = {"passed": 9, "skipped": 4}


def told(ran):
    counts = {}
    for outcome in ran.outcomes().values():
        last = outcome.split()[-1]
        counts[last] = counts.get(last, 0) + 1
    return counts


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """By xdist's workers."""
    folder = tmp_path_factory.mktemp("recorded")
    return folder, run(folder, AGENTS, "--kaizen-llm=record", "-n2")


@pytest.fixture(scope="module")
def replayed(recorded):
    folder, _ = recorded
    (folder / "reports.jsonl").unlink()
    return run(folder, AGENTS, "--kaizen-llm=replay")


def test_what_is_recorded_is_replayed_and_what_could_not_be_is_skipped_by_both(recorded, replayed):
    assert (told(recorded[1]), told(replayed)) == (COUNTS, COUNTS)


def test_each_test_that_asked_has_a_cassette_and_the_others_stand_in_a_list(recorded):
    folder, _ = recorded
    names = sorted(path.name.split("-")[0].split(".y")[0] for path in (folder / "cassettes/test_it").iterdir())
    assert names == [
        *("test_a_retry", "test_async", "test_faults", "test_is_expected_to_fail", "test_names", "test_names"),
        *("test_plain", "test_sessions", "unrecorded"),
    ]
    assert (folder / "cassettes/test_it/unrecorded.yaml").read_text().splitlines()[2:] == [
        """"test_is_expected_to_fail": "failed, as it was expected to: not yet\"""",
        """"test_marked": "needs virtual time, and behind the door 'record' time is real\"""",
        """"test_skips_itself": "skipped itself: the answer was no\"""",
        """"test_waits_long": "would wait for 3,600 s, and behind the door 'record' time is real\"""",
    ]


def test_a_replay_says_why_a_test_is_skipped_that_was_not_recorded(replayed):
    skipped = {
        name: replayed.text(name).split("was not recorded: ")[-1][:16] for name in ("test_marked", "test_skips_itself")
    }
    assert skipped == {"test_marked": "needs virtual ti", "test_skips_itself": "skipped itself: "}


def test_a_replay_waits_on_virtual_time(replayed):
    report = replayed.reports["test_a_retry"]["kaizen"]
    assert (report["waits"], report["elapsed"] >= 0.5, report["door"]) == (0.5, True, "replay")


def test_the_summaries_say_what_was_recorded_from_where_and_what_was_replayed(recorded, replayed):
    assert recorded[1].block().splitlines()[2:5] == [
        "faults: connection_reset 1, rate_limit 1, server_error 1",
        "7 cassettes: 12 exchanges recorded from kaizen-eval's own server",
        "2 tests skipped for want of virtual time",
    ]
    assert replayed.block().splitlines()[3:5] == [
        "7 cassettes: 12 exchanges replayed",
        "4 tests skipped for want of a recording",
    ]


def test_recording_again_gives_the_same_but_for_times_also_without_xdist(recorded, tmp_path):
    first = recorded[0] / "cassettes"
    run(tmp_path, AGENTS, "--kaizen-llm=record")

    def timeless(path):
        marks = ("recorded_at:", "sent_at_us:", "at_us:", "offsets_us:")
        return [line for line in path.read_text().splitlines() if not line.strip().startswith(marks)]

    for path in sorted(first.rglob("*.yaml")):
        assert timeless(path) == timeless(tmp_path / "cassettes" / path.relative_to(first))


SAID = """
import pytest
import said
from kaizen_eval import BaseAgent

def ask(question, **config):
    try:
        return BaseAgent({"model": "gpt-4", "retry": {"attempts": 1}} | config).run(question=question)["response"]
    except Exception:
        return "sorry"

def asks(*questions):
    return [ask(question) for question in questions]

def test_swallows(kaizen_llm):
    kaizen_llm.otherwise("hi")
    asks(said.swallowed)

def test_asks_less(kaizen_llm):
    kaizen_llm.otherwise("hi")
    asks(*said.less)

def test_asks_nothing_any_more(kaizen_llm):
    kaizen_llm.otherwise("hi")
    asks(*said.nothing)

def test_fails_without_asking(kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert said.fails == "before"
    asks("one")

if said.late:
    def test_late(kaizen_llm):
        asks("late")

def test_fails(kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert asks(said.failing) == said.wanted

def test_asks_when_it_is_over(kaizen_llm, ends):
    kaizen_llm.otherwise("hi")
    asks("one")

@pytest.fixture
def ends(kaizen_llm):
    yield
    BaseAgent({"model": "gpt-4"}).run(question="bye")
"""
FIRST = """
swallowed, failing, wanted = "What is it?", "one", ["hi"]
less, nothing, fails, late = ["one", "two"], ["one"], "before", False
"""
LATER = """
swallowed, failing, wanted = "What was it?", "two", ["ho"]
less, nothing, fails, late = ["one"], [], "now", True
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A replay, and then a recording, of tests that have changed since they were recorded."""
    folder = tmp_path_factory.mktemp("changed")
    run(folder, SAID, "--kaizen-llm=record", said=FIRST)
    replay = run(folder, SAID, "--kaizen-llm=replay", said=LATER)
    before = (folder / "cassettes/test_it/test_fails.yaml").read_bytes()
    (folder / "reports.jsonl").unlink()
    return folder, replay, before, run(folder, SAID, "--kaizen-llm=record", "-k", "fails", said=LATER)


def test_a_miss_that_the_agent_swallows_fails_the_test_and_names_the_nearest_request(changed):
    text = changed[1].text("test_swallows")
    assert text.startswith("kaizen: a cassette could not answer, and the error did not reach the test.")
    assert "messages[0].content" in text
    assert "pytest test_it.py::test_swallows --kaizen-llm record" in text


def test_what_a_passing_test_did_not_ask_for_fails_it(changed):
    assert changed[1].text("test_asks_less").splitlines()[:2] == [
        f"kaizen: 1 of the 2 exchanges in {changed[0]}/cassettes/test_it/test_asks_less.yaml were not asked for:",
        "  - slot 2, POST /chat/completions: 'question: two'",
    ]


def test_what_nobody_asked_for_at_all_fails_it_too(changed):
    assert changed[1].outcome("test_asks_nothing_any_more") == "failed"


def test_a_test_that_fails_by_itself_is_not_told_of_it(changed):
    assert changed[1].outcome("test_fails_without_asking") == "failed"
    assert "were not asked for" not in str(changed[1].reports["test_fails_without_asking"])


def test_without_a_cassette_the_test_fails_and_says_how_to_record_it(changed):
    assert changed[1].outcome("test_late") == "failed"
    assert "pytest test_it.py::test_late --kaizen-llm record" in changed[1].text("test_late")


def test_a_test_that_fails_replaces_no_cassette_and_tells_where_what_it_recorded_is(changed):
    folder, _, before, again = changed
    cassette = folder / "cassettes/test_it/test_fails.yaml"
    assert cassette.read_bytes() == before
    assert "kaizen-eval cassettes recover" in again.reports["test_fails"]["sections"]["kaizen"]
    assert cassette.with_name("test_fails.yaml.rejected").exists()


def test_what_is_asked_when_a_test_is_over_is_refused_in_words_that_say_so(changed):
    assert "The test is over, and so is its cassette" in changed[1].text("test_asks_when_it_is_over")


INTERRUPTED = """
from kaizen_eval import BaseAgent

def test_it(kaizen_llm):
    kaizen_llm.otherwise("hi")
    BaseAgent({"model": "gpt-4"}).run(question="one")
    raise KeyboardInterrupt
"""


def test_a_recording_that_is_interrupted_tells_where_it_is_kept(tmp_path):
    ran = run(tmp_path, INTERRUPTED, "--kaizen-llm=record")
    kept = tmp_path / "cassettes/test_it/test_it.yaml.rejected"
    assert f"kaizen-eval cassettes recover {kept}" in ran.output
    assert kept.exists()


SERVICE = """
import pytest
from kaizen_eval import BaseAgent

def test_waits(kaizen_llm):
    kaizen_llm.otherwise("the script is not asked")
    assert BaseAgent({"model": "gpt-4"}).run(question="slow", session_id="s")["response"] == "from the service"
    kaizen_llm.assert_outcomes("rate_limit", "reply")
    kaizen_llm.assert_asked("slow", session="s")
    assert kaizen_llm.journal.usage.total > 0

def test_names_no_model(kaizen_llm):
    assert BaseAgent().run(question="any")["response"] == "from the service"
    assert [request.model for request in kaizen_llm.requests] == ["m-1"]
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """What was recorded from a service, the journal of the service, and a replay; then what it says when it changes."""
    folder = tmp_path_factory.mktemp("service")
    llm = FakeLLM()
    llm.fail("rate_limit", retry_after=1.2).times(1)
    llm.otherwise("from the service")
    with llm.serve() as server:
        base_url = server.base_url
        url = f"--kaizen-base-url={base_url}"
        with_password = url.replace("http://", "http://ann:hunter2@")
        first = run(folder, SERVICE, "--kaizen-llm=record", with_password, "--kaizen-model=m-1")
        journal = llm.journal
        again = run(folder, SERVICE, "--kaizen-llm=replay")
        llm.reset()
        llm.otherwise({"tool": "calls"})
        nameless = run(folder, SERVICE, "--kaizen-llm=verify", url)
    return base_url, first, journal, again, nameless


def test_a_replay_needs_no_model_either(service):
    assert service[3].outcome("test_names_no_model") == "passed"


def test_a_service_that_is_named_is_asked_long_waits_are_waited_and_the_journal_tells(service):
    url, first, _, again, _ = service
    passed = {"test_waits": "passed", "test_names_no_model": "passed"}
    assert (first.outcomes(), again.outcomes()) == (passed, passed)
    assert first.block().splitlines()[3] == f"2 cassettes: 3 exchanges recorded from {url}"
    assert "no key" not in first.block()
    assert "hunter2" not in first.output


def test_a_service_does_not_hear_whose_request_it_is(service):
    assert [exchange.session_id for exchange in service[2].exchanges] == [None, None, None]


def test_a_model_that_nobody_names_is_asked_for(service):
    assert "--kaizen-model gpt-4o-mini" in service[4].text("test_names_no_model")


def test_what_a_service_answers_otherwise_fails_the_test(service):
    assert "are answered otherwise now" in service[4].text("test_waits")
