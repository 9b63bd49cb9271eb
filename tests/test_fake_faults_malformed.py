"""Malformed replies: every kind is what malformed-replies names it, and our parser gives it what it is owed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_asking import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed_replies import CLEAN, ERROR, MEANT, PRETTY, ROWS, QASignature

from kaizen_eval import BaseAgent, FakeLLM, Reply, virtual_time
from kaizen_eval.errors import OutputError, OutputTruncated, ScriptError
from kaizen_eval.fake.faults.malformed import KINDS, malformed
from kaizen_eval.fake.faults.malformed_fields import Spoken
from kaizen_eval.llm.parse import outputs

SCHEMA = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "confidence": {"type": "number"},
        "count": {"type": "integer"},
        "sentiment": {"$ref": "#/$defs/Sentiment"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["answer", "confidence", "count", "sentiment", "tags"],
    "additionalProperties": False,
    "$defs": {"Sentiment": {"type": "string", "enum": ["positive", "negative", "neutral"]}},
}
OTHERS = {
    "missing_comma": '{"confidence": 0.9 "answer": "Paris is the capital", ' + CLEAN.partition("0.9, ")[2],
    "apostrophe_in_single_quotes": CLEAN.replace('"', "'").replace("Paris", "It's Paris"),
    "comments": PRETTY.replace("{\n", "{\n  // how sure\n").replace("\n}", "\n  /* that is all */\n}"),
    "truncated_in_last_text": "{" + CLEAN.partition(", ")[2][:-1] + ', "answer": "Paris is t',
    "truncated_in_first_text": '{"answer": "P',
    "duplicate_keys": CLEAN.replace("}", ', "confidence": 4.9}'),
    "wrong_type": CLEAN.replace("0.9", '"three"'),
    "missing_field": CLEAN.replace('"answer": "Paris is the capital", ', ""),
    "unicode_escapes": CLEAN.replace("Paris is the capital", "\\u0050aris is the capital \\ud83d\\ude00"),
    "lone_surrogate": CLEAN.replace("capital", "capital\\ud83d"),
}
"""Kinds that do to another field, or to another text, what the row does."""
PAIRS = [pytest.param(kind, row, id=kind) for kind, row in zip(KINDS, ROWS, strict=True)]

words = st.text("abcdefgh ", min_size=2, max_size=12).map(lambda text: f"a{text.strip()}b c")
ours = st.fixed_dictionaries(
    {
        "answer": words,
        "confidence": st.integers(1, 99).map(lambda number: number / 100),
        "count": st.integers(0, 10**6),
        "sentiment": st.sampled_from(["positive", "negative", "neutral"]),
        "tags": st.lists(words, min_size=1, max_size=3),
    }
)
texts = st.text(st.characters(codec="utf-8", exclude_characters='\\"\0'), min_size=2, max_size=12)
anything = ours.flatmap(
    lambda values: st.builds(lambda text, tag: values | {"answer": text, "tags": [tag]}, texts, texts)
)


def meant(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    return dict(KINDS[kind].meant(Spoken(kind, values, SCHEMA)).values)


def read(text: str) -> dict[str, Any] | None:
    """What our parser makes of it; None for an error."""
    try:
        return dict(outputs(QASignature, text).values)
    except OutputError:
        return None


@pytest.mark.parametrize(("kind", "row"), PAIRS)
def test_each_row_has_its_kind(kind, row):
    must = {"repaired": row.tier, "error": ERROR, "either": row.tier}[KINDS[kind].must]
    assert must == row.tier
    assert malformed(kind, CLEAN, SCHEMA) == OTHERS.get(kind, row.text)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6)
@given(ours)
def test_our_parser_restores_what_was_meant_or_refuses(kind, values):
    got = read(malformed(kind, json.dumps(values), SCHEMA))
    owed = {"error": [None], "repaired": [meant(kind, values)], "either": [None, meant(kind, values)]}
    assert got in owed[KINDS[kind].must]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unquoted_values"])
@settings(max_examples=6)
@given(anything)
def test_whatever_the_texts_our_parser_never_takes_another_value(kind, values):
    if not KINDS[kind].is_of_any:
        assert read(malformed(kind, json.dumps(values), SCHEMA)) in [None, meant(kind, values)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].must == "repaired"])
def test_a_run_gives_what_was_meant(kind):
    llm = FakeLLM()
    llm.fail("malformed", kind=kind, reply=MEANT)
    with virtual_time():
        result = BaseAgent(provider=llm, signature=QASignature).run(question="Why?")
    assert (result.outputs, llm.journal.usage.completion > 0) == (meant(kind, MEANT), True)
    llm.assert_outcomes("malformed")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].must == "error"])
@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_run_ends_in_an_error_rather_than_with_a_value(kind, door):
    llm = FakeLLM()
    llm.fail("malformed", kind=kind)
    provider = llm if door == "direct" else llm.sdk()
    with virtual_time(), pytest.raises(OutputError):
        BaseAgent(provider=provider, signature=QASignature).run(question="Why?")


def test_what_is_malformed_without_a_reply_is_the_one_that_fits():
    clean, spoiled = FakeLLM(), FakeLLM()
    spoiled.fail("malformed", kind="fence_json")
    asked = {"output_schema": SCHEMA, "output_mode": "schema"}
    said, fenced = ask(clean, **asked).text, ask(spoiled, **asked).text
    assert fenced == f"```json\n{json.dumps(json.loads(said), ensure_ascii=False, indent=2)}\n```"


def test_prose_stands_where_no_kind_is_given():
    llm = FakeLLM()
    llm.fail("malformed")
    assert ask(llm).text == "Let me think about that for a moment."


@pytest.mark.parametrize("door", ["direct", "sdk"])
@pytest.mark.parametrize(
    ("kind", "reply", "message"),
    [
        ("fence_json", "words", r"makes something else of a JSON object, and the reply is 'words'\. Ask for"),
        ("fence_json", {}, r"makes something else of a JSON object, and the reply is '\{\}'"),
        ("fence_json", Reply(tool_calls=[{"name": "f"}]), r"and the reply is None"),
        (
            "nan",
            {"a": 1},
            r"malformed\(kind='nan'\) needs a reply with a number that need not be whole in it",
        ),
        ("huge_integer", {"a": 1.5, "b": True}, r"needs a reply with a whole number in it"),
        ("enum_wrong_case", {"a": "b"}, r"needs a reply with a word that the schema lists in it"),
        ("ellipsis", {"a": [], "b": [1]}, r"needs a reply with a list with a text in it"),
        ("inner_quotes", {"a": "x"}, r"needs a reply with a text that may say anything in it"),
        ("missing_comma", {"a": "x"}, r"needs a reply of two fields"),
        ("missing_brace", {"a": 1}, r"needs a reply with more than numbers in it"),
        ("apostrophe_in_single_quotes", {"a": "xy"}, r"needs a reply of two fields"),
        ("unquoted_values", {"a": "1, 2"}, r"needs a reply with a text of plain words"),
    ],
)
def test_a_reply_that_cannot_go_wrong_in_this_way_is_refused(kind, reply, message, door):
    llm = FakeLLM()
    llm.fail("malformed", kind=kind, reply=reply)
    with pytest.raises(ScriptError, match=message):
        ask(llm, door=door)


def test_a_truncated_reply_with_the_finish_reason_is_told_as_truncated():
    llm = FakeLLM()
    llm.fail("length", text=malformed("truncated_in_integer", CLEAN, SCHEMA))
    with virtual_time(), pytest.raises(OutputTruncated):
        BaseAgent(provider=llm, signature=QASignature).run(question="Why?")
