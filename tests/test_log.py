"""The log tells what happened, in fields that queries can use, and never a key."""

from __future__ import annotations

import contextlib
import logging
import math
import subprocess
import sys

import pytest
from doubles import Scripted, answer

from kaizen_eval.config import Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import RequestRejected, ServerFailed
from kaizen_eval.events import Event, Observer
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature


class QA(Signature):
    question: str = InputField()
    answer: str = OutputField()


def logged(caplog, provider, **config):
    """What a run writes at every level, as (level, sentence, kaizen dict)."""
    settings = {"model": "m", "prices": {"m": Price("1", "2")}, "retry": {"base": 1, "jitter": "none"}, **config}
    agent = BaseAgent(settings, signature=QA, provider=provider, agent_id="qa")
    log = caplog.at_level(logging.DEBUG, logger="kaizen_eval")
    with log, virtual_time() as clock, contextlib.suppress(RequestRejected):
        clock.run(agent.run_async("s", question="secret question"))
    return [(r.levelname, r.getMessage(), r.kaizen) for r in caplog.records if r.name == "kaizen_eval"]


def test_each_step_of_a_run_is_one_record_with_its_fields(caplog):
    records = logged(caplog, Scripted(ServerFailed("down"), answer(answer="42")), max_turns=1)
    run_id = records[0][2]["run_id"]
    where = {"run_id": run_id, "session": "s", "agent": "qa"}
    assert records == [
        ("DEBUG", f"run {run_id} started", {"event": "RunStarted", **where, "parent_run_id": None}),
        (
            "DEBUG",
            "call 1, attempt 1: asking m",
            {"event": "AttemptStarted", **where, "model": "m", "call": 1, "attempt": 1},
        ),
        (
            "WARNING",
            "call 1, attempt 1: ServerFailed after 0 ms",
            {
                "event": "AttemptEnded",
                **where,
                "model": "m",
                "call": 1,
                "attempt": 1,
                "ms": 0.0,
                "error_type": "ServerFailed",
            },
        ),
        (
            "WARNING",
            "call 1: waiting 1 s after ServerFailed",
            {"event": "WaitStarted", **where, "call": 1, "attempt": 1, "seconds": 1.0, "error_type": "ServerFailed"},
        ),
        (
            "DEBUG",
            "call 1, attempt 2: asking m",
            {"event": "AttemptStarted", **where, "model": "m", "call": 1, "attempt": 2},
        ),
        (
            "DEBUG",
            "call 1, attempt 2: answered in 0 ms",
            {
                "event": "AttemptEnded",
                **where,
                "model": "m",
                "call": 1,
                "attempt": 2,
                "ms": 0.0,
                "tokens": 15,
                "error_type": None,
            },
        ),
        (
            "DEBUG",
            "call 1: reply fits (tier 1)",
            {"event": "ReplyParsed", **where, "call": 1, "tier": 1, "error_type": None},
        ),
        (
            "INFO",
            f"run {run_id} ended after 1000 ms",
            {
                "event": "RunEnded",
                **where,
                "model": "m",
                "attempts": 2,
                "ms": 1000.0,
                "tokens": 15,
                "cost": 0.00002,
                "error_type": None,
            },
        ),
    ]


def test_a_failed_run_ends_with_an_error_that_names_its_type(caplog):
    level, sentence, fields = logged(caplog, Scripted(RequestRejected("no")))[-1]
    assert (level, sentence.split(" ", 2)[2], fields["error_type"]) == (
        "ERROR",
        "failed: RequestRejected after 0 ms",
        "RequestRejected",
    )


def test_prompts_are_logged_only_when_asked(caplog):
    silent = logged(caplog, Scripted(answer(answer="42")))
    caplog.clear()
    telling = logged(caplog, Scripted(answer(answer="42")), log_prompts=True)
    assert "secret question" not in repr(silent)
    assert telling[1][2]["messages"][-1] == {"role": "user", "content": "question: secret question"}


def test_an_unknown_cost_is_logged_as_none(caplog):
    assert logged(caplog, Scripted(answer(answer="42")), model="nobody-knows")[-1][2]["cost"] is None


def test_the_key_is_never_logged(caplog):
    logged(caplog, Scripted(ServerFailed("down"), answer(answer="42")), api_key="sk-very-secret", log_prompts=True)
    assert "sk-very-secret" not in "".join(repr(vars(record)) for record in caplog.records)


def test_a_users_own_figures_are_logged_beside_ours(caplog):
    with caplog.at_level(logging.INFO, logger="kaizen_eval"):
        BaseAgent(agent_id="mine")._log_metrics({"duration_ms": 12.5, "success": True, "data_size": 3})
    (record,) = caplog.records
    assert (record.getMessage(), record.kaizen) == (
        "metrics",
        {"event": "Metrics", "agent": "mine", "duration_ms": 12.5, "success": True, "data_size": 3},
    )


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING])
def test_nothing_is_written_below_the_loggers_level(caplog, level):
    agent = BaseAgent({"model": "m"}, signature=QA, provider=Scripted(answer(answer="42")))
    with caplog.at_level(level, logger="kaizen_eval"), virtual_time() as clock:
        result = clock.run(agent.run_async(question="?"))
    assert math.isnan(result["_cost"])
    assert all(record.levelno >= level for record in caplog.records)


def test_anything_with_on_event_is_an_observer():
    class Mine:
        def on_event(self, event: Event) -> None:
            """Takes it."""

    assert isinstance(Mine(), Observer)


def test_a_program_that_sets_no_logging_up_sees_nothing():
    script = (
        "from kaizen_eval import BaseAgent, FakeLLM, virtual_time\n"
        "fake = FakeLLM()\n"
        "fake.fail('rate_limit').times(1)\n"
        "with virtual_time():\n"
        "    BaseAgent({'model': 'm'}, provider=fake).run(name='Ada')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
