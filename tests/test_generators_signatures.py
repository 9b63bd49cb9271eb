"""What signatures() makes."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from kaizen_eval import FakeLLM
from kaizen_eval.conformance.asking import asks
from kaizen_eval.conformance.asking import signatures as asked
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core import BaseAgent
from kaizen_eval.fake import Reply
from kaizen_eval.generators import inputs, outputs, signatures
from kaizen_eval.generators.declared import Declared, DeclaredField, declared
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.strategies import AsyncSingleShotStrategy

patient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
looking = settings(deadline=None, database=None, max_examples=1_000, derandomize=True, report_multiple_bugs=False)


@st.composite
def runs(draw):
    signature = draw(signatures())
    return signature, draw(inputs(signature)), draw(outputs(signature))


@given(runs())
@patient
def test_any_signature_works_from_inputs_to_outputs(run):
    signature, made, replied = run
    llm = FakeLLM(seed=0).script([Reply(json.dumps(signature.outputs_to_json(signature.check(replied))))])
    with virtual_time():
        result = BaseAgent({"provider": llm, "model": "m"}, signature=signature).run(**made)
    assert dict(result.outputs) == signature.check(replied)


def test_the_simplest_is_a_question_and_its_answer():
    assert repr(find(signatures(), lambda _: True, settings=looking)) == "<Signature Question: question -> answer>"


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        (lambda signature: "day" in signature.output_fields, "<Signature Task: nothing -> day>"),
        (lambda signature: len(signature.input_fields) == 0, "<Signature Task: nothing -> response>"),
        (lambda signature: "{" in signature.instructions, "<Signature Task: nothing -> response>"),
    ],
)
def test_a_signature_shrinks_to_what_matters(condition, shown):
    assert repr(find(signatures(), condition, settings=looking)) == shown


@pytest.mark.unmeasured
def test_all_sizes_are_made():
    sizes = set()

    @given(signatures())
    @settings(patient, max_examples=200, derandomize=True)
    def collect(signature):
        outputs_ = 0 if signature.free_text else len(signature.output_fields)
        sizes.add((len(signature.input_fields), outputs_))

    collect()
    assert {inputs_ for inputs_, _ in sizes} == {0, 1, 2, 3, 4, 5}
    assert {outputs_ for _, outputs_ in sizes} == {0, 1, 2, 3, 4}


def test_the_same_declaration_is_the_same_class():
    first, again = (declared(Declared("Task", "Do.", (DeclaredField("tags", list[str], []),), ())) for _ in range(2))
    assert first is again


AGE = declared(Declared("Task", "", (DeclaredField("age", int, limits=(("ge", 0),)),), ()))


def test_laws_ask_a_subject_in_its_own_signature_or_in_any():
    bound = Subject.of(AsyncSingleShotStrategy, signature=AGE)
    assert find(asked(bound), lambda _: True, settings=looking) is AGE
    assert find(asked(REFERENCE), lambda made: made.name != "Question", settings=looking).name == "Task"


def test_an_ask_holds_inputs_that_fit():
    ask = find(asks(AGE, wait=1.5), lambda _: True, settings=looking)
    assert (ask.inputs, ask.wait) == ({"age": 0}, 1.5)
