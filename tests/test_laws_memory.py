"""The laws of memory: who keeps them, and what is caught by them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from law_proofs import survived, unproved, verdict
from law_subjects import SUBJECTS

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.keeping import assert_keeps
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.memory import LAWS
from kaizen_eval.conformance.laws.memory.remembered import remembered
from kaizen_eval.conformance.mutants.memory import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.fake import GENERATED, BadRequest
from kaizen_eval.memory.sqlite import SqliteMemory
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

BY_ID = {law.id: law for law in LAWS}
BY_NAME = {mutant.id: mutant for mutant in MUTANTS}


class Loud(AsyncSingleShotStrategy):
    """Sends the inputs in another form than they came, and says everything twice."""

    def preprocess(self, inputs):
        return {name: f"{value.upper()}! I said: {value.upper()}" for name, value in inputs.items()}


class Sum(Signature):
    """Add them up."""

    left: int = InputField()
    right: int = InputField()
    total: int = OutputField()


class Translate(Signature):
    """Translate the text."""

    to: str = InputField(pattern="^(de|fr)$")
    text: str = InputField(max_length=200)
    translation: str = OutputField()


def asks(*sessions):
    return tuple(
        Ask(inputs={"question": f"{each or 'nobody'}-{n}"}, session=each) for n, each in enumerate(sessions, 1)
    )


def situation(*sessions, script=(), **config):
    return Situation(signature=Question, asks=asks(*sessions), script=script, config={"max_turns": 2, **config})


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_what_ships_keeps_every_law_of_memory(law, subject):
    objection = law.objection(subject.traits)
    assert verdict(law, subject) == ("kept" if objection is None else ("not applicable", objection))


@pytest.mark.parametrize("law", LAWS[:-1], ids=lambda law: law.id)
def test_a_strategy_that_changes_and_repeats_its_inputs_keeps_them(law):
    assert verdict(law, Subject.of(Loud)) == "kept"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_a_signature_of_ones_own_is_marked_where_it_takes_any_text(law):
    assert verdict(law, replace(REFERENCE, signature=Translate)) == "kept"


def test_turns_without_any_text_cannot_be_told_apart():
    said = "Sum has no input that takes any text: its turns cannot be told apart."
    assert verdict(BY_ID["memory.turns"], replace(REFERENCE, signature=Sum)) == ("not applicable", said)


def test_a_memory_in_a_file_keeps_the_law_of_turns(tmp_path):
    files = iter(range(10_000))

    def factory(config, **parts):
        return BaseAgent(
            config, memory=SqliteMemory(tmp_path / f"{next(files)}.db", max_turns=config.max_turns), **parts
        )

    subject = Subject(name="sqlite", factory=factory, traits=REFERENCE.traits)
    assert verdict(BY_ID["memory.turns"], subject, examples=10) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_each_law_of_memory_catches_something():
    assert unproved(LAWS, MUTANTS) == set()


def test_what_a_run_must_be_shown_are_the_last_turns_that_succeeded():
    played = situation("ann", "ann", "bob", "ann", None, "ann", script=(GENERATED, BadRequest()))
    shown = remembered(Lab(REFERENCE).play(played))
    assert shown == {0: (), 1: (0,), 2: (), 3: (0,), 4: (), 5: (0, 3)}


def test_of_a_session_that_was_cleared_nothing_must_be_shown():
    seen = Lab(REFERENCE).play(situation("ann", "ann", "ann"))
    assert remembered(seen, cleared_after=1) == {0: (), 1: (0,), 2: ()}


def test_the_session_that_was_used_last_stays():
    seen = Lab(REFERENCE).play(situation("ann", "bob", "ann", "cleo", "ann", "bob", max_sessions=2))
    assert remembered(seen) == {0: (), 1: (), 2: (0,), 3: (), 4: (0, 2), 5: ()}


def test_the_complaint_tells_which_turn_is_missing_and_what_was_there():
    subject = BY_NAME["drops-the-oldest-turn-twice"].subject
    with pytest.raises(Violation) as caught:
        BY_ID["memory.turns"].judge(Lab(subject), situation("ann", "ann", "ann"))
    said = str(caught.value)
    assert said.startswith("The first request of ask 3 (session 'ann', max_turns=2) lacks 'ann-1'. Expected of ")
    assert said.partition("found: ")[2].startswith("'ann-2', ")


def test_the_complaint_tells_whose_a_turn_is_that_must_not_be_shown():
    subject = BY_NAME["leaks-a-session"].subject
    with pytest.raises(Violation) as caught:
        BY_ID["memory.sessions"].judge(Lab(subject), situation("ann", "bob"))
    assert str(caught.value) == "A request of ask 2 (session 'bob') holds 'ann-1' of ask 1, which is of session 'ann'."


def test_a_situation_that_was_pasted_needs_its_marks():
    unmarked = replace(situation("ann"), asks=(Ask(inputs={"question": "Why?"}, session="ann"),) * 2)
    with pytest.raises(NotApplicable, match="hold no mark such as 'ann-1'"):
        assert_keeps("memory.turns", REFERENCE, unmarked)
