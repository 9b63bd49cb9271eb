"""`kaizen-eval compare`, as people and programs see it."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from evaluations_written import written

from kaizen_eval.cli import main
from kaizen_eval.evals import LogWriter

LOST = """\
INCONCLUSIVE  score 1.000 → 0.909 (-0.091): with 95 % confidence it may be worse
by 0.329 and may be better by 0.147; a loss of 0.050 is accepted.

A  runs/a  my_pkg:QAAgent, gpt-4o, 11 cases
B  runs/b  my_pkg:QAAgent, gpt-5, 11 cases
model: gpt-4o → gpt-5

metric            A      B   B - A         interval      p
────────────────────────────────────────────────────────────────────────
score         1.000  0.909  -0.091  -0.377 … +0.194  1.000  INCONCLUSIVE
cost          $0.01  $0.01   +0.0%    +0.0% … +0.0%  1.000
latency (ms)    100    100   +0.0%    +0.0% … +0.0%  1.000
tokens           10     10   +0.0%    +0.0% … +0.0%  1.000

Interval: 95 %, cluster-robust t interval, paired by case. p: two-sided, after
Holm.

Cases that changed: 1 lost; McNemar mid-p 0.500.
lost  case-011
  expected  {"answer": "yes"}
  A         {"answer": "yes"} (passed)
  B         {"answer": "no, 0.0"} (did not pass): answer is not 'yes'

What would decide it:
- Whether repeats would decide score is not known: of a single trial nobody can
tell how much is chance.
- About 394 cases (now 11) would decide score, if the difference stays.
- In four of five comparisons so much data shows a loss of 0.295 or more, and
lets a B that is just as good pass at a margin of 0.245 or more.
"""


def keep(name, evaluation):
    log = LogWriter.create(name, evaluation.manifest, evaluation.cases())
    for each in evaluation.records():
        log.write(each)
    log.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Evaluations: a; b, of which nothing is sure; c, which is worse; d, of other cases; e, which was not finished."""
    folder = tmp_path_factory.mktemp("compared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        keep("runs/a", written([1.0] * 11))
        keep("runs/b", written([1.0] * 10 + [0.0], model="gpt-5", id="20261124-080000-000002"))
        keep("runs/c", written([0.0] * 11, id="20261124-080000-000003"))
        keep("runs/d", written([1.0] * 3, dataset_hash="77aa"))
        keep("runs/e", written([1.0] * 11, repeats=2))
    return folder


@pytest.fixture(autouse=True)
def _inside(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")


def test_the_verdict_comes_first_and_last_what_would_decide_it(capsys):
    assert (main(["compare", "runs/a", "runs/b", "--margin", "0.05"]), capsys.readouterr().out) == (4, LOST)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["runs/a", "runs/a"], 0),
        (["runs/a", "runs/c"], 1),
        (["runs/a", "runs/c", "--margin", "cost=0.1", "--metric", "cost"], 0),
        (["runs/a", "runs/d"], 2),
        (["runs/a", "runs/d", "--shared"], 0),
        (["runs/a"], 2),
        (["runs/a", "runs/a", "--bless", "qa.json"], 2),
        (["runs/a", "runs/nowhere"], 2),
        (["runs/a", "runs/a", "--metric", "exakt"], 2),
        (["runs/a", "runs/a", "--json", "nowhere/a.json"], 2),
        (["runs/a", "runs/e"], 3),
        (["runs", "runs/a"], 3),
        (["runs/a", "runs/b"], 4),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_exit_codes_tell_causes_apart(arguments, code, capsys):
    assert main(["compare", *arguments]) == code
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--margin", "-1"], ["--margin", "much"], ["--confidence", "95"], ["--flips", "x"]])
def test_a_wrong_value_is_told_with_a_right_one(wrong, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["compare", "runs/a", "runs/b", *wrong])
    assert (refused.value.code, repr(wrong[1]) in capsys.readouterr().err) == (2, True)


def test_the_verdict_alone_where_quiet(capsys):
    main(["compare", "runs/a", "runs/c", "--quiet"])
    assert capsys.readouterr().out == (
        "FAIL  score 1.000 → 0.000 (-1.000): with 95 % confidence it is worse by at least\n"
        "0.605; no loss is accepted.\n"
    )


def test_a_baseline_is_blessed_and_compared_with(capsys):
    blessed = main(["compare", "runs/a", "--bless", "baselines/qa.json", "--margin", "2%", "--metric", "score"])
    compared = main(["compare", "baselines/qa.json", "runs/c", "--quiet"])
    told = capsys.readouterr().out.splitlines()
    assert (blessed, compared, told[0], told[-1]) == (
        0,
        1,
        "baselines/qa.json holds runs/a as a baseline: 11 cases, by score (margin 0.02).",
        "0.605; a loss of 0.020 is accepted.",
    )


def test_what_it_was_blessed_with_can_be_asked_otherwise():
    main(["compare", "runs/a", "--bless", "lenient.json", "--margin", "1", "--quiet"])
    assert [main(["compare", "lenient.json", "runs/c", *more]) for more in ([], ["--margin", "0.1"])] == [0, 1]


def test_programs_read_json(folder):
    main(["compare", "runs/a", "runs/b", "--quiet", "--json", "told.json"])
    told = json.loads((folder / "told.json").read_text("utf-8"))
    assert [
        told["verdict"],
        told["exit_code"],
        told["differs"],
        told["flips"][0]["b"],
        told["metrics"][0]["mcnemar"],
    ] == [
        "INCONCLUSIVE",
        4,
        {"model": ["gpt-4o", "gpt-5"]},
        {"passed": 0, "trials": 1, "answered": {"answer": "no, 0.0"}, "why": "answer is not 'yes'"},
        {"lost": 1, "won": 0, "p": 0.5},
    ]


def test_ci_reads_junit():
    main(["compare", "runs/a", "runs/c", "--quiet", "--junit", "told.xml", "--metric", "score", "--metric", "cost"])
    suite = ET.parse("told.xml").getroot()[0]  # noqa: S314 - our own
    assert [suite.get("tests"), suite.get("failures"), *((case.get("name"), len(case)) for case in suite)] == [
        "2",
        "1",
        ("score", 1),
        ("cost", 0),
    ]


def test_a_report_on_stdout_stands_there_alone(capsys):
    main(["compare", "runs/a", "runs/b", "--json", "-"])
    assert json.loads(capsys.readouterr().out)["verdict"] == "INCONCLUSIVE"


def test_pull_requests_get_markdown(folder):
    for _ in "ab":
        main(["compare", "runs/a", "runs/b", "--quiet", "--markdown", "told.md"])
    lines = (folder / "told.md").read_text("utf-8").splitlines()
    assert [lines[0], lines.count(lines[0]), [line for line in lines if line.startswith("| score")][:1]] == [
        "### kaizen-eval compare: INCONCLUSIVE",
        2,
        ["| score | 1.000 | 0.909 | -0.091 | -0.377 … +0.194 | 1.000 | INCONCLUSIVE |"],
    ]
