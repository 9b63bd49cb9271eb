"""What `run` does by itself: the eight promises, each by what the model was asked and by what came back."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from example_agents import ChatAgent, InsightAgent, MemoryConfig, QAAgent

from kaizen_eval import errors
from kaizen_eval.fake import Reply
from kaizen_eval.strategies import AsyncSingleShotStrategy

# --- 1. async execution -----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.usefixtures("in_process")
async def test_async_execution_runs_overlap(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"answer": "42"}, latency=0.2))
    agent = QAAgent()
    results = await asyncio.gather(*(agent.run_async(question=str(n)) for n in range(100)))
    assert (len(results), kaizen_llm.clock.elapsed) == (100, 0.2)


@pytest.mark.usefixtures("in_process")
def test_async_execution_serves_threads_at_the_same_time(kaizen_llm):
    everyone = threading.Barrier(4)

    async def answer(request):
        await asyncio.to_thread(everyone.wait, 10)
        return {"answer": request.messages[-1].content}

    kaizen_llm.otherwise(answer)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(QAAgent().ask, "abcd"))
    assert [result["answer"] for result in results] == [f"question: {letter}" for letter in "abcd"]


def test_async_execution_is_a_single_shot_by_default(kaizen_llm):
    assert type(QAAgent().strategy) is AsyncSingleShotStrategy
    QAAgent().ask("Why?")
    kaizen_llm.assert_attempts(1)


# --- 2. signature validation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs", [{}, {"question": 7}, {"question": "Why?", "mood": "bad"}, {"quesiton": "Why?"}])
def test_signature_validation_refuses_inputs_before_any_request(kaizen_llm, inputs):
    with pytest.raises(ValueError, match="question") as refused:
        QAAgent().run(**inputs)
    assert type(refused.value) is errors.InputError
    kaizen_llm.assert_attempts(0)


@pytest.mark.parametrize(
    "reply", [{}, {"answer": ["42"]}, {"answer": None}, {"verdict": "yes"}, "I would rather not say."]
)
def test_signature_validation_refuses_outputs(kaizen_llm, reply):
    kaizen_llm.otherwise(reply)
    with pytest.raises(errors.ReplyDoesNotFit, match="answer"):
        QAAgent().ask("Why?")


def test_signature_validation_applies_defaults(kaizen_llm):
    kaizen_llm.otherwise({"summary": "short"})
    assert InsightAgent().run(data="x").outputs == {"summary": "short", "confidence": 0.5, "keywords": []}


# --- 3. error handling ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("authentication", errors.AuthenticationFailed),
        ("bad_request", errors.RequestRejected),
        ("connection_refused", errors.ConnectionLost),
        ("hang", errors.AttemptTimeout),
        ("html_reply", errors.BadResponse),
        ("rate_limit", errors.RateLimited),
        ("refusal", errors.Refused),
        ("server_error", errors.ServerFailed),
    ],
)
def test_error_handling_raises_what_happened_and_never_returns_it(kaizen_llm, fault, error):
    kaizen_llm.fail(fault)
    with pytest.raises(errors.ProviderError) as failed:
        QAAgent({"retries": 0}).ask("Why?")
    assert type(failed.value) is error


def test_error_handling_ends_every_run_at_its_deadline(kaizen_llm):
    kaizen_llm.fail("hang")
    with pytest.raises(TimeoutError) as late:
        QAAgent({"timeout": 45}).ask("Why?")
    assert (type(late.value), kaizen_llm.clock.elapsed) == (errors.RunTimeout, 45)


# --- 4. retry logic ---------------------------------------------------------------------------------------------------


def test_retry_logic_tries_transient_failures_again(kaizen_llm):
    kaizen_llm.fail("server_error").times(1)
    kaizen_llm.fail("connection_reset").times(1)
    kaizen_llm.otherwise({"answer": "42"})
    assert QAAgent().ask("6 x 7?")["_attempts"] == 3
    kaizen_llm.assert_outcomes("server_error", "connection_reset", "reply")


def test_retry_logic_waits_as_long_as_the_provider_asks(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    QAAgent({"timeout": 7200}).ask("Why?")
    kaizen_llm.assert_waited(3600)


def test_retry_logic_leaves_permanent_failures_alone(kaizen_llm):
    kaizen_llm.fail("bad_request")
    with pytest.raises(errors.RequestRejected):
        QAAgent().ask("Why?")
    kaizen_llm.assert_attempts(1)


def test_retry_logic_gives_up_after_the_last_attempt(kaizen_llm):
    kaizen_llm.fail("server_error")
    with pytest.raises(errors.ServerFailed):
        QAAgent({"retry": {"attempts": 4}}).ask("Why?")
    kaizen_llm.assert_attempts(4)


# --- 5. performance tracking ------------------------------------------------------------------------------------------


def test_performance_tracking_counts_time_tokens_and_cost_of_every_attempt(kaizen_llm):
    kaizen_llm.fail("server_error", latency=1.5).times(1)
    kaizen_llm.when(predicate=lambda _: True).reply(Reply("no JSON", usage={"prompt": 30, "completion": 2})).times(1)
    kaizen_llm.otherwise(Reply(data={"answer": "42"}, usage={"prompt": 40, "completion": 5}, latency=0.25))
    agent = QAAgent(
        {"model": "m", "prices": {"m": {"input": 10, "output": 100}}, "retry": {"base": 2, "jitter": "none"}}
    )
    result = agent.ask("6 x 7?")
    assert (result["_timing"], result["_tokens"]["total"], result["_cost"], result["_attempts"]) == (
        3750.0,
        77,
        0.0014,
        3,
    )


# --- 6. memory management ---------------------------------------------------------------------------------------------


def test_memory_management_shows_the_model_the_sessions_earlier_turns(kaizen_llm):
    agent = ChatAgent(MemoryConfig())
    agent.chat("My name is Alice", session_id="user123")
    agent.chat("What's my name?", session_id="user123")
    first, second = kaizen_llm.journal.requests
    assert second.messages[:2] == first.messages[:2]
    assert [message.role for message in second.messages] == ["system", "user", "assistant", "user"]


def test_memory_management_keeps_sessions_apart(kaizen_llm):
    agent = ChatAgent(MemoryConfig())
    agent.chat("My name is Alice", session_id="user123")
    agent.conversation(["Hello", "What's my name?"], session_id="user456")
    kaizen_llm.assert_not_asked("Alice", session="user456")
    kaizen_llm.assert_sessions_isolated()


# --- 7. structured logging --------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_structured_logging_tells_of_the_run_in_fields(kaizen_llm, caplog):
    kaizen_llm.otherwise(Reply(data={"answer": "42"}, usage={"prompt": 10, "completion": 5}, latency=0.25))
    with caplog.at_level(logging.INFO, logger="kaizen_eval"):
        QAAgent({"model": "gpt-4"}, agent_id="qa").ask("Why?")
    (ended,) = [record.kaizen for record in caplog.records]
    assert {name: ended[name] for name in ("event", "agent", "model", "ms", "tokens", "cost", "error_type")} == {
        "event": "RunEnded",
        "agent": "qa",
        "model": "gpt-4",
        "ms": 250.0,
        "tokens": 15,
        "cost": 0.0006,
        "error_type": None,
    }


# --- 8. result parsing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ('{"answer": "42"}', 1),
        ('```json\n{"answer": "42"}\n```', 2),
        ('{"answer": "maybe 41"}? No. The answer is {"answer": "42"}', 3),
        ("{'answer': '42',}", 4),
    ],
)
def test_result_parsing_reads_what_models_write_and_says_how_much_repair_it_took(kaizen_llm, text, tier):
    kaizen_llm.otherwise(text)
    result = QAAgent().ask("6 x 7?")
    assert (result.outputs, result["_parse_tier"]) == ({"answer": "42"}, tier)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply('{"answer": "31"}', finish_reason="length"), errors.OutputTruncated),
        (Reply('{"answer": "3', finish_reason="length"), errors.OutputTruncated),
        (Reply('{"answer": "3'), errors.ReplyDoesNotFit),
    ],
    ids=["whole by chance", "cut", "cut without a word"],
)
def test_result_parsing_never_completes_a_cut_reply(kaizen_llm, reply, error):
    kaizen_llm.otherwise(reply)
    with pytest.raises(errors.OutputError) as cut:
        QAAgent().ask("10 x pi, rounded down?")
    assert type(cut.value) is error
