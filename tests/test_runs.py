"""Run folders are the truth; the index over them is only a copy, whatever becomes of it."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from evaluating import cases
from hypothesis import given
from hypothesis import strategies as st
from logs_made import CASES, begun, record, written

from kaizen_eval.cli.runs.figures import state
from kaizen_eval.errors import ConnectionLost, EvaluationBusy, EvaluationMissing, UsageError
from kaizen_eval.evals import evaluate
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.runs import RunRow, listing, run_folder, runs_in
from kaizen_eval.evals.runs.index import INDEX, Index
from kaizen_eval.evals.runs.pruning import dispensable
from kaizen_eval.evals.runs.reading import row_of
from kaizen_eval.evals.runs.removing import removed


@pytest.fixture
def root(tmp_path):
    """Two evaluations, one of them below another folder."""
    written(tmp_path / "today", id="20261123-1", created="2026-11-23T10:00:00Z")
    written(tmp_path / "ci" / "7", record("one", value=0.5), id="20261122-1", created="2026-11-22T10:00:00Z")
    return tmp_path


@pytest.fixture
def reading(monkeypatch):
    """The folders whose logs are read."""
    read = []

    def noted(root, folder):
        read.append(folder.name)
        return row_of(root, folder)

    monkeypatch.setattr(listing, "row_of", noted)
    return read


def folders(root):
    return [row.folder for row in runs_in(root)]


def test_a_row_tells_what_was_asked_of_whom_and_what_came_of_it(root):
    assert runs_in(root)[1] == RunRow(
        folder="today",
        state="complete",
        id="20261123-1",
        created="2026-11-23T10:00:00Z",
        dataset="qa",
        dataset_hash="abc",
        task="qa:QAAgent",
        scorers=({"exact": {}},),
        cases=3,
        trials=3,
        done=3,
        passed=3,
        pass_rate=1.0,
        score=1.0,
        means={"exact": 1.0},
        cost=Decimal("0.3"),
        latency=0.0,
        seconds=1.5,
        bytes=(root / "today" / "log.jsonl").stat().st_size,
    )


def test_what_failed_outside_of_the_agent_was_not_judged(tmp_path):
    async def offline(q):
        raise ConnectionLost("No answer.")

    evaluate(cases(2), offline, out=tmp_path / "offline")
    [row] = runs_in(tmp_path)
    assert (row.state, row.unjudged, state(row)) == ("complete", 2, "not judged (2 of 2)")


def test_they_are_told_in_the_order_of_time_wherever_they_stand(root):
    assert folders(root) == ["ci/7", "today"]


def test_from_the_index_the_same_comes_without_reading_a_log_again(root, reading):
    first = runs_in(root)
    assert (runs_in(root), reading) == (first, ["7", "today"])


@pytest.mark.parametrize("change", ["appended", "copied", "removed", "new"])
def test_what_has_changed_is_read_anew(root, reading, change):
    runs_in(root)
    reading.clear()
    log = root / "today" / "log.jsonl"
    if change == "appended":
        log.write_bytes(log.read_bytes() + b"torn")
    elif change == "copied":
        (written(root.parent / "other") / "log.jsonl").replace(log)
    elif change == "removed":
        log.unlink()
    else:
        written(root / "other", created="2026-11-24T10:00:00Z")
    found = folders(root)
    assert (reading, found) == {
        "appended": (["today"], ["ci/7", "today"]),
        "copied": (["today"], ["ci/7", "today"]),
        "removed": ([], ["ci/7"]),
        "new": (["other"], ["ci/7", "today", "other"]),
    }[change]


CHANGED = {
    "older": "PRAGMA user_version = 0",
    "newer": "PRAGMA user_version = 9",
    "foreign": "PRAGMA application_id = 9",
    "without its table": "DROP TABLE runs",
    "of other rows": "UPDATE runs SET row = '{\"mood\": 1}'",
    "of no JSON": "UPDATE runs SET row = 'mood'",
}


def spoilt(root, how):
    index = root / INDEX
    if how == "removed":
        index.unlink()
    elif how == "garbage":
        index.write_bytes(b"This is no database at all, and long enough to be looked at." * 9)
    elif how == "damaged":
        data = bytearray(index.read_bytes())
        data[4096:] = b"\xff" * (len(data) - 4096)
        index.write_bytes(data)
    elif how == "cut":
        index.write_bytes(index.read_bytes()[:5000])
    else:
        with sqlite3.connect(index) as connection:
            connection.execute(CHANGED[how])
        connection.close()


SPOILT = ("removed", "garbage", "damaged", "cut", *CHANGED)


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_index_is_made_anew_from_the_folders(root, reading, how):
    first = runs_in(root)
    spoilt(root, how)
    reading.clear()
    assert (runs_in(root), reading) == (first, ["7", "today"])
    assert (runs_in(root), reading) == (first, ["7", "today"])


def test_what_is_gone_is_gone_from_the_index(root):
    runs_in(root)
    (root / "today" / "log.jsonl").unlink()
    runs_in(root)
    assert Index(root).entries().keys() == {"ci/7"}


def test_where_no_index_can_be_written_the_folders_are_read(root, reading):
    (root / INDEX).mkdir()
    assert (folders(root), folders(root), reading) == (["ci/7", "today"], ["ci/7", "today"], ["7", "today"] * 2)


def test_many_may_look_at_once(root):
    for number in range(8):
        written(root / f"more-{number}", record("one"), cases=CASES[:1])
    with ThreadPoolExecutor(8) as threads:
        seen = [each.result() for each in [threads.submit(runs_in, root) for _ in range(16)]]
    assert seen == [runs_in(root)] * 16


def test_one_that_cannot_be_read_is_a_row_that_says_why_and_is_tried_again(root, reading):
    (root / "today" / "log.jsonl").write_bytes(b"hello\n")
    for _ in range(2):
        row = runs_in(root)[-1]
        assert (row.folder, row.state, "line 1: it is no JSON" in row.why) == ("today", "unreadable", True)
    assert reading == ["7", "today", "today"]


def test_one_that_is_written_just_now_is_running_and_then_incomplete(root):
    writer = begun(root / "now", created="2026-11-24T10:00:00Z")
    writer.write(record("two"))
    assert [(row.state, row.done, row.pass_rate) for row in runs_in(root)[-1:]] == [
        ("running", 1, pytest.approx(1 / 3))
    ]
    writer.close()
    assert [(row.state, row.why, row.done) for row in runs_in(root)[-1:]] == [("incomplete", "it was killed", 1)]


def test_hidden_folders_are_passed_by(root):
    written(root / ".trash" / "old")
    assert folders(root) == ["ci/7", "today"]


def test_a_folder_that_is_not_there_is_told_as_such(tmp_path):
    with pytest.raises(EvaluationMissing, match="There is no folder"):
        runs_in(tmp_path / "nowhere")


def test_an_evaluation_is_found_by_its_folder_or_by_its_id(root):
    names = [str(root / "today"), "today", "20261123-1", "20261123"]
    assert {run_folder(root, name) for name in names} == {root / "today"}


def test_an_id_that_several_begin_with_is_refused(root):
    with pytest.raises(UsageError) as error:
        run_folder(root, "202611")
    assert str(error.value) == "'202611' may be 2 evaluations: 20261122-1, 20261123-1."


def test_an_evaluation_that_is_not_there_is_told_as_such(root):
    with pytest.raises(EvaluationMissing, match="There is no evaluation 'yesterday', neither as a folder nor in"):
        run_folder(root, "yesterday")


NOW = datetime(2026, 11, 23, tzinfo=UTC)
STATES = st.sampled_from(["complete", "incomplete", "running", "unreadable"])


def run(day, dataset="qa", state="complete"):
    return RunRow(
        folder=f"{dataset}-{day}", created=(NOW - timedelta(days=day)).isoformat(), dataset=dataset, state=state
    )


def test_what_is_older_and_not_among_the_newest_can_go():
    runs = [run(9), run(8, "other"), run(5), run(2), run(1)]
    chosen = {
        "older": dispensable(runs, now=NOW, older_than=timedelta(days=4)),
        "newest": dispensable(runs, now=NOW, keep=1),
        "both": dispensable(runs, now=NOW, keep=3, older_than=timedelta(days=1)),
    }
    assert {name: [each.folder for each in rows] for name, rows in chosen.items()} == {
        "older": ["qa-9", "other-8", "qa-5"],
        "newest": ["qa-9", "qa-5", "qa-2"],
        "both": ["qa-9"],
    }


@given(
    st.lists(
        st.builds(run, st.integers(0, 30), st.sampled_from("ab"), STATES),
        max_size=12,
        unique_by=lambda each: each.folder,
    ),
    st.integers(0, 5),
)
def test_what_runs_or_cannot_be_read_and_the_newest_always_stay(runs, keep):
    gone = dispensable(runs, now=NOW, keep=keep)
    assert {each.state for each in gone} <= {"complete", "incomplete"}
    for dataset in "ab":
        complete = [each for each in runs if each.dataset == dataset and each.state == "complete"]
        stay = complete[max(0, len(complete) - keep) :]
        assert [each for each in complete if each not in gone] == stay


def test_a_folder_goes_with_its_evaluation(root):
    assert (removed(root / "today"), (root / "today").exists()) == ((), False)


def test_what_else_stands_in_the_folder_stays(root):
    (root / "today" / "report.html").write_text("kept")
    assert removed(root / "today") == ("report.html",)


def test_an_evaluation_that_is_being_written_is_not_removed(root):
    writer = begun(root / "now")
    with pytest.raises(EvaluationBusy):
        removed(root / "now")
    writer.write(record("one"))
    writer.close()
    assert (root / "now" / "log.jsonl").exists()


@pytest.mark.parametrize(("stopped", "why"), [("max_cost reached", "max_cost reached"), (None, "it was stopped")])
def test_one_that_was_stopped_says_why(tmp_path, stopped, why):
    writer = begun(tmp_path / "one")
    writer.write(record("one"))
    writer.end(Ended(planned=3, done=1, seconds=1.0, stopped=stopped))
    writer.close()
    assert [(row.state, row.why) for row in runs_in(tmp_path)] == [("incomplete", why)]
