"""What holds for whatever schema a reply is generated from."""

from __future__ import annotations

import json

import jsonschema
import jsonschema_rs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generate import from_schema, text
from kaizen_eval.messages import ChatRequest, Message

slow = settings(deadline=None)  # the first of many schemas loads two validators, and other work shares the machine

names = st.sampled_from(["answer", "b", "n_c", "d e"])
small = st.integers(0, 4)
keys = st.text(max_size=3)
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "answer", 0.5])


def options(**keywords):
    return st.fixed_dictionaries({}, optional=keywords)


def ordered(low, high, values):
    """Keywords for two bounds that leave room."""
    return st.lists(values, min_size=2, max_size=2).map(lambda pair: dict(zip((low, high), sorted(pair), strict=True)))


def typed(kind, *parts):
    return st.tuples(*parts).map(lambda found: {"type": kind, **{k: v for part in found for k, v in part.items()}})


strings = typed(
    "string",
    ordered("minLength", "maxLength", st.integers(0, 30)) | options(minLength=small),
    options(description=st.just("A city"), format=st.sampled_from(["date", "uuid", "unheard-of"])),
)
patterns = st.sampled_from([r"^[A-Z]{2}\d+$", "b", r"^\w+@\w+\.(com|org)$", "^(x|yz)*$", r"^[^a-z]{3}", r"\D\s\S"]).map(
    lambda pattern: {"type": "string", "pattern": pattern}
)
integers = typed(
    "integer", ordered("minimum", "maximum", st.integers(-200, 200)) | options(multipleOf=st.integers(1, 7))
)
numbers = typed(
    "number", ordered("minimum", "maximum", st.floats(-1e6, 1e6, width=32)) | options(multipleOf=st.just(0.5))
)
listed = st.lists(scalars, min_size=1, max_size=4).map(lambda found: {"enum": found}) | scalars.map(
    lambda value: {"const": value}
)
leaves = (
    st.sampled_from([{}, True, {"type": "null"}, {"type": "boolean"}])
    | strings
    | patterns
    | integers
    | numbers
    | listed
)


def arrays(inner):
    return typed(
        "array", options(items=inner, prefixItems=st.lists(inner, min_size=1, max_size=2)), options(minItems=small)
    )


def objects(inner):
    declared = options(
        properties=st.dictionaries(names, inner, max_size=4), required=st.lists(names, unique=True, max_size=3)
    )
    return typed("object", declared, options(additionalProperties=inner, minProperties=small))


def choices(inner):
    return st.lists(inner, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})


plain = st.recursive(leaves, lambda inner: arrays(inner) | objects(inner) | choices(inner), max_leaves=6)
"""Schemas that always have a value."""


def combined(inner):
    some = st.lists(inner, min_size=1, max_size=3)
    return (
        arrays(inner)
        | objects(inner)
        | typed(
            "array", options(contains=inner, maxContains=st.integers(1, 2), uniqueItems=st.booleans(), maxItems=small)
        )
        | typed(
            "object",
            options(
                propertyNames=inner,
                patternProperties=st.dictionaries(st.sampled_from(["^n_", "c$"]), inner),
                maxProperties=small,
            ),
        )
        | options(
            dependentRequired=st.dictionaries(names, st.lists(names, unique=True)),
            properties=st.dictionaries(names, inner),
        )
        | options(anyOf=some, oneOf=some, allOf=some)
        | st.tuples(inner, some).map(lambda parts: {"allOf": [parts[0], {"not": parts[1][0]}]})
        | options(**{"if": inner, "then": inner, "else": inner})
        | st.just({"$ref": "#/$defs/again"})
    )


hard = st.recursive(leaves, combined, max_leaves=6)


@st.composite
def documents(draw):
    """Schemas of every kind, which may refer to one definition and so to themselves. Some have no value."""
    schema = draw(hard)
    again = draw(arrays(hard) | objects(hard))  # which only holds itself inside: else validators never end
    return (
        {"allOf": [schema], "$defs": {"again": again}}
        if isinstance(schema, bool)
        else {**schema, "$defs": {"again": again}}
    )


def shuffled(value):
    """The same JSON value with every object written backwards."""
    if isinstance(value, dict):
        return {key: shuffled(inner) for key, inner in reversed(value.items())}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def made(schema, key):
    """The value, or the error's text."""
    try:
        return from_schema(schema, key)
    except ScriptError as error:
        return f"refused: {error}"


def fits(schema, value):
    return jsonschema.Draft202012Validator(schema).is_valid(value) and jsonschema_rs.is_valid(schema, value)


@slow
@given(plain, keys)
def test_a_plain_schema_always_has_a_value_that_fits(schema, key):
    assert fits(schema, from_schema(schema, key))


@slow
@given(documents(), keys)
def test_a_value_always_fits_or_is_refused(schema, key):
    try:
        value = from_schema(schema, key)
    except ScriptError:
        assume(False)
    assert fits(schema, value)


@slow
@given(documents(), keys)
def test_the_order_in_which_a_schema_is_written_never_matters(schema, key):
    assert json.dumps(made(schema, key), sort_keys=True) == json.dumps(made(shuffled(schema), key), sort_keys=True)


@slow
@given(plain, st.text(max_size=20), st.integers(), st.integers(0, 50))
def test_a_reply_is_always_json_that_fits(schema, question, seed, attempt):
    request = ChatRequest(model="m", messages=(Message("user", question),), output_schema={"anyOf": [schema]})
    assert fits(schema, json.loads(text(request, seed=seed, attempt=attempt)))


@given(st.lists(st.text(max_size=30), max_size=4), st.integers(), st.integers(0, 50))
def test_a_request_is_never_left_without_a_reply(said, seed, attempt):
    messages = tuple(Message("system" if place % 2 else "user", content) for place, content in enumerate(said))
    assert text(ChatRequest(model=None, messages=messages), seed=seed, attempt=attempt).strip()


@given(st.integers(2, 30), st.integers(-100, 100), st.integers(), st.integers(0, 1000))
def test_the_next_attempt_always_differs_where_there_is_a_choice(count, low, seed, attempt):
    schema = {"type": "integer", "minimum": low, "maximum": low + count - 1}
    request = ChatRequest(model=None, messages=(), output_schema=schema)
    assert text(request, seed=seed, attempt=attempt) != text(request, seed=seed, attempt=attempt + 1)
