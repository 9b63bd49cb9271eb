"""Scorers on the command line are written as in a dataset."""

from __future__ import annotations

import json

import pytest

from kaizen_eval.cli import main
from kaizen_eval.cli.evaluate.scorer_specs import specs_of
from kaizen_eval.errors import UsageError
from kaizen_eval.evals import Log


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("exact", "exact"),
        ("my_package.scoring:polite", "my_package.scoring:polite"),
        ("contains: Paris", {"contains": "Paris"}),
        ("token_f1: {field: town, threshold: 0.7}", {"token_f1": {"field": "town", "threshold": 0.7}}),
        ("{cost: 0.01}", {"cost": 0.01}),
    ],
)
def test_a_scorer_may_have_settings(text, spec):
    assert specs_of([text]) == [spec]


def test_settings_that_are_no_yaml_are_refused_with_how_to_write_them():
    with pytest.raises(UsageError) as raised:
        specs_of(["token_f1: {threshold: 0.7"])
    assert str(raised.value).startswith("--scorer 'token_f1: {threshold: 0.7' is no YAML: while parsing a flow mapping")
    assert str(raised.value).endswith("Write it as in a dataset: 'token_f1: {threshold: 0.7}'.")


def test_the_settings_reach_the_log(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "towns.jsonl").write_text(json.dumps({"inputs": {"town": "Paris"}, "expected": {"town": "Pari"}}))
    wanted = ["--scorer", "edit_distance: {threshold: 0.8}", "--scorer", "exact: {weight: 0}"]
    code = main(["eval", "towns.jsonl", "--agent", "own_scorers:same_town", *wanted, "--out", "run", "--quiet"])
    assert (code, capsys.readouterr().out.splitlines()[0].split(",")[0]) == (0, "towns: 1 of 1 case passed")
    assert Log.open("run").manifest.scorers == ({"edit_distance": {"threshold": 0.8}}, {"exact": {"weight": 0}})
