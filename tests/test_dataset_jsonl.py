"""Datasets in JSONL: a case in each line, read when it is asked for."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from dataset_doubles import QA, Ticket, jsonl, loaded, mistakes

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals import Case, CaseTurn

ASKED = {"id": "a", "inputs": {"question": "Why?"}, "expected": "Because.", "tags": ["t"], "cluster": 7}
TALK = {"id": "b", "turns": [{"inputs": {"question": "Hi"}}, {"inputs": {"question": "Who?"}, "expected": "I."}]}
CASES = [
    Case(id="a", inputs={"question": "Why?"}, expected={"answer": "Because."}, tags=("t",), cluster="7"),
    Case(
        id="b",
        turns=(
            CaseTurn(inputs={"question": "Hi"}),
            CaseTurn(inputs={"question": "Who?"}, expected={"answer": "I."}),
        ),
    ),
]


def test_each_line_is_a_case(tmp_path):
    dataset = loaded(tmp_path, "d.jsonl", jsonl(ASKED, TALK), signature=QA)
    assert (dataset.name, len(dataset), [*dataset], [*dataset]) == ("d", 2, CASES, CASES)


def test_a_case_is_found_by_its_place(tmp_path):
    dataset = loaded(tmp_path, "d.jsonl", "\n" + jsonl(ASKED, TALK), signature=QA)
    assert (dataset[0], dataset[-1], dataset[1:]) == (CASES[0], CASES[1], CASES[1:])
    with pytest.raises(IndexError, match="d has 2 cases, and none at 2"):
        dataset[2]


def test_marks_of_encodings_blank_lines_and_carriage_returns_are_passed(tmp_path):
    text = "\ufeff" + jsonl(ASKED).replace("\n", "\r\n") + "\r\n \t\n" + json.dumps(TALK)
    dataset = loaded(tmp_path, "d.jsonl", text, signature=QA)
    assert ([*dataset], dataset[0], dataset[1]) == (CASES, *CASES)


def test_each_bad_line_is_told_with_its_number(tmp_path):
    text = jsonl(ASKED).encode() + (
        b'{"inputs": {"question": "a"}\n'
        b"\n"
        b'{"inputs": {"question": "a"}, "id": "x", "id": "y"}\n'
        b'{"inputs": {"question": NaN}}\n'
        b'{"inputs": {"question": "\xff"}}\n'
        b'{"inputs": {"question": "\\ud800"}}\n'
        b'{"inputs": {"quesiton": "a"}, "expected": ["b"]}\n'
        b'{"id": "a", "inputs": {"question": 3}}\n'
        b"[]\n"
    )
    assert mistakes(tmp_path, "d.jsonl", text, signature=QA) == [
        "2: this is no JSON: the line ends inside of an object in column 28.",
        '4: this is no JSON: detected duplicate key "id" in column 47.',
        "5: this is no JSON: expected value in column 25.",
        "6: the file is no UTF-8: the byte 0xff in column 26.",
        "7: this is no JSON: unexpected end of hex escape in column 32.",
        "8: QA has no input 'quesiton'; did you mean 'question'? It takes: question.",
        "8: expected: QA's output 'answer' must be text (str), not ['b'] (list).",
        "9: case 'a': QA's input 'question' must be text (str), not 3 (int).",
        "9: the id 'a' is taken: line 1 has it. Each case has an id of its own.",
        "10: a case is an object with id, inputs, expected, turns, tags, cluster, limits, scorers, not [].",
    ]


def test_a_number_that_json_cannot_hold_again_is_refused(tmp_path):
    [found] = mistakes(tmp_path, "d.jsonl", '{"inputs": {"x": 1e999}}')
    assert found.startswith("1: a case holds what has no JSON form")


def test_one_json_over_several_lines_is_told_what_it_should_be(tmp_path):
    found = mistakes(tmp_path, "d.jsonl", json.dumps([ASKED], indent=1))
    assert found[0] == (
        "1: this is no JSON: the line ends inside of a list in column 1. "
        'Each line holds one whole case, as in {"inputs": {…}, "expected": {…}}.'
    )


def test_a_file_without_a_case_is_refused(tmp_path):
    assert mistakes(tmp_path, "d.jsonl", "\n\n") == [" there is no case in it."]


def test_what_json_writes_for_a_type_is_a_value_of_it(tmp_path):
    case = {"inputs": {"message": "Help"}, "expected": {"due": "2026-01-02"}}
    assert loaded(tmp_path, "d.jsonl", jsonl(case), signature=Ticket)[0].expected == {"due": "2026-01-02"}
    case["expected"]["due"] = "2026-01-32"
    assert mistakes(tmp_path, "d.jsonl", jsonl(case), signature=Ticket) == [
        "1: expected: Ticket's output 'due' must be a date or None, not '2026-01-32' (str)."
    ]


@pytest.mark.parametrize("ask", [lambda dataset: [*dataset], lambda dataset: dataset[0]], ids=["all", "one"])
def test_a_file_that_has_changed_since_is_refused(tmp_path, ask):
    dataset = loaded(tmp_path, "d.jsonl", jsonl(ASKED), signature=QA)
    loaded(tmp_path, "d.jsonl", jsonl(TALK, ASKED), signature=QA)
    with pytest.raises(DatasetError, match=r"d\.jsonl has changed since it was loaded: load it again"):
        ask(dataset)
    (tmp_path / "d.jsonl").unlink()
    with pytest.raises(DatasetError, match=r"d\.jsonl cannot be read any more: No such file or directory"):
        ask(dataset)


def test_a_dataset_that_is_typed_reads_its_file_as_it_is_then(tmp_path):
    dataset = loaded(tmp_path, "d.jsonl", jsonl({"inputs": {"question": "a"}}))
    loaded(tmp_path, "d.jsonl", jsonl(ASKED))
    assert [*dataset.typed_by(QA)] == CASES[:1]
    with pytest.raises(DatasetError, match="has changed since it was loaded"):
        next(iter(dataset))


def test_cases_are_not_kept(tmp_path):
    text = "".join(f'{{"id": "{n}", "inputs": {{"question": "{"x" * 200}"}}}}\n' for n in range(2_000))
    loaded(tmp_path, "d.jsonl", text, signature=QA)  # what is loaded once for all
    tracemalloc.start()
    dataset = loaded(tmp_path, "d.jsonl", text, signature=QA)
    kept, _ = tracemalloc.get_traced_memory()
    assert (sum(1 for _ in dataset), kept < 60_000) == (2_000, True)
    tracemalloc.stop()
