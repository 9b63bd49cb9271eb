"""The log tells what happened, in fields that queries can use, and never a key."""

from __future__ import annotations

import contextlib
import logging
import math
import subprocess
import sys
from itertools import islice

import pytest
from doubles import Scripted, Spoken, answer
from tool_doubles import calling

from kaizen_eval.config import Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import RequestRejected, ServerFailed
from kaizen_eval.events import Event, Observer
from kaizen_eval.messages import ChatDelta, ToolCall, Usage
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.tools import Tool


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


def read_and_logged(caplog, *, leave=None):
    """What a run writes that is read as a stream, perhaps not to its end, as (level, sentence, kaizen dict)."""
    provider = Spoken([1.5, '{"answer": ', 0.5, '"42"}', ChatDelta(finish_reason="stop", usage=Usage(9, 3))])
    agent = BaseAgent({"model": "m"}, signature=QA, provider=provider)
    log = caplog.at_level(logging.DEBUG, logger="kaizen_eval")
    with log, virtual_time(), agent.run_stream(question="?") as stream:
        list(islice(stream, leave))
    return [(r.levelname, r.getMessage(), r.kaizen) for r in caplog.records if r.name == "kaizen_eval"]


def test_a_run_that_is_read_has_the_time_to_its_first_words_in_the_log(caplog):
    records = [fields for _, _, fields in read_and_logged(caplog)]
    assert {fields["event"]: fields["first_token_ms"] for fields in records if "first_token_ms" in fields} == {
        "AttemptEnded": 1500.0,
        "RunEnded": 1500.0,
    }


def test_a_run_that_is_left_has_it_too_and_is_no_failure(caplog):
    records = read_and_logged(caplog, leave=1)
    told = [
        (level, sentence.split(" ", 2)[2], fields["error_type"], fields["first_token_ms"])
        for level, sentence, fields in records
        if fields["event"] == "RunEnded"
    ]
    assert told == [("INFO", "was cancelled after 1500 ms", "CancelledError", 1500.0)]
    assert {level for level, _, _ in records} == {"DEBUG", "INFO"}


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


def look(city: str) -> str:
    """Look it up."""
    raise LookupError(f"{city} is unknown")


CALLS = ['{"city": "Atlantis"}', '{"city": "Avalon"', '{"city": "Camelot"}']
"""One that fails, one that is no good, and one that nobody agrees to."""


def logged_with_tools(caplog, **config):
    """Like `logged`, of a run whose model makes these calls one by one."""
    replies = [calling(ToolCall(f"c{number}", "look", text)) for number, text in enumerate(CALLS)]
    tools = [Tool(look, requires_approval=lambda approval: approval.arguments["city"] != "Camelot")]
    provider = Scripted(*replies, answer(answer="42"))
    agent = BaseAgent({"model": "m", **config}, signature=QA, provider=provider, tools=tools)
    with caplog.at_level(logging.DEBUG, logger="kaizen_eval"), virtual_time() as clock:
        clock.run(agent.run_async(question="?"))
    return [(r.levelname, r.getMessage(), r.kaizen) for r in caplog.records if r.name == "kaizen_eval"]


def test_a_tool_that_fails_is_a_warning_that_says_in_one_word_why(caplog):
    records = logged_with_tools(caplog)
    assert [
        (level, sentence, fields["error_type"]) for level, sentence, fields in records if fields["event"] == "ToolEnded"
    ] == [
        ("WARNING", "call 1: the tool look failed: LookupError after 0 ms", "LookupError"),
        ("WARNING", "call 2: the tool look failed: NotExecuted after 0 ms", "NotExecuted"),
        ("WARNING", "call 3: the tool look failed: NotApproved after 0 ms", "NotApproved"),
    ]


def test_what_tools_are_called_with_and_what_they_say_is_logged_only_when_asked(caplog):
    silent = logged_with_tools(caplog)
    caplog.clear()
    telling = [fields for _, _, fields in logged_with_tools(caplog, log_prompts=True)]
    assert not [word for word in ("Atlantis", "Avalon", "Camelot") if word in repr(silent)]
    assert [fields["arguments"] for fields in telling if fields["event"] == "ToolStarted"] == [CALLS[0]]
    assert [fields["error"] for fields in telling if fields["event"] == "ToolEnded"] == [
        "look failed: LookupError: Atlantis is unknown",
        (
            f"look was not executed: its arguments are no whole JSON object: {CALLS[1]!r} "
            "(EOF while parsing an object at line 1 column 17)."
        ),
        "look was not executed: it was not approved.",
    ]


def test_prompts_in_the_log_show_what_was_called_and_what_for(caplog):
    asked = [fields["messages"] for _, _, fields in logged_with_tools(caplog, log_prompts=True) if "messages" in fields]
    assert asked[1][2:] == [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c0", "name": "look", "arguments": CALLS[0]}]},
        {"role": "tool", "content": '{"error": "look failed: LookupError: Atlantis is unknown"}', "tool_call_id": "c0"},
    ]


@pytest.mark.parametrize("module", ["kaizen_eval.core.base_agent", "kaizen_eval.recording.cassette"])
def test_nothing_is_printed_where_nobody_has_set_logging_up(module):
    code = f"import logging, {module}; logging.getLogger('kaizen_eval.recording').warning('heard')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")
