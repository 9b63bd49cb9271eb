"""The fixture and marker `kaizen_cassette`: whatever client a test uses is recorded, and answered again."""

import pytest
from plugin_project import run

from kaizen_eval.fake import FakeLLM

OWN = """
from datetime import timedelta
import os
import openai
import pytest
from kaizen_eval import BaseAgent
from said import URL

def ask(question):
    with openai.OpenAI(base_url=URL, max_retries=0) as client:
        asked = [{"role": "user", "content": question}]
        return client.chat.completions.create(model="gpt-4", messages=asked).choices[0].message.content

def test_fixture(kaizen_cassette):
    assert ask("one") == "from the service"

@pytest.mark.kaizen_cassette("of/my own", ignore=("model",))
def test_marker():
    assert ask("two") == "from the service"

@pytest.mark.kaizen_cassette(lane="nightly", faults={("nightly", 1): "rate_limit"})
def test_lane_and_faults():
    try:
        answer = ask("three")
    except openai.RateLimitError:
        answer = ask("three")
    assert answer == "from the service"

@pytest.mark.kaizen_cassette(max_age=timedelta(microseconds=1), unused="ignore")
class TestIt:
    @pytest.mark.asyncio
    async def test_async(self, kaizen_cassette):
        assert ask("four") == "from the service"

    @pytest.mark.kaizen_cassette(expired="fail")
    def test_two_markers(self):
        assert ask("five") == "from the service"

def test_both(kaizen_llm, kaizen_cassette):
    kaizen_llm.otherwise("from the script")
    assert ask("six") == "from the service"
    assert BaseAgent({"model": "gpt-4"}).run(question="seven")["response"].startswith("from the s")

def test_on_virtual_time(kaizen_clock, kaizen_cassette):
    assert ask("eight") == "from the service"

@pytest.mark.kaizen_cassette("shared.yaml", unused="ignore")
@pytest.mark.parametrize("question", ["nine", "ten"])
def test_shared(question):
    assert ask(question) == "from the service"

@pytest.mark.kaizen_cassette(mode="live")
def test_mode():
    pass

@pytest.mark.kaizen_cassette(ingore=("model",))
def test_unknown():
    pass

@pytest.mark.kaizen_cassette(ignore="model")
def test_value():
    pass

@pytest.mark.kaizen_cassette("a.yaml", "b.yaml")
def test_two_paths():
    pass
"""
KEY = "import os; os.environ['OPENAI_API_KEY'] = 'sk-no-secret-0123456789abcdef'\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A recording with a key, and then the default: no door, no service, no key."""
    folder = tmp_path_factory.mktemp("own")
    with FakeLLM().otherwise("from the service").serve() as server:
        url = f"URL = {server.base_url!r}\n"
        options = ("--kaizen-llm=record", f"--kaizen-base-url={server.base_url}", "-W", "default")
        first = run(folder, OWN, *options, said=KEY + url)
    (folder / "reports.jsonl").unlink()
    return folder, first, run(folder, OWN, "-W", "default", said="URL = None\n")


BAD = dict.fromkeys(("test_mode", "test_unknown", "test_value", "test_two_paths"), "setup failed")
SHARED = {f"test_shared[{question}]": "setup failed" for question in ("nine", "ten")}
GOOD = dict.fromkeys(
    ("test_fixture", "test_marker", "test_lane_and_faults", "TestIt.test_async", "test_both"), "passed"
)


def test_the_clients_of_a_test_are_recorded_and_then_answered_without_service_and_key(own):
    _, first, again = own
    skipped = {"test_on_virtual_time": "setup skipped"}
    assert first.outcomes() == {**GOOD, **BAD, **SHARED, **skipped, "TestIt.test_two_markers": "passed"}
    assert again.outcomes() == {**GOOD, **BAD, **SHARED, **skipped, "TestIt.test_two_markers": "failed"}


def test_agents_behind_a_fake_s_server_go_past_the_cassette_of_the_test_s_own_clients(own):
    (own[0] / "reports.jsonl").unlink(missing_ok=True)
    ran = run(own[0], OWN, "--kaizen-llm=server", "-k", "both", "-W", "default", said="URL = None\n")
    assert ran.outcomes() == {"test_both": "passed"}


def test_each_has_a_file_of_its_own_where_the_marker_says(own):
    folder = own[0] / "cassettes"
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yaml"))
    assert [name for name in names if "TestIt" not in name] == [
        "of/my own.yaml",
        *(f"test_it/test_{name}.yaml" for name in ("both-kaizen_llm", "both", "fixture", "lane_and_faults")),
        "test_it/unrecorded.yaml",
    ]


def test_no_key_stands_in_what_was_recorded(own):
    assert not [path for path in own[0].rglob("cassettes/**/*.yaml") if "sk-no-secret" in path.read_text()]


def test_markers_of_class_and_test_count_together(own):
    assert "it may be" in own[2].text("TestIt.test_two_markers")


def test_two_tests_that_record_one_cassette_are_refused(own):
    assert own[1].text("test_shared[ten]").startswith("2 tests record the cassette")


def test_a_marker_with_an_unknown_setting_is_refused_with_a_suggestion(own):
    assert "has no setting 'ingore'; did you mean 'ignore'?" in own[1].text("test_unknown")


def test_a_marker_names_no_mode(own):
    assert own[2].text("test_mode").endswith("The mode is what --kaizen-llm names.")


def test_a_value_that_a_marker_must_not_have_is_refused_in_one_sentence(own):
    assert own[2].text("test_value").startswith("The marker kaizen_cassette: ignore")


def test_a_marker_takes_one_path(own):
    assert "takes a path and settings by name, not ('a.yaml', 'b.yaml')" in own[2].text("test_two_paths")


def test_the_summary_of_own_clients_says_what_was_needed_and_on_which_clock(own):
    _, first, again = own
    assert "no key" not in first.output
    assert "6 cassettes: 7 exchanges replayed" in again.output
    assert again.reports["test_fixture"]["kaizen"]["elapsed"] is None


FROM_THE_ENVIRONMENT = """
import openai

def test_it(kaizen_cassette):
    with openai.OpenAI(max_retries=0) as client:
        asked = [{"role": "user", "content": "one"}]
        assert client.chat.completions.create(model="gpt-4", messages=asked).choices[0].message.content == "hi"
"""


def test_a_client_that_reads_the_environment_is_led_to_the_service_and_replays_without_a_key(tmp_path):
    missing = run(tmp_path, FROM_THE_ENVIRONMENT)
    with FakeLLM().otherwise("hi").serve() as server:
        url = f"--kaizen-base-url={server.base_url}"
        recorded = run(tmp_path, KEY + FROM_THE_ENVIRONMENT, "--kaizen-llm=record", url)
    again = run(tmp_path, FROM_THE_ENVIRONMENT)
    assert (recorded.outcomes(), again.outcomes()) == ({"test_it": "passed"}, {"test_it": "passed"})
    assert missing.text("test_it") == (
        f"kaizen: There is no cassette {tmp_path}/cassettes/test_it/test_it.yaml, so nothing can be replayed. Record "
        "it: pytest test_it.py::test_it --kaizen-llm record"
    )


def test_a_warning_that_is_an_error_fails_the_test_with_its_words_alone(tmp_path):
    with FakeLLM().otherwise("hi").serve() as server:
        url = f"--kaizen-base-url={server.base_url}"
        run(tmp_path, KEY + FROM_THE_ENVIRONMENT, "--kaizen-llm=record", url)
        other = KEY + FROM_THE_ENVIRONMENT.replace('"one"', '"two"')
        added = run(tmp_path, other, "--kaizen-llm=record-missing", url)
    assert added.text("test_it").startswith("kaizen: 1 of the 1 exchanges in ")
