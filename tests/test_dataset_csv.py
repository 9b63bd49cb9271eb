"""Datasets in CSV: a case in each row, its cells typed by the fields."""

# ruff: noqa: E501 - the words of a mistake stand in one line, as they are printed

from __future__ import annotations

from decimal import Decimal

import pytest
from dataset_doubles import QA, Ticket, loaded, mistakes

from kaizen_eval.evals import Case, Limits


def test_columns_are_the_fields_by_their_names(tmp_path):
    text = """\
id,question,answer,tags,cluster,limits.cost
a,"What is
the ""capital""?",Paris,"easy; geography",x,0.5

7,3,4,,,
"""
    assert [*loaded(tmp_path, "d.csv", text, signature=QA)] == [
        Case(
            id="a",
            inputs={"question": 'What is\nthe "capital"?'},
            expected={"answer": "Paris"},
            tags=("easy", "geography"),
            cluster="x",
            limits=Limits(cost=Decimal("0.5")),
        ),
        Case(id="7", inputs={"question": "3"}, expected={"answer": "4"}),
    ]


def test_cells_are_typed_by_the_fields_and_empty_ones_say_nothing(tmp_path):
    text = """\
message,attempts,urgent,input.attempts_,queue
3,3,TRUE,,other
"""
    assert mistakes(tmp_path, "d.csv", text, signature=Ticket) == [
        "1: Ticket has no field 'input.attempts_'; did you mean 'input.attempts'? Columns are: message, attempts, urgent, queue, tags, due, id, tags, cluster, scorers, limits.attempts, limits.tokens, limits.cost, limits.seconds."
    ]
    text = """\
message,attempts,urgent,expected.tags,case.tags,due
3,3,TRUE,"[""a""]",b,2026-01-02
4,,,,,
"""
    assert [*loaded(tmp_path, "d.csv", text, signature=Ticket)] == [
        Case(
            inputs={"message": "3", "attempts": 3, "urgent": True},
            expected={"tags": ["a"], "due": "2026-01-02"},
            tags=("b",),
        ),
        Case(inputs={"message": "4"}),
    ]


def test_without_a_signature_columns_say_what_they_are_and_cells_are_texts(tmp_path):
    text = "input.x,expected.y\n3,[]\n"
    assert [*loaded(tmp_path, "d.csv", text)] == [Case(inputs={"x": "3"}, expected={"y": "[]"})]
    assert mistakes(tmp_path, "d.csv", "input.x,answer\n3,4\n") == [
        "1: the column 'answer' is none of id, tags, cluster, scorers, limits.attempts, limits.tokens, limits.cost, limits.seconds. A field is input.answer or expected.answer, unless a signature says which of them: Dataset.load(…, signature=…)."
    ]


@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolon", "tab"])
def test_columns_are_separated_as_those_of_the_first_line(tmp_path, separator):
    text = "\ufeffquestion,answer,id\r\na,b,c\r\n".replace(",", separator)
    assert [*loaded(tmp_path, "d.csv", text, signature=QA)] == [
        Case(id="c", inputs={"question": "a"}, expected={"answer": "b"})
    ]


def test_what_does_not_fit_is_told_with_its_line(tmp_path):
    text = """\
message,attempts,queue,expected.tags
"two
lines",3.5,sales,"[1, ""a"", 2"
,,other,
Help,-1,other,"[1]"
Help,1
Help,x,,,
"""
    assert mistakes(tmp_path, "d.csv", text, signature=Ticket) == [
        "2: Ticket's input 'attempts' must be a whole number (int), not 3.5 (float).",
        "2: expected: Ticket's output 'queue' must be one of 'billing', 'other', not 'sales' (str).",
        "2: expected: Ticket's output 'tags' must be list[str], not '[1, \"a\", 2' (str).",
        "4: all inputs of this row are empty.",
        "5: Ticket's input 'attempts' does not fit: input should be greater than or equal to 0, not -1 (int).",
        "5: expected: Ticket's output 'tags' does not fit: tags[0]: input should be a valid string, not 1 (int).",
        "6: this row has 2 cells, and the first line names 4 columns.",
        "7: this row has 5 cells, and the first line names 4 columns.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["there is no case in it."]),
        ("question,answer\n", ["there is no case in it."]),
        ('question,answer\n"a,b\n', ["2: this is no CSV: unexpected end of data. A cell with quotes in it is quoted, and each of them doubled."]),
        ("question,input.question\na,b\n", ["1: two columns are inputs.question."]),
        (b"question\nM\xfcnchen\n", ["2:2: the file is no UTF-8: the byte 0xfc. Save it as UTF-8."]),
        ("question\n" + "x" * 140_000, ["2: a cell is longer than 131,072 characters; write such cases as JSONL."]),
        ("id,question\na,b\na,c\n", ["3: the id 'a' is taken: line 2 has it. Each case has an id of its own."]),
    ],
    ids=["nothing", "no rows", "an open quote", "a field twice", "another encoding", "a long cell", "an id twice"],
)  # fmt: skip
def test_what_is_no_dataset_is_refused(tmp_path, text, told):
    assert [line.strip() for line in mistakes(tmp_path, "d.csv", text, signature=QA)] == told


def test_a_column_that_may_be_the_cases_or_a_fields_must_say_which(tmp_path):
    assert mistakes(tmp_path, "d.csv", "message,tags\na,b\n", signature=Ticket) == [
        "1: the column 'tags' may be the case's or a field's: name it expected.tags for the field, or case.tags."
    ]
