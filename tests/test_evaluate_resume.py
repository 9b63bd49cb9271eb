"""An evaluation goes on where it was stopped, and runs exactly the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from evaluating import Heard, cases, outcomes
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, virtual_time
from kaizen_eval.errors import ConnectionLost, EvaluationExists, Incomparable
from kaizen_eval.evals import Case, Log, evaluate
from kaizen_eval.evals.happening import TrialEnded
from kaizen_eval.evals.running import StopSignal


class Guess(Signature):
    """Guess."""

    q: str = InputField()
    answer: int = OutputField(ge=0, le=1000)


def guessing(**settings) -> BaseAgent:
    return BaseAgent(signature=Guess, provider=FakeLLM(latency="typical", **settings))


ASKED = [Case(id=str(n), inputs={"q": f"q{n}"}) for n in range(4)]


def guessed(**options):
    """All records, in the order of the plan."""
    with virtual_time():
        evaluation = evaluate(ASKED, guessing(), **{"repeats": 3, **options})
    return sorted(evaluation.records(), key=lambda record: record.trial)


def without_time(records):
    return [(record.trial, record.outcome, record.answer) for record in records]


def test_the_same_again_gives_the_same_records():
    assert guessed() == guessed()


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 12))
def test_how_many_run_at_a_time_changes_no_answer(concurrency):
    assert without_time(guessed(concurrency=concurrency)) == without_time(guessed())


def test_repeats_and_other_seeds_are_drawn_anew():
    first, other = guessed(), guessed(seed=1)
    answers = [record.answer["answer"] for record in first]
    assert len(set(answers)) > len(ASKED)
    assert [record.answer["answer"] for record in other] != answers


def test_waits_between_attempts_are_drawn_by_the_trial():
    def waits():
        llm = FakeLLM()
        llm.when(probability=0.5).fail("server_error")
        with virtual_time():
            evaluation = evaluate(ASKED, BaseAgent(signature=Guess, provider=llm), repeats=2)
        records = sorted(evaluation.records(), key=lambda record: record.trial)
        return [[attempt.waited_ms for attempt in record.answer.attempts] for record in records]

    assert waits() == waits()
    assert len({wait for waited in waits() for wait in waited if wait}) > 2


ran: list[str] = []


async def echo(q):
    ran.append(q)
    return {"answer": q}


class StopAfter:
    """A reporter that has seen enough."""

    def __init__(self, trials: int) -> None:
        self._left = trials
        self.signal = StopSignal()
        self.on_happening(None)

    def on_happening(self, happening) -> None:
        self._left -= isinstance(happening, TrialEnded)
        if self._left <= 0:
            self.signal.set("Enough.")


@settings(max_examples=10, deadline=None)
@given(after=st.integers(0, 8), concurrency=st.integers(1, 3))
def test_resumed_it_runs_exactly_the_rest(after, concurrency):
    asked = {"dataset": cases(4), "task": echo, "repeats": 2}
    with TemporaryDirectory() as folder, virtual_time():
        enough, heard = StopAfter(after), Heard()
        evaluate(**asked, out=folder, concurrency=concurrency, reporters=[enough], stop=enough.signal)
        done = Log.open(folder).ledger.done
        ran.clear()
        evaluation = evaluate(**asked, out=folder, resume=True, reporters=[heard])
        Log.open(folder).check()
    assert after <= done <= after + concurrency
    assert (len(ran), heard.happenings[0].done, evaluation.ended.done) == (8 - done, done, 8)


def test_resumed_it_tries_again_what_failed_outside_of_the_agent_and_nothing_else(tmp_path):
    failures, asked = {"q1": ConnectionLost("No answer."), "q2": ValueError("No such q.")}, []

    async def task(q):
        asked.append(q)
        if q in failures:
            raise failures.pop(q)
        return {"answer": q}

    evaluate(cases(3), task, out=tmp_path)
    evaluation = evaluate(cases(3), task, out=tmp_path, resume=True)
    assert asked == ["q0", "q1", "q2", "q1"]
    assert outcomes(evaluation) == {"q0#1": "passed", "q1#1": "passed", "q2#1": "task_error"}
    assert (evaluation.ended.planned, evaluation.ended.done, evaluation.summary.trials) == (3, 3, 3)


def test_a_folder_that_is_not_there_yet_is_begun(tmp_path):
    assert evaluate(cases(2), echo, out=tmp_path / "new", resume=True).ended.done == 2


def test_another_evaluation_is_not_gone_on_with(tmp_path):
    evaluate(cases(2), echo, out=tmp_path)
    with pytest.raises(Incomparable, match="repeats: 1 there, 2 now"):
        evaluate(cases(2), echo, repeats=2, out=tmp_path, resume=True)
    with pytest.raises(EvaluationExists):
        evaluate(cases(2), echo, out=tmp_path)


def test_shards_hold_each_case_once_and_a_seed_gives_what_the_whole_gives():
    parts = [record for number in (1, 2, 3) for record in guessed(shard=f"{number}/3")]
    whole = without_time(guessed())
    assert sorted(without_time(parts), key=lambda row: row[0]) == whole


CHILD = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from evaluating import cases
from kaizen_eval.evals import evaluate

async def task(q):
    await asyncio.sleep(0 if int(q[1:]) < 150 else 60)
    return {"answer": q}

evaluate(cases(300), task, out=sys.argv[1], reporters=[type("R", (), {"on_happening": lambda s, h: print(
    type(h).__name__, flush=True)})()], facts={"task": "t"})
"""


def test_killed_it_loses_what_was_in_flight_and_nothing_else(tmp_path):
    tests = Path(__file__).parent
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path), str(tests)], stdout=subprocess.PIPE, text=True
    ) as child:
        ended = 0
        for line in child.stdout:
            ended += line.strip() == "TrialEnded"
            if ended == 150:
                break
        os.kill(child.pid, signal.SIGKILL)
    ran.clear()
    evaluation = evaluate(cases(300), echo, out=tmp_path, resume=True, facts={"task": "t"})
    assert (len(ran), evaluation.ended.done) == (150, 300)
    assert sorted(ran) == sorted(f"q{n}" for n in range(150, 300))
