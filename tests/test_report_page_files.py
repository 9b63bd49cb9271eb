"""What a report is made of: data that cannot get out, files that stand alone, rows, the command."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs_made import record as plain_record
from logs_made import written
from report_doubles import answered, attempt, case, log, record, several_kinds

from kaizen_eval.cli import main
from kaizen_eval.errors import CasesMissing, Incomparable
from kaizen_eval.evals import compare
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.reports import report
from kaizen_eval.evals.reports.embedding import json_line, json_text, packs

FILES = {entry.name: entry.read_text() for entry in (files("kaizen_eval.evals.reports") / "page").iterdir()}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)
HALF = "\ud800"


def data_of(page: str) -> dict:
    """What is read at once."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def details_of(page: str) -> list[dict]:
    """What is read where a case is opened, of all cases."""
    found = re.findall(r'class="pack" data-lines="\d+">([^<]*)<', page)
    return [json.loads(line) for pack in found for line in unpacked(pack)]


def unpacked(pack: str) -> list[bytes]:
    return zlib.decompress(base64.b64decode(pack)).split(b"\n")


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_data_come_back_as_they_were_and_hold_no_sign_of_html(data):
    text = json_text(data)
    assert (json.loads(text), re.findall("[^ -~]|[<>&]", text)) == (data, [])


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_a_line_is_one_line_and_comes_back_as_it_was(data):
    line = json_line(data)
    assert (json.loads(line), line.count(b"\n")) == (data, 0)


@pytest.mark.parametrize(
    ("value", "written_as"),
    [
        ({"a": float("nan")}, {"a": "nan"}),
        ([float("inf"), -float("inf")], ["inf", "-inf"]),
        ({1: Decimal("0.10")}, {"1": "0.10"}),
        (HALF, HALF),
        ({"s": {3}}, {"s": "{3}"}),
        (b"\xff", "b'\\xff'"),
    ],
)
def test_what_json_does_not_know_is_named(value, written_as):
    assert json.loads(json_text(value)) == written_as


def test_half_of_a_character_and_bytes_that_are_no_text_do_not_stop_a_line():
    assert [json.loads(json_line([value])) for value in (HALF, b"\xff")] == [[HALF], ["b'\\xff'"]]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=5).filter(lambda line: b"\n" not in line), max_size=8))
def test_packs_hold_all_lines_in_their_order(lines):
    found = [(pack.lines, unpacked(pack.text)) for pack in packs(lines)]
    assert [line for count, held in found for line in held[:count]] == lines


def test_a_pack_is_no_larger_than_can_be_read_at_once():
    assert [pack.lines for pack in packs([b"x" * 100_000] * 7)] == [3, 3, 1]


def test_the_page_needs_nothing_from_elsewhere():
    page = report(several_kinds()[0])
    assert re.findall(r"\w+://|url\(|@import|src=|href=|<link", page) == []


def test_no_file_makes_elements_or_code_of_text():
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|\son\w+=|javascript:| style="
    assert [name for name, text in FILES.items() if re.search(forbidden, text)] == []


def test_every_file_is_used_by_one_of_the_pages():
    used = {name for text in FILES.values() for name in re.findall(r'from "\./([\w-]+\.js)"', text)}
    pages = {"evaluation.html", "evaluation.js", "check.html", "check.js", "document.html", "page.css"}
    assert used | pages == set(FILES)


def test_the_policy_lets_only_what_the_page_brings_along_run():
    page = report(several_kinds()[0])
    code, style = (
        re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1],
        re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1],
    )
    assert re.search(r'Content-Security-Policy" content="(.*?)"', page)[1].split("; ") == [
        "default-src 'none'",
        f"script-src {digest(code)}",
        f"style-src {digest(style)}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ]


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_title_is_text_of_signs_that_can_be_seen():
    page = report(log([], [], dataset="</title><b>\u202e", task="a&b"))
    assert re.findall("<title>.*", page) == ["<title>&lt;/title&gt;&lt;b&gt;: a&amp;b - kaizen-eval</title>"]


def test_a_row_holds_what_is_listed_found_and_sorted_by():
    now, before = several_kinds()
    rows = {row[0]: row[1:] for row in data_of(report(now, against=before, shared=True))["rows"]}
    told = {name: [outcomes, *rest] for name, (outcomes, *rest) in rows.items() if name in {"lima", "bern", "minsk"}}
    asked = "Which city is the capital of Peru?"
    late = "RateLimited: 429: slow down"
    far = ["capitals", "far"]
    assert told == {
        "lima": [[0, 1, 0, 0, 0, 0, 0], 0.5, "same", 0.0, far, ["exact"], 250.0, 27, 0.00012, asked, "Lima?"],
        "bern": [[0, 0, 1, 0, 0, 0, 0], None, "worse", 1.0, ["hard"], [], 0.0, 0, 0.0, "What is bern?", late],
        "minsk": [[0, 0, 0, 0, 0, 0, 1], None, "", 1.0, [], [], 0.0, 0, 0.0, "What is minsk?", ""],
    }  # fmt: skip


def test_the_page_says_of_a_case_what_the_comparison_says():
    now, before = several_kinds()
    rows = data_of(report(now, against=before, shared=True))["rows"]
    assert {row[0]: row[3] for row in rows} == {
        "oslo": "won", "paris": "lost", "lima": "same", "bern": "worse", "rome": "worse", "kiev": "lost",
        "quito": "lost", "minsk": "", "trip": "same",
    }  # fmt: skip


def test_repeats_are_counted_and_those_without_a_record_have_not_run():
    trials = [record("a", "passed", repeat=3), record("a", "failed", score=0.5, repeat=1)]
    page = report(log([case("a"), case("b")], trials, repeats=4))
    assert [row[1:3] for row in data_of(page)["rows"]] == [[[1, 1, 0, 0, 0, 0, 2], 0.75], [[0, 0, 0, 0, 0, 0, 4], None]]
    assert [trial["repeat"] for trial in details_of(page)[0]["trials"]] == [1, 3]


def test_a_cost_that_is_not_known_is_not_called_nothing():
    one = record("a", "passed", answer=answered({}, attempt("q", "a")))
    unknown = one.answer.turns[0].__class__(outputs={}, cost=None)
    other = record("a", "passed", repeat=2, answer=one.answer.__class__(turns=(unknown,)))
    page = data_of(report(log([case("a")], [one, other], repeats=2)))
    assert (page["rows"][0][9], [each["value"] for each in page["figures"] if each["name"] == "Cost"]) == (
        None,
        ["unknown"],
    )


def test_values_are_kept_as_text_with_their_kind():
    said = {"n": 12345678901234567890, "share": 1.0, "text": "1.0", "list": [None, "å"], "yes": True}
    [detail] = details_of(report(log([case("a")], [record("a", "failed", answer=answered(said))])))
    assert detail["trials"][0]["turns"][0]["outputs"] == {
        "n": ["12345678901234567890", "number"],
        "share": ["1.0", "number"],
        "text": ["1.0", "text"],
        "list": ['[\n  null,\n  "å"\n]', "data"],
        "yes": ["true", "data"],
    }


def test_evaluations_that_are_unlike_are_refused_with_what_differs():
    now = log([case("a")], [record("a", "passed")])
    other = log([case("b")], [record("b", "passed")], dataset_hash="other")
    with pytest.raises(Incomparable, match="dataset"):
        report(now, against=other)


def test_an_incomplete_evaluation_is_compared_only_where_that_is_wanted():
    now, before = several_kinds()
    with pytest.raises(CasesMissing, match="minsk#1"):
        report(now, against=before)


def test_a_comparison_with_a_baseline_alone_marks_what_flipped():
    now, before = several_kinds()
    comparison = compare(before, now, shared=True)
    data = data_of(report(now, comparison=comparison))
    assert data["against"]["id"] == before.manifest.id
    assert {row[0] for row in data["rows"] if row[3]} == {flip.case for flip in comparison.flips}
    assert data["verdict"]["sentence"] == comparison.why


def test_an_evaluation_that_was_stopped_says_why():
    one = log([case("a")], [])
    stopped = replace(one, ended=Ended(planned=1, done=0, stopped="--max-cost is spent."))
    assert data_of(report(stopped))["verdict"]["reasons"] == [
        "1 planned trial was not run: counted as not passed.",
        "It was stopped before its end: --max-cost is spent.",
    ]


def test_an_evaluation_of_nothing_has_a_report():
    assert data_of(report(log([], [])))["rows"] == []


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two evaluations of the same, and one of another dataset."""
    monkeypatch.chdir(tmp_path)
    for number, values in enumerate(([1, 1, 0], [1, 1, 1]), start=1):
        records = [plain_record(name, value=value) for name, value in zip(("one", "two", "three"), values, strict=True)]
        written(tmp_path / "runs" / str(number), *records, id=f"2026112{number}-a", created=f"2026-11-2{number}")
    written(tmp_path / "runs" / "other", dataset="other", id="20261201-a", created="2026-12-01")
    return tmp_path


def told(capsys, *arguments: str) -> tuple[int, str]:
    code = main(["report", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_command_writes_one_file_with_the_trend_of_the_runs_folder(runs, capsys):
    code, said = told(capsys, "runs/2", "--against", "20261121", "--margin", "1", "-o", "r.html")
    page = data_of((runs / "r.html").read_text())
    assert (code, said) == (0, "The report is in r.html: any browser opens it, offline too.\n")
    assert page["verdict"]["word"] == "PASS"
    assert [point["pass_rate"] for point in page["trend"]] == [pytest.approx(2 / 3), 1.0]


def test_the_command_compares_with_a_baseline(runs, capsys):
    main(["compare", "runs/1", "--bless", "baseline.json", "--quiet"])
    code, _ = told(capsys, "runs/2", "--against", "baseline.json", "--margin", "1", "-o", "r.html")
    page = data_of((runs / "r.html").read_text())
    assert (code, page["verdict"]["word"], page["against"]["id"]) == (0, "PASS", "20261121-a")
    assert {row[0]: row[3] for row in page["rows"]} == {"one": "", "two": "", "three": "won"}


def test_the_command_writes_to_stdout(runs, capsys):
    code, said = told(capsys, "runs/1", "-o", "-")
    assert (code, data_of(said)["verdict"]["sentence"][:24]) == (0, "2 of 3 cases passed: 66.")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["runs/1", "-o", "no/r.html"],
            2,
            "--output 'no/r.html' cannot be written: it stands in the folder 'no', which is not",
        ),
        (
            ["runs/1", "-o", "runs"],
            2,
            "--output 'runs' cannot be written: it is a folder.",
        ),
        (["runs/3"], 3, "There is no evaluation 'runs/3', neither as a folder nor in 'runs'."),
        (["runs/1", "--against", "2026112"], 2, "'2026112' may be 2 evaluations: 20261121-a, 20261122-a."),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(runs, capsys, arguments, code, said):
    found = told(capsys, *arguments)
    assert (found[0], said in found[1], (runs / "report.html").exists()) == (code, True, False)
