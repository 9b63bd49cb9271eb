"""What is told of a reply while it comes: the beginning of what it will have said, and never anything else."""

from __future__ import annotations

import datetime as dt
import enum
import json
import time
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel
from test_parse_laws import ENVELOPES, SURROUNDINGS, WRAPPERS, after_a_draft, telling_texts

from kaizen_eval.errors import OutputError
from kaizen_eval.llm.parse import outputs
from kaizen_eval.llm.partial import PartialReading
from kaizen_eval.signatures import AnySignature, OutputField, Signature


class Mood(enum.Enum):
    GOOD = "good"
    BETTER = "better"


class Item(BaseModel):
    name: str
    price: float | None = None


class Everything(Signature):
    text: str = OutputField()
    title: str | None = OutputField(min_length=2, max_length=8, default=None)
    code: str = OutputField(pattern="^[abc]+z$")
    count: int = OutputField()
    share: float = OutputField(ge=0)
    sure: bool = OutputField()
    mood: Mood = OutputField()
    kind: Literal["a", "aa", "b"] = OutputField()
    day: dt.date = OutputField()
    tags: list[str] = OutputField(min_length=1)
    items: list[Item] | None = OutputField(default=None)
    weights: dict[str, int] = OutputField()


everything = st.fixed_dictionaries(
    {
        "text": telling_texts,
        "title": st.none() | st.text('ab"\\é\N{PILE OF POO}', min_size=2, max_size=8),
        "code": st.text("abc", min_size=1, max_size=4).map(lambda letters: f"{letters}z"),
        "count": st.integers(-(10**20), 10**20),
        "share": st.floats(0, allow_infinity=False),
        "sure": st.booleans(),
        "mood": st.sampled_from(["good", "better"]),
        "kind": st.sampled_from(["a", "aa", "b"]),
        "day": st.dates().map(dt.date.isoformat),
        "tags": st.lists(telling_texts, min_size=1, max_size=3),
        "items": st.none()
        | st.lists(st.fixed_dictionaries({"name": telling_texts, "price": st.floats(0, 9)}), max_size=3),
        "weights": st.dictionaries(telling_texts, st.integers(), max_size=2),
    }
)
cuts = st.lists(st.integers(1, 7), min_size=1, max_size=20)


def pieces(text: str, sizes: list[int]) -> Iterable[str]:
    """The text in pieces of these lengths, again and again."""
    at = number = 0
    while at < len(text):
        size = sizes[number % len(sizes)]
        yield text[at : at + size]
        at, number = at + size, number + 1


def told(signature: type[Signature], parts: Iterable[str]) -> list[dict[str, Any]]:
    """All that is told while these pieces come."""
    reading = PartialReading(signature)
    return [news for part in parts if (news := reading.feed(part)) is not None]


def goes_on(partial: dict[str, Any], values: dict[str, Any]) -> bool:
    """Written another way than in the package: by the types of the values."""
    for name, value in partial.items():
        if isinstance(value, str) or type(value) is list:
            if values[name] is None or values[name][: len(value)] != value:
                return False
        elif values[name] != value or type(values[name]) is not type(value):
            return False
    return True


def whole(signature: type[Signature], text: str) -> dict[str, Any] | None:
    try:
        return outputs(signature, text).values
    except OutputError:
        return None


@given(everything, st.sampled_from([None, 2]), st.booleans(), cuts)
def test_a_partial_is_always_a_beginning_of_the_outputs_and_fits_its_fields(values, indent, ascii_only, sizes):
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    final = Everything.check_json(values)
    for partial in told(Everything, pieces(text, sizes)):
        assert goes_on(partial, final)
        assert Everything.check(final | partial) == final | partial


@given(everything, cuts)
def test_the_last_partial_of_clean_json_is_all_of_it_however_it_was_cut(values, sizes):
    text = json.dumps(values)
    assert told(Everything, pieces(text, sizes))[-1] == Everything.check_json(values)


@given(everything, cuts)
def test_each_partial_says_more_than_the_one_before(values, sizes):
    news = told(Everything, pieces(json.dumps(values), sizes))
    for before, after in pairwise(news):
        assert goes_on(before, after)
        assert before != after


surroundings = st.sampled_from([*ENVELOPES, *WRAPPERS, *SURROUNDINGS, after_a_draft])


@given(everything, st.lists(surroundings, max_size=3), cuts)
def test_whatever_stands_around_a_reply_what_it_takes_back_is_noticed(values, layers, sizes):
    text = json.dumps(values)
    for layer in layers:
        text = layer(text)
    final = whole(Everything, text)
    reading = PartialReading(Everything)
    partials = [news for part in pieces(text, sizes) if (news := reading.feed(part)) is not None]
    if final is not None and reading.contradicted(final) is None:
        assert [partial for partial in partials if not goes_on(partial, final)] == []


@given(everything, st.sampled_from(ENVELOPES[:4]), cuts)
def test_what_a_reply_is_wrapped_in_hides_nothing_of_it(values, layer, sizes):
    reading = PartialReading(Everything)
    partials = [news for part in pieces(layer(json.dumps(values)), sizes) if (news := reading.feed(part)) is not None]
    final = Everything.check_json(values)
    assert (partials[-1], reading.contradicted(final)) == (final, None)


MARKS = ["<think>", "</think>", "<b>", "</b>", "```", "<|im_end|>", "response", *"ab \n<>/`~[]{}\"':|#\\"]


@given(st.lists(st.sampled_from(MARKS)).map("".join), cuts)
@example("<think>so</think> ab", [3])
@example("<think>so</think>ab <|im_end|>", [3])
@example("<b>ab</b>", [3])
@example("```\nab\n```", [1])
@example('{"response": "ab"}', [1])
@example("{a}", [1])
@example("[a]", [1])
@example("`ab`", [1])
@example("<3 ab", [1])
def test_a_partial_of_plain_text_is_always_a_beginning_of_the_response(text, sizes):
    final = whole(AnySignature, text)
    reading = PartialReading(AnySignature)
    partials = [news for part in pieces(text, sizes) if (news := reading.feed(part)) is not None]
    if final is not None:
        assert [partial for partial in partials if not goes_on(partial, final)] == []


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("  Good morning. ", "  Good morning. "),
        ("<think>Hm.</think>\nGood  morning.", "Good  morning."),
        ("<think>Hm.</think>Good morning.<|im_end|>", "Good morning."),
        ("<b>Good</b> morning.", "<b>Good</b> morning."),
        ("```\nmorning\n```", "```\nmorning\n```"),
        ('"Good morning", she said.', '"Good morning", she said.'),
        ("{Good morning}", "{Good morning}"),
        ("[Good](morning)", "[Good](morning)"),
        ('{"response": "Good morning."}', "Good morning."),
    ],
)
def test_plain_text_is_told_as_it_comes(text, last):
    assert told(AnySignature, text)[-1] == {"response": last}


def test_thinking_is_not_told():
    assert told(AnySignature, "<think>It is late.</think>Good night.")[0] == {"response": "G"}


class Answer(Signature):
    answer: str = OutputField()
    count: int = OutputField(default=0)


def test_a_number_is_told_when_it_has_ended():
    assert told(Answer, ['{"count": 3', "1", "", ","]) == [{"count": 31}]


def test_a_text_is_told_as_it_grows_with_its_escapes_whole():
    parts = ['{"answer": "a', "\\", "n", "\\ud8", "3d\\ude0", "0", "b", '"']
    assert told(Answer, parts) == [
        {"answer": "a"},
        {"answer": "a\n"},
        {"answer": "a\n\N{GRINNING FACE}"},
        {"answer": "a\n\N{GRINNING FACE}b"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        'Here you are: {"answer": "a"}',
        '[{"answer": "a"}]',
        '"{\\"answer\\": \\"a\\"}"',
        "answer: a",
        '{answer: "a"}',
        '{"result": {"answer": "a"}}',
        '{"Answer": "a"}',
        '{"answer": 3}',
        '<think>{"answer": "a"}',
        '{ } {"answer": "a"}',
    ],
)
def test_what_is_not_certain_before_the_end_is_not_told(text):
    assert told(Answer, text) == []


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ('{"answer": "a\nb"}', {"answer": "a"}),
        ('{"answer": "a\\xb"}', {"answer": "a"}),
        ('{"answer": "a", "answer": "b"}', {"answer": "a"}),
        ('{"answer": "a" "count": 1}', {"answer": "a"}),
        ('{"answer": "a", "count": NaN}', {"answer": "a"}),
        ('{"answer": "a", "count": 1,}', {"answer": "a", "count": 1}),
        ('{"answer": "a\ud83d"}', {"answer": "a"}),
        ('{"answer": "a", "\\x": 1, "count": 1}', {"answer": "a"}),
    ],
)
def test_what_is_broken_ends_what_is_told(text, last):
    assert told(Answer, text)[-1] == last


def test_fields_that_nobody_asked_for_are_passed_over():
    text = '{"why": {"answer": ["}", "\\""]}, "sure": true, "answer": "a"}'
    assert told(Answer, text) == [{"answer": "a"}]


@pytest.mark.parametrize("text", ['{"answer": "a"}{"answer": "b"}', '{"answer": "a"}\nNo: {"answer": "b"}'])
def test_a_reply_that_takes_back_what_it_said_is_noticed(text):
    reading = PartialReading(Answer)
    reading.feed(text)
    assert reading.contradicted({"answer": "b", "count": 0}) == "answer"


def test_a_partial_stays_as_it_was_told():
    class Tags(Signature):
        tags: list[str] = OutputField()

    assert told(Tags, ['{"tags": ["a"', ', "b"', "]}"]) == [{"tags": ["a"]}, {"tags": ["a", "b"]}]


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps({"answer": "lorem ipsum " * 8_500}),
        json.dumps({"answer": "\N{GRINNING FACE}" * 8_500}),
        "lorem ipsum " * 8_500,
    ],
)
def test_ten_thousand_pieces_of_a_long_reply_take_less_than_a_second_of_work(reply):
    signature = Answer if reply.startswith("{") else AnySignature
    reading = PartialReading(signature)
    started = time.process_time()
    for part in pieces(reply, [10]):
        reading.feed(part)
    assert time.process_time() - started < 1


def test_the_elements_of_a_long_list_are_looked_at_once():
    class Items(Signature):
        items: list[Item] = OutputField()

    reply = json.dumps({"items": [{"name": f"item {number}", "price": 1.5} for number in range(2_500)]})
    reading = PartialReading(Items)
    started = time.process_time()
    for part in pieces(reply, [10]):
        reading.feed(part)
    assert time.process_time() - started < 1


def test_what_does_not_fit_is_told_as_far_as_it_did():
    class Short(Signature):
        text: str = OutputField(max_length=3)
        tags: list[str] = OutputField(max_length=2)

    assert told(Short, '{"text": "abcde", "tags": ["a", 3, "b"]}')[-1] == {"text": "abc", "tags": ["a"]}
    assert told(Short, '{"tags": ["a", "b", "c"]}')[-1] == {"tags": ["a", "b"]}


@pytest.mark.parametrize("text", ['<b>{"response": "a"}', "<b><think>Hm.</think>a", "```\n<think>Hm.</think>a"])
def test_plain_text_in_a_wrapper_that_may_be_none_is_not_told(text):
    assert told(AnySignature, text) == []
