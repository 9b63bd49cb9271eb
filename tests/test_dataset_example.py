"""The example in fixtures/: it fits its schema, and a script answers it."""

from __future__ import annotations

import pytest
from house.architecture import ROOT

from kaizen_eval import FakeLLM, use_llm, virtual_time
from kaizen_eval.evals import Dataset, evaluate
from kaizen_eval.evals.dataset import check_schema

EXAMPLE = ROOT / "fixtures/qa.yaml"


@pytest.fixture(autouse=True)
def suites_can_be_imported(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "suites")


def test_the_example_fits_its_schema():
    check_schema(EXAMPLE)


def test_the_script_answers_every_question_two_of_them_wrong():
    from example_agents import QAAgent  # noqa: PLC0415 - found in this test alone

    llm = FakeLLM.from_file(ROOT / "fixtures/qa_script.yaml")
    with virtual_time(), use_llm(llm):
        evaluation = evaluate(Dataset.load(EXAMPLE), QAAgent({"model": "m"}))
    failed = [record.trial.case for record in evaluation.records() if record.outcome != "passed"]
    assert (len(llm.requests), failed) == (12, ["capital-of-australia", "seventeen-times-nineteen"])
