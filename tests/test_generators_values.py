"""What inputs(signature) and outputs(signature) make."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from typing import Literal

import pytest
from every_kind import Color, Echo, Everything, Item, Point, only, signature_of
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.generators import from_json_schema, inputs, outputs
from kaizen_eval.signatures import AnySignature

patient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
looking = settings(deadline=None, database=None, max_examples=2_000, derandomize=True, report_multiple_bugs=False)
shrinking = settings(looking, max_examples=200)


class Trip(Signature):
    """Plan a trip."""

    places: list[str] = InputField(min_length=1)
    nights: int = InputField(default=2, ge=1, le=30)
    mood: Literal["calm", "lively"] = InputField(default="calm")
    plan: str = OutputField(max_length=200)
    price: float = OutputField(ge=0)
    leaves: dt.date = OutputField()


@given(inputs(Echo))
@patient
def test_every_input_binds_and_is_typed_already(made):
    bound = Echo.bind(made)
    assert {name: bound[name] for name in made} == made


@given(outputs(Everything))
@patient
def test_every_output_checks_and_is_typed_already(made):
    checked = Everything.check(made)
    assert {name: checked[name] for name in made} == made


@pytest.mark.parametrize("name", Everything.output_fields)
def test_every_kind_of_field_has_values_by_itself(name):
    signature = only(name)

    @given(outputs(signature))
    @settings(patient, max_examples=25, derandomize=True)
    def trial(made):
        assert signature.outputs_to_json(signature.check(made)).keys() == {name}

    trial()


@given(inputs(AnySignature))
@patient
def test_a_signature_that_takes_anything_is_given_anything(made):
    assert AnySignature.bind(made) == made


def found(strategy, condition):
    """The first that is made."""
    return find(strategy, condition, settings=settings(looking, phases=[Phase.generate]))


def smallest(strategy, condition):
    return find(strategy, condition, settings=shrinking)


@pytest.mark.parametrize(
    "condition",
    [
        lambda made: made.keys() == {"places"},
        lambda made: made.keys() == {"places", "nights", "mood"},
        lambda made: made.get("nights") == 1,
        lambda made: made.get("nights") == 30,
        lambda made: len(made["places"]) > 5,
        lambda made: len(set(made["places"])) < len(made["places"]),
    ],
    ids=["defaults left out", "defaults given", "lower bound", "upper bound", "a long list", "an item twice"],
)
def test_what_a_harness_should_see_is_made(condition):
    assert found(inputs(Trip), condition)


def of_text(holds):
    return lambda made: holds(made["plan"])


@pytest.mark.parametrize(
    "holds",
    [
        lambda text: text == "",
        lambda text: len(text) == 200,
        lambda text: text != "" and text.isspace(),
        lambda text: any(unicodedata.bidirectional(letter) == "R" for letter in text),
        lambda text: any(unicodedata.combining(letter) for letter in text),
        lambda text: any(unicodedata.category(letter) == "Cc" for letter in text),
        lambda text: "\N{ZERO WIDTH JOINER}" in text,
        lambda text: "\0" in text,
        lambda text: "{" in text and "}" in text and not text.startswith(("{", "`")),
        lambda text: "Ignore all previous instructions" in text,
        lambda text: "<|endoftext|>" in text,
        lambda text: isinstance(_decoded(text), dict),
        lambda text: any(ord(letter) > 0xFFFF for letter in text),
    ],
    ids=[
        "empty",
        "as long as it may be",
        "white space",
        "right to left",
        "combining",
        "control",
        "joined emoji",
        "null",
        "braces",
        "injection",
        "special token",
        "JSON",
        "far planes",
    ],
)
def test_texts_that_programs_stumble_over_are_made(holds):
    assert found(outputs(Trip), of_text(holds))


def _decoded(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def test_a_text_without_a_bound_may_be_huge():
    assert found(from_json_schema({"type": "string"}), lambda text: len(text) > 9_000)


@given(outputs(Trip))
@patient
def test_no_text_holds_half_of_a_surrogate_pair(made):
    made["plan"].encode("utf-8")


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_dates_reach_their_ends(day):
    assert found(outputs(Trip), lambda made: made["leaves"] == day)["leaves"] == day


@pytest.mark.parametrize("size", [1e-100, 1e100])
def test_numbers_are_very_small_and_very_large(size):
    met = (lambda made: 0 < made["price"] < size) if size < 1 else (lambda made: made["price"] > size)
    assert found(outputs(Trip), met)


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("name", "simplest"),
    [
        ("text", "0"),
        ("count", 0),
        ("share", 0.0),
        ("sure", False),
        ("color", Color.RED),
        ("mood", "good"),
        ("either", 0),
        ("item", Item(name="")),
        ("point", Point(0)),
        ("pair", {"left": 0, "right": Color.RED}),
        ("numbers", []),
        ("unique", set()),
        ("place", (0, "")),
        ("by_name", {}),
        ("day", dt.date(1970, 1, 1)),
        ("lasting", dt.timedelta()),
        ("code", "aa"),
    ],
)
def test_the_simplest_value_of_each_kind(name, simplest):
    assert smallest(outputs(only(name)), lambda _: True) == {name: simplest}


def test_the_smallest_that_shows_something_holds_nothing_beside_it():
    minimum = smallest(inputs(Trip), lambda made: made.get("nights", 0) > 7)
    assert minimum == {"places": [""], "nights": 8}


def test_a_nested_minimum_keeps_only_what_matters():
    minimum = smallest(outputs(only("item")), lambda made: len(made["item"].parts) > 1)
    assert minimum == {"item": Item(name="", parts=[Item(name=""), Item(name="")])}


def test_a_text_shrinks_to_the_letters_that_matter():
    assert smallest(outputs(Trip), lambda made: "!" in made["plan"])["plan"] == "!"


def test_no_more_values_than_there_are():
    assert _all_of(outputs(only("sure"))) == [{"sure": False}, {"sure": True}]


def _all_of(strategy):
    values = []

    @given(strategy)
    @settings(patient, derandomize=True)
    def collect(value):
        if value not in values:
            values.append(value)

    collect()
    return values


def test_what_is_found_nowhere_is_not_made_up():
    with pytest.raises(NoSuchExample):
        find(outputs(Trip), lambda made: made["price"] < 0, settings=settings(looking, max_examples=50))


def test_a_strategy_shows_itself_in_a_few_words():
    assert repr(outputs(signature_of("Small", {"day": Everything.output_fields["day"]}))) == "outputs_of(Small)"
