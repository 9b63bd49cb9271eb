"""Templates: what a text refers to, and what it comes to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from kaizen_eval import BaseAgent, FakeLLM
from kaizen_eval.errors import InputError, WorkflowError
from kaizen_eval.workflow.templates import Reference, filled, references

WORDS = st.text("abcdefghij_-", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
PIECES = st.lists(WORDS | st.sampled_from(["{", "}", "{{", " ", "é"]), max_size=6)


def escaped(text):
    return text.replace("{{", "{{{{")


def without_lone_braces(pieces):
    """Braces in pairs, so that doubling them is unambiguous."""
    return [piece for piece in pieces if piece not in {"{", "}"}]


@given(VALUES)
def test_a_template_alone_is_the_value_itself(value):
    assert filled("{{inputs.x}}", {"inputs": {"x": value}}) is value


@given(VALUES)
def test_the_whole_of_a_result_is_its_output_unless_it_has_such_a_field(value):
    own = isinstance(value, dict) and "output" in value
    assert filled("{{node.output}}", {"node": value}) == (value["output"] if own else value)


@given(st.lists(PIECES.map(without_lone_braces).map("".join), min_size=2, max_size=5), WORDS)
def test_inside_a_text_each_template_is_its_value_and_the_rest_stays(texts, name):
    template = f"{{{{a.{name}}}}}".join(map(escaped, texts))
    assert filled(template, {"a": {name: "→"}}) == ("→".join(texts) if template != f"{{{{a.{name}}}}}" else "→")


@given(VALUES.filter(lambda value: not isinstance(value, str)))
def test_what_holds_no_template_comes_out_equal(value):
    assert filled(value, {}) == value if not any("{{" in text for text in texts_in(value)) else True


@given(VALUES)
def test_containers_are_new_so_that_nobody_changes_the_workflow(value):
    config = {"a": [value, {"b": [1]}]}
    once = (
        filled(config, {}) if not any("{{" in text for text in texts_in(value)) else filled({"a": [1, {"b": [1]}]}, {})
    )
    once["a"][1]["b"].append(2)
    assert config["a"][1]["b"] == [1]


@given(st.lists(st.tuples(WORDS, st.lists(WORDS, max_size=3)), max_size=4))
def test_every_template_is_found_at_any_depth_in_order(paths):
    texts = ["{{" + ".".join([node, *path]) + "}}" for node, path in paths]
    config = {str(number): [{"deep": (text, 1)}] for number, text in enumerate(texts)}
    assert references(config) == tuple(
        Reference(node, tuple(path), text) for (node, path), text in zip(paths, texts, strict=True)
    )


@given(VALUES)
def test_filling_needs_what_it_refers_to_and_nothing_else(value):
    config = {"x": "{{a.x}} and {{b.y.0}}", "z": ["{{inputs.z}}"]}
    scope = {"a": {"x": value}, "b": {"y": [value]}, "inputs": {"z": value}}
    asked = {reference.node: scope[reference.node] for reference in references(config)}
    assert filled(config, asked) == filled(config, scope | {"other": object()})


def texts_in(value):
    if isinstance(value, str):
        return [value]
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for each in inner for text in texts_in(each)]


@pytest.mark.parametrize(
    ("text", "filled_in"),
    [
        ("{{ inputs.x }}", 1),
        ("{{inputs.x}}{{inputs.x}}", "11"),
        ('{"a": {{inputs.x}}}', '{"a": 1}'),
        ('{"a":{{{inputs.x}}}}', '{"a":{1}}'),
        ("{{{{inputs.x}}", "{{inputs.x}}"),
        ("{{{{{{inputs.x}}", "{{1"),
        ("{{{{{{{{", "{{{{"),
        ("{a} }} {", "{a} }} {"),
        ("", ""),
        ("{{inputs.list.0.name}} {{inputs.list.-1.name}}", "Ann Bo"),
        ("{{inputs.list}}", [{"name": "Ann"}, {"name": "Bo"}]),
        ("all: {{inputs.list}}", 'all: [{"name": "Ann"}, {"name": "Bo"}]'),
        ("{{inputs.day}} {{inputs.none}} {{inputs.yes}} {{inputs.half}}", '"2026-03-01" null true 0.5'),
        ("{{inputs.text}} said", "é {{x}} said"),
        ("{{inputs.numbers.7}}", "seven"),
        ("{{inputs.$id}} {{inputs.a/b:c}}", "1 2"),
    ],
)
def test_texts_are_filled(text, filled_in):
    inputs = {
        "x": 1,
        "list": [{"name": "Ann"}, {"name": "Bo"}],
        "day": date(2026, 3, 1),
        "none": None,
        "yes": True,
        "half": 0.5,
        "text": "é {{x}}",
        "numbers": {7: "seven"},
        "$id": 1,
        "a/b:c": 2,
    }
    assert filled(text, {"inputs": inputs}) == filled_in


@dataclass
class Invoice:
    total: int


class Customer(BaseModel):
    name: str


class Point(NamedTuple):
    x: int
    y: int


def test_fields_of_dataclasses_models_and_named_tuples_are_reached():
    scope = {"a": {"invoice": Invoice(3), "customer": Customer(name="Ann"), "point": Point(1, 2)}}
    assert filled("{{a.invoice.total}} {{a.customer.name}} {{a.point.y}} {{a.point.0}}", scope) == "3 Ann 2 1"


def test_of_an_agents_result_a_text_has_the_outputs_without_what_they_cost():
    result = BaseAgent(provider=FakeLLM().otherwise("hello"), config={"model": "m"}).run(question="?")
    assert json.loads(filled("so: {{a.output}}", {"a": result}).removeprefix("so: ")) == {"response": "hello"}
    assert filled("{{a.output}}", {"a": result}) is result


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{a.nam}}", "{{a.nam}}: a has no 'nam'; did you mean 'name'? It has: name, age, tags, mail."),
        ("{{b.name}}", "{{b.name}}: there is no 'b' here. There is: a."),
        ("{{a.name.first}}", "{{a.name.first}}: a.name is a str, which has no fields; the whole of it is {{a.name}}."),
        ("{{a.mail.x}}", "{{a.mail.x}}: a.mail is None, which has no fields; the whole of it is {{a.mail}}."),
        (
            "{{a.name.output}}",
            "{{a.name.output}}: a.name is a str, which has no fields; the whole of it is {{a.name}}.",
        ),
        ("{{a.tags.2}}", "{{a.tags.2}}: a.tags is a list of 2, which has no '2'; items go by number, from 0."),
        (
            "{{a.age.__class__}}",
            "{{a.age.__class__}}: a.age is an int, which has no fields; the whole of it is {{a.age}}.",
        ),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(text, said):
    scope = {"a": {"name": "Ann", "age": 3, "tags": ["x", "y"], "mail": None}}
    with pytest.raises(InputError) as raised:
        filled(text, scope)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("text", "shown", "place"),
    [
        ("{{}}", "'{{}}'", 1),
        ("a {{b c}} d", "'{{b c}}'", 3),
        ("{{a.b", "'{{a.b'", 1),
        ("{{a..b}}", "'{{a..b}}'", 1),
        ("{{a.b | upper}}", "'{{a.b | upper}}'", 1),
        ("{{a[0]}}", "'{{a[0]}}'", 1),
        ('{"a": {{"b": 1}}}', "'{{\"b\": 1}}'", 7),
    ],
)
def test_braces_that_are_no_template_are_refused_with_their_place(text, shown, place):
    with pytest.raises(WorkflowError) as raised:
        references([text])
    assert str(raised.value) == (
        f"{shown} at character {place} is no template: write {{{{inputs.name}}}} or {{{{node.field}}}}, parts of a "
        "path divided by dots; for braces as they are, write four for two."
    )
