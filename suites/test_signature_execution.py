"""Execution signatures: basic execution, several inputs, optional inputs, and what is refused."""

from __future__ import annotations

import example_agents
import pytest
from cases import SignatureCase, cases
from example_agents import AnalysisAgent, Customer, SearchAgent, TicketSignature, Urgency

from kaizen_eval import BaseAgent
from kaizen_eval.errors import InputError, ReplyDoesNotFit

CASES = cases("signatures.json", SignatureCase)
SERVED = [case for case in CASES if case.values[0].refusal is None]
REFUSED = [case for case in CASES if case.values[0].refusal is not None]
ROUTED = {"queue": "billing", "urgency": "high", "confidence": 1, "tags": []}


def agent_for(case):
    return BaseAgent(signature=getattr(example_agents, case.signature))


@pytest.mark.parametrize("case", SERVED)
def test_the_model_is_shown_every_input_with_defaults_applied(kaizen_llm, case):
    agent_for(case).run(**case.inputs)
    (request,) = kaizen_llm.journal.requests
    assert request.messages[-1].content == case.asked


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_inputs_are_refused_by_name_before_the_model_is_asked(kaizen_llm, case):
    with pytest.raises(InputError) as refused:
        agent_for(case).run(**case.inputs)
    assert [part for part in case.refusal if part not in str(refused.value)] == []
    kaizen_llm.assert_attempts(0)


def test_all_inputs_of_a_method_reach_the_model(kaizen_llm):
    AnalysisAgent().analyze("Rain.", context="a novel", mode="deep")
    kaizen_llm.assert_asked("text: Rain.\ncontext: a novel\nmode: deep")


@pytest.mark.parametrize(("filters", "asked"), [(None, "filters: null"), ({"year": 1999}, 'filters: {"year": 1999}')])
def test_an_optional_input_may_be_left_out(kaizen_llm, filters, asked):
    SearchAgent().search("rain", filters)
    kaizen_llm.assert_asked(asked)


def test_a_signature_without_outputs_gives_the_whole_reply(kaizen_llm):
    kaizen_llm.otherwise("Look in the {attic}, perhaps.")
    assert SearchAgent().search("rain").outputs == {"response": "Look in the {attic}, perhaps."}


def test_an_agent_without_a_signature_takes_any_inputs(kaizen_llm):
    kaizen_llm.otherwise("Hello, Ada.")
    assert BaseAgent().run(name="Ada", age=36).outputs == {"response": "Hello, Ada."}
    kaizen_llm.assert_asked("name: Ada\nage: 36")


def test_outputs_come_as_the_declared_types(kaizen_llm):
    kaizen_llm.otherwise(ROUTED | {"due": "2027-01-31"})
    result = BaseAgent(signature=TicketSignature).run(message="Help!", customer=Customer(name="Ada"))
    assert (result["urgency"], type(result["confidence"]), result["due"].year) == (Urgency.HIGH, float, 2027)


@pytest.mark.parametrize(
    "wrong",
    [
        {"queue": "sales"},
        {"urgency": "maybe"},
        {"confidence": 1.5},
        {"tags": ["a"] * 6},
        {"due": "soon"},
        {"tags": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_outputs_that_break_the_signature_are_an_error(kaizen_llm, wrong):
    kaizen_llm.otherwise(ROUTED | wrong)
    with pytest.raises(ReplyDoesNotFit, match=next(iter(wrong))):
        BaseAgent({"output_retries": 0}, signature=TicketSignature).run(message="Help!")
    kaizen_llm.assert_attempts(1)


def test_a_missing_output_is_an_error_and_no_guess(kaizen_llm):
    kaizen_llm.otherwise({"queue": "billing", "urgency": "high", "tags": []})
    with pytest.raises(ReplyDoesNotFit, match="confidence"):
        BaseAgent(signature=TicketSignature).run(message="Help!")
