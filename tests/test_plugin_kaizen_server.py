"""The fixture `kaizen_server`: agents on a plain SDK, in whatever process, are tested unchanged."""

import socket
import threading
from urllib.parse import urlsplit

import pytest
from plugin_project import run

from kaizen_eval.pytest_plugin.served import TWO_FAKES

SHOP = """
import openai

QUESTION = [{"role": "user", "content": "Who am I?"}]

def answer(**client):
    with openai.OpenAI(max_retries=0, **client) as client:
        return client.chat.completions.create(model="gpt-4", messages=QUESTION).choices[0].message.content

def kindly():
    try:
        return answer()
    except openai.OpenAIError:
        return "sorry"

async def answer_async():
    async with openai.AsyncOpenAI(max_retries=0) as client:
        asked = await client.chat.completions.create(model="gpt-4", messages=QUESTION)
        return asked.choices[0].message.content
"""

TESTS = """
import asyncio, os, subprocess, sys, time, urllib.request
import openai, pytest
from kaizen_eval.errors import ScriptMiss
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.real_clock import RealClock
from kaizen_eval.messages import ChatRequest, Message
from kaizen_eval.resilience.clock import current_clock
from shop import QUESTION, answer, answer_async, kindly

NAMES = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "NO_PROXY", "no_proxy")
BEFORE = {"OPENAI_BASE_URL": "http://before.invalid/v1", "no_proxy": "before.invalid"}
earlier = []

def environment():
    return {name: os.environ[name] for name in NAMES if name in os.environ}

@pytest.fixture(scope="module", autouse=True)
def before():
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        for name, value in BEFORE.items():
            patch.setenv(name, value)
        yield

def test_plain_client(kaizen_server):
    kaizen_server.when(user="Who am I?").reply("Alice")
    assert answer() == "Alice"
    kaizen_server.assert_asked("Who am I?")
    assert environment() == BEFORE | {
        "OPENAI_BASE_URL": kaizen_server.base_url, "OPENAI_API_KEY": kaizen_server.api_key}
    earlier.append(kaizen_server)

def test_restored():
    assert environment() == BEFORE

def test_others_key_is_over(kaizen_server):
    assert earlier[0].base_url == kaizen_server.base_url
    with pytest.raises(openai.PermissionDeniedError, match="The test that this request belongs to is over."):
        answer(api_key=earlier[0].api_key)
    assert (len(kaizen_server.exchanges), len(earlier[0].exchanges)) == (0, 1)

def test_what_an_earlier_fake_misses_is_not_its_fault():
    with pytest.raises(ScriptMiss):
        asyncio.run(earlier[0].complete(ChatRequest(model="m", messages=(Message("user", "hello"),))))

def test_key_of_its_own(kaizen_server):
    kaizen_server.otherwise("Alice")
    assert answer(api_key="sk-mine") == "Alice"
    kaizen_server.assert_calls(1)

def test_changed_by_the_test(kaizen_server):
    os.environ["OPENAI_API_KEY"] = "sk-changed"
    del os.environ["OPENAI_BASE_URL"]

def test_restored_after_a_change():
    assert environment() == BEFORE

def test_changed_by_monkeypatch(monkeypatch, kaizen_server):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-changed")
    monkeypatch.delenv("OPENAI_BASE_URL")

def test_restored_after_monkeypatch():
    assert environment() == BEFORE

@pytest.fixture
def behind_a_proxy():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
        patch.setenv("ALL_PROXY", "http://proxy.invalid:3128")
        yield

def test_proxy(behind_a_proxy, kaizen_server):
    kaizen_server.otherwise("Alice")
    assert answer() == "Alice"
    assert environment()["no_proxy"] == "127.0.0.1,before.invalid"

def test_restored_after_a_proxy():
    assert environment() == BEFORE

@pytest.mark.asyncio
async def test_asyncio(kaizen_server):
    kaizen_server.otherwise("Alice")
    assert await answer_async() == "Alice"
    assert current_clock() is None

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(kaizen_server, anyio_backend):
    kaizen_server.otherwise("Alice")
    assert await answer_async() == "Alice"

def test_subprocess(kaizen_server):
    kaizen_server.otherwise("Alice")
    done = subprocess.run([sys.executable, "-c", "from shop import answer; print(answer())"], capture_output=True)
    assert done.stdout == b"Alice\\n"
    kaizen_server.assert_outcomes("reply")

def test_streams_and_responses(kaizen_server):
    kaizen_server.script(["one two", "three"])
    with openai.OpenAI() as client:
        stream = client.chat.completions.create(model="gpt-4", messages=QUESTION, stream=True)
        assert "".join(part.choices[0].delta.content or "" for part in stream if part.choices) == "one two"
        assert client.responses.create(model="gpt-4", input="Hi").output_text == "three"

def test_retries_of_the_sdk(kaizen_server):
    kaizen_server.fail("rate_limit", retry_after=0.001).times(2)
    kaizen_server.otherwise("Alice")
    with openai.OpenAI(max_retries=2) as client:
        client.chat.completions.create(model="gpt-4", messages=QUESTION)
    kaizen_server.assert_outcomes("rate_limit", "rate_limit", "reply")

def test_seed(kaizen_server):
    llm = FakeLLM(seed=SEED)
    with llm.serve() as server:
        assert answer() == answer(base_url=server.base_url)

def test_clock(kaizen_server):
    first = kaizen_server.clock
    assert isinstance(first, RealClock)
    assert 0 <= first.elapsed <= kaizen_server.clock.elapsed
    assert first.now <= time.monotonic()
    kaizen_server.reset()
    assert (kaizen_server.clock.elapsed <= first.elapsed, kaizen_server.base_url) == (True, earlier[0].base_url)

def test_miss(kaizen_server):
    kaizen_server.when(user="hello").reply("hi")
    assert kindly() == "sorry"

def test_miss_seen(kaizen_server):
    kaizen_server.when(user="hello").reply("hi")
    answer()

def test_forgiven(kaizen_server):
    kaizen_server.when(user="hello").reply("hi")
    kaizen_server.forgive_misses()
    assert kindly() == "sorry"

def test_unfinished_rule(kaizen_server):
    kaizen_server.when(user="hello")

def test_unspoken(kaizen_server):
    with openai.OpenAI() as client, pytest.raises(openai.NotFoundError):
        client.files.list()

def test_host(kaizen_server):
    with pytest.raises(OSError):
        urllib.request.urlopen("http://api.example.com", timeout=5)

def test_beside_llm(kaizen_server, kaizen_llm):
    pass

def test_beside_agent(kaizen_agent, kaizen_server):
    pass

def test_beside_late_llm(kaizen_server, request):
    request.getfixturevalue("kaizen_llm")

def test_late_beside_llm(kaizen_llm, request):
    request.getfixturevalue("kaizen_server")

def test_beside_clock(kaizen_server, kaizen_clock):
    pass

def test_beside_late_clock(kaizen_server, request):
    request.getfixturevalue("kaizen_clock")

@pytest.mark.kaizen_virtual
def test_beside_marker(kaizen_server):
    pass
"""

AUTO = """
import pytest
from shop import answer_async

@pytest.fixture
async def answered(kaizen_server):
    kaizen_server.otherwise("Alice")
    return await answer_async()

async def test_auto(answered, kaizen_server):
    assert answered == await answer_async() == "Alice"
"""

PARALLEL = """
import os, threading
import pytest
from shop import answer

@pytest.mark.parametrize("number", range(12))
def test_mine(kaizen_server, number, record_property):
    record_property("server", (os.getpid(), kaizen_server.base_url))
    kaizen_server.when(user="Who").reply(f"number {number}")
    said = []
    threads = [threading.Thread(target=lambda: said.append(answer())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [f"number {number}"] * 4
    kaizen_server.assert_calls(4)
"""

MISSES = {"test_miss", "test_miss_seen", "test_unfinished_rule", "test_unspoken"}
BESIDE = {
    "test_beside_llm": "setup failed",
    "test_beside_agent": "setup failed",
    "test_beside_late_llm": "failed",
    "test_late_beside_llm": "failed",
    "test_beside_clock": "setup failed",
    "test_beside_late_clock": "failed",
    "test_beside_marker": "setup failed",
}


def served(folder, *args, seed=0):
    return run(folder, TESTS.replace("SEED", str(seed)), *args, shop=SHOP)


@pytest.fixture(scope="module")
def direct(tmp_path_factory):
    return served(tmp_path_factory.mktemp("direct"), "-W", "error")


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    return served(tmp_path_factory.mktemp("behind"), "--kaizen-llm=server", "--kaizen-seed=7", seed=7)


def failing(ran):
    return {test: ran.outcome(test) for test in ran.reports if ran.outcome(test) != "passed"}


def test_a_plain_client_in_any_thread_loop_or_process_reaches_the_tests_own_fake(direct):
    assert failing(direct) == dict.fromkeys([*MISSES, "test_host"], "failed") | BESIDE


def test_it_is_the_same_behind_the_door_server_but_that_virtual_time_skips(behind):
    skipped = dict.fromkeys(["test_beside_clock", "test_beside_marker"], "setup skipped")
    assert failing(behind) == dict.fromkeys([*MISSES, "test_host"], "failed") | BESIDE | skipped


def test_nothing_is_left_open_and_nothing_warns(direct):
    assert ("Warning" in direct.output, direct.code) == (False, pytest.ExitCode.TESTS_FAILED)


@pytest.mark.parametrize("test", BESIDE)
def test_beside_virtual_time_it_says_why_that_cannot_be(direct, test):
    assert direct.text(test) == TWO_FAKES


def test_a_miss_fails_the_test_also_where_the_agent_swallows_the_501(direct):
    what, miss, _ = direct.text("test_miss").split("\n\n")
    assert what == "kaizen: a fake LLM was asked what its script does not answer, and the error did not reach the test."
    assert miss.startswith("No rule of the fake is for this request: 'Who am I?'")


def test_a_miss_that_the_test_saw_is_told_once(direct):
    seen = direct.reports["test_miss_seen"]
    assert ("Error code: 501" in seen["text"], "kaizen" in seen["sections"]) == (True, False)


def test_each_test_has_the_figures_of_its_own_fake(direct):
    assert direct.reports["test_retries_of_the_sdk"]["kaizen"] | {"waits": 0.0, "tokens": 0} == {
        "door": "server", "runs": 0, "calls": 1, "attempts": 3, "waits": 0.0, "elapsed": None, "tokens": 0,
        "faults": {"rate_limit": 2}, "network": False, "cassettes": {},
    }  # fmt: skip
    assert direct.reports["test_restored"]["kaizen"] is None


def test_in_auto_mode_async_fixtures_reach_it_too(tmp_path):
    assert run(tmp_path, AUTO, ini="asyncio_mode = auto\n", shop=SHOP).outcomes() == {"test_auto": "passed"}


def test_each_worker_has_one_server_and_no_test_hears_anothers_script(tmp_path):
    ran = run(tmp_path, PARALLEL, "-n2", shop=SHOP)
    assert ran.outcomes() == {f"test_mine[{number}]": "passed" for number in range(12)}
    servers = {tuple(dict(report["properties"])["server"]) for report in ran.reports.values()}
    assert len(servers) == len(dict(servers)) == 2


def test_switched_off_there_is_no_such_fixture(tmp_path):
    ran = run(tmp_path, "def test_it(kaizen_server): pass", "-p", "no:kaizen")
    assert "fixture 'kaizen_server' not found" in ran.text("test_it")


def test_the_server_ends_with_the_pytest_run(pytester):
    before = set(threading.enumerate())
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(
        "import pathlib\n"
        "def test_it(kaizen_server):\n"
        "    pathlib.Path('place').write_text(kaizen_server.base_url)\n"
        "def test_again(kaizen_server):\n"
        "    assert pathlib.Path('place').read_text() == kaizen_server.base_url\n"
    )
    pytester.runpytest_inprocess(
        "-p", "no:randomly", "-p", "no:kaizen", "-p", "kaizen_eval.pytest_plugin"
    ).assert_outcomes(passed=2)
    place = urlsplit((pytester.path / "place").read_text())
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((place.hostname, place.port), timeout=5)
