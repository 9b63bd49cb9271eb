"""What the fake says when nobody scripted it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import jsonschema
import jsonschema_rs
import pytest
from awkward_schemas import AWKWARD
from every_kind import Everything, only

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generate import arguments, from_schema, text
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.messages import ChatRequest, Message
from kaizen_eval.signatures.number_patterns import INTEGER

STANDARD_FORMATS = """
    date date-time duration email hostname idn-email idn-hostname ipv4 ipv6 iri iri-reference json-pointer regex
    relative-json-pointer time uri uri-reference uri-template uuid
"""
KEYS = [str(number) for number in range(20)]

QA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "confidence": {"type": "number", "minimum": 0, "maximum": 1}},
    "required": ["answer", "confidence"],
    "additionalProperties": False,
}
ASKED = ChatRequest(
    model="gpt-4o", messages=(Message("system", "Answer."), Message("user", "question: What is AI?")), output_schema=QA
)


def told(system, user="message: hello there"):
    """A request whose schema, if any, stands in the system message."""
    return ChatRequest(model="m", messages=(Message("system", system), Message("user", user)))


def reply(request, *, seed=0, attempt=0):
    return text(request, seed=seed, attempt=attempt)


def values(schema):
    return [from_schema(schema, key) for key in KEYS]


def in_new_process(code, **environment):
    """What a new interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


# Schemas


@pytest.mark.parametrize("schema", AWKWARD.values(), ids=AWKWARD)
def test_every_value_of_an_awkward_schema_fits_for_two_validators(schema):
    validators = [jsonschema.Draft202012Validator(schema), jsonschema_rs.validator_for(schema)]
    assert [value for value in values(schema) for validator in validators if not validator.is_valid(value)] == []


@pytest.mark.parametrize("name", sorted(Everything.output_fields))
def test_values_fit_every_kind_of_output_field(name):
    signature = only(name)
    assert [signature.check_json(value).keys() for value in values(signature.output_schema())] == [{name}] * len(KEYS)


@pytest.mark.parametrize("kind", ["boolean", "string", "integer", "number", "array", "object"])
def test_other_keys_bring_other_values(kind):
    assert len({json.dumps(value) for value in values({"type": kind})}) > 1


def test_what_is_listed_is_copied():
    schema = {"const": {"tags": []}}
    from_schema(schema, "a")["tags"].append("changed")
    assert from_schema(schema, "a") == {"tags": []}


@pytest.mark.parametrize("name", STANDARD_FORMATS.split())
def test_values_are_of_the_format_asked_for(name):
    schema = {"type": "string", "format": name}
    is_valid = jsonschema_rs.validator_for(schema, validate_formats=True, ignore_unknown_formats=False).is_valid
    assert [value for value in values(schema) if not is_valid(value)] == []


@pytest.mark.parametrize(
    "pattern", [r"^\p{Lu}\p{Ll}+$", r"^\P{Letter}$", r"^\u{1F600}\x41\u0042\cA$", r"^[\w--_]$", r"(?i)^abc|\bx\B"]
)
def test_patterns_that_python_cannot_read_are_matched_all_the_same(pattern):
    schema = {"type": "string", "pattern": pattern}
    assert [value for value in values(schema) if not jsonschema_rs.is_valid(schema, value)] == []


def test_the_order_of_pattern_properties_does_not_matter():
    patterns = {"^n_": {"type": "integer"}, "^s_": {"type": "string"}}
    schemas = [
        {"type": "object", "patternProperties": dict(way)} for way in (patterns.items(), reversed(patterns.items()))
    ]
    assert values(schemas[0]) == values(schemas[1])


def test_a_schema_that_its_owner_changes_is_another_schema():
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    from_schema(schema, "a")
    schema["properties"]["a"]["type"] = "boolean"
    assert from_schema(schema, "a")["a"] in (True, False)


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "object", "properties": {"a": False}, "required": ["a"]}, "#/properties/a"),
        (
            {"type": "object", "properties": {"a": {"enum": ["x"], "type": "integer"}}, "required": ["a"]},
            "#/properties/a",
        ),
        (
            {"properties": {"n": {"type": "string", "minLength": 3, "maxLength": 2}}, "required": ["n"]},
            "#/properties/n",
        ),
        ({"type": "array", "items": {"enum": [1]}, "uniqueItems": True, "minItems": 2}, "1 of 2"),
        (
            {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}, "minItems": 1}}},
            "without end",
        ),
        ({"type": "object", "additionalProperties": {"$ref": "#"}, "minProperties": 1}, "0 of 1"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "contradicts itself"),
        (
            {
                "$ref": "#/$defs/a",
                "minProperties": 1,
                "$defs": {
                    "a": {
                        "type": "object",
                        "additionalProperties": {"allOf": [{"$ref": "#/$defs/a"}, {"not": {"type": "object"}}]},
                    }
                },
            },
            "none of",
        ),
        ({"type": "array", "contains": {"type": "null"}, "maxItems": 0}, "#"),
        ({"type": "string", "pattern": "a^"}, "pattern"),
        ({"type": "nonsense"}, "at #/type"),
        ({"type": "integer", "minimum": "3"}, 'at #/minimum, "3" is not of type "number"'),
        ({"$ref": "#/$defs/missing"}, "/$defs/missing"),
        ({"$ref": "https://example.com/elsewhere.json"}, "elsewhere.json"),
    ],
)
def test_a_schema_that_nothing_fits_is_refused_with_the_place(schema, complaint):
    with pytest.raises(ScriptError, match=complaint.replace("$", r"\$")):
        from_schema(schema, "a")


def test_what_is_optional_and_has_no_value_is_left_out():
    impossible = {"type": "string", "pattern": "a^"}
    assert from_schema({"type": "object", "properties": {"a": impossible, "b": {"const": 1}}}, "a") == {"b": 1}


def test_a_schema_that_points_at_itself_is_no_trap():
    schema = {"anyOf": [{"$ref": "#"}, {"type": "integer"}], "minimum": 3, "maximum": 3}
    assert from_schema(schema, "a") == 3


# Readable values


def test_values_suit_names_descriptions_and_formats():
    string, number = {"type": "string"}, {"type": "number"}
    schemas = {
        "answer": string,
        "author_name": string,
        "homeCity": string,
        "tag": string,
        "invoice_id": string,
        "page_title": string,
        "phone": string,
        "source_url": string,
        "emails": {"type": "array", "items": string},
        "code": string,
        "note": {**string, "description": "A short summary"},
        "contact": {**string, "format": "email"},
        "homepage": {**string, "format": "uri"},
        "born": {**string, "format": "date"},
        "seen": {**string, "format": "date-time"},
        "key": {**string, "format": "uuid"},
        "short": {**string, "maxLength": 5},
        "sku": {**string, "pattern": r"^[A-Z]{3}-\d{4}$"},
        "confidence": number,
        "likely": {**number, "description": "between 0 and 1"},
        "count": {"type": "integer"},
        "tags": {"type": "array", "items": string},
        "points": {"type": "object", "additionalProperties": {"type": "integer"}},
    }
    assert from_schema({"type": "object", "properties": schemas}, "a") == {
        "answer": "The sharp orchard guards the apple.",
        "author_name": "Mara Cole",
        "homeCity": "Dakar",
        "tag": "keen note",
        "invoice_id": "path-89",
        "page_title": "The Late Orchard",
        "phone": "+1 555 0168",
        "source_url": "https://example.com/warm-street",
        "emails": ["dan.dahl@example.com"],
        "code": 'print("bright spring")',
        "note": "The honest maple carries the lamp.",
        "contact": "door@example.com",
        "homepage": "https://example.com/pine",
        "born": "2001-10-23",
        "seen": "2020-08-02T02:56:33Z",
        "key": "ff8a9f30-35d9-4b12-9762-2b7357281e4b",
        "short": "brook",
        "sku": "ODR-6668",
        "confidence": 0.59,
        "likely": 0.26,
        "count": 10,
        "tags": ["still window"],
        "points": {"light_island": 53, "sharp_ember": 96},
    }


def test_what_strict_mode_is_told_in_other_words_is_read_as_meant():
    string = {"type": "string"}
    schemas = {
        "city": {**string, "pattern": r"^[\s\S]{2,20}$"},
        "answer": {**string, "pattern": r"^[\s\S]{60,}$"},
        "sku": {**string, "pattern": "^[A-Z]+$", "description": 'Must also fit the JSON Schema {"maxLength": 2}'},
        "born": {
            **string,
            "format": "date",
            "description": 'A day\nMust also fit the JSON Schema {"formatMaximum": "1970-01-01"}',
        },
    }
    assert from_schema({"type": "object", "properties": schemas}, "a") == {
        "city": "Graz",
        "answer": "The sharp orchard guards the apple. The keen leaf marks the.",
        "sku": "Z",
        "born": "1969-12-27",
    }


def test_keys_that_stand_for_numbers_are_small_numbers():
    schema = {"type": "object", "propertyNames": {"pattern": INTEGER, "minimum": 1}, "additionalProperties": {}}
    assert all(1 <= int(key) <= 101 for value in values(schema) for key in value)


def test_a_decimal_keeps_to_its_bounds_as_a_number_and_as_a_text():
    schema = {"anyOf": [{"type": "number", "minimum": 3, "maximum": 4}, {"type": "string"}]}
    assert {type(value) for value in values(schema)} == {float, str}
    assert all(3 <= float(value) <= 4 for value in values(schema))


def test_bounds_that_are_no_moments_are_passed_over():
    schema = {"type": "string", "format": "date", "formatMinimum": "soon"}
    assert from_schema(schema, "a") == from_schema({"type": "string", "format": "date"}, "a")


def test_bounds_that_no_moment_lies_between_are_refused_with_the_place():
    schema = {"type": "string", "format": "duration", "formatExclusiveMinimum": "PT1S", "formatMaximum": "PT1S"}
    with pytest.raises(ScriptError, match="no value fits the schema at #"):
        from_schema(schema, "a")


def test_objects_keep_the_order_of_the_schema():
    names = ["reasoning", "answer", "confidence"]
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    assert list(from_schema(schema, "a")) == names


def test_arrays_hold_one_to_three_items_unless_the_schema_says_otherwise():
    assert {len(value) for value in values({"type": "array", "items": {"type": "integer"}})} == {1, 2, 3}


@pytest.mark.parametrize("schema", [{"type": "integer"}, {"type": "number"}, {"type": "integer", "minimum": -(10**9)}])
def test_numbers_are_small(schema):
    assert all(0 <= value <= 100 for value in values(schema))


def test_values_that_hold_themselves_end_soon():
    metaschema = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    assert max(len(json.dumps(value)) for value in values(metaschema)) < 20_000


# Replies


def test_a_reply_fits_the_output_schema():
    assert reply(ASKED) == '{"answer": "The amber leaf covers the village.", "confidence": 0.03}'


def test_a_reply_is_the_same_bytes_in_every_process():
    code = (
        "from kaizen_eval.fake.generate import text\n"
        "from kaizen_eval.messages import ChatRequest, Message\n"
        f"print(text({ASKED!r}, seed=3, attempt=1))"
    )
    printed = {in_new_process(code, PYTHONHASHSEED=seed, PYTHONPATH=":".join(sys.path)) for seed in ("0", "1")}
    assert printed == {reply(ASKED, seed=3, attempt=1)}


def test_plain_schemas_need_no_validator():
    code = (
        "import sys\n"
        "from kaizen_eval.fake.generate import from_schema\n"
        f"from_schema({QA!r}, 'a')\n"
        "print({'jsonschema_rs', 'jsonschema', 'hypothesis'} & sys.modules.keys())"
    )
    assert in_new_process(code, PYTHONPATH=":".join(sys.path)) == "set()"


@pytest.mark.parametrize(
    "change", [{"session_id": "s"}, {"agent_id": "a"}, {"stream": True}, {"output_schema": dict(reversed(QA.items()))}]
)
def test_who_asks_and_how_it_is_delivered_change_nothing(change):
    assert reply(replace(ASKED, **change)) == reply(ASKED)


@pytest.mark.parametrize(
    "change",
    [{"model": "gpt-5"}, {"messages": ASKED.messages[1:]}, {"temperature": 1.0}, {"seed": 7}, {"tools": ({},)}],
)
def test_another_question_is_answered_otherwise(change):
    assert reply(replace(ASKED, **change)) != reply(ASKED)


def test_another_seed_answers_otherwise():
    assert reply(ASKED, seed=1) != reply(ASKED, seed=0)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "boolean"},
        {"enum": ["yes", "no"]},
        {"type": "integer", "minimum": 1, "maximum": 2},
        {"type": "string"},
        {"type": "string", "minLength": 1, "maxLength": 1},
        {"type": "string", "pattern": "^[ab]$"},
        {"type": "integer", "minimum": 1, "maximum": 3, "not": {"const": 2}},
        {"oneOf": [{"const": 1}, {"const": 2}, {"const": 3}]},
        {"anyOf": [{"type": "null"}, {"const": 0}]},
        QA,
    ],
)
def test_asking_again_brings_another_reply(schema):
    replies = [reply(replace(ASKED, output_schema=schema), attempt=attempt) for attempt in range(6)]
    assert [first for first, second in pairwise(replies) if first == second] == []


def test_asking_again_brings_the_only_value_there_is():
    request = replace(ASKED, output_schema={"not": {"not": {"const": 1}}})
    assert [reply(request, attempt=attempt) for attempt in (0, 1, 99)] == ["1", "1", "1"]


# Arguments


@pytest.mark.parametrize("parameters", [{"type": "object"}, {"type": "object", "properties": {}}, {"required": []}])
def test_a_tool_without_parameters_is_called_without_arguments(parameters):
    assert arguments(parameters, Source.of("a")) == "{}"


@pytest.mark.parametrize(
    "entries",
    [
        {"additionalProperties": {"type": "integer"}},
        {"patternProperties": {"^x": {}}},
        {"propertyNames": {"maxLength": 3}},
        {"minProperties": 1},
    ],
)
def test_a_tool_that_takes_a_map_gets_entries(entries):
    assert json.loads(arguments({"type": "object", "properties": {}, **entries}, Source.of("a"))) != {}


# Schemas in the prompt


def test_the_schema_is_found_in_the_system_message():
    prompt = f"Answer.\n\nReply with one JSON object that fits this JSON Schema:\n```json\n{json.dumps(QA)}\n```"
    assert json.loads(reply(told(prompt))).keys() == {"answer", "confidence"}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("before", ["```\n", "   ", "```JSON \n"])
def test_a_schema_in_a_prompt_needs_no_fence(before, indent):
    prompt = f"Example: {{}}\n{before}{json.dumps(QA, indent=indent)}\n\nNo fences around the reply."
    assert json.loads(reply(told(prompt))).keys() == {"answer", "confidence"}


def test_an_object_within_a_line_is_no_schema_to_reply_by():
    assert reply(told(f"As in {json.dumps(QA)}.")).startswith("On ")


@pytest.mark.parametrize(
    "broken",
    ['{"type": "boolean", oops}\n', '{"x":\n{"type": "boolean"},\noops}', "{\n" * 30_000, '{"a":' * 300_000 + "\n"],
)
def test_a_broken_object_in_a_prompt_hides_no_crash(broken):
    assert json.loads(reply(told(f"{json.dumps(QA)}\n{broken}"))).keys() == {"answer", "confidence"}


def test_any_json_object_fits_a_schema_that_the_user_shows():
    asked = told("Reply in JSON.", f"Who?\n{json.dumps(QA)}")
    assert json.loads(reply(replace(asked, output_mode="json"))).keys() == {"answer", "confidence"}
    assert reply(asked).startswith("On ")


def test_the_last_fence_that_holds_a_schema_counts():
    fences = [
        '{"type": "boolean"}',
        '{"properties": {"a": {"const": 1}}, "required": ["a"]}',
        '{"type": "event"}',
        "{broken",
    ]
    prompt = "\n".join(f"```json\n{fence}\n```" for fence in fences)
    assert reply(told(prompt)) == '{"a": 1}'


def test_the_output_schema_goes_before_one_in_the_prompt():
    request = replace(told('```json\n{"type": "boolean"}\n```'), output_schema={"const": 1})
    assert reply(request) == "1"


def test_without_a_schema_the_reply_is_a_sentence_about_what_was_asked():
    asked = told("Be brief.", "context: none\nquestion: Where is Perth?\n")
    assert reply(asked) == 'On "question: Where is Perth?": The still winter brings the cedar.'


def test_a_long_question_is_quoted_in_part():
    assert reply(told("", "word " * 40)).startswith('On "word word')
    assert len(reply(told("", "word " * 40))) < 120


def test_without_any_words_the_reply_is_a_sentence():
    assert reply(ChatRequest(model=None, messages=())) == "The late winter holds the winter."


def test_letters_beyond_ascii_are_written_as_they_are():
    assert reply(replace(ASKED, output_schema={"const": "schön 😀"})) == '"schön 😀"'
