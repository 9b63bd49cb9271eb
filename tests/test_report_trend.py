"""Which evaluations a report draws the trend of."""

from __future__ import annotations

from types import SimpleNamespace

from kaizen_eval.cli.evaluate import as_html
from kaizen_eval.cli.trend import runs_around
from kaizen_eval.evals import Case, Dataset, evaluate
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.runs.index import INDEX


def test_runs_are_around_a_folder_below_one_that_is_called_so_or_has_an_index(tmp_path):
    kept, other = tmp_path / "runs" / "deep" / "today", tmp_path / "kept" / "today"
    other.mkdir(parents=True)
    assert runs_around(other) is None
    (tmp_path / "kept" / INDEX).touch()
    assert [runs_around(kept), runs_around(other)] == [tmp_path / "runs", tmp_path / "kept"]


def test_the_page_after_an_evaluation_among_runs_has_their_trend(tmp_path):
    dataset = Dataset(cases=[Case(id="a", inputs={"n": 1}, expected={"n": 1})])
    for name in ("monday", "tuesday"):
        evaluate(dataset, _same, out=tmp_path / "runs" / name)
    folder = tmp_path / "runs" / "tuesday"
    page = as_html.text(SimpleNamespace(folder=str(folder), manifest=Log.open(folder).manifest, comparison=None))
    assert page.count('"pass_rate":1.0') == 2


def _same(n: int) -> dict:
    return {"n": n}
