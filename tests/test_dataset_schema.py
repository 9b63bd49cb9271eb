"""The JSON Schema that stands beside a dataset."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from dataset_doubles import QA, Ticket, loaded

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals import Dataset
from kaizen_eval.evals.dataset import check_schema, dataset_schema, write_schema

TICKETS = """\
signature: dataset_doubles:Ticket
scorers: exact
cases:
- inputs: {message: Help}
  expected: {queue: other}
- id: 7
  turns:
  - inputs: {message: Help, urgent: true}
  limits: {cost: 0.5, attempts: null}
  tags:
"""


def fits(signature, value):
    return jsonschema_rs.validator_for(dataset_schema(signature), offline=True).is_valid(value)


def test_the_schema_is_written_beside_the_dataset_which_fits_it(tmp_path):
    loaded(tmp_path, "d.yaml", TICKETS)
    assert write_schema(tmp_path / "d.yaml") == tmp_path / "d.schema.json"
    assert json.loads((tmp_path / "d.schema.json").read_text()) == dataset_schema(Ticket)
    check_schema(tmp_path / "d.yaml")
    assert (tmp_path / "d.yaml").read_text() == TICKETS


def test_editors_are_told_of_it_once(tmp_path):
    loaded(tmp_path, "d.yaml", TICKETS)
    for _ in range(2):
        write_schema(tmp_path / "d.yaml", link=True)
    assert (tmp_path / "d.yaml").read_text() == f"# yaml-language-server: $schema=d.schema.json\n{TICKETS}"


def test_a_dataset_with_mistakes_can_have_its_schema(tmp_path):
    (tmp_path / "d.yaml").write_text("signature: dataset_doubles:QA\ncases:\n- inputs: {quesiton: a}\n- 7\n")
    write_schema(tmp_path / "d.yaml")
    with pytest.raises(DatasetError) as error:
        check_schema(tmp_path / "d.yaml")
    assert [line.partition("d.yaml:")[2] for line in str(error.value).split("\n")[1:]] == [
        "3:3: the schema says: Additional properties are not allowed ('quesiton' was unexpected).",
        '3:3: the schema says: "question" is a required property.',
        '4:3: the schema says: 7 is not of type "object".',
    ]


def test_a_schema_that_is_missing_or_old_is_told(tmp_path):
    loaded(tmp_path, "d.jsonl", '{"inputs": {"question": "a"}}')
    with pytest.raises(DatasetError, match=r"d\.schema\.json is missing: write_schema\('.*d\.jsonl'\) writes it"):
        check_schema(tmp_path / "d.jsonl", signature=QA)
    write_schema(tmp_path / "d.jsonl", signature=Ticket)
    with pytest.raises(DatasetError, match=r"d\.schema\.json is not that of its signature any more"):
        check_schema(tmp_path / "d.jsonl", signature=QA)


def test_a_schema_needs_a_signature(tmp_path):
    loaded(tmp_path, "d.yaml", "- inputs: {x: 1}")
    with pytest.raises(DatasetError, match=r"d\.yaml names no signature: give one, write_schema\(…, signature=…\)"):
        write_schema(tmp_path / "d.yaml")


def test_a_folder_that_takes_nothing_is_told(tmp_path):
    loaded(tmp_path, "d.yaml", TICKETS)
    (tmp_path / "d.schema.json").mkdir()
    with pytest.raises(DatasetError, match=r"d\.schema\.json cannot be written: Is a directory"):
        write_schema(tmp_path / "d.yaml")


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"inputs": {}},
        {"inputs": {"message": ""}},
        {"inputs": {"message": "a", "attempts": -1}},
        {"inputs": {"message": "a"}, "turns": []},
        {"inputs": {"message": "a"}, "expected": "other"},
        {"inputs": {"message": "a"}, "expected": {"queue": "sales"}},
        {"inputs": {"message": "a"}, "expected": {"due": 3}},
        {"inputs": {"message": "a"}, "tags": "easy"},
        {"inputs": {"message": "a"}, "id": [1]},
        {"inputs": {"message": "a"}, "limits": {"attempts": 0}},
        {"inputs": {"message": "a"}, "limits": {"minutes": 1}},
        {"turns": [{"inputs": {"message": "a"}, "tags": []}]},
        {"turns": [{"inputs": {"message": "a"}}], "expected": {}},
    ],
)
def test_the_schema_refuses_what_a_dataset_refuses(case):
    assert not fits(Ticket, {"cases": [case]})
    with pytest.raises(DatasetError):
        Dataset([case], signature=Ticket)


def test_of_a_single_output_the_value_alone_fits():
    assert fits(QA, [{"inputs": {"question": "a"}, "expected": "b"}])
    assert not fits(QA, [{"inputs": {"question": "a"}, "expected": 3}])


def test_without_a_signature_fields_may_be_any():
    assert fits(None, [{"inputs": {"x": [1]}, "expected": "y"}])
    assert not fits(None, [{"inputs": []}])
