"""Scorers of values: exact, number, JSON subset, JSON Schema, list as set."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_answers import answered, case, compared, found, score

from kaizen_eval.evals.scorers import KINDS
from kaizen_eval.named import named

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
lists = st.lists(values, max_size=5)
OF_VALUES = ["exact", "json_subset"]
OF_LISTS = [{"as_set": {"measure": measure}} for measure in ("f1", "precision", "recall")]


@given(st.sampled_from(OF_VALUES), values, values)
def test_scores_of_values_are_from_0_to_1_and_less_than_1_has_a_reason(spec, expected, came):
    row = compared(spec, expected, came)
    assert row.error is None
    assert 0 <= row.value <= 1
    assert bool(row.reason) == (row.value < 1)


@given(st.sampled_from(OF_VALUES), values)
def test_a_value_is_what_is_expected_of_it_and_so_is_its_copy_from_a_log(spec, value):
    assert compared(spec, value, value).value == 1
    assert compared(spec, value, json.loads(json.dumps(value))).value == 1


@given(values, values)
def test_exact_is_the_same_from_both_sides(one, other):
    assert compared("exact", one, other).value == compared("exact", other, one).value


@pytest.mark.parametrize(
    ("expected", "came", "value"),
    [
        (1, 1.0, 1),
        (1, True, 0),
        (0, None, 0),
        ("1", 1, 0),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, 1),
        ({"a": 1}, {"a": 1, "b": 2}, 0),
        ([1, 2], [2, 1], 0),
        ([1, 2], (1, 2), 1),
        ("2026-11-23", dt.date(2026, 11, 23), 1),
        (["a", "b"], {"b", "a"}, 1),
        ("0.10", Decimal("0.10"), 1),
    ],
)
def test_exact_compares_as_json_does(expected, came, value):
    assert compared("exact", expected, came).value == value


def test_the_share_of_fields_that_are_right_is_told_with_those_that_are_not():
    row = score("exact", case({"a": 1, "b": 2, "c": 3}), answered({"a": 1, "b": 7, "d": 3}))
    assert (row.value, row.passed, row.reason) == (1 / 3, False, "expected 2, got 7 in b; expected 3, got nothing in c")


def test_a_long_text_is_shown_where_it_first_differs():
    begin = "the quick brown fox jumps over the lazy dog " * 5
    row = compared("exact", begin + "and sleeps" + "." * 90, begin + "and eats")
    assert row.reason == (
        "expected …'x jumps over the lazy dog and sleeps............................................'…, "
        "got …'x jumps over the lazy dog and eats', from character 225 on in town"
    )


def test_what_is_no_text_is_shown_beside_a_long_one():
    assert compared("exact", "x" * 90, 5).reason == f"expected '{'x' * 79}…, got 5, from character 1 on in town"


def test_sets_are_told_in_order():
    assert compared("exact", [], set("edcba")).reason == "expected [], got ['a', 'b', 'c', 'd', 'e'] in town"


def test_many_reasons_are_counted():
    row = score("exact", case(dict.fromkeys("abcdefgh", 1)), answered(dict.fromkeys("abcdefgh", 2)))
    assert row.reason.endswith("expected 1, got 2 in e; and 3 more")


numbers = st.integers(-1000, 1000) | st.decimals(-1000, 1000, places=3).map(float)


@given(numbers, numbers, st.decimals(0, 10, places=2).map(float))
def test_a_number_is_within_an_absolute_tolerance_from_both_sides(one, other, tolerance):
    spec = {"number": {"absolute": tolerance, "relative": 0}}
    near = abs(Decimal(str(one)) - Decimal(str(other))) <= Decimal(str(tolerance))
    assert compared(spec, one, other).value == compared(spec, other, one).value == near


@given(numbers)
def test_a_number_may_come_as_a_text_that_is_one(number):
    assert compared("number", number, f" {number} ").value == 1


@pytest.mark.parametrize(
    ("settings", "expected", "came", "value"),
    [
        ({"absolute": 0.1}, 1.2, 1.3, 1),
        ({"absolute": 0.1}, 1.2, 1.31, 0),
        ({"relative": 0.01}, 200, 202, 1),
        ({"relative": 0.01}, 200, 202.1, 0),
        ({"relative": 0.01, "absolute": 5}, 200, 205, 1),
        ({}, 0, 1e-300, 0),
        ({}, 1e308, 1e308, 1),
        ({"relative": float("inf")}, 1, 10**9, 1),
        ({}, 1, True, 0),
        ({}, 1, float("nan"), 0),
        ({"absolute": float("inf")}, 1, float("inf"), 0),
        ({}, 12, "12 km", 0),
        ({"in_text": True}, 12, "12 km", 1),
        ({"in_text": True}, 1234.5, "Of 3 towns, it is 1,234.50 EUR.", 1),
        ({"in_text": True}, -5, "from 3 to \u22125", 1),
        ({"in_text": True}, 0.5, "a half is .5", 1),
        ({"in_text": True}, 23, "2026-11-23", 1),
        ({"in_text": True}, 1, "no number", 0),
        ({}, 1, "1e999999999", 0),
        ({}, 1, [1], 0),
    ],
)
def test_numbers_are_taken_as_they_are_written(settings, expected, came, value):
    assert compared({"number": settings}, expected, came).value == value


def test_numbers_may_be_greater_than_any_float():
    assert compared("number", 10**400, 10**400).value == 1
    assert compared("number", 10**400, 10**399).reason.endswith("which is more than 1e308 off in town")


def test_a_number_that_is_off_is_told_with_how_much():
    row = compared({"number": {"absolute": 0.5}}, 3, 4.25)
    assert row.reason == "expected 3 ± 0.5, got 4.25, which is 1.25 off in town"


def test_an_expected_value_that_is_no_number_is_an_error_of_the_scorer():
    assert compared("number", "3", 3).error == "TypeError: number compares numbers; what is expected is '3'"


def pruned(value, draw):
    """Some of it, at the same places."""
    if isinstance(value, dict):
        return {name: pruned(item, draw) for name, item in value.items() if draw(st.booleans())}
    return [pruned(item, draw) for item in value] if isinstance(value, list) else value


@given(values, st.data())
def test_what_was_taken_out_of_objects_leaves_a_subset(value, data):
    assert compared("json_subset", pruned(value, data.draw), value).value == 1


def test_json_that_is_missing_or_other_is_told_with_its_place():
    expected = {"name": "Ann", "towns": [{"zip": 1}, {"zip": 2}], "age": 3, "x": {"y": {}}}
    came = {"name": "Ann", "towns": [{"zip": 1}, {"zip": 5}, {}], "x": {"y": 1}, "more": 1}
    row = compared("json_subset", expected, came)
    assert row.value == 1 - 4 / 6
    assert row.reason == (
        "expected 2, got 5 at .towns[1].zip; .towns[2] is {}, and no more was expected; there is no .age; "
        "expected {}, got 1 at .x.y in town"
    )


SCHEMA = {"type": "object", "properties": {"zip": {"type": "integer"}}, "required": ["name"]}


@given(values)
def test_json_schema_says_what_the_reference_implementation_says(value):
    fits = jsonschema.Draft202012Validator(SCHEMA).is_valid(value)
    assert found({"json_schema": SCHEMA}, value).value == fits


def test_what_does_not_fit_a_schema_is_told_with_its_place():
    row = found({"json_schema": SCHEMA}, {"zip": "75001"})
    assert row.reason == '"75001" is not of type "integer" at .zip; "name" is a required property in town'


def test_a_text_may_hold_the_json_that_a_schema_is_about():
    spec = {"json_schema": {"schema": SCHEMA, "in_text": True}}
    assert found(spec, '{"name": "Paris"}').value == 1
    assert found(spec, "Paris").reason == "'Paris' is no JSON (Expecting value: line 1 column 1 (char 0)) in town"
    assert found(spec, {"name": "Paris"}).value == 0


def test_a_schema_is_about_all_outputs_where_there_are_several():
    schema = {"json_schema": {"required": ["a", "b"]}}
    assert score(schema, case(), answered({"a": 1, "b": 2})).value == 1
    assert score(schema, case(), answered({"a": 1, "c": 2})).reason == '"b" is a required property in the outputs'


@given(st.sampled_from(OF_LISTS), lists, lists, st.randoms(use_true_random=False))
def test_order_and_repeats_of_items_are_no_matter(spec, expected, came, random):
    again = [*came, *came]
    random.shuffle(again)
    row = compared(spec, expected, came)
    assert 0 <= row.value <= 1
    assert compared(spec, expected, again).value == row.value
    assert compared(spec, expected[::-1], came).value == row.value
    assert row.reason or row.value == 1


@given(st.sampled_from(OF_LISTS), lists)
def test_a_list_holds_what_it_holds(spec, items):
    assert compared(spec, items, items).value == 1


@given(lists, lists)
def test_precision_from_one_side_is_recall_from_the_other_and_f1_the_same_from_both(one, other):
    precision, recall = ({"as_set": {"measure": measure}} for measure in ("precision", "recall"))
    assert compared(precision, one, other).value == compared(recall, other, one).value
    assert compared("as_set", one, other).value == compared("as_set", other, one).value


@pytest.mark.parametrize(
    ("measure", "value"), [("precision", 2 / 3), ("recall", 2 / 4), ("f1", 2 * 2 / 3 * 2 / 4 / (2 / 3 + 2 / 4))]
)
def test_a_list_is_measured_and_told_by_what_is_missing_and_too_much(measure, value):
    row = compared({"as_set": {"measure": measure}}, ["a", "b", "c", "d"], ["b", "x", "a"])
    assert row.value == pytest.approx(value)
    assert row.reason == "precision 0.67, recall 0.50: missing 'c'; 'd', too much 'x' in town"


@pytest.mark.parametrize(
    ("expected", "came", "values"),
    [([], [], (1, 1, 1)), ([], ["x"], (0, 0, 1)), (["x"], [], (0, 1, 0))],
)
def test_of_nothing_nothing_is_wrong(expected, came, values):
    measures = ("f1", "precision", "recall")
    assert tuple(compared({"as_set": {"measure": each}}, expected, came).value for each in measures) == values


def test_items_are_json_values_and_texts_may_be_normalised():
    assert compared("as_set", [1, {"a": [1]}, True], [{"a": [1.0]}, True, 1.0]).value == 1
    assert compared("as_set", [1], [True]).value == 0
    assert compared({"as_set": {"ignore": ["case"]}}, ["Paris"], ["PARIS"]).value == 1
    assert compared("as_set", {"a"}, {"a"}).value == 1


def test_what_is_no_list_is_wrong_where_it_came_and_an_error_where_it_is_expected():
    assert compared("as_set", ["a"], "a").reason == "expected a list, got 'a' in town"
    assert compared("as_set", "a", ["a"]).error == "TypeError: as_set compares lists; what is expected is 'a'"


def test_the_names_of_scorers_are_the_names_of_their_classes():
    assert {name: named(place).kind for name, place in KINDS.items()} == {name: name for name in KINDS}
