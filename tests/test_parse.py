"""Reading replies: each kind of reply, its values, its tier, or what is said about it."""

from __future__ import annotations

import datetime as dt
import enum
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Literal

import pytest
from malformed_replies import CLEAN, ERROR, MEANT, ROWS, QASignature, Row
from pydantic import BaseModel

from kaizen_eval.errors import EmptyReply, OutputError, ReplyDoesNotFit
from kaizen_eval.llm.parse import Parsed, outputs
from kaizen_eval.signatures import AnySignature, InputField, OutputField, Signature

REPAIRABLE = [row for row in ROWS if row.tier is not ERROR]
HOPELESS = [row for row in ROWS if row.tier is ERROR]


class Address(BaseModel):
    street: str
    postcode: str = "unknown"


class Person(BaseModel):
    name: str
    age: int
    home: Address | None = None


class Color(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


class People(Signature):
    people: list[Person] = OutputField()
    seen: dt.date = OutputField()
    color: Color = OutputField()
    note: str | None = OutputField(default=None)


class Figures(Signature):
    scores: dict[str, float] = OutputField()
    value: int | str = OutputField()
    sure: bool = OutputField()


class Answer(Signature):
    answer: str = OutputField()


class Named(Signature):
    name: str = OutputField()


class Kind(Signature):
    type: str = OutputField()


class Lenient(Signature):
    answer: str = OutputField(default="n/a")
    count: int = OutputField(default=0)


class Grade(Signature):
    grade: Literal["C", "C++", "C#"] = OutputField()


class Sense(Signature):
    sense: Literal["Polish", "polish"] = OutputField()


class Chat(Signature):
    message: str = InputField()


PEOPLE = '{"people": [{"name": "Bob", "age": 31}], "seen": "2024-01-02", "color": "red"}'
FOUND = {"people": [Person(name="Bob", age=31)], "seen": dt.date(2024, 1, 2), "color": Color.RED, "note": None}
FIGURES = '{"scores": {"a": 1.25}, "value": 12, "sure": true}'
FIGURED = {"scores": {"a": 1.25}, "value": 12, "sure": True}


def refusal(signature: type[Signature], text: str) -> str:
    with pytest.raises(OutputError) as caught:
        outputs(signature, text)
    assert caught.value.reply == text
    return str(caught.value)


# The 59 kinds


@pytest.mark.parametrize("row", REPAIRABLE, ids=lambda row: row.kind)
def test_a_repairable_reply_gives_exactly_what_was_meant(row: Row):
    assert outputs(QASignature, row.text) == Parsed(row.values, row.tier)


@pytest.mark.parametrize("row", HOPELESS, ids=lambda row: row.kind)
def test_a_hopeless_reply_gives_an_error_and_never_a_value(row: Row):
    refusal(QASignature, row.text)


def test_of_59_kinds_38_are_repaired():
    assert (len(REPAIRABLE), len(HOPELESS)) == (38, 21)


# What is said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CLEAN.replace("3", '"three"'), "count: expected an integer, got 'three'."),
        (CLEAN.replace('"count": 3, ', ""), "count is missing."),
        (CLEAN.replace("0.9", '"90%"'), "confidence: expected a number, got '90%'."),
        (
            CLEAN.replace("positive", "glad"),
            "sentiment: expected 'positive', 'negative' or 'neutral', got 'glad'.",
        ),
        (CLEAN.replace('"b"', "7.5"), "tags[1]: expected a string, got 7.5."),
        (
            '{"answer": null, "confidence": null, "count": null, "sentiment": null, "tags": null}',
            (
                "answer: expected a string, got None; confidence: expected a number, got None; "
                "count: expected an integer, got None; and 2 more."
            ),
        ),
        (
            "Sorry, no.",
            "expected one whole JSON object with answer, confidence, count, sentiment, tags, got 'Sorry, no.'.",
        ),
        (
            '{"answer": "Pa',
            (
                "expected one whole JSON object with answer, confidence, count, sentiment, tags, "
                'got \'{"answer": "Pa\' (EOF while parsing a string at line 1 column 14).'
            ),
        ),
        (
            '{"count": 3, "count": 7}',
            (
                "expected one whole JSON object with answer, confidence, count, sentiment, tags, "
                'got \'{"count": 3, "count": 7}\' (Detected duplicate key "count" at line 1 column 22).'
            ),
        ),
    ],
)
def test_the_error_says_what_came_where_and_what_was_expected(text: str, said: str):
    assert refusal(QASignature, text) == f"The reply does not fit QASignature: {said}"


def test_an_empty_reply_says_what_was_expected():
    with pytest.raises(EmptyReply, match=r"^The reply for Answer is empty: expected a JSON object with answer\.$"):
        outputs(Answer, " \n")


def test_a_long_reply_is_shown_by_its_ends():
    said = refusal(Answer, "no " * 1000)
    assert said == (
        "The reply does not fit Answer: expected one whole JSON object with answer, "
        "got 'no no no no no no no no no no  … no no no no no no no no no no '."
    )


def test_a_number_beyond_all_floats_is_named():
    said = refusal(QASignature, CLEAN.replace("0.9", "1e999"))
    assert said.startswith("The reply does not fit QASignature: confidence: ")
    assert said.endswith(", got inf.")


def test_a_path_leads_into_nested_values():
    said = refusal(People, PEOPLE.replace("31", '"old"'))
    assert said == "The reply does not fit People: people[0].age: expected an integer, got 'old'."


# Signatures of other shapes


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        (PEOPLE, 1),
        (PEOPLE.replace('"age": 31', '"age": 31, "home": null'), 1),
        (f"```\n{PEOPLE}```", 2),
        (f'{{"People": {PEOPLE}}}', 2),
        (PEOPLE[:-1] + ', "reason": "said so"}', 2),
        (f"Found him: {PEOPLE}", 3),
        (PEOPLE.replace('"', "'"), 4),
        (PEOPLE[:-1] + ', "note": null', 4),
        (PEOPLE.replace('"red"', '"RED"'), 5),
        (PEOPLE.replace("31", '"31"'), 5),
        (PEOPLE.replace("[{", "{").replace("}]", "}"), 5),
        (PEOPLE.replace('"color"', '"Color"'), 5),
        (PEOPLE.replace('[{"name": "Bob", "age": 31}]', json.dumps('[{"name": "Bob", "age": 31}]')), 5),
    ],
)
def test_models_dates_and_enums_are_read_at_every_tier(text: str, tier: int):
    assert outputs(People, text) == Parsed(FOUND, tier)


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        (FIGURES, 1),
        (FIGURES.replace("1.25", '"1.25"'), 5),
        (FIGURES.replace("true", '"True"'), 5),
        (FIGURES.replace("true", "True"), 4),
        (FIGURES[:-1], 4),
    ],
)
def test_dicts_unions_and_booleans_are_read_at_every_tier(text: str, tier: int):
    assert outputs(Figures, text) == Parsed(FIGURED, tier)


def test_a_number_never_becomes_text_because_of_a_slip_beside_it():
    refusal(Figures, '{"scores":{"a":1.25},"value":12,sure:true}')


def test_a_union_keeps_the_type_that_came():
    assert outputs(Figures, FIGURES.replace("12", '"12"')) == Parsed(FIGURED | {"value": "12"}, 1)


@pytest.mark.parametrize("written", ["dark_blue", "Dark-Blue", " DARK BLUE. ", "`dark blue`"])
def test_an_enum_is_recognised_by_its_letters(written: str):
    assert outputs(People, PEOPLE.replace('"red"', json.dumps(written))).values["color"] is Color.DARK_BLUE


@pytest.mark.parametrize(
    ("written", "meant"), [("c", "C"), ("C++.", "C++"), ("c#", "C#"), ("C+", None), ("not C", None), ("", None)]
)
def test_signs_that_tell_options_apart_are_not_punctuation(written: str, meant: str | None):
    text = json.dumps({"grade": written})
    if meant is None:
        refusal(Grade, text)
    else:
        assert outputs(Grade, text) == Parsed({"grade": meant}, 5)


def test_options_that_differ_in_case_are_not_guessed():
    assert outputs(Sense, '{"sense": " Polish"}') == Parsed({"sense": "Polish"}, 5)
    refusal(Sense, '{"sense": "POLISH"}')


@pytest.mark.parametrize("tags", ["a, b", "a and b", "", "none", "N/A", "- a\n- b", "[a]", None, {"type": "string"}])
def test_what_may_be_several_or_none_is_not_made_a_list_of_one(tags: Any):
    refusal(QASignature, json.dumps(MEANT | {"tags": tags}))


@pytest.mark.parametrize("count", ["3.5", "3 items", "1,000", "0x1F", "٣", "three", 3.5, True, None, [3], {"n": 3}])
def test_what_is_no_integer_for_certain_stays_an_error(count: Any):
    refusal(QASignature, json.dumps(MEANT | {"count": count}))


@pytest.mark.parametrize("count", ["3", " 3 ", "+3", 3.0])
def test_an_integer_in_another_form_is_that_integer(count: Any):
    assert outputs(QASignature, json.dumps(MEANT | {"count": count})) == Parsed(MEANT, 5)


# Envelopes


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: f"~~~\n{text}\n~~~",
        lambda text: f"<answer>{text}</answer>",
        lambda text: f"<function=final_answer>{text}</function>",
        lambda text: f"[TOOL_CALLS] [{json.dumps({'name': 'f', 'arguments': json.loads(text)})}]",
        lambda text: f"<|python_tag|>{json.dumps({'name': 'f', 'parameters': json.loads(text)})}<|eom_id|>",
        lambda text: json.dumps({"name": "f", "arguments": text}),
        lambda text: json.dumps({"type": "tool_use", "id": "t1", "name": "f", "input": json.loads(text)}),
        lambda text: json.dumps({"tool_calls": [{"id": "c", "type": "function", "function": {"arguments": text}}]}),
        lambda text: json.dumps({"action": "Final Answer", "action_input": json.loads(text)}),
        lambda text: json.dumps({"final_answer": text}),
        lambda text: json.dumps([json.dumps({"output": json.dumps([text])})]),
    ],
)
def test_an_envelope_is_taken_off(wrapped: Callable[[str], str]):
    assert outputs(QASignature, wrapped(CLEAN)) == Parsed(MEANT, 2)


@pytest.mark.parametrize("wrapped", ["[{}]", '{{"result": {}}}'], ids=["list", "result"])
def test_what_fits_inside_of_an_envelope_is_not_opened_any_further(wrapped: str):
    answer = '```json\n{"answer": 42}\n```'
    assert outputs(Answer, wrapped.format(json.dumps({"answer": answer}))) == Parsed({"answer": answer}, 2)


def test_a_wrapper_named_like_a_field_is_one_only_where_it_holds_the_fields():
    assert outputs(Answer, '{"answer": {"answer": "x"}}') == Parsed({"answer": "x"}, 2)
    refusal(Answer, '{"answer": {"text": "x"}}')


def test_the_name_of_a_tool_is_not_taken_for_a_field():
    assert outputs(Named, '{"name": "final_answer", "arguments": {"name": "Bob"}}') == Parsed({"name": "Bob"}, 2)
    refusal(Named, '{"name": "final_answer", "arguments": "{\\"name\\": broken"}')


# Never silently wrong


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<think>{"answer": "draft"}', id="thinking that never ends"),
        pytest.param('<think>{"answer": "draft"}</think> I cannot say.', id="a draft and no answer"),
        pytest.param('so {"answer": "draft"}</think> I cannot say.', id="a draft whose opening tag is missing"),
        pytest.param('<|channel|>analysis<|message|>{"answer": "draft"}<|end|>', id="a draft in its channel"),
        pytest.param('{"answer": "draft"} {"answer": "fin', id="a draft and a cut answer"),
        pytest.param('{"answer": "draft"} {"answer": fin', id="a draft and a cut unquoted answer"),
        pytest.param('{"answer": "say {\\"answer\\": \\"x\\"}', id="a cut answer that quotes an object"),
        pytest.param('{"draft": {"answer": "x"}, "answer": "fi', id="a cut object that holds one"),
        pytest.param('{"answer": "He said "', id="a cut after a quote that may be inside"),
        pytest.param('{"answer": "', id="a cut at the first quote"),
        pytest.param('[{"answer": "x"}, {"answer": "y"}]', id="two answers"),
        pytest.param('Here: [{"answer": "x"}, {"answer": "y"}].', id="two answers in prose"),
        pytest.param('{"answer": "x", "answer": "y"}', id="two values for a key"),
        pytest.param('{"answer": "x" "answer": "y"}', id="two values and no comma"),
        pytest.param("{'answer': 'x', 'answer': 'y'}", id="two values in Python"),
        pytest.param('{"answer": "x" + "y"}', id="an expression"),
        pytest.param('{"answer": "x" /* or "y" */ "z"}', id="a comment between two strings"),
        pytest.param('{"answer": undefined}', id="undefined"),
        pytest.param('{"answer": ...}', id="an ellipsis"),
        pytest.param('{"answer": <string>}', id="a template"),
        pytest.param('{"answer": 0.90}', id="a float where text is asked: its digits are lost"),
        pytest.param('{"answer": "a", "b"}', id="a value without a key"),
        pytest.param(r'{"answer": "C:\new\dir"}', id="a path of which half looks like an escape"),
        pytest.param(r'{"answer": "a\.b"}', id="an escape of a full stop: Markdown or a regular expression"),
        pytest.param('{"answer": "x\ud83d"}', id="half a surrogate pair, as it came"),
        pytest.param('{"type": "object", "properties": {"answer": {"type": "string"}}}', id="the schema"),
        pytest.param('<think>{answer": "draft"}</think> No.', id="a draft with a slip"),
        pytest.param('{"answer": "d"} {"final": {"answer": "x"}, "more": 1}', id="an answer in an unknown place"),
        pytest.param(r'{"answer": "a \"b\" and "c" too"}', id="quotes escaped and not"),
        pytest.param('{"answer": "x", "score": NaN}', id="NaN in a field to spare"),
        pytest.param("{'answer': '" + "x" * 70_000 + "'}", id="a repair too long to be worth it"),
        pytest.param("{'answer': 'x', 'y': " + "[" * 150 + "]" * 150 + "}", id="a repair too deep to be worth it"),
        pytest.param('{"result": "x"}', id="a key that may be a field's or a wrapper's"),
        pytest.param("answer: |\n  x", id="a YAML block"),
        pytest.param("answer: x\nanswer: y", id="two lines for a key"),
        pytest.param("The answer: x", id="prose with a colon"),
        pytest.param("x", id="prose"),
        pytest.param('"x"', id="a JSON string"),
    ],
)
def test_what_is_uncertain_is_an_error(text: str):
    refusal(Answer, text)


def test_an_echoed_schema_is_no_answer_even_where_its_keys_are_our_fields():
    refusal(Kind, '{"type": "object", "properties": {"type": {"type": "string"}}}')


def test_an_object_that_is_closed_before_its_last_field_gets_no_default_for_it():
    refusal(Lenient, '{"answer": "x"}, "count": 3}')
    refusal(Lenient, '{"count": 3}}, "answer": "{"}')
    refusal(Lenient, '{"count": 3} "answer": "{"}')


@pytest.mark.parametrize("text", ['{"anwser": "x", "count": 3}', '{"answer": "x", "cuont": 3}'])
def test_a_default_does_not_stand_in_for_a_misspelled_field(text: str):
    refusal(Lenient, text)


def test_a_default_does_not_stand_in_for_a_field_that_was_cut_off():
    assert outputs(Lenient, '{"answer": "x"}') == Parsed({"answer": "x", "count": 0}, 1)
    refusal(Lenient, '{"answer": "x"')


def test_lines_must_hold_every_field_since_a_cut_shows_nowhere():
    assert outputs(Lenient, "answer: x\ncount: 3") == Parsed({"answer": "x", "count": 3}, 5)
    refusal(Lenient, "answer: x")


def test_a_wrapper_around_nothing_is_no_answer_of_defaults():
    refusal(Lenient, '{"result": {}}')


@pytest.mark.parametrize(
    ("text", "answer", "tier"),
    [
        ('The {"answer": "see } {"} says it', "see } {", 3),
        ('{"answer": "x"}\n\nSchema: {"properties": {"answer": {}}}', "x", 3),
        ('Use { to open. {"answer": "x"}', "x", 3),
        ('{"a": 1} {"answer": "x"} {"b": 2}', "x", 3),
        ('<|channel|>analysis<|message|>{"answer": "d"}<|end|><|channel|>final<|message|>{"answer": "x"}', "x", 3),
        (r'{"answer": "\d+"}', r"\d+", 4),
        (r"{'answer': 'it\'s'}", "it's", 4),
        ('{"answer": "He said "hi", ok"}', 'He said "hi", ok', 4),
        ('{"answer": "see http://x",}', "see http://x", 4),
        ('{answer": "x"}', "x", 4),
        ('{"answer": 42}', "42", 5),
        ('{"Answer": "x"}', "x", 5),
    ],
)
def test_what_is_certain_is_read(text: str, answer: str, tier: int):
    assert outputs(Answer, text) == Parsed({"answer": answer}, tier)


# Free text


@pytest.mark.parametrize("signature", [Chat, AnySignature])
@pytest.mark.parametrize(
    ("text", "response", "tier"),
    [
        ("Paris.", "Paris.", 1),
        ("  Paris\n", "  Paris\n", 1),
        ("42", "42", 1),
        ('{"city": "Paris"}', '{"city": "Paris"}', 1),
        ('Send {"response": "x"} to it.', 'Send {"response": "x"} to it.', 1),
        ('{"response": "Paris"}', "Paris", 1),
        ('```json\n{"response": "Paris"}\n```', "Paris", 2),
        ("<think>hm</think>\nParis", "Paris", 3),
        ('{"response": "Paris"', "Paris", 4),
    ],
)
def test_where_no_output_is_declared_the_text_is_the_response(
    signature: type[Signature], text: str, response: str, tier: int
):
    assert outputs(signature, text) == Parsed({"response": response}, tier)


@pytest.mark.parametrize("text", ['{"response": "Par', "<think>hm", "\ud83d", "", "\ufeff \n"])
def test_free_text_that_is_cut_empty_or_no_text_is_an_error(text: str):
    refusal(Chat, text)


# Cost


def calls_for(text: str) -> int:
    """How many functions were called, in Python and in C, to refuse the text."""
    count = 0

    def profile(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        outputs(Answer, text)
    except ReplyDoesNotFit:
        pass
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "}",
        "{}",
        '{"',
        '{"answer":',
        '{"answer":1}',
        '{"answer":[',
        "<think>",
        '<think>{"answer":1}</think>',
        '\\"',
    ],
)
def test_twice_the_braces_take_at_most_about_twice_the_work(unit: str):
    calls_for(unit)
    once, twice = calls_for(unit * 2000), calls_for(unit * 4000)
    assert twice <= 2.1 * once + 100


@pytest.mark.unmeasured
def test_a_megabyte_of_braces_is_refused():
    assert len(refusal(Answer, "{" * 1_000_000)) < 300


def test_a_clean_reply_never_loads_the_lenient_parser():
    program = "import sys, kaizen_eval.llm.parse; sys.exit('json_repair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
