"""The laws of concurrency and determinism: who keeps them, and what is caught by them."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import replace

import pytest
from law_proofs import survived, unproved, verdict
from law_subjects import SUBJECTS

from kaizen_eval.conformance import steps
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.concurrency import LAWS
from kaizen_eval.conformance.laws.concurrency.again import OTHER_PROCESS
from kaizen_eval.conformance.mutants.concurrency import MUTANTS
from kaizen_eval.conformance.other_process import HASH_SEEDS, other_processes
from kaizen_eval.conformance.record import difference, record
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.steps import Steps
from kaizen_eval.conformance.subject import REFERENCE, Subject, found_as
from kaizen_eval.conformance.violation import NotApplicable
from kaizen_eval.fake import GENERATED, Generated, Latency, ServerError
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits

BY_ID = {law.id: law for law in LAWS}
HERE = [law for law in LAWS if law is not OTHER_PROCESS]
PLAYED = Situation(
    signature=Question,
    asks=(Ask(inputs={"question": "Why?"}, session="a"), Ask(inputs={"question": "Where?"}, session="b")),
    script=(ServerError(), Generated(latency=Latency(first=0.5)), GENERATED),
)


class InAThread(AsyncSingleShotStrategy):
    """Does what takes long where it belongs."""

    async def execute(self, signature, inputs, config):
        await asyncio.to_thread(threading.Event().wait, 0.05)
        return await super().execute(signature, inputs, config)


class Remembering(AsyncSingleShotStrategy):
    """Says that it keeps something."""

    traits = Traits(is_stateless=False)


class EndsItsProcess(AsyncSingleShotStrategy):
    """Only where it is played elsewhere."""

    async def execute(self, signature, inputs, config):
        if os.environ.get("PYTHONHASHSEED") in map(str, HASH_SEEDS):
            os._exit(3)
        return await super().execute(signature, inputs, config)


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", HERE, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_what_ships_keeps_every_law_of_concurrency(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("subject", [REFERENCE, Subject.of(ToolLoopStrategy)], ids=["reference", "loop"])
def test_what_ships_makes_the_same_requests_in_another_process(subject):
    assert verdict(OTHER_PROCESS, subject) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_each_law_of_concurrency_catches_something():
    assert unproved(LAWS, MUTANTS) == set()


def test_another_process_plays_what_is_played_here():
    lab = Lab(REFERENCE)
    here = record(lab.play(PLAYED))
    assert [each.record(PLAYED) for each in other_processes(lab)] == [here, here]
    assert len(here) == 5


def test_the_processes_of_a_subject_are_started_once_and_end_when_another_is_judged():
    first = other_processes(Lab(REFERENCE))
    assert other_processes(Lab(REFERENCE)) is first
    processes = [each._process for each in first]
    del first
    other_processes(Lab(Subject.of(AsyncSingleShotStrategy)))
    assert [process.poll() is None for process in processes] == [False, False]


def test_what_no_module_holds_is_not_judged_elsewhere():
    class Local(AsyncSingleShotStrategy):
        pass

    kind, why = verdict(OTHER_PROCESS, Subject.of(Local))
    assert (kind, why.partition(".")[0]) == ("not applicable", "Another process cannot find it by a name")


def test_a_module_that_cannot_be_imported_elsewhere_is_told():
    subject = Subject.of(AsyncSingleShotStrategy(), reference="no_such_module:Strategy")
    says = "It cannot be played in another process: ModuleNotFoundError: No module named 'no_such_module'"
    assert verdict(OTHER_PROCESS, subject) == ("not applicable", says)


def test_a_process_that_ends_gives_no_answer():
    kind, why = verdict(OTHER_PROCESS, Subject.of(EndsItsProcess))
    assert (kind, "has ended" in why) == ("not applicable", True)


def test_a_situation_with_a_signature_of_its_own_cannot_be_sent():
    class Local(Question):
        """Answer."""

    with pytest.raises(NotApplicable, match="cannot be sent to another process"):
        other_processes(lab := Lab(REFERENCE))[0].record(replace(PLAYED, signature=Local))
    assert lab.runs == 0


def test_classes_and_functions_of_modules_are_found_by_their_names():
    class Local:
        pass

    names = [found_as(each) for each in (AsyncSingleShotStrategy, time.sleep, Local, AsyncSingleShotStrategy())]
    assert names == [
        "kaizen_eval.strategies.async_single_shot:AsyncSingleShotStrategy",
        "time:sleep",
        None,
        None,
    ]


@pytest.mark.parametrize("law_id", ["concurrency.together", "concurrency.alone"])
def test_what_says_that_it_keeps_something_is_not_held_to_be_without_state(law_id):
    says = "It says of itself that runs leave something behind in it."
    assert verdict(BY_ID[law_id], Subject.of(Remembering)) == ("not applicable", says)


def test_what_takes_long_in_a_thread_does_not_block_the_loop():
    assert verdict(BY_ID["concurrency.loop"], Subject.of(InAThread), examples=3) == "kept"


def test_a_step_that_only_computes_has_not_waited():
    assert steps._idle(50_000_000, 1_000, 0) == 0
    assert steps._idle(50_000_000, 1_000, 2) == 50_000_000


def test_where_waits_are_not_told_a_step_has_waited_that_hardly_computed():
    assert steps._idle(50_000_000, 1_000_000, None) == 50_000_000
    assert steps._idle(50_000_000, 10_000_000, None) == 0


def test_every_step_of_the_runs_own_tasks_is_timed():
    noted = Steps()
    Lab(REFERENCE).play(PLAYED, tasks=noted.task)
    assert sum(step.task == "_witnessed" for step in noted.steps) >= len(PLAYED.asks)
    assert all(step.cpu_ns > 0 for step in noted.steps)


def test_of_two_texts_the_part_is_shown_where_they_begin_to_differ():
    assert difference("a" * 100 + "b", "a" * 100 + "c") == ("…" + "a" * 60 + "b", "…" + "a" * 60 + "c")
    assert difference("same", "same and more") == ("same", "same and more")
