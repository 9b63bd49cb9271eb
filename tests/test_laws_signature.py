"""The laws of inputs and outputs: who keeps them, and what is caught by them."""

from __future__ import annotations

import pytest
from law_proofs import survived, unproved, verdict
from law_subjects import SUBJECTS, Silent

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.signature import LAWS
from kaizen_eval.conformance.mutants.signature import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import RunError
from kaizen_eval.fake import GENERATED, Empty, Length, Reply
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

BY_ID = {law.id: law for law in LAWS}


class Chat(Signature):
    message: str = InputField()


class Anything(Signature):
    answer: str = OutputField()


class Greeting(Signature):
    name: str = InputField(default="you")
    answer: str = OutputField()


class Tidying(AsyncSingleShotStrategy):
    """Changes what goes in and what comes out; says nothing of itself."""

    def preprocess(self, inputs):
        return {name: value.strip().upper() if isinstance(value, str) else value for name, value in inputs.items()}

    def postprocess(self, result):
        return {name: value[:1000] if isinstance(value, str) else value for name, value in result.items()}


def situation(*script, signature=Question, asks=({"question": "Why?"},), **config):
    asked = tuple(Ask(inputs=inputs) for inputs in asks)
    return Situation(signature=signature, asks=asked, script=script, config={"output_retries": 0, **config})


def complaint(law_id, played, factory=BaseAgent, signature=None):
    """What the law says of such agents; None where it holds."""
    subject = Subject(name="mine", factory=factory, traits=REFERENCE.traits, signature=signature)
    try:
        BY_ID[law_id].judge(Lab(subject), played)
    except (Violation, NotApplicable) as found:
        return f"{type(found).__name__}: {found}"
    return None


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", [*SUBJECTS, Subject.of(Tidying)], ids=lambda subject: subject.name)
def test_what_ships_keeps_every_law_of_signatures(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_each_law_of_signatures_catches_something():
    assert unproved(LAWS, MUTANTS) == set()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_a_strategy_that_asks_nobody_is_not_wronged(law):
    played = situation(*[Empty()] * 8, asks=({"question": "Why?"}, {"question": "How?"}))
    found = complaint(law.id, played, lambda config, **parts: BaseAgent(config, strategy=Silent(), **parts))
    assert found is None


@pytest.mark.parametrize(
    ("law_id", "signature", "inputs", "why"),
    [
        ("signature.defaults", Question, {"question": "Why?"}, "None of its inputs has a default."),
        ("signature.inputs-reach-the-prompt", Anything, {}, "Its signature has no inputs."),
        ("signature.meant-or-error", Chat, {"message": "Hi"}, "Prose is a legal reply where no output is declared."),
        ("signature.last-object", Chat, {"message": "Hi"}, "Prose is a legal reply where no output is declared."),
    ],
)
def test_a_law_that_has_nothing_to_say_of_the_only_signature_says_so(law_id, signature, inputs, why):
    played = situation(GENERATED, signature=signature, asks=(inputs, inputs))
    assert complaint(law_id, played, signature=signature) == f"NotApplicable: {why}"


def test_inputs_that_fit_are_no_case_for_the_law_of_those_that_do_not():
    assert complaint("signature.invalid-inputs-ask-nothing", situation()) is None


def test_a_default_that_is_given_is_as_good_as_one_that_is_left_out():
    played = situation(signature=Greeting, asks=({}, {"name": "you"}))
    assert complaint("signature.defaults", played) is None
    other = situation(signature=Greeting, asks=({}, {"name": "Ann"}))
    assert complaint("signature.defaults", other) == (
        "Violation: With name left out, the model is not shown what it is shown with the default given: "
        "'name: you' instead of 'name: Ann'."
    )


@pytest.mark.parametrize("other", ["  why? ", "WHY", "why" * 4_000])
def test_inputs_that_differ_in_case_or_blanks_or_after_ten_thousand_characters_may_be_asked_alike(other):
    def same(config, **parts):
        class Same(AsyncSingleShotStrategy):
            def preprocess(self, inputs):
                return {"question": "why"}

        return BaseAgent(config, strategy=Same(), **parts)

    played = situation(asks=({"question": "why"}, {"question": other}))
    assert complaint("signature.inputs-reach-the-prompt", played, same) is None


def test_a_reply_that_was_cut_is_no_answer_even_when_it_is_whole_by_chance():
    whole = '{"answer": "Paris"}'

    class Lenient(BaseAgent):
        async def run_async(self, session_id=None, **inputs):
            try:
                return await super().run_async(session_id, **inputs)
            except RunError:
                return {"answer": "Paris"}

    assert complaint("signature.unusable-replies", situation(*[Length(text=whole)] * 12), Lenient) == (
        "Violation: The model's replies were all no answer (length); the run returned {'answer': 'Paris'}."
    )


def test_after_an_answer_that_was_asked_for_again_a_result_is_right():
    played = situation(Empty(), Reply(data={"answer": "Paris"}), output_retries=1)
    assert complaint("signature.unusable-replies", played) is None


def test_a_name_that_stands_twice_says_nothing():
    twice = Reply('{"answer": "Paris", "answer": "Rome"}')

    class Trusting(BaseAgent):
        async def run_async(self, session_id=None, **inputs):
            try:
                return await super().run_async(session_id, **inputs)
            except RunError:
                return {"answer": "Paris"}

    assert complaint("signature.meant-or-error", situation(*[twice] * 8), Trusting) == (
        f"Violation: The reply {twice.text!r} is to be an error; the run returned {{'answer': 'Paris'}}."
    )


def test_a_value_that_is_not_what_the_model_meant_is_told_beside_it():
    meant = Reply('{"answer": "Paris"}')

    def guessing(config, **parts):
        class Guessing(AsyncSingleShotStrategy):
            async def execute(self, signature, inputs, config):
                said = await super().execute(signature, inputs, config)
                return {"answer": said["answer"] if said["answer"] == "Paris" else "Rome"}

        return BaseAgent(config, strategy=Guessing(), **parts)

    played = situation(*[Reply('Answer: {"answer": "London"}')] * 8, meant)
    means = """The reply 'Answer: {"answer": "London"}' means {'answer': 'Paris'}"""
    found = complaint("signature.last-object", played, guessing)
    assert found == f"Violation: {means}; the run returned {{'answer': 'Rome'}}."
