"""How an evaluation ends before its end: what is done is kept, and nothing is lost without a word."""

from __future__ import annotations

import asyncio
import logging
import pickle
import signal
import threading
import time
from contextlib import contextmanager
from decimal import Decimal

import pytest
from evaluating import Heard, case, cases, outcomes

from kaizen_eval import BaseAgent, FakeLLM, Price, virtual_time
from kaizen_eval.errors import CasesMissing, ConfigError, EvaluationUnwritable, UsageError
from kaizen_eval.evals import Outcome, TrialRecord, evaluate, evaluate_async
from kaizen_eval.evals.happening import Ended, StillRunning, Stopping
from kaizen_eval.evals.log import LogWriter
from kaizen_eval.evals.running import Job, StopSignal
from kaizen_eval.evals.running.tasks import task_of
from kaizen_eval.evals.running.telling import Telling
from kaizen_eval.evals.running.under_way import UnderWay
from kaizen_eval.evals.running.watchdog import Watchdog
from kaizen_eval.evals.running.work import Work
from kaizen_eval.evals.scorers import judged, judges_of, outcome_of

UP = "The evaluation's time is up: run_timeout is 25 s."


ASKED = [case(f"q{place}") for place in range(9)]


async def echo(q):
    await asyncio.sleep(10)
    return {"answer": q}


def agent(**prices) -> BaseAgent:
    return BaseAgent({"prices": prices}, provider=FakeLLM(latency=10).otherwise("hi"))


def test_reporters_are_told_all_that_happens_in_order():
    heard = Heard()
    with virtual_time():
        evaluate(cases(2), echo, concurrency=1, reporters=[heard])
    assert heard.names == ["Started", "TrialStarted", "TrialEnded", "TrialStarted", "TrialEnded", "Ended"]
    assert heard.happenings[-1] == Ended(planned=2, done=2, seconds=20, cost=Decimal(0))


def test_when_the_time_is_up_what_is_in_flight_is_cancelled_and_what_is_done_is_kept():
    heard = Heard()
    with virtual_time() as clock:
        evaluation = evaluate(cases(9), echo, concurrency=2, run_timeout=25, reporters=[heard])
        assert clock.elapsed == 25
    assert (list(outcomes(evaluation)), heard.of(Stopping)) == (
        ["q0#1", "q1#1", "q2#1", "q3#1"],
        [Stopping(reason=UP)],
    )
    assert evaluation.ended == Ended(planned=9, done=4, stopped=UP, seconds=25, cost=Decimal(0))
    assert evaluation.summary.outcomes[Outcome.NOT_RUN] == 5


def test_once_max_cost_is_spent_nothing_is_begun_and_what_is_in_flight_ends():
    with virtual_time():
        evaluation = evaluate(ASKED, agent(fake=Price(input=100_000, output=0)), concurrency=2, max_cost="3.1")
    stopped = "max_cost is spent: $3.6 of $3.1."
    assert evaluation.ended == Ended(planned=9, done=5, stopped=stopped, seconds=30, cost=Decimal("4.5"))


def test_what_was_spent_before_counts_when_it_is_gone_on_with(tmp_path):
    options = {"concurrency": 1, "out": tmp_path, "resume": True}
    priced = agent(fake=Price(input=100_000, output=0))
    with virtual_time():
        first = evaluate(ASKED, priced, max_cost=2, **options)
        again = evaluate(ASKED, priced, max_cost=2, **options)
        more = evaluate(ASKED, priced, max_cost=3, **options)
    assert [each.ended.done for each in (first, again, more)] == [3, 3, 4]
    assert [each.ended.cost for each in (first, again, more)] == [Decimal("2.7"), Decimal("2.7"), Decimal("3.6")]


def test_a_cost_that_nobody_knows_stops_an_evaluation_that_has_a_limit():
    with virtual_time():
        evaluation = evaluate(ASKED, agent(), concurrency=1, max_cost=1)
    said = (
        "What q0#1 cost is unknown, so that max_cost ($1) cannot be kept: give the model's price as prices={…} in the "
        "agent's config."
    )
    assert (evaluation.ended.done, evaluation.ended.stopped, evaluation.ended.cost) == (1, said, None)


def test_the_first_ctrl_c_lets_what_is_in_flight_end():
    async def task(q):
        if q == "q1":
            press_ctrl_c()
        await stopping(heard)
        return {"answer": q}

    heard = Heard()
    evaluation = evaluate(cases(50), task, concurrency=2, reporters=[heard])
    assert outcomes(evaluation) == {"q0#1": "passed", "q1#1": "passed"}
    assert [stopping.reason[:6] for stopping in heard.of(Stopping)] == ["Ctrl-C"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_ends_it_at_once_and_what_is_done_is_in_the_log(tmp_path):
    heard = Heard()

    async def task(q):
        if q == "q1":
            press_ctrl_c()
            await stopping(heard)
            press_ctrl_c()
            await asyncio.sleep(1000)
        return {"answer": q}

    with pytest.raises(KeyboardInterrupt):
        evaluate(cases(50), task, concurrency=1, out=tmp_path / "run", reporters=[heard])
    log = (tmp_path / "run" / "log.jsonl").read_text()
    assert (log.count('"kind":"trial"'), log.count('"kind":"ended"')) == (1, 1)


async def stopping(heard):
    while not heard.of(Stopping):  # noqa: ASYNC110 - the main thread has to come round, and has no event for that
        await asyncio.sleep(0.01)


def press_ctrl_c():
    """As a terminal would: the main thread gets it, wherever it waits."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


async def echo_at_once(q):
    return {"answer": q}


def test_others_can_stop_it_too():
    stop = StopSignal()

    async def task(q):
        stop.set("Enough.")
        return {"answer": q}

    evaluation = evaluate(cases(5), task, concurrency=1, stop=stop)
    assert (evaluation.ended.done, evaluation.ended.stopped) == (1, "Enough.")


def test_who_cancels_what_awaits_it_keeps_what_is_done(tmp_path):
    async def main():
        running = asyncio.ensure_future(evaluate_async(cases(9), echo, concurrency=1, out=tmp_path / "run"))
        await asyncio.sleep(15)
        running.cancel()
        await asyncio.wait([running])
        return running.cancelled()

    with virtual_time() as clock:
        assert clock.run(main())
    log = (tmp_path / "run" / "log.jsonl").read_text()
    assert (log.count('"kind":"trial"'), "The evaluation was cancelled." in log) == (1, True)


def test_a_reporter_that_crashes_is_logged_once_and_ends_nothing(caplog):
    class Broken:
        def on_happening(self, happening):
            raise RuntimeError("no")

    with caplog.at_level(logging.ERROR, "kaizen_eval"):
        evaluation = evaluate(cases(3), echo_at_once, reporters=[Broken()])
    assert evaluation.ended.done == 3
    assert [record.getMessage() for record in caplog.records] == ["the reporter Broken failed on Started"]


def test_what_is_no_reporter_is_refused():
    with pytest.raises(ConfigError, match=r"take objects with a method on_happening\(happening\), not <class"):
        evaluate(cases(1), echo_at_once, reporters=[Heard])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repeats": 0}, "repeats must be at least 1, not 0."),
        ({"concurrency": 0}, "concurrency must be at least 1, not 0."),
        ({"timeout": 0}, "timeout must be more than 0, not 0."),
        ({"max_cost": "much"}, "max_cost must be a number, not 'much'."),
        ({"shard": "5/4"}, "There is no part 5/4: expected 1/4 to 4/4, or 1/1 for all."),
        ({"resume": True}, "resume goes on with what is in a folder: say which, out=…."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "said",
)
def test_a_setting_that_cannot_work_is_refused(options, said):
    with pytest.raises(ConfigError) as refused:
        evaluate(cases(1), echo_at_once, **options)
    assert str(refused.value) == said


def test_a_misspelt_setting_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match=r"evaluate has no setting 'repeat'; did you mean 'repeats'\?"):
        evaluate(cases(1), echo_at_once, repeat=3)


def test_what_is_no_dataset_is_refused():
    with pytest.raises(ConfigError, match=r"evaluate takes a dataset or cases, not 'qa.yaml'. For a file: Dataset"):
        evaluate("qa.yaml", echo_at_once)


class Forgetful:
    """An executor that loses some jobs, and reports others twice."""

    def __init__(self, lost: set[str], *, stray: int | None = None) -> None:
        self._lost = lost
        self._stray = stray

    async def execute(self, work, jobs, reports):
        for job in jobs:
            if str(job.trial) not in self._lost:
                record = TrialRecord(trial=job.trial, outcome=Outcome.PASSED)
                reports.ended(job.number, record)
                reports.ended(job.number if self._stray is None else self._stray, record)

    def under_way(self):
        return ()


def test_a_trial_that_the_executor_never_reports_is_an_error():
    heard = Heard()
    with pytest.raises(CasesMissing) as missed:
        evaluate(cases(3), echo_at_once, repeats=2, executor=Forgetful({"q1#2", "q2#1"}), reporters=[heard])
    said = "The executor came to its end without a word on 2 of 6 trials: q1#2, q2#1."
    assert (str(missed.value), missed.value.missing) == (said, ("q1#2", "q2#1"))
    assert heard.happenings[-1].stopped == f"The evaluation failed: CasesMissing: {said}"


def test_a_trial_that_is_reported_twice_counts_once():
    evaluation = evaluate(cases(3), echo_at_once, executor=Forgetful(set()))
    assert (evaluation.ended.done, len(list(evaluation.records()))) == (3, 3)


def test_a_trial_that_nobody_planned_is_an_error():
    with pytest.raises(UsageError, match=r"The executor reported trial 7; planned are 0 to 2\."):
        evaluate(cases(3), echo_at_once, executor=Forgetful(set(), stray=7))


def test_jobs_and_records_can_be_sent_to_another_process():
    job = Job(3, case("a", "a"), 2)
    with virtual_time():
        (record,) = evaluate([case()], agent()).records()
    assert pickle.loads(pickle.dumps((job, record))) == (job, record)  # noqa: S301 - it is our own


def test_the_watchdog_names_what_still_runs_until_something_ends():
    heard = Heard()
    waiting = (("a#1", 1.0, "waits"),)

    async def main():
        dog = Watchdog(lambda: waiting, Telling([heard]), quiet=0.001)
        dog.watch()
        while not heard.happenings:  # noqa: ASYNC110 - what is looked at is its timer
            await asyncio.sleep(0)
        dog.rest()

    asyncio.run(main())
    assert heard.happenings == [StillRunning(trials=waiting)]


def test_a_trial_that_blocks_the_loop_is_named_as_well():
    heard = Heard()

    async def blocks(q):
        while not heard.happenings:
            time.sleep(0.001)  # noqa: ASYNC251 - it is what must not be done

    async def main():
        work = Work(task=task_of(blocks), scorers=(), judge=judged, outcome_of=outcome_of, judges_of=judges_of)
        trial = UnderWay(work, Job(0, case(), 1))
        dog = Watchdog(lambda: ((trial.trial, 0.0, trial.waits_for),), Telling([heard]), quiet=0.001)
        dog.watch()
        await trial.record()
        dog.rest()

    asyncio.run(main())
    ((_, _, said),) = heard.happenings[0].trials
    assert said.startswith(f"lets nothing else run on the event loop, at {__file__}:")


def test_a_full_disk_ends_it_and_says_what_to_do(tmp_path, monkeypatch):
    written = []

    def write(self, record):
        if written:
            raise EvaluationUnwritable("full", path="x")
        written.append(record)

    monkeypatch.setattr(LogWriter, "write", write)
    with pytest.raises(EvaluationUnwritable, match="full"):
        evaluate(cases(9), echo_at_once, concurrency=1, out=tmp_path / "run")


def test_what_goes_wrong_around_a_trial_is_its_error_alone():
    @contextmanager
    def around(trial):
        if trial.case == "q1":
            raise ValueError("no lane")
        yield

    evaluation = evaluate(cases(3), echo_at_once, around=around)
    assert outcomes(evaluation) == {"q0#1": "passed", "q1#1": "task_error", "q2#1": "passed"}
