"""Logs that are torn, foreign, changed, too new, or find no room: nothing is lost, and it is said."""

from __future__ import annotations

import os
import resource
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs_made import CASES, MANIFEST, begun, record, written

from kaizen_eval.errors import EvaluationError, EvaluationMissing, EvaluationUnwritable, LogCorrupt, LogTooNew
from kaizen_eval.evals import Trial
from kaizen_eval.evals.log import Log, LogWriter
from kaizen_eval.evals.log.appending import Appending
from kaizen_eval.evals.log.lines import line_of


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def told(tmp_path):
    """What an error says, wherever the test's own folder is."""
    return lambda error: str(error.value).replace(str(tmp_path), "HERE")


def lines(folder):
    return (folder / "log.jsonl").read_bytes().splitlines(keepends=True)


def put(folder, *lines):
    (folder / "log.jsonl").write_bytes(b"".join(lines))


@given(st.data())
def test_wherever_its_end_is_torn_what_stands_before_is_kept(tmp_path_factory, data):
    folder = written(tmp_path_factory.mktemp("torn") / "run")
    whole = lines(folder)
    plan = sum(map(len, whole[:5]))
    size = data.draw(st.integers(plan, sum(map(len, whole))))
    put(folder, b"".join(whole)[:size])
    log = Log.open(folder)
    stands = [
        record(case.id) for number, case in enumerate(CASES) if size >= plan + sum(map(len, whole[5 : 6 + number]))
    ]
    resumed = LogWriter.resume(folder, MANIFEST, CASES)
    resumed.writer.close()
    assert [*log.records()] == [*Log.open(folder).records()] == stands
    assert (resumed.done, resumed.dropped) == (frozenset(each.trial for each in stands), log.dropped)
    assert log.dropped == int(not b"".join(whole)[:size].endswith(b"\n"))


CHANGES = {
    "torn": (lambda line: line[:40] + b"\n", "it is no JSON"),
    "edited": (lambda line: line.replace(b"true", b"false"), "its crc does not fit"),
    "foreign": (lambda _: b'{"level":"info"}\n', 'it has no "crc"'),
    "of no kind": (lambda _: line_of("mood", {}), "it is no line of an evaluation's log"),
    "not planned": (lambda _: line_of("trial", {"trial": ["four", 1], "outcome": "passed"}), "four#1 is not planned"),
    "of no outcome": (lambda _: line_of("trial", {"trial": ["one"]}), "KeyError: 'outcome'"),
    "a second plan": (lambda _: line_of("evaluation", {}), "it is no line of an evaluation's log"),
    "a late case": (
        lambda _: line_of("case", {"id": "four"}),
        "the case 'four' is planned twice, or after the plan's end",
    ),
    "a second start": (lambda _: line_of("begun", {"cases": 3, "trials": 3}), "3 cases were planned"),
    "no object": (lambda _: b"[]\n", "it is no JSON object"),
    "empty": (lambda _: b"\n", "it is no JSON"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_log_that_is_not_as_it_was_written_is_neither_read_nor_written(folder, change):
    whole = lines(written(folder))
    changed, why = CHANGES[change]
    put(folder, *whole[:6], changed(whole[6]), *whole[7:])
    before = lines(folder)
    for enter in (Log.open, lambda folder: LogWriter.resume(folder, MANIFEST, CASES)):
        with pytest.raises(LogCorrupt) as error:
            enter(folder)
        assert (error.value.line, why in str(error.value)) == (7, True), str(error.value)
    assert lines(folder) == before


def test_a_line_that_is_missing_in_the_plan_is_seen(folder):
    whole = lines(written(folder))
    put(folder, *whole[:2], *whole[3:])
    with pytest.raises(LogCorrupt, match="3 cases were planned, and 2 stand before this line"):
        Log.open(folder)


def test_a_corrupt_log_says_what_to_do(folder, told):
    whole = lines(written(folder))
    put(folder, *whole[:5], b"hello\n", *whole[6:])
    with pytest.raises(LogCorrupt) as error:
        Log.open(folder)
    assert told(error) == (
        "'HERE/run/log.jsonl', line 6: it is no JSON (Expecting value: line 1 column 1 (char 0)). The log is left as "
        "it is: nothing of it is read, and nothing is added. Put a copy in its place, or evaluate again into another "
        "folder."
    )


@pytest.mark.parametrize("text", [b"hello\n", b"hello", b'{"kind":"trial"}\n', b'{"kind":"recording"}'])
def test_a_foreign_file_is_left_as_it_is(folder, text):
    folder.mkdir()
    put(folder, text)
    with pytest.raises(LogCorrupt):
        LogWriter.resume(folder, MANIFEST, CASES)
    assert lines(folder) == [text]


def test_an_empty_file_is_no_evaluation(folder):
    folder.mkdir()
    put(folder)
    with pytest.raises(EvaluationMissing):
        Log.open(folder)


def test_a_log_of_a_later_version_is_told_as_such(folder, told):
    folder.mkdir()
    put(folder, b'{"kind":"evaluation","schema":2,"version":"9.0","sum":"of another kind"}\n', b"whatever\n")
    with pytest.raises(LogTooNew) as error:
        Log.open(folder)
    assert told(error) == (
        "'HERE/run/log.jsonl' was written by a later kaizen-eval (9.0): its schema is 2, and this version knows 1. "
        "Update kaizen-eval."
    )


def test_a_log_that_may_not_be_read_is_told_as_such(folder, told):
    (folder / "log.jsonl").mkdir(parents=True)
    with pytest.raises(EvaluationError) as error:
        Log.open(folder)
    assert told(error) == "'HERE/run/log.jsonl' cannot be read: Is a directory."


def test_a_name_that_no_file_can_have_is_told_as_such(tmp_path):
    with pytest.raises(EvaluationUnwritable, match="embedded null"):
        begun(tmp_path / "a\0b")
    with pytest.raises(EvaluationError, match="embedded null"):
        Log.open(tmp_path / "a\0b")


@contextmanager
def room_for(size):
    """Files may grow to so many bytes: then writes are cut, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_where_the_disk_is_full_all_before_stands_and_can_be_gone_on_with(folder, told):
    writer = begun(folder)
    writer.write(record("one"))
    with room_for((folder / "log.jsonl").stat().st_size + 20), pytest.raises(EvaluationUnwritable) as error:
        writer.write(record("two"))
    writer.close()
    assert told(error) == (
        "'HERE/run/log.jsonl' cannot be written: File too large. All that was written before stands: make room, or see "
        "who may write there, and go on with --resume."
    )
    log = Log.open(folder)
    assert ([*log.records()], log.dropped) == ([record("one")], 0)
    resumed = LogWriter.resume(folder, MANIFEST, CASES)
    resumed.writer.close()
    assert resumed.done == {Trial("one")}


def test_once_there_is_room_again_the_same_writer_goes_on(folder):
    writer = begun(folder)
    with room_for((folder / "log.jsonl").stat().st_size + 20), pytest.raises(EvaluationUnwritable):
        writer.write(record("one"))
    writer.write(record("two"))
    writer.close()
    assert [*Log.open(folder).records()] == [record("two")]


def test_where_there_is_no_room_for_the_plan_no_evaluation_is_left(folder):
    with room_for(100), pytest.raises(EvaluationUnwritable):
        begun(folder)
    begun(folder).close()


def test_behind_a_torn_line_that_could_not_be_taken_back_nothing_is_written(tmp_path):
    file = Appending(tmp_path / "log.jsonl", size=0)
    file.write(b"one\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), file._descriptor)  # neither writing nor taking back is possible now
    for _ in range(2):
        with pytest.raises(EvaluationUnwritable) as error:
            file.write(b"two\n")
    assert "its last line is torn, and could not be taken back" in str(error.value)
    file.close()
