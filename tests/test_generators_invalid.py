"""What invalid_inputs(signature) and invalid_outputs(signature) make."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from every_kind import Echo, Everything, only
from hypothesis import HealthCheck, Phase, assume, find, given, settings

from kaizen_eval import FakeLLM, InputField, OutputField, Signature
from kaizen_eval.core import BaseAgent
from kaizen_eval.errors import InputError, NothingFits, OutputError, ReplyDoesNotFit
from kaizen_eval.fake import Reply
from kaizen_eval.generators import Invalid, invalid_inputs, invalid_outputs
from kaizen_eval.signatures import AnySignature

patient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
looking = settings(deadline=None, database=None, max_examples=2_000, derandomize=True, report_multiple_bugs=False)


class Line(Signature):
    item: str = InputField(min_length=2)
    count: int = InputField(default=1, ge=1)
    price: float = OutputField(ge=0)


def refusal(fit, values, error):
    with pytest.raises(error) as caught:
        fit(deepcopy(values))
    return str(caught.value)


@given(invalid_inputs(Echo))
@patient
def test_every_invalid_input_is_refused_and_the_refusal_names_the_field(made):
    assert repr(made.field) in refusal(Echo.bind, made.values, InputError)


@given(invalid_outputs(Everything))
@patient
def test_every_invalid_output_is_refused_and_the_refusal_names_the_field(made):
    assert repr(made.field) in refusal(Everything.check, made.values, ReplyDoesNotFit)


@given(invalid_inputs(Echo))
@patient
def test_all_other_fields_fit(made):
    others = {name: value for name, value in made.values.items() if name != made.field}
    if made.field in Echo.input_fields:
        assert "has 2 problems" not in (told := refusal(Echo.bind, others, InputError) if needed(made) else ""), told
    else:
        Echo.bind(others)


def needed(made):
    return Echo.input_fields[made.field].required


@given(invalid_inputs(Line))
@patient
def test_the_reason_is_true(made):
    value = made.values.get(made.field)
    assert {
        "missing": made.field not in made.values and made.field in Line.input_fields,
        "unknown": made.field in made.values and made.field not in Line.input_fields,
        "too short": isinstance(value, str) and len(value) < 2,
        "below its minimum": isinstance(value, int | float) and value < 1,
        "of the wrong type": type(value) is not Line.input_fields[made.field].annotation
        if made.field in Line.input_fields
        else False,
    }[made.reason]


@pytest.mark.parametrize("name", Everything.output_fields)
def test_every_kind_of_field_can_be_wrong(name):
    if name == "anything":
        pytest.skip("nothing is wrong for Any")
    assert found(only(name), lambda made: made.field == name and made.reason != "missing")


def found(signature, condition):
    """The first that is made."""
    return find(invalid_outputs(signature), condition, settings=settings(looking, phases=[Phase.generate]))


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("text", "too short"),
        ("text", "too long"),
        ("text", "missing"),
        ("count", "below its minimum"),
        ("share", "not above its lower bound"),
        ("color", "none of the listed values"),
        ("mood", "none of the listed values"),
        ("maybe", "of none of its types"),
        ("item", "name: missing"),
        ("item", "price: of none of its types"),
        ("item", "unheard_of: unknown"),
        ("item", "parts[0].name: missing"),
        ("point", "x: of the wrong type"),
        ("pair", "right: none of the listed values"),
        ("numbers", "too many items"),
        ("place", "[0]: of the wrong type"),
        ("by_name", "entry.name: missing"),
        ("day", "no date"),
        ("key", "no uuid"),
        ("code", "not of its pattern"),
    ],
)
def test_each_way_of_being_wrong_is_made(name, reason):
    assert found(only(name), lambda made: made.reason == reason).field == name


def test_the_smallest_is_a_field_that_is_missing():
    assert find(invalid_inputs(Line), lambda _: True, settings=looking) == Invalid(
        values={}, field="item", reason="missing"
    )


def test_a_reason_shrinks_to_the_nearest_wrong_value():
    minimum = find(invalid_inputs(Line), lambda made: made.reason == "below its minimum", settings=looking)
    assert minimum == Invalid(values={"item": "00", "count": 0}, field="count", reason="below its minimum")


@given(invalid_outputs(Line))
@settings(patient, max_examples=25)
def test_as_a_reply_it_never_becomes_a_result_unless_it_only_says_too_much(made):
    assume(made.reason != "unknown")
    llm = FakeLLM(seed=0).otherwise(Reply(json.dumps(made.values)))
    with pytest.raises(OutputError):
        BaseAgent({"provider": llm, "model": "m", "retry": {"attempts": 1}}, signature=Line).run(item="ab")


def test_a_signature_that_takes_whatever_is_given_has_no_invalid_inputs():
    with pytest.raises(NothingFits, match=r"AnySignature takes whatever is given: nothing can be wrong with it\."):
        invalid_inputs(AnySignature)
