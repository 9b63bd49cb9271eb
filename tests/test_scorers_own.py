"""Scorers of a case's own: they judge that case alone, from any format, and again when it is scored again."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import pytest
from dataset_doubles import QA, jsonl, loaded, mistakes
from evaluating import case, outcomes

from kaizen_eval import FakeLLM, use_llm
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals import Case, Dataset, Log, Score, evaluate, rescore
from kaizen_eval.evals.scorers import Contains, Weighted
from kaizen_eval.evals.scorers.opening import opened

YAML = """\
scorers: [exact]
cases:
  - {id: plain, inputs: {question: a}, expected: A}
  - id: own
    inputs: {question: b}
    expected: B
    scorers: [normalised, {contains: {text: B, weight: 0}}]
  - {id: instead, inputs: {question: c}, expected: C, scorers: {exact: {threshold: 0}}}
"""


def said(evaluation):
    return {
        record.trial.case: [(each.scorer, each.value, each.passed) for each in record.scores]
        for record in evaluation.records()
    }


async def lower(question):
    return {"answer": question}


JUDGED = {
    "plain": [("exact", 0.0, False)],
    "own": [("exact", 0.0, False), ("normalised", 1.0, True), ("contains", 0.0, False)],
    "instead": [("exact", 0.0, True)],
}


def test_a_case_is_judged_by_its_own_beside_those_of_all_and_of_one_name_by_its_own(tmp_path):
    evaluation = evaluate(loaded(tmp_path, "d.yaml", YAML, signature=QA), lower, out=tmp_path / "run")
    assert said(evaluation) == JUDGED
    assert outcomes(evaluation) == {"plain#1": "failed", "own#1": "failed", "instead#1": "passed"}


def test_the_log_knows_them_and_an_evaluation_goes_on_with_them(tmp_path):
    dataset = loaded(tmp_path, "d.yaml", YAML, signature=QA)
    evaluate(dataset, lower, out=tmp_path / "run")
    log = tmp_path / "run" / "log.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines if '"trial"' not in line and '"ended"' not in line))
    assert [*Log.open(tmp_path / "run").records()] == []
    assert [each.scorers for each in Log.open(tmp_path / "run").cases()] == [
        (),
        ({"normalised": {}}, {"contains": {"weight": 0, "text": ["B"]}}),
        ({"exact": {"threshold": 0}},),
    ]
    assert said(evaluate(dataset, lower, out=tmp_path / "run", resume=True)) == JUDGED


def test_what_is_scored_again_is_judged_by_them_again(tmp_path):
    stored = evaluate(loaded(tmp_path, "d.yaml", YAML, signature=QA), lower, out=tmp_path / "run")
    again = rescore(tmp_path / "run", "normalised", out=tmp_path / "again")
    assert said(again) == {
        "plain": [("normalised", 1.0, True)],
        "own": [("normalised", 1.0, True), ("contains", 0.0, False)],
        "instead": [("normalised", 1.0, True), ("exact", 0.0, True)],
    }
    assert said(rescore(stored, "exact")) == JUDGED


def test_all_formats_say_the_same(tmp_path):
    own = ["normalised", {"contains": {"text": "B"}}]
    cell = json.dumps(own).replace('"', '""')
    rows = f'id,question,answer,scorers\nx,a,A,"{cell}"\ny,b,B,normalised\nz,c,C,\n'
    lines = [
        {"id": "x", "inputs": {"question": "a"}, "expected": "A", "scorers": own},
        {"id": "y", "inputs": {"question": "b"}, "expected": "B", "scorers": "normalised"},
        {"id": "z", "inputs": {"question": "c"}, "expected": "C"},
    ]
    python = [
        Case(id="x", inputs={"question": "a"}, expected={"answer": "A"}, scorers=["normalised", Contains(text="B")]),
        Case(id="y", inputs={"question": "b"}, expected={"answer": "B"}, scorers="normalised"),
        Case(id="z", inputs={"question": "c"}, expected={"answer": "C"}),
    ]
    told = [
        loaded(tmp_path, "d.csv", rows, signature=QA),
        loaded(tmp_path, "d.jsonl", jsonl(*lines), signature=QA),
        Dataset(python, name="d", signature=QA),
    ]
    assert len({dataset.hash for dataset in told}) == 1
    assert {json.dumps([each.scorers for each in dataset]) for dataset in told} == {
        '[[{"normalised": {}}, {"contains": {"text": ["B"]}}], [{"normalised": {}}], []]'
    }


def test_the_id_and_the_hash_of_a_dataset_are_made_of_them_too():
    plain, own = case("a", id=""), case("a", id="", scorers=["exact"])
    assert plain.id != own.id
    assert Dataset([case("a")]).hash != Dataset([case("a", scorers=["exact"])]).hash


def test_what_is_wrong_with_them_is_told_with_its_place(tmp_path):
    text = """\
- {inputs: {question: a}, scorers: exakt}
- {inputs: {question: b}, scorers: [exact, {contains: {txet: B}}]}
- {inputs: {question: c}, scorers: [{exact: {field: anwser}}]}
- {inputs: {question: d}, scorers: [exact, {exact: {weight: 2}}]}
"""
    told = mistakes(tmp_path, "d.yaml", text, signature=QA)
    assert [line.split(": ", 1)[0] for line in told] == ["1:27", "2:44", "3:37", "4:27"]
    assert "There is no scorer 'exakt'; did you mean 'exact'?" in told[0]
    assert "did you mean 'text'?" in told[1]
    assert "'anwser'" in told[2]
    assert "'exact'" in told[3]


def test_their_graders_make_a_rescored_evaluation_no_certain_one():
    evaluation = evaluate(
        [case("a", "a", scorers=["graded"])], _same, scorers=["exact"], facts={"is_deterministic": True}
    )
    with use_llm(FakeLLM().otherwise({"reasoning": "so", "points": 1})):
        assert not rescore(evaluation, "normalised").manifest.is_deterministic


async def _same(q):
    return {"answer": q}


class Client:
    """What a grader is, as far as it can be opened."""

    def __init__(self):
        self.opened = self.closed = 0

    async def __aenter__(self):
        self.opened += 1

    async def __aexit__(self, *exc_info):
        self.closed += 1


class Grader:
    name = "grader"
    threshold = 1.0
    weight = 1

    def __init__(self, client):
        self.grader = client

    async def score(self, case, answer, /):
        return Score(float((self.grader.opened, self.grader.closed) == (1, 0)), cost=Decimal(0))


def test_a_grader_keeps_one_client_for_all_that_it_judges():
    client = Client()
    evaluation = evaluate([case("a"), case("b")], _same, scorers=[Grader(client)])
    assert outcomes(evaluation) == {"a#1": "passed", "b#1": "passed"}
    assert (client.opened, client.closed) == (1, 1)
    again = Client()
    assert outcomes(rescore(evaluation, [Grader(again)])) == {"a#1": "passed", "b#1": "passed"}
    assert (again.opened, again.closed) == (1, 1)


def test_a_grader_within_a_weighted_scorer_keeps_one_as_well():
    client = Client()

    async def main():
        async with opened([Weighted(of=[Grader(client), "exact"])]):
            return client.opened, client.closed

    assert asyncio.run(main()) == (1, 0)
    assert client.closed == 1


def test_one_that_cannot_be_made_again_is_named_with_its_case(tmp_path, monkeypatch):
    evaluate([case("a", "a", scorers=["own_scorers:Polite"])], _same, out=tmp_path / "run")
    monkeypatch.delattr("own_scorers.Polite")
    with pytest.raises(ConfigError, match=r"^A scorer of the case 'a' cannot be made: .*Polite"):
        rescore(tmp_path / "run", "exact")
