"""Logging: what the log tells of a run, and what it never holds."""

from __future__ import annotations

import json
import logging

import pytest
from example_agents import ChatAgent, QAAgent

from kaizen_eval import errors
from kaizen_eval.fake import Reply

KEY = "sk-secret-0123456789abcdef"


@pytest.fixture
def log(caplog):
    """The `kaizen` dicts of all records, debug included."""
    caplog.set_level(logging.DEBUG, logger="kaizen_eval")
    return lambda *levels: [
        record.kaizen
        for record in caplog.records
        if record.name == "kaizen_eval" and record.levelno in (levels or (10, 20, 30, 40))
    ]


def test_the_log_tells_a_run_from_start_to_end(kaizen_llm, log):
    kaizen_llm.fail("server_error").times(1)
    kaizen_llm.otherwise({"answer": "42"})
    QAAgent().ask("6 x 7?")
    assert [entry["event"] for entry in log()] == [
        "RunStarted",
        "AttemptStarted",
        "AttemptEnded",
        "WaitStarted",
        "AttemptStarted",
        "AttemptEnded",
        "ReplyParsed",
        "RunEnded",
    ]


def test_each_entry_names_its_run_session_and_agent(kaizen_llm, log):
    agent = ChatAgent({"max_turns": 10}, agent_id="chat")
    agent.chat("Hello", session_id="a")
    agent.chat("Hello", session_id="b")
    origins = [(entry["run_id"], entry["session"], entry["agent"]) for entry in log()]
    assert len(set(origins)) == 2
    assert [origin[1:] for origin in dict.fromkeys(origins)] == [("a", "chat"), ("b", "chat")]


def test_an_attempt_tells_model_time_tokens_and_error(kaizen_llm, log):
    kaizen_llm.fail("server_error", latency=2).times(1)
    kaizen_llm.otherwise(Reply(data={"answer": "42"}, usage={"prompt": 10, "completion": 5}, latency=0.25))
    QAAgent({"model": "gpt-4"}).ask("6 x 7?")
    told = [entry for entry in log() if entry["event"] == "AttemptEnded"]
    assert [(e["attempt"], e["model"], e["ms"], e.get("tokens"), e["error_type"]) for e in told] == [
        (1, "gpt-4", 2000.0, None, "ServerFailed"),
        (2, "gpt-4", 250.0, 15, None),
    ]


def test_a_wait_tells_how_long_and_why(kaizen_llm, log):
    kaizen_llm.fail("rate_limit", retry_after=30).times(1)
    QAAgent().ask("Why?")
    (wait,) = [entry for entry in log() if entry["event"] == "WaitStarted"]
    assert (wait["seconds"], wait["error_type"]) == (30, "RateLimited")


def test_a_failed_run_is_an_error_in_the_log(kaizen_llm, log):
    kaizen_llm.fail("server_error")
    with pytest.raises(errors.ServerFailed):
        QAAgent().ask("Why?")
    (ended,) = log(logging.ERROR)
    assert (ended["event"], ended["error_type"], ended["attempts"]) == ("RunEnded", "ServerFailed", 3)


def test_refused_input_is_in_the_log_without_an_attempt(kaizen_llm, log):
    with pytest.raises(errors.InputError):
        QAAgent().run(question=7)
    assert [(entry["event"], entry.get("error_type")) for entry in log()] == [
        ("RunStarted", None),
        ("RunEnded", "InputError"),
    ]


def test_a_run_that_goes_well_is_one_line_at_the_level_info(kaizen_llm, log):
    QAAgent().ask("Why?")
    assert [entry["event"] for entry in log(logging.INFO, logging.WARNING, logging.ERROR)] == ["RunEnded"]


def test_every_entry_can_be_written_as_json(kaizen_llm, log):
    kaizen_llm.fail("server_error").times(1)
    QAAgent({"model": "gpt-4", "log_prompts": True}).ask("Why?")
    assert json.loads(json.dumps(log())) == log()


@pytest.mark.parametrize("log_prompts", [False, True])
def test_a_key_is_never_in_the_log(kaizen_llm, log, caplog, log_prompts):
    kaizen_llm.fail("authentication", message=f"Incorrect API key provided: {KEY}.")
    agent = QAAgent({"model": "gpt-4", "api_key": KEY, "log_prompts": log_prompts})
    with pytest.raises(errors.AuthenticationFailed):
        agent.ask("Why?")
    assert log() != []
    assert KEY not in f"{log()} {caplog.text} {agent!r} {agent.config!r}"


@pytest.mark.parametrize("log_prompts", [False, True])
def test_prompts_are_in_the_log_only_when_asked_for(kaizen_llm, log, caplog, log_prompts):
    QAAgent({"log_prompts": log_prompts}).ask("my private question")
    assert ("my private question" in f"{log()} {caplog.text}") is log_prompts
