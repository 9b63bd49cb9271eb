"""Baselines: blessed into a file, reviewed there, and held against what comes later."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from evaluations_written import record, written

from kaizen_eval.errors import (
    CasesMissing,
    EvaluationError,
    EvaluationUnwritable,
    Incomparable,
    LogTooNew,
    UsageError,
)
from kaizen_eval.evals import LogWriter, Outcome, Verdict
from kaizen_eval.evals.comparison import bless, gate

FILE = """\
{
 "schema": 1,
 "baselines": [
  {
   "gate": {"metric": ["score"], "margin": {"score": 0.02}, "confidence": 0.95},
   "evaluation": {
    "id": "20261123-080000-000001",
    "created": "2026-11-23T08:00:00Z",
    "dataset": "qa",
    "dataset_hash": "5ba1",
    "task": "my_pkg:QAAgent",
    "strategy": "AsyncSingleShotStrategy()",
    "model": "gpt-4o",
    "scorers": [{"exact": {}}],
    "repeats": 2
   },
   "means": {"cost": 0.01, "exact": 0.625, "latency": 100.0, "passed": 0.5, "score": 0.625, "tokens": 10.0},
   "cases": {
    "a": {"outcomes": ["passed", "failed"], "figures": {"score": [1, 0.5], "exact": [1, 0.5], "cost": [0.01, \
0.01], "latency": [100, 100], "tokens": [10, 10]}, "answers": ["398bc9110061a2ef", "cc1b0be7d3746f58"], \
"content": "674df9ddf0de1e9a"},
    "b": {"outcomes": ["timeout", "passed"], "figures": {"score": ["-", 1], "exact": ["-", 1], "cost": [0.01, \
0.01], "latency": [100, 100], "tokens": [10, 10]}, "answers": ["e10808d43975dc40", "398bc9110061a2ef"], \
"content": "e45b3128c528992e", "cluster": "letters"}
   }
  }
 ]
}
"""


def test_a_baseline_is_a_file_that_can_be_reviewed(tmp_path):
    one = written({"b": [Outcome.TIMEOUT, 1.0], "a": [1.0, 0.5]}, clusters={"b": "letters"})
    bless(one, tmp_path / "baselines" / "qa.json", margin=0.02)
    assert (tmp_path / "baselines" / "qa.json").read_text("utf-8") == FILE


def test_what_was_blessed_with_it_is_asked_of_others(tmp_path):
    bless(written([1.0] * 200), tmp_path / "qa.json", margin=0.05)
    candidate = written([0.0] * 2 + [1.0] * 198)
    assert [gate(candidate, tmp_path / "qa.json", margin=margin).verdict for margin in (None, 0.0)] == [
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
    ]


def test_a_cost_that_nobody_knew_is_not_0(tmp_path):
    bless(written([1.0, 1.0], cost=[0.01, None]), tmp_path / "qa.json")
    found = gate(written([1.0, 1.0], cost=[0.01, 0.01]), tmp_path / "qa.json", metric="cost")
    assert (found.verdict, found.deciding[0].cases, found.notes) == (
        Verdict.PASS,
        1,
        ("cost is known of 1 case of 2 on both sides.",),
    )


def test_a_file_holds_one_baseline_for_each_model(tmp_path):
    path = tmp_path / "qa.json"
    for model, score in (("gpt-4o", 0.5), ("gpt-5", 0.75), ("gpt-4o", 1.0)):
        bless(written([score], model=model), path)
    told = [(each["evaluation"]["model"], each["means"]["score"]) for each in json.loads(path.read_text())["baselines"]]
    assert told == [("gpt-4o", 1.0), ("gpt-5", 0.75)]
    assert gate(written([1.0], model="gpt-5"), path).deciding[0].a.value == 0.75


@pytest.mark.parametrize(
    ("facts", "differs"),
    [
        ({"model": "gpt-5"}, "model: gpt-4o → gpt-5"),
        ({"strategy": None}, "strategy: AsyncSingleShotStrategy() → none"),
        ({"cassette_hash": "9f"}, "cassette_hash: none → 9f"),
        ({"dataset": "qa-2"}, "dataset: qa → qa-2"),
        ({"dataset_hash": "77aa"}, "dataset: qa (5ba1) → qa (77aa)"),
        ({"scorers": ()}, 'scorers: [{"exact": {}}] → []'),
    ],
)
def test_a_baseline_of_something_else_is_refused_with_what_differs(facts, differs, tmp_path):
    bless(written([1.0]), tmp_path / "qa.json")
    with pytest.raises(Incomparable) as refused:
        gate(written([1.0], **facts), tmp_path / "qa.json")
    assert differs in str(refused.value).split("\n")[1]


def test_an_evaluation_in_a_folder_serves_as_baseline_too(tmp_path):
    one = written([1.0])
    log = LogWriter.create(tmp_path / "last-week", one.manifest, one.cases())
    for each in one.records():
        log.write(each)
    log.close()
    found = gate(written([1.0], model="gpt-5"), tmp_path / "last-week")
    assert (found.verdict, [differs.what for differs in found.differs]) == (Verdict.PASS, ["model"])


def test_what_is_not_whole_is_not_blessed(tmp_path):
    whole = written([1.0, 1.0])
    crashed = replace(whole, all_records=(whole.all_records[0], record("case-002", 1, Outcome.SCORER_ERROR)))
    cut = replace(whole, all_records=whole.all_records[:1])
    shard = written([1.0], shard="1/4")
    for given, refused in ((crashed, EvaluationError), (cut, CasesMissing), (shard, UsageError)):
        with pytest.raises(refused):
            bless(given, tmp_path / "qa.json")
    assert not (tmp_path / "qa.json").exists()


def test_a_metric_that_nobody_measured_does_not_decide(tmp_path):
    with pytest.raises(UsageError, match="has no metric 'exakt'"):
        bless(written([1.0]), tmp_path / "qa.json", metric="exakt")


def test_a_missing_file_is_told_with_how_to_make_it(tmp_path):
    with pytest.raises(UsageError, match="Bless an evaluation: kaizen-eval compare RUN --bless "):
        gate(written([1.0]), tmp_path / "qa.json")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", EvaluationError),
        ("[]", EvaluationError),
        ('{"schema": 1, "baselines": [{}]}', EvaluationError),
        ('{"schema": 1, "baselines": 3}', EvaluationError),
        ('{"schema": "one", "baselines": []}', EvaluationError),
        (FILE.replace('"passed", "failed"', '"passed"'), EvaluationError),
        (FILE.replace("[1, 0.5]", "[1]"), EvaluationError),
        (FILE.replace('"timeout"', '"tired"'), EvaluationError),
        (FILE.replace('"schema": 1', '"schema": 2'), LogTooNew),
    ],
    ids=["empty", "list", "nothing", "number", "schema", "outcomes", "figures", "outcome", "newer"],
)
def test_a_file_that_cannot_be_understood_is_neither_used_nor_written_over(text, refused, tmp_path):
    path = tmp_path / "qa.json"
    path.write_text(text)
    for use in (gate, bless):
        with pytest.raises(refused, match=r"qa\.json"):
            use(written({"a": [1.0, 1.0], "b": [1.0, 1.0]}), path)
    assert path.read_text() == text


def test_where_nothing_can_be_written_the_old_file_stands(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationUnwritable, match=r"qa\.json' cannot be written: "):
        bless(written([1.0]), tmp_path / "file" / "qa.json")
