"""The output schema, and its form for OpenAI's strict mode."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

import jsonschema
import jsonschema_rs
import pydantic
import pytest
from every_kind import Everything, any_time, everything, signature_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.signatures.number_patterns import INTEGER, NUMBER
from kaizen_eval.signatures.schema import strict_schema
from kaizen_eval.signatures.unsaid import restored


class Tree(pydantic.BaseModel):
    label: str
    children: list[Tree] = []


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int = pydantic.Field(ge=1, le=9)


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


Animal = Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]

IN_STRICT_MODE = {
    name: field
    for name, field in Everything.output_fields.items()
    if name not in {"place", "by_name", "by_number", "anything"}
}
Expressible = signature_of("Expressible", IN_STRICT_MODE)


def output(annotation, **declared):
    """A signature with one output, named x."""
    return type(Signature)("One", (Signature,), {"__annotations__": {"x": annotation}, "x": OutputField(**declared)})


def strict(annotation, **declared):
    """What strict mode is told about one output."""
    schema = output(annotation, **declared).strict_output_schema()
    return schema["properties"]["x"], schema.get("$defs", {})


def refusal(annotation):
    with pytest.raises(SignatureDefinitionError) as caught:
        output(annotation).strict_output_schema()
    return str(caught.value)


# Laws


@pytest.mark.unmeasured
@any_time
@given(everything)
def test_strict_mode_accepts_whatever_check_accepts(outputs):
    checked = Everything.check(outputs)
    data = Expressible.outputs_to_json({name: checked[name] for name in IN_STRICT_MODE})
    jsonschema.validate(data, Expressible.strict_output_schema(), jsonschema.Draft202012Validator)


@pytest.mark.unmeasured
@any_time
@given(everything)
def test_the_output_schema_accepts_whatever_check_accepts(outputs):
    data = Everything.outputs_to_json(Everything.check(outputs))
    jsonschema.validate(data, Everything.output_schema(), jsonschema.Draft202012Validator)


@given(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "description": st.sampled_from(["A text", "Two\nlines"]),
            "minLength": st.integers(1, 2000),
            "maxLength": st.integers(0, 2000),
            "pattern": st.sampled_from(["^a", "(?i)^a", '"{}"']),
            "format": st.sampled_from(["date", "uri", "date-time-local"]),
            "formatMinimum": st.just("2030-01-01"),
        },
    )
)
def test_whatever_strict_mode_is_told_in_other_words_can_be_read_back(schema):
    told = strict_schema({"type": "object", "properties": {"x": schema}}, "One")["properties"]["x"]
    assert told.keys() <= {"type", "description", "pattern", "format"}
    assert {"minLength": 0, **restored(told)} == {"minLength": 0, **schema}


@pytest.mark.parametrize("description", ["Must also fit the JSON Schema {}", 'Must also fit the JSON Schema {"a": }'])
def test_a_description_that_says_no_keyword_is_nothing_to_read_back(description):
    assert restored({"enum": [{"pattern": r"^[\s\S]{1,2}$"}], "description": description})["enum"] == [
        {"pattern": r"^[\s\S]{1,2}$"}
    ]


trees = st.deferred(
    lambda: st.fixed_dictionaries(
        {"label": st.text(max_size=2) | st.none()},
        optional={"children": st.lists(trees, max_size=2), "more": st.none()},
    )
)
animals = st.fixed_dictionaries(
    {"kind": st.sampled_from(["cat", "dog", "cow"])}, optional={"lives": st.integers(0, 10), "more": st.none()}
)


@any_time
@given(
    st.fixed_dictionaries(
        {"tree": trees, "animal": animals}, optional={"mood": st.sampled_from(["good", "bad", "so"]), "more": st.none()}
    )
)
def test_what_strict_mode_accepts_fits_the_output_schema_and_check(data):
    class Zoo(Signature):
        tree: Tree = OutputField(description="A tree")
        animal: Animal = OutputField()
        mood: Mood = OutputField(default="good")

    if jsonschema.Draft202012Validator(Zoo.strict_output_schema()).is_valid(data):
        jsonschema.validate(data, Zoo.output_schema(), jsonschema.Draft202012Validator)
        assert Zoo.outputs_to_json(Zoo.check_json(data)) == data


@any_time
@given(st.sampled_from(list(IN_STRICT_MODE)))
def test_every_object_in_strict_mode_is_closed_and_complete(name):
    schema = signature_of("One", {name: IN_STRICT_MODE[name]}).strict_output_schema()
    for node in _nodes(schema):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == [*node["properties"]]
        assert not node.keys() & {"default", "title", "oneOf", "allOf", "minLength", "maxLength", "uniqueItems"}


def _nodes(value):
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(child)


# The output schema


def test_the_schema_holds_descriptions_defaults_examples_and_constraints():
    class Review(Signature):
        text: str = InputField()
        verdict: str = OutputField(description="In a word", min_length=1, examples=["good"])
        mood: Mood = OutputField(default="good")
        stars: int = OutputField(default=None, ge=1, le=5)
        tags: list[str] = OutputField(default_factory=list)

    assert Review.output_schema() == {
        "title": "Review",
        "type": "object",
        "properties": {
            "verdict": {"description": "In a word", "examples": ["good"], "minLength": 1, "type": "string"},
            "mood": {"$ref": "#/$defs/Mood", "default": "good"},
            "stars": {"anyOf": [{"maximum": 5, "minimum": 1, "type": "integer"}, {"type": "null"}], "default": None},
            "tags": {"items": {"type": "string"}, "type": "array"},
        },
        "required": ["verdict"],
        "additionalProperties": False,
        "$defs": {"Mood": {"enum": ["good", "bad"], "title": "Mood", "type": "string"}},
    }
    assert Review.input_schema() == {
        "title": "Review",
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }


def test_a_constraint_on_a_union_is_said_of_each_member():
    schema = output(list[str] | str, min_length=2).output_schema()
    assert schema["properties"]["x"] == {
        "anyOf": [{"items": {"type": "string"}, "minItems": 2, "type": "array"}, {"minLength": 2, "type": "string"}]
    }


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (int, {"pattern": INTEGER}),
        (int | None, {"pattern": INTEGER}),
        (pydantic.PositiveInt, {"pattern": INTEGER, "exclusiveMinimum": 0}),
        (float, {"pattern": NUMBER}),
        (Decimal, {"pattern": NUMBER}),
        (bool, {"enum": ["true", "false"]}),
        (Mood, {"enum": ["good", "bad"]}),
        (Literal["a", 1], {"enum": ["a"]}),
        (enum.IntEnum("Level", "LOW HIGH"), {"enum": ["1", "2"]}),
        (enum.Enum("Plain", "ONE"), False),
        (tuple[int, int], False),
        (dt.date, {"format": "date"}),
        (uuid.UUID, {"format": "uuid"}),
        (int | dt.date, {"anyOf": [{"pattern": INTEGER}, {"format": "date"}]}),
        (Annotated[str, pydantic.Field(pattern="^a", max_length=3)], {"pattern": "^a", "maxLength": 3}),
    ],
)
def test_what_the_keys_of_a_dict_have_to_be_is_said_of_their_texts(keys, names):
    assert output(dict[keys, bool]).output_schema()["properties"]["x"] == {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
        "propertyNames": names,
    }


def test_texts_as_keys_need_no_word():
    assert output(dict[str, bool]).output_schema()["properties"]["x"] == {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
    }


@pytest.mark.parametrize(
    ("annotation", "declared", "expected"),
    [
        (dt.date, {"ge": dt.date(2030, 1, 1)}, {"format": "date", "formatMinimum": "2030-01-01"}),
        (dt.time, {"lt": dt.time(12)}, {"format": "time", "formatExclusiveMaximum": "12:00:00"}),
        (dt.timedelta, {"gt": dt.timedelta(3)}, {"format": "duration", "formatExclusiveMinimum": "P3D"}),
        (pydantic.NaiveDatetime, {}, {"format": "date-time-local"}),
    ],
)
def test_bounds_of_moments_are_said(annotation, declared, expected):
    assert output(annotation, **declared).output_schema()["properties"]["x"] == {"type": "string", **expected}


def test_the_digits_of_a_decimal_are_said_of_its_text():
    schema = output(Annotated[Decimal, pydantic.Field(max_digits=3, decimal_places=1)]).output_schema()
    number, text = schema["properties"]["x"]["anyOf"]
    assert number == {"type": "number"}
    assert [jsonschema_rs.is_valid(text, digits) for digits in ("12.3", "1", "123.4", "1.25")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_schema_is_the_callers_own_copy():
    for make in (Everything.output_schema, Everything.input_schema, Expressible.strict_output_schema):
        make()["properties"]["spoilt"] = {}
        assert "spoilt" not in make()["properties"]


def test_a_signature_without_outputs_asks_for_a_response():
    class Ask(Signature):
        question: str = InputField()

    assert Ask.strict_output_schema() == {
        "type": "object",
        "properties": {"response": {"type": "string"}},
        "required": ["response"],
        "additionalProperties": False,
    }


# Strict mode


def test_recursion_stays_a_reference():
    definition = {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
        },
        "required": ["label", "children"],
        "additionalProperties": False,
    }
    assert strict(Tree) == ({"$ref": "#/$defs/Tree"}, {"Tree": definition})


def test_a_reference_with_a_description_is_written_out():
    assert strict(Mood, description="How") == (
        {"description": "How", "enum": ["good", "bad"], "type": "string"},
        {},
    )


def test_a_choice_of_one_becomes_a_choice_of_any():
    one, definitions = strict(Animal)
    assert one == {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    assert definitions["Cat"]["properties"] == {
        "kind": {"const": "cat", "type": "string"},
        "lives": {"maximum": 9, "minimum": 1, "type": "integer"},
    }


@pytest.mark.parametrize(
    ("annotation", "declared", "expected"),
    [
        (str, {"pattern": "^a+$", "default": "a"}, {"type": "string", "pattern": "^a+$"}),
        (list[int], {"min_length": 1}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}),
        (bytes, {}, {"type": "string"}),
        (int | None, {}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (tuple[int, ...], {}, {"type": "array", "items": {"type": "integer"}}),
        (Literal["a", 1], {}, {"enum": ["a", 1], "type": ["string", "integer"]}),
        (float, {"gt": 0, "le": 1}, {"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
    ],
)
def test_strict_mode_keeps_the_words_that_it_knows(annotation, declared, expected):
    assert strict(annotation, **declared) == (expected, {})


@pytest.mark.parametrize(
    ("declared", "pattern"),
    [
        ({"min_length": 1, "max_length": 9, "default": "a"}, r"^[\s\S]{1,9}$"),
        ({"max_length": 1000}, r"^[\s\S]{0,1000}$"),
        ({"max_length": 0}, r"^[\s\S]{0,0}$"),
        ({"min_length": 2}, r"^[\s\S]{2,}$"),
    ],
)
def test_strict_mode_is_told_lengths_as_a_pattern(declared, pattern):
    assert strict(str, **declared) == ({"type": "string", "pattern": pattern}, {})


def test_lengths_that_say_nothing_are_no_pattern():
    assert strict(str, min_length=0) == ({"type": "string"}, {})


@pytest.mark.parametrize(
    ("annotation", "declared", "kept", "sentence"),
    [
        (str, {"max_length": 5000}, {}, '{"maxLength": 5000}'),
        (str, {"min_length": 9, "max_length": 5000}, {"pattern": r"^[\s\S]{9,}$"}, '{"maxLength": 5000}'),
        (str, {"pattern": "^a+$", "max_length": 9}, {"pattern": "^a+$"}, '{"maxLength": 9}'),
        (str, {"pattern": "(?i)^a"}, {}, '{"pattern": "(?i)^a"}'),
        (
            dt.date,
            {"ge": dt.date(2030, 1, 1)},
            {"format": "date"},
            '{"formatMinimum": "2030-01-01"}',
        ),
        (pydantic.NaiveDatetime, {}, {}, '{"format": "date-time-local"}'),
        (set[str], {}, {"type": "array", "items": {"type": "string"}}, '{"uniqueItems": true}'),
    ],
)
def test_what_strict_mode_has_no_words_for_is_asked_for_in_the_description(annotation, declared, kept, sentence):
    said = f"Must also fit the JSON Schema {sentence}"
    assert strict(annotation, **declared) == ({"type": "string", **kept, "description": said}, {})
    described, _ = strict(annotation, description="One", **declared)
    assert described["description"] == f"One\n{said}"


class Holder(pydantic.BaseModel):
    options: dict[str, int]


class Open(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    name: str


@pytest.mark.parametrize(
    ("annotation", "path", "what"),
    [
        (dict, "One.x", "a dict with keys of its own"),
        (dict[str, int], "One.x", "a dict with keys of its own"),
        (list[Holder], "One.x[].options", "a dict with keys of its own"),
        (Holder | None, "One.x.options", "a dict with keys of its own"),
        (list[Open], "One.x[]", "a dict with keys of its own"),
        (tuple[int, str], "One.x", "a tuple with one type for each place"),
        (list[tuple[int, int]], "One.x[]", "a tuple with one type for each place"),
        (Any, "One.x", "a value of any type"),
        (list, "One.x[]", "a value of any type"),
    ],
)
def test_what_strict_mode_cannot_express_is_named_by_its_path(annotation, path, what):
    assert refusal(annotation).startswith(f"{path} cannot be expressed in OpenAI's strict mode: it is {what}")


def test_a_refusal_is_repeated_each_time():
    signature = output(dict)
    for _ in range(2):
        with pytest.raises(SignatureDefinitionError, match=r"One\.x cannot be expressed"):
            signature.strict_output_schema()


def nested(levels):
    model = pydantic.create_model("Level0", leaf=(int, ...))
    for level in range(1, levels):
        model = pydantic.create_model(f"Level{level}", next=(model, ...))
    return model


def test_ten_levels_pass_and_eleven_are_refused():
    assert output(nested(9)).strict_output_schema()["required"] == ["x"]
    path = "One.x" + ".next" * 9 + ".leaf"
    assert refusal(nested(10)) == (
        f"{path} is too large for OpenAI's strict mode: it has more than 10 levels of nesting. Ask for less at once."
    )


def test_a_thousand_enum_values_pass_and_one_more_is_refused():
    assert output(enum.Enum("Many", [f"v{n}" for n in range(1000)])).strict_output_schema()
    assert "1001 enum values" in refusal(enum.Enum("More", [f"v{n}" for n in range(1001)]))


def test_five_thousand_properties_pass_and_one_more_is_refused():
    properties = {f"p{n}": {"type": "string"} for n in range(5_000)}
    assert strict_schema({"type": "object", "properties": properties}, "Wide")
    with pytest.raises(SignatureDefinitionError, match=r"Wide .* 5001 properties"):
        strict_schema({"type": "object", "properties": properties | {"more": {"type": "null"}}}, "Wide")


def test_parts_that_agree_are_merged_and_others_are_refused():
    part = {"allOf": [{"type": "string"}, {"pattern": "^a"}]}
    merged = strict_schema({"type": "object", "properties": {"x": part}}, "One")
    assert merged["properties"]["x"] == {"type": "string", "pattern": "^a"}
    part["allOf"].append({"pattern": "^b"})
    with pytest.raises(SignatureDefinitionError, match=r"One\.x .* an allOf whose parts say different things"):
        strict_schema({"type": "object", "properties": {"x": part}}, "One")
