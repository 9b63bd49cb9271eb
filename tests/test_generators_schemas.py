"""Values of any JSON Schema."""

from __future__ import annotations

import re

import jsonschema
import jsonschema_rs
import pytest
from awkward_schemas import AWKWARD
from hypothesis import HealthCheck, assume, find, given, settings
from hypothesis import strategies as st
from test_generate_laws import documents, plain

from kaizen_eval.errors import NothingFits, UsageError
from kaizen_eval.generators import from_json_schema

patient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=50, derandomize=True)
shrinking = settings(deadline=None, database=None, derandomize=True, report_multiple_bugs=False)


def valid(schema, value):
    return jsonschema_rs.is_valid(schema, value) and jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("name", AWKWARD)
def test_values_of_awkward_schemas_are_valid_for_two_validators(name):
    validators = jsonschema.Draft202012Validator(AWKWARD[name]), jsonschema_rs.validator_for(AWKWARD[name])

    @given(from_json_schema(AWKWARD[name]))
    @settings(patient, max_examples=25)
    def trial(value):
        assert all(validator.is_valid(value) for validator in validators)

    trial()


@given(st.data(), plain)
@patient
def test_a_plain_schema_always_has_values_that_fit(data, schema):
    assert valid(schema, data.draw(from_json_schema(schema)))


@given(st.data(), documents())
@patient
def test_whatever_the_schema_a_value_fits_or_the_schema_is_refused(data, schema):
    try:
        strategy = from_json_schema(schema)
    except NothingFits:
        assume(False)
    assert valid(schema, data.draw(strategy))


def smallest(schema):
    return find(from_json_schema(schema), lambda _: True, settings=shrinking)


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, None),
        ({"type": ["string", "null"]}, None),
        ({"type": "integer", "minimum": 7}, 7),
        ({"type": "integer", "exclusiveMinimum": 7}, 8),
        ({"type": "integer", "maximum": -7}, -7),
        ({"type": "integer", "minimum": 10**30}, 10**30),
        ({"type": "integer", "minimum": 1, "multipleOf": 5}, 5),
        ({"type": "number", "exclusiveMinimum": 1, "maximum": 2}, 2.0),
        ({"type": "number", "minimum": 2**60 + 1}, float(2**60 + 256)),
        ({"type": "string", "minLength": 3}, "000"),
        ({"type": "string", "minLength": 300}, "0" * 300),
        ({"type": "string", "pattern": "^[a-c]+x?$"}, "a"),
        ({"type": "string", "format": "date"}, "1970-01-01"),
        ({"type": "string", "format": "date", "formatMinimum": "2024-02-29"}, "2024-02-29"),
        ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [0, 0]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True}, [0, 1]),
        ({"type": "array", "prefixItems": [{"type": "null"}, {"type": "integer"}]}, []),
        ({"type": "array", "contains": {"const": "here"}}, ["here"]),
        ({"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}}, {"": 0}),
        ({"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]}, {"a": 0}),
        ({"type": "object", "properties": {"a": {}, "b": {}}, "minProperties": 2}, {"a": None, "b": None}),
        ({"not": {"type": ["null", "boolean", "number", "string", "array"]}}, {}),
    ],
    ids=str,
)
def test_the_smallest_value(schema, value):
    assert smallest(schema) == value


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (False, "No values can be generated for the JSON Schema: no value fits the schema at #. Mend it there; or"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "no value fits the schema at #"),
        ({"type": "no such type"}, 'at #/type, "no such type" is not'),
        ({"$ref": "#/$defs/lost"}, "'/$defs/lost' does not exist. Mend"),
        ({"$ref": "https://example.com/schema.json"}, "example.com"),
        ({"allOf": [{"type": "integer"}, {"type": "string"}]}, "contradicts itself"),
        pytest.param({"const": object()}, "plain JSON", id="an object of Python's"),
    ],
    ids=str,
)
def test_a_schema_without_values_is_refused_at_once(schema, words):
    with pytest.raises(NothingFits, match=re.escape(words)) as caught:
        from_json_schema(schema)
    assert isinstance(caught.value, UsageError)
    assert "reply" not in str(caught.value)


def test_a_value_that_holds_itself_stays_small():
    tree = {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}

    @given(from_json_schema(tree))
    @patient
    def trial(value):
        assert str(value).count("[") < 2_000

    trial()


def test_a_value_that_would_hold_itself_without_end_is_refused():
    endless = {
        "$ref": "#/$defs/link",
        "$defs": {"link": {"type": "object", "properties": {"next": {"$ref": "#/$defs/link"}}, "required": ["next"]}},
    }
    with pytest.raises(NothingFits):
        from_json_schema(endless)


def test_a_schema_that_its_owner_changes_is_another_one():
    schema = {"const": 1}
    assert smallest(schema) == 1
    schema["const"] = 2
    assert smallest(schema) == 2
