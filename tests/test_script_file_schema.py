"""The published schema of script files says what the loader says."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema_rs
import pytest
from house.architecture import ROOT
from house.documents import blocks
from house.script_schema import SCHEMA, written
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script_file import read

WHOLE: dict[str, Any] = {
    "$schema": "schema.json",
    "version": 1,
    "seed": 7,
    "latency": {"first": {"uniform": [0.1, 0.2]}, "per_token": {"lognormal": {"median": 0.1, "sigma": 1}}},
    "rules": [
        {
            "when": {
                "user": "a",
                "system": {"contains": "b"},
                "model": {"exact": "m"},
                "endpoint": "chat",
                "turn": 1,
                "nth": 2,
                "tool": {"regex": "^t"},
                "tool_result": "r",
                "session": "s",
                "state": "start",
                "stream": True,
                "header": {"x-team": "red", "y": {"regex": "z"}},
                "json": {"$.a": 1, "$.b": {"exists": False}, "$.c": {"exact": {"d": None}}, "$.d": ["x"]},
                "probability": 0.5,
            },
            "reply": {"text": "t", "usage": {"prompt": 1}, "finish_reason": "length", "latency": "slow"},
            "times": 2,
            "per": "conversation",
            "to": "start",
        },
        {"when": {"json": "$.x"}, "reply": "plain"},
        {"reply": {"json": {"a": [1, "{{ user }}"]}, "latency": 1}},
        {"reply": {"tool_calls": [{"name": "f", "arguments": {"a": 1}, "id": "i"}], "text": "Wait."}},
        {"reply": {"refusal": "no"}},
        {"reply": {"generated": True, "latency": 0.5, "usage": {"completion": 1}}},
        {"reply": {"pick": ["a", {"fail": "hang"}, {"pick": ["b"]}]}},
        {"steps": [{"text": "a"}, {"fail": {"rate_limit": {"retry_after": 1, "latency": 2}}}]},
        {"fail": {"http_status": {"status": 418, "code": None}}},
    ],
    "otherwise": {"fail": "rate_limit"},
}
ODD = st.one_of(
    st.sampled_from([None, True, False, 0, 1, 2, -1, 0.5, 1.0, 2.0, "", "a", "hang", "http_status", "slow", [], {}]),
    st.sampled_from(
        [["a"], [1, 2], {"text": "a"}, {"regex": "a"}, {"contains": ""}, {"exists": True}, {"fail": "hang"}]
    ),
    st.sampled_from([{"hang": {}}, {"http_status": {}}, {"first": 1}, {"uniform": [1]}, {"a": "b"}, {"$.a": 1}, [{}]]),
)
NAMES = st.sampled_from(
    [
        *WHOLE["rules"][0],
        *WHOLE["rules"][0]["when"],
        "text",
        "json",
        "tool_calls",
        "generated",
        "pick",
        "fail",
        "steps",
        "regex",
        "exact",
        "contains",
        "exists",
        "latency",
        "usage",
        "name",
        "version",
        "rules",
        "odd",
    ]
)


def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


VALIDATOR = validator()


def is_read(document: object) -> bool:
    try:
        read(json.dumps(document), language="json")
    except ScriptError as error:
        told = [line for line in str(error).split("\n") if not line.endswith("mistakes:")]
        return all(any(words in line for words in BY_CODE) for line in told)
    return True


BY_CODE = ("no rule leads to the state", "is no JSON path", "takes a status from", "Uniform goes from", "sigma is a")
"""What no schema can say."""


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    found = []
    for key, item in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        found.append((value, key))
        if isinstance(item, dict | list):
            found += places(item)
    return found


@st.composite
def documents(draw) -> Any:
    """A document that is right, changed in a place or two."""
    document = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 2))):
        container, key = draw(st.sampled_from(places(document)))
        change = draw(st.sampled_from(["replace", "remove", "add", "rename"]))
        if change == "replace":
            container[key] = copy.deepcopy(draw(ODD))
        elif change == "remove":
            del container[key]
        elif isinstance(container, dict):
            value = container.pop(key) if change == "rename" else copy.deepcopy(draw(ODD))
            container[draw(NAMES)] = value
    return document


@pytest.mark.unmeasured
@settings(max_examples=200)
@given(documents() | ODD)
@example(WHOLE)
@example({"version": 1.0, "seed": 2.0})
@example({"version": 1, "rules": [{"reply": "hang"}]})
@example({"version": True})
def test_the_schema_and_the_loader_always_agree(document):
    assert VALIDATOR.is_valid(document) == is_read(document)


def test_a_document_with_everything_is_right():
    assert (VALIDATOR.is_valid(WHOLE), len(read(json.dumps(WHOLE), language="json").rules)) == (True, 9)


def test_the_published_schema_is_the_grammars():
    assert SCHEMA.read_text("utf-8") == written(), "run: python tests/house/script_schema.py"


def test_the_published_schema_is_a_schema_of_2020_12():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("name", ["when", "reply", "steps", "fail", "times", "per", "to"])
def test_the_schema_tells_editors_what_each_field_of_a_rule_is(name):
    rule = json.loads(SCHEMA.read_text("utf-8"))["$defs"]["rule"]["properties"][name]
    assert rule["description"].endswith(".")


def test_every_field_is_told_of_in_the_docs():
    page = (ROOT / "docs" / "script-files.md").read_text("utf-8")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    rule = schema["$defs"]["rule"]["properties"]
    names = {*schema["properties"], *rule, *rule["when"]["properties"]} - {"$schema"}
    names |= {name for form in schema["$defs"]["saying"]["anyOf"][1]["anyOf"] for name in form["properties"]}
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_every_script_in_the_docs_is_one():
    page = (ROOT / "docs" / "script-files.md").read_text("utf-8")
    scripts = [block for block in blocks(page) if block.language in {"yaml", "json"} and block.mark == "file"]
    read_rules = [len(read(block.text, language=block.language).rules) for block in scripts]
    assert read_rules
    assert 0 not in read_rules
