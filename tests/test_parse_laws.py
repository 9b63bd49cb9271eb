"""Laws of reading replies: exactly what was meant, or an error, whatever comes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from malformed_replies import CLEAN, DRAFT, QASignature
from pydantic import BaseModel

from kaizen_eval.errors import EmptyReply, OutputError, ReplyDoesNotFit
from kaizen_eval.llm.parse import outputs
from kaizen_eval.signatures import AnySignature, OutputField, Signature


class Step(BaseModel):
    action: str
    cost: float | None = None


class Plan(Signature):
    steps: list[Step] = OutputField()
    weights: dict[str, int] = OutputField()
    note: str = OutputField(default="")


class Answer(Signature):
    answer: str = OutputField()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
telling_texts = st.text(st.sampled_from(list("ab 1.,:;\"'\\{}[]<>/\n`…“”|#")), max_size=20) | texts
integers = st.integers(-(10**20), 10**20)
floats = st.floats(allow_nan=False, allow_infinity=False)

answers = st.fixed_dictionaries(
    {
        "answer": telling_texts,
        "confidence": floats,
        "count": integers,
        "sentiment": st.sampled_from(["positive", "negative", "neutral"]),
        "tags": st.lists(telling_texts, max_size=3),
    }
)
plans = st.fixed_dictionaries(
    {
        "steps": st.lists(st.fixed_dictionaries({"action": telling_texts, "cost": st.none() | floats}), max_size=2),
        "weights": st.dictionaries(telling_texts, integers, max_size=2),
        "note": telling_texts,
    }
)
replies: st.SearchStrategy[tuple[type[Signature], dict[str, Any]]] = st.one_of(
    st.tuples(st.just(QASignature), answers),
    st.tuples(st.just(Plan), plans),
    st.tuples(st.just(Answer), st.fixed_dictionaries({"answer": telling_texts})),
)

ENVELOPES: list[Callable[[str], str]] = [
    lambda text: f"```json\n{text}\n```",
    lambda text: f"```\n{text}",
    lambda text: f"\ufeff{text}",
    lambda text: f"\0{text}",
    lambda text: f"{text}<|im_end|>",
    lambda text: f"<tool_call>\n{text}\n</tool_call>",
    json.dumps,
]
WRAPPERS: list[Callable[[str], str]] = [
    lambda text: f'{{"result": {text}}}',
    lambda text: f"[{text}]",
    lambda text: f'{{"name": "final_answer", "arguments": {text}}}',
    lambda text: f'{{"output": {json.dumps(text)}}}',
]
SURROUNDINGS: list[Callable[[str], str]] = [
    lambda text: f"Here is the JSON you asked for: {text} Hope that helps!",
    lambda text: f"Using the template {{question}} and {{a, b}}: {text}",
    lambda text: f"<think>maybe {json.dumps(DRAFT)}</think>\n{text}",
    lambda text: f"Sure!\n```json\n{text}\n```\nIt isn't hard.",
]


def after_a_draft(text: str) -> str:
    """A draft that stands open, so that a cut which leaves nothing else leaves a whole reply."""
    return f"{json.dumps(DRAFT)}\n{text}"


def dumps(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


def python_values(signature: type[Signature], values: dict[str, Any]) -> dict[str, Any]:
    return signature.check_json(values)


def read(signature: type[Signature], text: str) -> dict[str, Any] | None:
    """The values, or None for an error; every other exception is a failure."""
    try:
        parsed = outputs(signature, text)
    except OutputError:
        return None
    assert parsed.values == signature.check(parsed.values)
    return parsed.values


@given(replies, st.sampled_from([None, 2]), st.booleans())
def test_clean_json_gives_its_values_at_tier_1(reply, indent, ascii_only):
    signature, values = reply
    parsed = outputs(signature, json.dumps(values, indent=indent, ensure_ascii=ascii_only))
    assert (parsed.values, parsed.tier) == (python_values(signature, values), 1)


wraps = st.tuples(
    st.lists(st.sampled_from(WRAPPERS), max_size=2), st.lists(st.sampled_from(ENVELOPES), max_size=2)
).map(lambda layers: [*layers[0], *layers[1]])


@given(replies, wraps.filter(bool))
def test_whatever_a_reply_is_wrapped_in_gives_the_same_values_at_a_higher_tier(reply, layers):
    signature, values = reply
    text = dumps(values)
    for layer in layers:
        text = layer(text)
    parsed = outputs(signature, text)
    assert parsed.values == python_values(signature, values)
    assert parsed.tier > 1


@given(replies, st.sampled_from([*SURROUNDINGS, after_a_draft]))
def test_prose_and_drafts_around_give_the_same_values_at_tier_3(reply, surround):
    signature, values = reply
    parsed = outputs(signature, surround(dumps(values)))
    assert (parsed.values, parsed.tier) == (python_values(signature, values), 3)


@given(replies, st.data())
def test_json_that_is_cut_before_its_last_brace_is_never_a_value(reply, data):
    signature, values = reply
    text = dumps(values)
    cut = text[: data.draw(st.integers(0, len(text) - 2))]
    with pytest.raises((ReplyDoesNotFit, EmptyReply)):
        outputs(signature, cut)


@given(replies, st.sampled_from([*WRAPPERS, *ENVELOPES, *SURROUNDINGS]), st.data())
def test_a_wrapped_reply_that_is_cut_never_gives_another_value(reply, wrap, data):
    signature, values = reply
    text = wrap(dumps(values))
    found = read(signature, text[: data.draw(st.integers(0, len(text)))])
    assert found is None or found == python_values(signature, values)


@given(replies)
def test_only_the_last_brace_may_be_missing(reply):
    signature, values = reply
    found = read(signature, dumps(values)[:-1])
    assert found in (None, python_values(signature, values))


def outside_strings(text: str) -> list[int]:
    strings = [found.span() for found in re.finditer(r'"(?:[^"\\]|\\.)*"', text)]
    inside = {at for start, end in strings for at in range(start + 1, end)}
    return [at for at in range(len(text)) if at not in inside]


@given(replies, st.data())
def test_a_slip_of_punctuation_gives_the_same_values_or_an_error(reply, data):
    signature, values = reply
    text = dumps(values)
    marks = [at for at in outside_strings(text) if text[at] in '{}[]":, ']
    at = data.draw(st.sampled_from(marks))
    slip = data.draw(st.sampled_from([text[at] * 2, "", *(mark + text[at] for mark in ",:[]{}\"'`\n#")]))
    found = read(signature, text[:at] + slip + text[at + 1 :])
    assert found in (None, python_values(signature, values))


@given(replies)
def test_python_written_for_json_gives_the_same_values_or_an_error(reply):
    signature, values = reply
    assert read(signature, repr(values)) in (None, python_values(signature, values))


MARKS = [*"{}[]\":,\\ \n'+#", "...", "…", "“", "//", "/*", "\0", "\ufeff", "\ud83d", "\\ud83d", "\\u0041"]
WORDS = ["NaN", "1e999", "31", "-0.5", "null", "True", '"answer"', "answer: ", "- x\n", '"properties"']
OPENINGS = [
    '{"answer": "',
    '{"result": ',
    '"name": "f", "arguments": ',
    "```json\n",
    "<think>",
    "</think>",
    "<|im_end|>",
]
pieces = st.sampled_from([*MARKS, *WORDS, *OPENINGS, '{"answer": "x"}'])
anything = st.text() | st.lists(pieces | st.text(max_size=3), max_size=12).map("".join)


@settings(deadline=None)  # a megabyte takes its time
@given(anything)
@example("[" * 10_000 + "]" * 10_000)
@example('{"answer":' * 10_000 + "}" * 10_000)
@example('{"answer": ' + "[" * 10_000)
@example('{"answer": ' + "9" * 5000 + "}")
@example('{"answer": "' + "x" * 1_000_000)
@example("x: " * 300_000)
@example("x" + " " * 300_000 + "x")
@example("answer:\n-" + " " * 300_000 + "x")
def test_whatever_comes_is_a_fitting_value_or_an_output_error(text):
    for signature in (Answer, QASignature, Plan, AnySignature):
        read(signature, text)


def is_an_answer_in_strict_json(text: str) -> bool:
    try:
        pairs = json.loads(text, object_pairs_hook=tuple)
        json.dumps(pairs, ensure_ascii=False).encode()
    except ValueError:
        return False
    return isinstance(pairs, tuple) and [(key, type(value)) for key, value in pairs] == [("answer", str)]


@given(anything | replies.map(lambda reply: dumps(reply[1])))
def test_tier_1_is_strict_json_of_exactly_the_fields_and_nothing_else_is(text):
    try:
        tier = outputs(Answer, text).tier
    except OutputError:
        tier = 0
    assert (tier == 1) == is_an_answer_in_strict_json(text)


@given(st.text())
def test_an_error_names_the_signature_and_keeps_the_whole_reply(text):
    with pytest.raises(OutputError, match="QASignature") as caught:
        outputs(QASignature, text)
    assert caught.value.reply == text
    assert len(str(caught.value)) < 300


@given(st.integers(0, len(CLEAN) - 2))
def test_the_reply_of_the_table_is_an_error_wherever_it_is_cut(end):
    assert read(QASignature, CLEAN[:end]) is None
