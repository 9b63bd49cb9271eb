"""Datasets that are written in Python; what a case and its id are made of."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal

import pytest
from dataset_doubles import QA, Ticket, loaded

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.errors import DatasetError
from kaizen_eval.evals import Case, CaseTurn, Dataset, Limits
from kaizen_eval.signatures import AnySignature

ASKED = Case(inputs={"question": "Why?"}, expected={"answer": "Because."})


def refused(cases, **options):
    with pytest.raises(DatasetError) as error:
        Dataset(cases, **options)
    assert (error.value.path, error.value.line) == ("", None)
    return str(error.value)


def test_cases_stay_what_they_are():
    dataset = Dataset([ASKED], name="qa", signature=QA, scorers=["exact"])
    assert (dataset.name, dataset.path, dataset.signature, dataset.scorers) == ("qa", "", QA, ("exact",))
    assert dataset[0] is ASKED
    assert repr(dataset) == "<Dataset 'qa': 1 case, signature=QA>"


def test_mappings_are_cases_as_a_file_has_them():
    dataset = Dataset([{"inputs": {"question": "Why?"}, "expected": "Because."}], signature=QA())
    assert [*dataset] == [ASKED]


def test_all_that_does_not_fit_is_told_by_the_place_of_the_case():
    said = refused(
        [
            ASKED,
            {"id": "b", "inputs": {"question": 3}, "expected": 4},
            Case(id="c", turns=[CaseTurn(inputs={"question": "a"}), CaseTurn(inputs={"quesiton": "a"})]),
            "Why?",
            Case(id="b", inputs={"question": "a"}),
        ],
        name="qa",
        signature=QA,
    )
    assert said.split("\n  ") == [
        "qa has 5 mistakes:",
        "qa, case 2: case 'b': QA's input 'question' must be text (str), not 3 (int).",
        "qa, case 2: case 'b': expected: QA's output 'answer' must be text (str), not 4 (int).",
        "qa, case 3: case 'c': turn 2: QA has no input 'quesiton'; did you mean 'question'? It takes: question.",
        "qa, case 4: a case is an object with id, inputs, expected, turns, tags, cluster, limits, scorers, not 'Why?'.",
        "qa, case 5: the id 'b' is taken: case 2 has it. Each case has an id of its own.",
    ]


def _said_of(value):
    """What json itself says: from Python 3.12 on it names the value."""
    with pytest.raises(ValueError, match="JSON compliant") as refusal:
        json.dumps(value, allow_nan=False)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (object, "Unable to serialize unknown type: <class 'type'>"),
        (float("nan"), _said_of(float("nan"))),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid utf-8"),
    ],
    ids=["a class", "nan", "bytes"],
)
def test_what_no_log_could_keep_is_refused(value, what):
    told = f"a case holds what has no JSON form, so that no log could keep it: {what}. Give plain data."
    assert refused([{"inputs": {"x": value}}]) == f"dataset, case 1: {told}"
    assert refused([Case(id="a", inputs={"x": value})]) == f"dataset, case 1: {told}"
    with pytest.raises(DatasetError) as error:
        Case(inputs={"x": value})
    assert str(error.value) == told


def test_a_value_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(DatasetError, match="no JSON form"):
        Case(inputs={"x": endless})


def test_nothing_and_what_are_no_cases_are_refused():
    assert refused([]) == "dataset: there is no case in it."
    for given in ("fixtures/qa.yaml", {"inputs": {}}, 3):
        with pytest.raises(DatasetError, match=r"takes a list of cases"):
            Dataset(given)
    with pytest.raises(DatasetError, match="A dataset's signature is a Signature class, not 'QA'"):
        Dataset([ASKED], signature="QA")


def test_a_dataset_is_typed_by_the_signature_of_whom_it_is_for():
    dataset = Dataset([{"inputs": {"question": "Why?"}, "expected": {"answer": "x"}}])
    assert dataset.typed_by(QA).signature is QA
    assert dataset.typed_by(QA).hash == dataset.hash
    typed = dataset.typed_by(QA)
    assert typed.typed_by(QA()) is typed
    with pytest.raises(DatasetError, match="Ticket has no input 'question'"):
        typed.typed_by(Ticket)


def test_an_agent_that_takes_anything_is_asked_anything():
    [case] = Dataset([{"inputs": {"x": [1]}, "expected": "y"}], signature=AnySignature)
    assert (case.inputs, case.expected) == ({"x": [1]}, {"response": "y"})


class Counted(Signature):
    """Count."""

    text: str = InputField()
    counts: dict = OutputField()


@pytest.mark.parametrize(
    ("expected", "by_field"),
    [
        ({"counts": {"a": 1}}, {"counts": {"a": 1}}),
        ({"a": 1}, {"counts": {"a": 1}}),
        ({"counts": 1, "a": 2}, {"counts": {"counts": 1, "a": 2}}),
        ({}, {}),
    ],
)
def test_a_mapping_is_by_field_where_it_names_the_only_field_alone(expected, by_field):
    assert Dataset([{"inputs": {"text": "a"}, "expected": expected}], signature=Counted)[0].expected == by_field


def test_a_value_of_python_is_expected_as_it_is():
    due = dt.date(2026, 1, 2)
    case = Case(inputs={"message": "a"}, expected={"due": due})
    assert Dataset([case], signature=Ticket)[0] is case


@pytest.mark.parametrize(
    ("python", "written"),
    [
        ({"x": dt.date(2026, 1, 2)}, {"x": "2026-01-02"}),
        ({"x": {3, 1, 2}}, {"x": [1, 2, 3]}),
        ({"x": (1, Decimal("0.5"))}, {"x": [1, "0.5"]}),
        ({"x": {1: "a", "b": 2}}, {"x": {"b": 2, "1": "a"}}),
        ({"y": 1, "x": 2}, {"x": 2, "y": 1}),
    ],
)
def test_an_id_is_made_of_the_content_as_json(python, written):
    assert Case(inputs=python).id == Case(inputs=written).id


def test_ids_stay_the_same_from_version_to_version():
    assert (ASKED.id, Case(turns=ASKED.asked).id) == ("bceb3c07d110", "bceb3c07d110")


def test_tags_clusters_and_limits_are_no_part_of_an_id():
    same = Case(inputs=ASKED.inputs, expected=ASKED.expected, tags=["t"], cluster="c", limits=Limits(attempts=1))
    assert same.id == ASKED.id


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"attempts": 0}, "limits: attempts must be at least 1, not 0."),
        ({"tokens": 1.5}, "limits: tokens must be a whole number, not 1.5."),
        ({"seconds": 0}, "limits: seconds must be more than 0, not 0."),
        ({"cost": "much"}, "limits: cost must be a number, not 'much'."),
    ],
)
def test_a_limit_that_leaves_nothing_is_refused(given, told):
    with pytest.raises(DatasetError) as error:
        Limits(**given)
    assert str(error.value) == told


def test_a_cost_is_exact():
    assert Limits(cost=0.1).cost == Decimal("0.1")


@dataclass
class Found:
    place: int


def test_data_of_python_is_taken():
    assert Dataset([Case(inputs={"x": Found(3)})])[0].inputs == {"x": Found(3)}


class Greeting(Signature):
    """Greet."""

    language: str = InputField(default="en")
    greeting: str = OutputField()


NO_INPUTS = {
    "d.yaml": "- {inputs: {}, expected: Hello}\n",
    "d.jsonl": '{"inputs": {}, "expected": "Hello"}\n',
    "d.csv": "language,greeting\n,Hello\n",
}


@pytest.mark.parametrize("name", NO_INPUTS)
def test_a_case_may_ask_with_defaults_alone(tmp_path, name):
    dataset = loaded(tmp_path, name, NO_INPUTS[name], signature=Greeting)
    assert [*dataset] == [Case(inputs={}, expected={"greeting": "Hello"})]


def test_no_inputs_are_not_empty_ones():
    with pytest.raises(DatasetError, match=r"^A case has neither inputs nor turns: give inputs="):
        Case(expected={"greeting": "Hello"})
    assert refused([Case(id="a", inputs={})], signature=QA) == (
        "dataset, case 1: case 'a': QA needs the input 'question': text (str)."
    )
