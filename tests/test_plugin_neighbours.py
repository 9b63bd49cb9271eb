"""The plugin beside others, in the terminal, and in pytest runs that have nothing to do with it."""

import re

import pytest
from plugin_project import run

AGENTS = """
import pytest
from kaizen_eval import BaseAgent, Reply, Usage

@pytest.mark.parametrize("number", [1, 2])
def test_agent(kaizen_llm, number):
    kaizen_llm.fail("rate_limit", retry_after=1800).times(1)
    kaizen_llm.otherwise(Reply("hi", usage=Usage(20, 2)))
    BaseAgent({"timeout": 7200}).run(question="Hello?")
"""

FIGURES = {
    "door": "direct",
    "runs": 1,
    "calls": 1,
    "attempts": 2,
    "waits": 1800.0,
    "elapsed": 1800.0,
    "tokens": 22,
    "faults": {"rate_limit": 1},
    "network": False,
    "cassettes": {},
}

BLOCK = """\
= kaizen =
2 tests, 2 runs, 2 calls, 4 attempts, 44 tokens; door direct
faults: rate_limit 2
3,600 s of virtual time (3,600 s of it between attempts) in N s; no key, network or server was needed
"""

UNRELATED = """
import sys

def test_plain():
    loaded = {name for name in sys.modules if name.startswith("kaizen_eval")}
    assert loaded == {"kaizen_eval", "kaizen_eval.lazy", "kaizen_eval.pytest_plugin",
                      "kaizen_eval.pytest_plugin.options", "kaizen_eval.pytest_plugin.virtual"}
    assert sys.modules.keys().isdisjoint({"pydantic", "openai", "hypothesis", "rich", "vcr", "httpx2"})
"""

SHARED = """
import random, socket, time
import pytest
from kaizen_eval import BaseAgent

@pytest.mark.timeout(20)
@pytest.mark.disable_socket
@pytest.mark.parametrize("number", range(4))
def test_agent(kaizen_llm, number):
    kaizen_llm.fail("rate_limit", retry_after=30).times(1)
    kaizen_llm.otherwise("hi")
    assert BaseAgent().run(question="Hello?")["response"] == "hi"
    assert kaizen_llm.clock.elapsed == 30

@pytest.mark.block_network
def test_recording(kaizen_llm):
    kaizen_llm.otherwise("hi")
    assert BaseAgent().run(question="Hello?")["response"] == "hi"
"""


@pytest.fixture(scope="module")
def agents(tmp_path_factory):
    return run(tmp_path_factory.mktemp("agents"), AGENTS)


def test_the_summary_says_what_was_asked_and_what_was_not_needed(agents):
    assert agents.block() == BLOCK


def test_each_report_carries_its_figures_and_no_user_properties(agents):
    carried = [(report["kaizen"], report["properties"]) for report in agents.reports.values()]
    assert carried == [(FIGURES, []), (FIGURES, [])]


def test_figures_and_summary_survive_xdist(tmp_path):
    ran = run(tmp_path, AGENTS, "-n2")
    assert (ran.block(), [report["kaizen"] for report in ran.reports.values()]) == (BLOCK, [FIGURES, FIGURES])


def test_quiet_is_one_line(tmp_path):
    first, *rest = run(tmp_path, AGENTS, "-q").output.splitlines()
    assert first.startswith("..")
    assert [re.sub(r"in \d+\.\d\d ?s", "in N s", line) for line in rest] == [
        "kaizen: 2 tests, 4 attempts, 3,600 s of virtual time in N s; no key, network or server needed",
        "2 passed in N s",
    ]


@pytest.mark.parametrize("option", ["-qq", "--no-summary"])
def test_quieter_is_silent(tmp_path, option):
    assert "kaizen" not in run(tmp_path, AGENTS, "--no-header", option).output


def test_without_colour_there_are_no_escapes(agents):
    assert "\x1b" not in agents.output


def test_a_run_without_kaizen_tests_is_silent_and_loads_four_small_modules(tmp_path):
    ran = run(tmp_path, UNRELATED, "--no-header", "-p", "no:hypothesispytest", "-p", "no:recording")
    assert (ran.outcomes(), "kaizen" in ran.output) == ({"test_plain": "passed"}, False)


def test_switched_off_it_leaves_nothing_behind(tmp_path):
    ran = run(
        tmp_path, "import sys\ndef test_plain():\n    assert 'kaizen_eval' not in sys.modules\n", "-p", "no:kaizen"
    )
    assert (ran.code, "kaizen" in ran.output) == (pytest.ExitCode.OK, False)


@pytest.mark.parametrize(
    ("options", "randomly"),
    [(["-W", "error"], False), ([], True), (["--cov=kaizen_eval", "--cov-report="], False)],
    ids=["errors for warnings", "pytest-randomly", "pytest-cov"],
)
def test_it_works_beside_its_neighbours(tmp_path, options, randomly):
    beside = ["--disable-socket", "--allow-unix-socket", "--timeout=60"]
    ran = run(tmp_path, SHARED, *beside, *options, randomly=randomly)
    names = {*(f"test_agent[{number}]" for number in range(4)), "test_recording"}
    assert ran.outcomes() == dict.fromkeys(names, "passed")
