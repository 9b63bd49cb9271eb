"""StrategyConformance in a user's own repository: one test for each law, reports that can be read, any test runner."""

import re

import pytest
from plugin_project import run

from kaizen_eval.conformance import LAWS as SHIPPED

LAWS = """
from hypothesis import strategies as st
from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.conformance import Ask, NotApplicable, Situation, law, require
from kaizen_eval.fake import Fault

class Question(Signature):
    question: str = InputField()
    answer: str = OutputField()

def situations(subject):
    times = st.integers(1, 3)
    return times.map(lambda n: Situation(signature=Question, asks=(Ask(inputs={"question": "Why?"}),) * n))

def said(name, sentence, **more):
    return law(name, sentence, source="RFC 1", situations=situations, **more)

@said("asking.once", "Each run asks once.")
def once(lab, situation):
    seen = lab.play(situation)
    require(len(seen.calls) == len(situation.asks), f"{len(seen.calls)} calls in {len(situation.asks)} runs.", seen)

@said("asking.never", "No run asks.", objection=lambda traits: "it asks." if traits.calls_per_run else None)
def never(lab, situation):
    seen = lab.play(situation)
    require(not seen.exchanges, f"{len(seen.exchanges)} requests in {len(situation.asks)} runs.", seen)

@said("asking.sometimes", "A run asks in June.")
def sometimes(lab, situation):
    raise NotApplicable("it is not June.")
"""

STRATEGIES = """
from kaizen_eval.strategies import AsyncSingleShotStrategy, Traits

class Twice(AsyncSingleShotStrategy):
    traits = Traits()

    async def execute(self, signature, inputs, config):
        await self.llm_call(signature, inputs, config)
        return await self.llm_call(signature, inputs, config)

class Made(AsyncSingleShotStrategy):
    made = 0

    def __init__(self):
        if Made.made:
            raise RuntimeError("only one of me")
        Made.made += 1
"""

TESTS = """
from kaizen_eval.conformance import StrategyConformance
from kaizen_eval.strategies import AsyncSingleShotStrategy
from laws import never, once, sometimes
from strategies import Made, Twice

class TestSingle(StrategyConformance):
    strategy = AsyncSingleShotStrategy
    laws = (once, never, sometimes)

class TestTwice(StrategyConformance):
    strategy = Twice()
    laws = (once, never, sometimes)

class TestMade(StrategyConformance):
    strategy = Made
    laws = (once,)
"""

ALL = {
    "TestSingle.test_keeps[asking.once]": "passed",
    "TestSingle.test_keeps[asking.never]": "skipped",
    "TestSingle.test_keeps[asking.sometimes]": "skipped",
    "TestTwice.test_keeps[asking.once]": "failed",
    "TestTwice.test_keeps[asking.never]": "failed",
    "TestTwice.test_keeps[asking.sometimes]": "skipped",
    "TestMade.test_keeps[asking.once]": "failed",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    return run(folder, TESTS, "-rs", laws=LAWS, strategies=STRATEGIES)


def test_each_law_is_a_test_that_passes_fails_or_is_skipped(plain):
    assert plain.outcomes() == ALL


def test_a_law_that_does_not_apply_is_skipped_with_its_reason(plain):
    assert re.findall(r"^SKIPPED .*\.py:\d+: (.*)$", plain.output, re.MULTILINE) == [
        "asking.never does not apply to AsyncSingleShotStrategy: it asks.",
        "asking.sometimes does not apply to AsyncSingleShotStrategy: it is not June.",
        "asking.sometimes does not apply to Twice: it is not June.",
    ]


def test_a_violation_tells_the_law_and_the_smallest_situation_and_nothing_of_hypothesis_or_of_us(plain):
    text = plain.text("TestTwice.test_keeps[asking.once]")
    assert text.startswith("Twice breaks asking.once: 2 calls in 1 runs.\n\nEach run asks once.\nSource: RFC 1\n")
    assert not re.search(r"[Hh]ypothesis|kaizen_eval/|Falsifying", text)


def test_the_report_holds_the_diagram_the_smallest_situation_and_how_to_see_it_again(plain):
    assert (
        plain.text("TestTwice.test_keeps[asking.never]")
        == """\
Twice breaks asking.never: 2 requests in 1 runs.

No run asks.
Source: RFC 1

time (s)
   0.000  ┬  asks question='Why?'
   0.000  ├─ request 1 (call 1) → reply: {"answer": "The sharp spring explains …
   0.000  ├─ request 2 (call 2) → reply: {"answer": "The fair morning marks the…
   0.000  ┴  returns answer='The fair morning marks the ember.'

The smallest situation in which it does:

    from kaizen_eval.conformance import Ask, Situation
    from laws import Question


    Situation(signature=Question, asks=(Ask(inputs={"question": "Why?"}),))

Again, with all that it tries: pytest 'test_it.py::TestTwice::test_keeps[asking.never]'"""
    )


def test_what_the_strategy_itself_fails_with_shows_its_own_lines_alone(plain):
    text = plain.text("TestMade.test_keeps[asking.once]")
    assert "E           RuntimeError: only one of me" in text
    assert re.findall(r"^(\S+\.py):\d+:", text, re.MULTILINE) == ["laws.py", "strategies.py"]


def test_side_by_side_the_same_tests_end_alike(tmp_path):
    ran = run(tmp_path, TESTS, "-n", "2", laws=LAWS, strategies=STRATEGIES)
    single = {name: outcome for name, outcome in ran.outcomes().items() if "TestMade" not in name}
    assert single == {name: outcome for name, outcome in ALL.items() if "TestMade" not in name}


ASYNC_TESTS = """
import asyncio

import pytest
from kaizen_eval import BaseAgent
from kaizen_eval.conformance import Ask, Situation, StrategyConformance, assert_keeps
from kaizen_eval.strategies import AsyncSingleShotStrategy
from laws import Question, once

SITUATION = Situation(signature=Question, asks=(Ask(inputs={"question": "Why?"}),))

class TestWithResource(StrategyConformance):
    laws = (once,)

    @FIXTURE
    async def resource(self):
        await asyncio.sleep(0)
        self.strategy_made = AsyncSingleShotStrategy()
        yield
        await asyncio.sleep(0)

    def agent(self, config, **parts):
        return BaseAgent(config, strategy=self.strategy_made, **parts)

@MARK
async def test_in_a_loop():
    assert_keeps(once, AsyncSingleShotStrategy, SITUATION)
    await asyncio.sleep(0)
"""


@pytest.mark.parametrize(
    ("ini", "fixture", "mark"),
    [
        ("asyncio_mode = auto\n", "pytest.fixture(autouse=True)", "pytest.mark.filterwarnings('error')"),
        ("", "__import__('pytest_asyncio').fixture(autouse=True)", "pytest.mark.asyncio"),
    ],
    ids=["auto", "strict"],
)
def test_under_pytest_asyncio_async_fixtures_and_async_tests_work(tmp_path, ini, fixture, mark):
    tests = ASYNC_TESTS.replace("FIXTURE", fixture).replace("MARK", mark)
    ran = run(tmp_path, tests, ini=ini, laws=LAWS)
    assert ran.outcomes() == {"TestWithResource.test_keeps[asking.once]": "passed", "test_in_a_loop": "passed"}


def test_under_anyio_async_fixtures_and_async_tests_work(tmp_path):
    tests = ASYNC_TESTS.replace("FIXTURE", "pytest.fixture(autouse=True)").replace("MARK", "pytest.mark.anyio")
    tests = tests.replace("async def resource(self):", "async def resource(self, anyio_backend):")
    tests += "\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    ran = run(tmp_path, tests, laws=LAWS)
    assert ran.outcomes() == {"TestWithResource.test_keeps[asking.once]": "passed", "test_in_a_loop": "passed"}


PROFILES = """
import hypothesis
from hypothesis import Phase, Verbosity
from hypothesis.database import InMemoryExampleDatabase

hypothesis.settings.register_profile(
    "theirs", max_examples=1, derandomize=True, database=None, deadline=1, phases=[Phase.explicit],
    verbosity=Verbosity.debug, stateful_step_count=1,
)
hypothesis.settings.load_profile("theirs")
"""

STILL_THEIRS = """
def test_theirs():
    assert hypothesis.settings.get_current_profile_name() == "theirs"
"""


def test_a_hypothesis_profile_of_the_suite_changes_nothing_and_is_not_changed(tmp_path):
    tests = f"{PROFILES}\n{TESTS}\n{STILL_THEIRS}"
    ran = run(tmp_path, tests, laws=LAWS, strategies=STRATEGIES)
    assert ran.outcomes() == ALL | {"test_theirs": "passed"}
    assert "Trying example" not in ran.output


UNFINISHED = """
from kaizen_eval.conformance import StrategyConformance

class TestNothing(StrategyConformance):
    pass

class TestNumber(StrategyConformance):
    strategy = 7

class TestHuge(StrategyConformance):
    strategy, effort = object(), 'huge'
"""


def test_a_class_that_is_not_finished_is_told_once_when_it_is_collected(tmp_path):
    ran = run(tmp_path, UNFINISHED)
    told = [
        "TestNothing does not say what is judged: write `strategy = MyStrategy` in it, or override",
        "TestNumber.strategy is no Strategy: 7.",
        "TestHuge.effort is 'fast', 'thorough', not 'huge'.",
    ]
    assert [ran.output.count(f"\n{words}") for words in told] == [1, 1, 1]
    assert ("Traceback" in ran.output, ran.code) == (False, 2)


def test_the_laws_that_ship_are_the_tests_of_a_class_that_names_none(tmp_path):
    tests = TESTS.replace("    laws = (once, never, sometimes)\n", "")
    ran = run(tmp_path, tests, "--collect-only", "-q", "-k", "TestSingle", laws=LAWS, strategies=STRATEGIES)
    told = [line for line in ran.output.splitlines() if line.startswith("test_it.py::TestSingle")]
    assert told == [f"test_it.py::TestSingle::test_keeps[{law.id}]" for law in SHIPPED]
