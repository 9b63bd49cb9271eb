"""The output schema, and its form for OpenAI's strict mode."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import jsonschema
import pydantic
import pytest
from every_kind import Everything, any_time, everything, signature_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.signatures.schema import strict_schema


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


@any_time
@given(everything)
def test_strict_mode_accepts_whatever_check_accepts(outputs):
    checked = Everything.check(outputs)
    data = Expressible.outputs_to_json({name: checked[name] for name in IN_STRICT_MODE})
    jsonschema.validate(data, Expressible.strict_output_schema(), jsonschema.Draft202012Validator)


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
        (str, {"min_length": 1, "max_length": 9, "default": "a"}, {"type": "string"}),
        (str, {"pattern": "^a+$"}, {"type": "string", "pattern": "^a+$"}),
        (set[int], {"min_length": 1}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}),
        (bytes, {}, {"type": "string"}),
        (int | None, {}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (tuple[int, ...], {}, {"type": "array", "items": {"type": "integer"}}),
        (Literal["a", 1], {}, {"enum": ["a", 1], "type": ["string", "integer"]}),
        (float, {"gt": 0, "le": 1}, {"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
    ],
)
def test_strict_mode_keeps_the_words_that_it_knows(annotation, declared, expected):
    assert strict(annotation, **declared) == (expected, {})


class Holder(pydantic.BaseModel):
    options: dict[str, int]


@pytest.mark.parametrize(
    ("annotation", "path", "what"),
    [
        (dict, "One.x", "a dict with keys of its own"),
        (dict[str, int], "One.x", "a dict with keys of its own"),
        (list[Holder], "One.x[].options", "a dict with keys of its own"),
        (Holder | None, "One.x.options", "a dict with keys of its own"),
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
        f"{path} cannot be expressed in OpenAI's strict mode: it is more than 10 levels of nesting."
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
