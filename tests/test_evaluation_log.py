"""The log of an evaluation: written line by line, read back as it was, gone on with after a crash."""

from __future__ import annotations

import json
import os
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs_made import CASES, MANIFEST, begun, manifest, record, written

from kaizen_eval.errors import (
    CasesMissing,
    DatasetError,
    EvaluationBusy,
    EvaluationExists,
    EvaluationMissing,
    EvaluationUnwritable,
    Incomparable,
)
from kaizen_eval.evals import Case, Outcome, Trial, TrialRecord
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log import Ledger, Log, LogWriter
from kaizen_eval.evals.trial import Failure


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "today"


@pytest.fixture
def told(tmp_path):
    """What an error says, wherever the test's own folder is."""
    return lambda error: str(error.value).replace(str(tmp_path), "HERE")


def kinds(folder):
    return [json.loads(line)["kind"] for line in (folder / "log.jsonl").read_bytes().splitlines()]


def test_what_was_written_is_read(folder):
    log = Log.open(written(folder, record("two"), record("one"), record("three", value=0.5)))
    assert [*log.cases()] == [*CASES]
    assert [*log.records()] == [record("two"), record("one"), record("three", value=0.5)]
    assert (log.manifest, log.ended) == (MANIFEST, Ended(planned=3, done=3, seconds=1.5, cost=Decimal("0.3")))
    assert (log.ledger, log.dropped, log.resumed) == (Ledger(planned=3, done=3, missing=()), 0, 0)


def test_the_plan_stands_before_the_first_trial_and_each_trial_in_a_line_of_its_own(folder):
    written(folder)
    assert kinds(folder) == ["evaluation", "case", "case", "case", "begun", "trial", "trial", "trial", "ended"]


def test_a_trial_is_in_the_file_as_soon_as_it_is_written(folder):
    writer = begun(folder)
    writer.write(record("one"))
    assert [*Log.open(folder).records()] == [record("one")]
    writer.close()


def test_a_path_of_the_log_itself_is_good(folder):
    written(folder)
    assert Log.open(folder / "log.jsonl").folder == folder


def test_a_log_reads_the_same_wherever_it_is_copied(folder, tmp_path):
    there = written(folder).rename(tmp_path / "elsewhere")
    assert [*Log.open(there).records()] == [record(case.id) for case in CASES]


def test_of_several_records_of_a_trial_the_last_counts(folder):
    log = Log.open(written(folder, record("one", value=0.0), record("two"), record("one")))
    assert [*log.records()] == [record("two"), record("one")]
    assert log.ledger == Ledger(planned=3, done=2, missing=(Trial("three"),))


def test_a_trial_that_was_not_run_is_missing(folder):
    not_run = TrialRecord(trial=Trial("one"), outcome=Outcome.NOT_RUN)
    assert Log.open(written(folder, not_run, record("two"), record("three"))).missing() == (Trial("one"),)


def test_a_trial_whose_last_record_says_that_it_was_not_run_is_missing(folder):
    not_run = TrialRecord(trial=Trial("one"), outcome=Outcome.NOT_RUN)
    log = Log.open(written(folder, record("one"), record("two"), record("three"), not_run))
    assert ([*log.records()], log.missing()) == ([record("two"), record("three"), not_run], (Trial("one"),))


def test_trials_without_a_record_are_an_error_that_names_them(folder, told):
    log = Log.open(written(folder, record("two", repeat=2), repeats=2))
    with pytest.raises(CasesMissing) as error:
        log.check()
    assert error.value.missing == ("one#1", "one#2", "two#1", "three#1", "three#2")
    assert told(error) == (
        "The evaluation in 'HERE/runs/today' has no record of 5 of 6 trials: one#1, one#2, two#1, three#1, three#2. "
        "Go on with it (--resume)."
    )


@given(st.lists(st.sampled_from(range(9)), unique=True), st.integers(0, 8))
def test_going_on_runs_exactly_the_rest_wherever_it_was_stopped(tmp_path_factory, order, done):
    folder = tmp_path_factory.mktemp("law")
    trials = [Trial(CASES[number % 3].id, number // 3 + 1) for number in order]
    writer = begun(folder, repeats=3)
    for trial in trials[:done]:
        writer.write(record(trial.case, repeat=trial.repeat))
    writer.close()
    resumed = LogWriter.resume(folder, manifest(repeats=3), CASES)
    for trial in set(trials) - resumed.done:
        resumed.writer.write(record(trial.case, repeat=trial.repeat))
    resumed.writer.close()
    assert resumed.done == frozenset(trials[:done])
    assert sorted(each.trial for each in Log.open(folder).records()) == sorted(trials)


def test_an_evaluation_that_is_gone_on_with_keeps_its_id(folder):
    written(folder, record("one"))
    resumed = LogWriter.resume(folder, manifest(id="another", labels={"commit": "2"}), CASES)
    resumed.writer.close()
    log = Log.open(folder)
    assert (resumed.writer.manifest, log.manifest, log.resumed, log.ended) == (MANIFEST, MANIFEST, 1, None)


def test_where_there_is_nothing_to_go_on_with_it_begins(folder):
    resumed = LogWriter.resume(folder, MANIFEST, CASES)
    resumed.writer.close()
    assert (resumed.done, resumed.dropped, [*Log.open(folder).cases()]) == (frozenset(), 0, [*CASES])


@pytest.mark.parametrize("kept", [0, 10, 21, 150, 400])
def test_killed_while_the_plan_was_written_it_begins_anew(folder, kept):
    begun(folder).close()
    os.truncate(folder / "log.jsonl", kept)
    with pytest.raises(EvaluationMissing, match="stopped before its plan was written"):
        Log.open(folder)
    resumed = LogWriter.resume(folder, MANIFEST, CASES)
    resumed.writer.close()
    assert (resumed.done, Log.open(folder).manifest) == (frozenset(), MANIFEST)


def test_another_evaluation_is_not_gone_on_with_and_told_what_differs(folder, told):
    written(folder)
    before = (folder / "log.jsonl").read_bytes()
    with pytest.raises(Incomparable) as error:
        LogWriter.resume(folder, manifest(repeats=5, scorers=({"contains": {}},), task="qa:Other"), CASES)
    assert told(error) == (
        "The evaluation in 'HERE/runs/today' is another one, and cannot be gone on with. What differs: task: "
        "'qa:QAAgent' there, 'qa:Other' now; scorers: [{'exact': {}}] there, [{'contains': {}}] now; repeats: 1 there, "
        "5 now. Ask for the same again, or choose another folder (--out)."
    )
    assert (folder / "log.jsonl").read_bytes() == before


def test_a_second_writer_is_refused_while_the_first_writes(folder, told):
    writer = begun(folder)
    for enter in (LogWriter.create, LogWriter.resume):
        with pytest.raises(EvaluationBusy) as error:
            enter(folder, MANIFEST, CASES)
    assert told(error) == (
        f"An evaluation is being written into 'HERE/runs/today': process {os.getpid()} holds it. Wait until it is "
        "done, or choose another folder (--out)."
    )
    assert Log.open(folder).is_running
    writer.close()
    assert not Log.open(folder).is_running


def test_an_evaluation_is_never_written_over(folder, told):
    written(folder)
    with pytest.raises(EvaluationExists) as error:
        LogWriter.create(folder, MANIFEST, CASES)
    assert told(error) == (
        "There is an evaluation in 'HERE/runs/today' already. Choose another folder (--out); one that was stopped is "
        "gone on with (--resume)."
    )


def test_where_the_cases_cannot_be_read_no_evaluation_is_left(folder):
    def broken():
        yield CASES[0]
        raise DatasetError("line 2 is broken")

    with pytest.raises(DatasetError, match="line 2"):
        LogWriter.create(folder, MANIFEST, broken())
    begun(folder).close()
    assert [*Log.open(folder).cases()] == [*CASES]


def test_where_there_is_no_evaluation_it_says_what_was_expected(tmp_path, told):
    with pytest.raises(EvaluationMissing) as error:
        Log.open(tmp_path / "nowhere")
    assert told(error) == (
        "There is no evaluation in 'HERE/nowhere': it has no log.jsonl. Expected a folder that `kaizen-eval eval "
        "--out` has written."
    )


def test_a_folder_that_cannot_be_made_is_said(tmp_path, told):
    (tmp_path / "file").touch()
    with pytest.raises(EvaluationUnwritable) as error:
        begun(tmp_path / "file" / "run")
    assert told(error) == (
        "No evaluation can be kept in 'HERE/file/run': Not a directory. Choose another folder (--out), or see who may "
        "write there."
    )


def test_keys_in_errors_and_prompts_are_not_in_the_log(folder, monkeypatch):
    key, own = "sk-proj-" + "a1b2c3d4" * 5, "Zx81-very-own-9137"
    monkeypatch.setenv("COMPANY_API_KEY", own)
    failure = Failure(type="AuthenticationFailed", message=f"Incorrect API key: {key}.", traceback=f"{own} was sent")
    written(folder, record("one", failure=failure), labels={"by": key})
    text = (folder / "log.jsonl").read_text()
    assert (key in text, own in text) == (False, False)
    log = Log.open(folder)
    assert [each.failure for each in log.records()] == [
        Failure(type="AuthenticationFailed", message="Incorrect API key: [REDACTED].", traceback="[REDACTED] was sent")
    ]
    assert log.manifest.labels == {"by": "[REDACTED]"}


def test_what_is_judged_again_is_kept_as_it_is(folder):
    key = "sk-proj-" + "a1b2c3d4" * 5
    case = Case(id=key, inputs={"question": f"Whose is {key}?"}, expected={"answer": key})
    log = Log.open(written(folder, record(key), cases=[case], labels={"organization": "org-" + "a1B2" * 6}))
    assert ([*log.cases()], [each.answer["answer"] for each in log.records()]) == ([case], [key])
    assert log.manifest.labels == {"organization": "org-" + "a1B2" * 6}
