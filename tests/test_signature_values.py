"""Which values fit a signature, and what is said of those that do not."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import jsonschema
import pydantic
import pytest
from every_kind import Color, Echo, Everything, Item, Point, any_time, everything, only, signature_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import InputError, ReplyDoesNotFit
from kaizen_eval.signatures import AnySignature, Field, InputField, OutputField, Signature
from kaizen_eval.signatures.words import expected


class QASignature(Signature):
    """Answer the question.

    Be brief.
    """

    question: str = InputField(description="User question")
    context: str = InputField(default="")
    answer: str = OutputField(description="Answer")


# Laws


@any_time
@given(everything)
def test_what_was_checked_is_never_changed_by_checking_again(outputs):
    checked = Everything.check(outputs)
    assert Everything.check(checked) == checked


@any_time
@given(everything)
def test_python_values_pass_as_they_are(outputs):
    assert Everything.check(outputs) == {"maybe": None, "anything": None} | outputs


@any_time
@given(everything)
def test_json_and_python_say_the_same(outputs):
    checked = Everything.check(outputs)
    data = Everything.outputs_to_json(checked)
    assert Everything.check_json(data) == checked
    assert Everything.check(data) == checked


@pytest.mark.unmeasured
@any_time
@given(everything)
def test_what_check_accepts_fits_the_output_schema(outputs):
    data = Everything.outputs_to_json(Everything.check(outputs))
    jsonschema.validate(data, Everything.output_schema(), jsonschema.Draft202012Validator)


@any_time
@given(everything, st.sets(st.sampled_from(list(Everything.output_fields))))
def test_json_and_python_values_mix(outputs, as_json):
    checked = Everything.check(outputs)
    data = Everything.outputs_to_json(checked)
    assert Everything.check(checked | {name: data[name] for name in as_json}) == checked


@any_time
@given(everything)
def test_binding_what_was_bound_changes_nothing(values):
    bound = Echo.bind(values)
    assert Echo.bind(bound) == bound


@any_time
@given(everything)
def test_binding_leaves_the_callers_objects_alone(values):
    before = copy.deepcopy(values)
    bound = Echo.bind(values)
    for value in (bound["numbers"], bound["item"].parts, bound["by_name"]):
        value.clear()
    assert values == before


# Values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 3),
        ("text", dt.date(2026, 1, 1)),
        ("text", Color.RED),
        ("text", b"bytes"),
        ("count", "3"),
        ("count", 3.0),
        ("count", True),
        ("share", "0.5"),
        ("share", True),
        ("share", float("nan")),
        ("sure", 1),
        ("color", "RED"),
        ("day", "2026-01-01T00:00:00"),
        ("day", 20260101),
        ("key", 7),
        ("item", {"name": "n", "price": "x"}),
        ("item", {"name": "n", "parts": [{"name": dt.date(2026, 1, 1)}]}),
        ("item", {"name": "n", "unknown": 1}),
        ("item", Point(1)),
        ("numbers", (1.0,)),
        ("numbers", [float("inf")]),
        ("unique", "abc"),
        ("place", [1, "a", "b"]),
        ("by_number", {"x": True}),
        ("code", "abc"),
    ],
)
def test_nothing_is_coerced(name, value):
    with pytest.raises(ReplyDoesNotFit, match=f"Only's output '{name}' "):
        only(name).check({name: value})


def test_a_dict_for_a_model_may_hold_python_objects():
    mixed = {"name": "n", "due": dt.date(2026, 1, 1), "parts": [Item(name="a"), {"name": "b"}]}
    assert only("item").check({"item": mixed})["item"] == Item(
        name="n", due=dt.date(2026, 1, 1), parts=[Item(name="a"), Item(name="b")]
    )


def test_a_model_with_fields_of_its_own_may_be_given_in_part_as_python():
    class Loose(pydantic.BaseModel, extra="allow"):
        when: dt.date

    signature = signature_of("Only", {"x": Field(kind="output", name="x", annotation=list[Loose])})
    first, second = Loose(when=dt.date(2026, 1, 1), more=1), {"when": "2026-01-02"}
    assert signature.check({"x": [first, second]})["x"] == [first, Loose(when=dt.date(2026, 1, 2))]


def test_python_objects_are_found_again_in_dicts_and_dataclasses():
    @dataclasses.dataclass
    class Stay:
        until: dt.date
        items: dict[str, Item]

    signature = signature_of("Only", {"x": Field(kind="output", name="x", annotation=Stay)})
    mixed = {"until": dt.date(2026, 1, 1), "items": {"a": Item(name="a"), "b": {"name": "b"}}}
    stay = Stay(dt.date(2026, 1, 1), {"a": Item(name="a"), "b": Item(name="b")})
    assert signature.check({"x": mixed}) == {"x": stay}


def test_an_iterator_is_refused_unread():
    letters = iter("abc")
    with pytest.raises(ReplyDoesNotFit):
        only("unique").check({"unique": letters})
    assert list(letters) == ["a", "b", "c"]


@pytest.mark.parametrize("value", ["\ud83d", float("nan"), 10**4400], ids=["half a pair", "nan", "huge"])
def test_what_json_cannot_hold_is_a_validation_error(value):
    with pytest.raises(pydantic.ValidationError):
        QASignature.check_json({"answer": value})


def test_nan_is_no_json_also_where_anything_fits():
    with pytest.raises(pydantic.ValidationError) as caught:
        only("anything").check_json({"anything": {"deep": [float("nan")]}})
    assert [error["loc"] for error in caught.value.errors()] == [("anything",)]


def test_endless_nesting_is_a_validation_error():
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(pydantic.ValidationError):
        QASignature.check_json({"answer": endless})


def test_text_that_says_nan_is_text():
    assert QASignature.check_json({"answer": "NaN and Infinity"}) == {"answer": "NaN and Infinity"}


def test_strict_json_reports_where_it_does_not_fit():
    with pytest.raises(pydantic.ValidationError) as caught:
        QASignature.check_json({"answer": 1, "more": 2})
    assert [error["loc"] for error in caught.value.errors()] == [("answer",), ("more",)]


# Messages

FOUR_PROBLEMS = (
    "does not fit: numbers[0]: input should be a valid number, not 'a' (str); "
    "numbers[1]: input should be a valid number, not 'b' (str); "
    "numbers[2]: input should be a valid number, not 'c' (str); and 1 more"
)


def test_unknown_input_is_refused_with_a_suggestion():
    with pytest.raises(InputError) as caught:
        QASignature.bind({"quesiton": "?"})
    assert str(caught.value) == (
        "QASignature has no input 'quesiton'; did you mean 'question'? It takes: question, context (default '')."
    )


def test_a_suggestion_is_a_name_that_is_still_free():
    class Pick(Signature):
        choice_a: str = InputField()
        choice_b: str = InputField()

    with pytest.raises(InputError, match=r"no input 'choice_'; did you mean 'choice_a'\?"):
        Pick.bind({"choice_b": "b", "choice_": "a"})


def test_missing_input_is_named_with_what_it_takes():
    with pytest.raises(InputError) as caught:
        QASignature.bind({})
    assert str(caught.value) == (
        "QASignature needs the input 'question': text (str). It takes: question, context (default '')."
    )


def test_every_problem_is_told_at_once():
    with pytest.raises(InputError) as caught:
        QASignature.bind({"Context": "c", "context": 3, "zzz": 1})
    assert str(caught.value) == (
        "QASignature's inputs have 4 problems:\n"
        "- QASignature has no input 'Context'; did you mean 'context'?\n"
        "- QASignature has no input 'zzz'.\n"
        "- QASignature needs the input 'question': text (str).\n"
        "- QASignature's input 'context' must be text (str), not 3 (int).\n"
        "It takes: question, context (default '')."
    )


def test_undeclared_output_is_refused_with_a_suggestion():
    with pytest.raises(ReplyDoesNotFit) as caught:
        QASignature.check({"answer": "a", "anwser": "b"})
    assert str(caught.value) == "QASignature has no output 'anwser'; did you mean 'answer'? It gives: answer."


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("count", "x" * 200, f"must be a whole number (int), not '{'x' * 37}...{'x' * 38}' (str)"),
        ("count", -1, "does not fit: input should be greater than or equal to 0, not -1 (int)"),
        ("color", "green", "must be one of 'red', 'blue' (Color), not 'green' (str)"),
        ("mood", "so", "must be one of 'good', 'bad', 3, not 'so' (str)"),
        ("maybe", "x", "must be a whole number (int) or None, not 'x' (str)"),
        ("either", 1.5, "must be a whole number (int) or text (str), not 1.5 (float)"),
        ("item", 3, "must be Item, not 3 (int)"),
        ("item", {"name": 1}, "does not fit: item.name: input should be a valid string, not 1 (int)"),
        ("numbers", [1, "2"], "does not fit: numbers[1]: input should be a valid number, not '2' (str)"),
        ("numbers", [1] * 5, "does not fit: list should have at most 4 items after validation, not 5"),
        ("numbers", None, "must be list[float], not None"),
        ("numbers", ["a", "b", "c", "d"], FOUR_PROBLEMS),
    ],
)
def test_a_wrong_value_is_told_with_what_came_and_what_was_expected(name, value, message):
    with pytest.raises(ReplyDoesNotFit) as caught:
        only(name).check({name: value})
    assert str(caught.value) == f"Only's output {name!r} {message}."


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (list[int | None], "list[int | None]"),
        (list[Literal["a", 1]], "list[Literal['a', 1]]"),
        (tuple[Item, ...], "tuple[Item, ...]"),
        (dict[str, Annotated[int, "note"]], "dict[str, int]"),
        (Annotated[int, "note"], "a whole number (int)"),
        (dt.date | uuid.UUID, "a date or a UUID"),
        (Any | None, "anything or None"),
    ],
)
def test_what_is_expected_is_said_in_words(annotation, words):
    assert expected(annotation) == words


def test_inputs_that_are_no_mapping_are_refused():
    with pytest.raises(
        InputError, match=r"QASignature's inputs are a mapping of names to values, not \['q'\] \(list\)"
    ):
        QASignature.bind(["q"])
    with pytest.raises(ReplyDoesNotFit, match="outputs are a mapping"):
        QASignature.check("answer")


def test_an_input_that_cannot_be_copied_is_refused():
    with pytest.raises(InputError, match="AnySignature's input 'lock' cannot be copied"):
        AnySignature.bind({"lock": (n for n in "abc")})


def test_a_value_without_json_form_is_refused_before_it_is_asked():
    with pytest.raises(InputError, match="AnySignature's inputs hold a value that has no JSON form"):
        AnySignature.inputs_to_json({"value": object()})
