"""Conformance: requests and results against the signature, with jsonschema as a judge that knows no pydantic."""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from example_agents import AnalysisSignature, Customer, InsightSignature, SearchSignature, TicketSignature
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kaizen_eval import BaseAgent
from kaizen_eval.errors import InputError, ReplyDoesNotFit

SIGNATURES = [AnalysisSignature, InsightSignature, SearchSignature, TicketSignature]
STRUCTURED = [signature for signature in SIGNATURES if signature is not SearchSignature]

every_signature = pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature.__name__)
every_structured_signature = pytest.mark.parametrize("signature", STRUCTURED, ids=lambda signature: signature.__name__)
many = settings(deadline=None, max_examples=30)  # the first example loads what later ones use


def judge(schema):
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


# --- values from a signature's types ----------------------------------------------------------------------------------


def values(annotation: Any, **limits: Any) -> st.SearchStrategy[Any]:
    """Python values of a type; `limits` as InputField and OutputField name them."""
    origin, args = get_origin(annotation), get_args(annotation)
    sizes = {"min_size": limits.get("min_length") or 0, "max_size": limits.get("max_length", 8)}
    bounds = {"min_value": limits.get("ge"), "max_value": limits.get("le")}
    makers = {
        str: lambda: st.text(**sizes),
        int: lambda: st.integers(**bounds),
        float: lambda: st.floats(**bounds, allow_nan=False, allow_infinity=False),
        NoneType: st.none,
        UnionType: lambda: st.one_of(*(values(arg, **limits) for arg in args)),
        Union: lambda: st.one_of(*(values(arg, **limits) for arg in args)),
        list: lambda: st.lists(values(*args), **sizes),
        dict: lambda: st.dictionaries(*(values(arg) for arg in args or (str, float)), max_size=4),
        Customer: lambda: st.builds(Customer, name=st.text(), since=st.none() | st.dates()),
    }
    return makers.get(origin or annotation, lambda: st.from_type(annotation))()


def records(fields) -> st.SearchStrategy[dict[str, Any]]:
    """All required fields, and any of the others."""
    made = {name: values(field.annotation, **field.constraints) for name, field in fields.items()}
    optional = {name: each for name, each in made.items() if not fields[name].required}
    return st.fixed_dictionaries({name: each for name, each in made.items() if name not in optional}, optional=optional)


# --- laws -------------------------------------------------------------------------------------------------------------


@every_signature
@many
@given(data=st.data())
def test_inputs_of_the_declared_types_always_reach_the_model_whole(fresh_llm, signature, data):
    inputs = data.draw(records(signature.input_fields))
    with fresh_llm() as llm:
        BaseAgent(signature=signature).run(**inputs)
        shown = signature.inputs_to_json(signature.bind(inputs))
        judge(signature.input_schema()).validate(shown)
        texts = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in shown.values()]
        lines = [f"{name}: {text}" for name, text in zip(shown, texts, strict=True)]
        assert llm.journal.requests[0].messages[-1].content == "\n".join(lines)


@every_structured_signature
@many
@given(data=st.data())
def test_outputs_of_the_declared_types_always_come_back_as_they_were_meant(fresh_llm, signature, data):
    outputs = data.draw(records(signature.output_fields))
    inputs = data.draw(records(signature.input_fields))
    with fresh_llm() as llm:
        llm.otherwise(outputs)
        result = BaseAgent(signature=signature).run(**inputs)
        assert (result.outputs, result["_parse_tier"]) == (signature.check(outputs), 1)
        judge(signature.output_schema()).validate(signature.outputs_to_json(result.outputs))


@every_structured_signature
@many
@given(data=st.data())
def test_what_the_fake_makes_up_always_fits_the_schema_that_was_sent(fresh_llm, signature, data):
    inputs = data.draw(records(signature.input_fields))
    with fresh_llm() as llm:
        result = BaseAgent({"output_retries": 0}, signature=signature).run(**inputs)
        (exchange,) = llm.journal.exchanges
        judge(dict(exchange.request.output_schema)).validate(json.loads(exchange.text))
        judge(signature.output_schema()).validate(signature.outputs_to_json(result.outputs))


odd_values = st.sampled_from(
    [
        None,
        True,
        0,
        7,
        -1,
        100,
        0.5,
        "",
        "3",
        "billing",
        "low",
        "2027-01-31",
        "soon",
        [],
        ["a"],
        [1],
        {},
        {"name": "Ada"},
    ]
)


@every_structured_signature
@many
@given(data=st.data())
def test_the_judge_and_the_signature_always_agree_on_inputs(signature, data):
    names = st.sampled_from([*signature.input_fields, "unknown"])
    inputs = data.draw(st.dictionaries(names, odd_values)) | data.draw(st.just({}) | records(signature.input_fields))
    plain = json.loads(json.dumps(inputs, default=lambda value: value.model_dump(mode="json")))
    fits = judge(signature.input_schema()).is_valid(plain)
    try:
        signature.bind(plain)
    except InputError:
        assert not fits
    else:
        assert fits


@every_structured_signature
@many
@given(data=st.data())
def test_a_result_always_fits_and_a_reply_that_fits_is_never_changed(fresh_llm, signature, data):
    names = st.sampled_from([*signature.output_fields, "unknown"])
    reply = data.draw(st.dictionaries(names, odd_values))
    check = judge(signature.output_schema())
    with fresh_llm() as llm:
        llm.otherwise(reply)
        try:
            result = BaseAgent(signature=signature).run(**data.draw(records(signature.input_fields)))
        except ReplyDoesNotFit:
            assert not check.is_valid(reply)
            return
        returned = signature.outputs_to_json(result.outputs)
        check.validate(returned)
        assert (result["_parse_tier"] == 1) == check.is_valid(reply)
        assert result["_parse_tier"] > 1 or reply.items() <= returned.items()


# --- what is sent -----------------------------------------------------------------------------------------------------


@every_structured_signature
def test_the_schema_that_is_sent_is_strict_and_names_every_output(kaizen_llm, signature):
    BaseAgent(signature=signature).run(**{name: "x" for name, f in signature.input_fields.items() if f.required})
    (request,) = kaizen_llm.journal.requests
    schema = request.output_schema
    judge(dict(schema))
    assert (sorted(schema["properties"]), sorted(schema["required"]), schema["additionalProperties"]) == (
        sorted(signature.output_fields),
        sorted(signature.output_fields),
        False,
    )


def test_without_strict_mode_the_schema_stands_in_the_prompt(kaizen_llm):
    BaseAgent({"structured_output": "prompt"}, signature=TicketSignature).run(message="Help!")
    (request,) = kaizen_llm.journal.requests
    fenced = request.messages[0].content.partition("```json\n")[2].partition("\n```")[0]
    assert (request.output_schema, json.loads(fenced)) == (None, TicketSignature.output_schema())


def test_the_input_schema_says_what_may_be_left_out():
    schema = TicketSignature.input_schema()
    assert (schema["required"], schema["properties"]["attempts"]["maximum"], schema["additionalProperties"]) == (
        ["message"],
        99,
        False,
    )


def test_a_nested_model_may_be_given_as_an_object_or_as_a_mapping(kaizen_llm):
    agent = BaseAgent(signature=TicketSignature)
    for customer in (Customer(name="Ada"), {"name": "Ada"}):
        agent.run(message="Help!", customer=customer)
    assert len({request.messages for request in kaizen_llm.journal.requests}) == 1
