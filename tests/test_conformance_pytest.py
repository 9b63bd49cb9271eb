"""StrategyConformance in a user's own repository: one test for each law, reports that can be read, any test runner."""

import re

import pytest
from plugin_project import run

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
