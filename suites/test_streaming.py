"""Streaming: what a reader is told while a run goes on, and what comes of a stream that is left, cut or late."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from cases import StreamCase, cases
from example_agents import CalmAgent, ChatAgent, MemoryConfig, QAAgent, TicketSignature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, Budget, Strategy, errors
from kaizen_eval.core.result import RunResult
from kaizen_eval.events import RunEnded, ToolEnded
from kaizen_eval.fake import Reply
from kaizen_eval.fake.faults import FAULTS
from kaizen_eval.streamed import PartialOutputs, Restarted, TextDelta

CONFIG = {"model": "gpt-4o", "timeout": 7200, "retry": {"attempts": 3, "base": 1, "jitter": "none"}}


def seen(item):
    """An item in short."""
    match item:
        case TextDelta():
            return item.text
        case PartialOutputs():
            return dict(item.outputs)
        case Restarted():
            return (item.attempt, item.error)
        case RunResult():
            return item.outputs
        case _:
            return type(item).__name__


def texts(items):
    return [item.text for item in items if isinstance(item, TextDelta)]


def partials(items):
    return [dict(item.outputs) for item in items if isinstance(item, PartialOutputs)]


def read_until_error(stream):
    """What came, and the error that came then, or None."""
    items = []
    try:
        items.extend(stream)
    except errors.KaizenError as error:
        return items, error
    return items, None


def is_beginning(partial, whole):
    """Texts and lists begin the final ones; everything else is final."""
    return all(
        whole[name][: len(value)] == value if isinstance(value, str | list) else whole[name] == value
        for name, value in partial.items()
    )


# --- what the reader is told ------------------------------------------------------------------------------------------


def test_the_items_are_the_reply_as_it_comes_and_at_last_the_result(kaizen_llm):
    kaizen_llm.otherwise({"answer": "Because it is so."})
    items = [seen(item) for item in QAAgent(CONFIG).run_stream(question="Why?")]
    assert items == [
        '{"',
        "answer",
        '":',
        ' "',
        "Because",
        {"answer": "Because"},
        " it",
        {"answer": "Because it"},
        " is",
        {"answer": "Because it is"},
        " so",
        {"answer": "Because it is so"},
        '."',
        {"answer": "Because it is so."},
        "}",
        {"answer": "Because it is so."},
    ]


def test_a_stream_is_asked_for_as_one_and_else_as_by_run(kaizen_llm):
    kaizen_llm.otherwise({"answer": "Because."})
    list(QAAgent(CONFIG).run_stream(question="Why?"))
    QAAgent(CONFIG).run(question="Why?")
    streamed, whole = (dataclasses.replace(request, agent_id=None) for request in kaizen_llm.journal.requests)
    assert (streamed.stream, whole.stream, dataclasses.replace(streamed, stream=False)) == (True, False, whole)


def test_the_result_is_that_of_run(kaizen_llm):
    kaizen_llm.otherwise({"answer": "Because."})
    stream = QAAgent(CONFIG).run_stream(question="Why?")
    *_, last = stream
    whole = QAAgent(CONFIG).run(question="Why?")
    same = ("answer", "_tokens", "_cost", "_attempts", "_parse_tier")
    assert stream.result is last
    assert [last[name] for name in same] == [whole[name] for name in same]


def test_a_stream_is_one_run_and_is_read_once(kaizen_llm):
    kaizen_llm.otherwise({"answer": "Because."})
    stream = QAAgent(CONFIG).run_stream(question="Why?")
    list(stream)
    with pytest.raises(errors.UsageError, match="read once"):
        list(stream)
    kaizen_llm.assert_attempts(1)


@pytest.mark.asyncio
async def test_it_is_read_alike_in_a_loop_of_the_readers_own(kaizen_llm):
    kaizen_llm.otherwise({"answer": "Because."})
    agent = QAAgent(CONFIG)
    in_the_loop = [seen(item) async for item in agent.run_stream(question="Why?")]
    blocking = [seen(item) for item in agent.run_stream(question="Why?")]
    assert in_the_loop == blocking


def test_plain_text_is_told_as_the_response(kaizen_llm):
    kaizen_llm.otherwise("Good morning to you.")
    items = list(BaseAgent(CONFIG).run_stream(question="How do you do?"))
    assert "".join(texts(items)) == partials(items)[-1]["response"] == items[-1]["response"] == "Good morning to you."


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_partial_is_a_beginning_of_the_outputs_and_fits_their_types(fresh_llm, seed):
    with fresh_llm():
        *items, result = BaseAgent({**CONFIG, "seed": seed}, signature=TicketSignature).run_stream(
            message=f"Help {seed}"
        )
    told = partials(items)
    assert [partial for partial in told if not is_beginning(partial, result.outputs)] == []
    assert TicketSignature.check(result.outputs | told[-1]) == result.outputs


def test_what_a_strategy_makes_of_the_answer_is_in_the_result_alone(kaizen_llm):
    kaizen_llm.otherwise({"answer": "BECAUSE"})
    *items, result = CalmAgent(CONFIG).run_stream(question="WHY?")
    assert (partials(items)[-1], result.outputs) == ({"answer": "BECAUSE"}, {"answer": "because"})


def test_each_call_of_a_strategy_is_told_under_its_number(kaizen_llm):
    class Twice(Strategy):
        async def execute(self, signature, inputs, config):
            first = await self.llm_call(signature, inputs, config)
            return await self.llm_call(signature, {**inputs, "question": first["answer"]}, config)

    kaizen_llm.script([{"answer": "a"}, {"answer": "b"}])
    items = BaseAgent(CONFIG, signature=QAAgent.signature, strategy=Twice()).run_stream(question="Why?")
    assert [(item.call, dict(item.outputs)) for item in items if isinstance(item, PartialOutputs)] == [
        (1, {"answer": "a"}),
        (2, {"answer": "b"}),
    ]


@pytest.mark.asyncio
async def test_streams_that_are_read_side_by_side_stay_apart(kaizen_llm):
    agent = ChatAgent(MemoryConfig())

    async def read(number):
        return [item async for item in agent.run_stream(f"s{number}", message=f"I am {number}")]

    async with agent:
        runs = await asyncio.gather(*map(read, range(20)))
    kaizen_llm.assert_sessions_isolated()
    assert all({item.run_id for item in items} == {items[0].run_id} for *items, _ in runs)
    assert all("".join(texts(items)) for *items, _ in runs)


# --- tools ------------------------------------------------------------------------------------------------------------


def stock(item: str) -> int:
    """How many there are."""
    return {"pens": 3}[item]


def test_tools_are_told_between_the_words_of_the_calls(kaizen_llm):
    calls = [{"name": "stock", "arguments": {"item": item}} for item in ("pens", "rats")]
    kaizen_llm.script([Reply("Let me look.", tool_calls=calls), {"answer": "Three pens."}])
    agent = BaseAgent(CONFIG, signature=QAAgent.signature, tools=[stock])
    *items, result = agent.run_stream(question="How many?")
    told = [(item.call, seen(item)) for item in items if not isinstance(item, TextDelta | PartialOutputs)]
    assert sorted(told) == [(1, "ToolEnded"), (1, "ToolEnded"), (1, "ToolStarted"), (1, "ToolStarted")]
    assert ["".join(item.text for item in items if isinstance(item, TextDelta) and item.call == n) for n in (1, 2)] == [
        "Let me look.",
        '{"answer": "Three pens."}',
    ]
    assert [item.tool_call_id for item in items if isinstance(item, ToolEnded) and item.error] == [result.steps[2].id]
    assert (result["answer"], len(result["_steps"])) == ("Three pens.", 4)


def test_plain_text_that_may_stand_before_a_call_of_tools_is_no_output_yet(kaizen_llm):
    call = {"name": "stock", "arguments": {"item": "pens"}}
    kaizen_llm.script([Reply("Let me look.", tool_calls=[call]), "Three pens."])
    *items, result = BaseAgent(CONFIG, tools=[stock]).run_stream(question="How many?")
    assert ("".join(texts(items)), partials(items)) == ("Let me look.Three pens.", [])
    assert result.outputs == {"response": "Three pens."}


def test_the_words_before_a_call_of_tools_are_no_outputs(kaizen_llm):
    call = {"name": "stock", "arguments": {"item": "pens"}}
    kaizen_llm.script([Reply('{"answer": "Wait."}', tool_calls=[call]), {"answer": "Three pens."}])
    agent = BaseAgent(CONFIG, signature=QAAgent.signature, tools=[stock])
    *_, result = agent.run_stream(question="How many?")
    assert result.outputs == {"answer": "Three pens."}


def test_a_run_that_is_left_amid_a_tool_ends_the_tool(kaizen_llm, in_process):
    ended = []

    async def wait() -> str:
        """Wait for a day."""
        try:
            await asyncio.sleep(86_400)
        finally:
            ended.append(True)
        return "over"

    kaizen_llm.script([Reply(tool_calls=[{"name": "wait", "arguments": {}}]), {"answer": "Over."}])
    agent = BaseAgent(CONFIG, signature=QAAgent.signature, tools=[wait])

    async def look():
        async with asyncio.timeout(5), agent.run_stream(question="?") as stream:
            async for _ in stream:
                pass

    with pytest.raises(TimeoutError):
        kaizen_llm.clock.run(look())
    assert ended == [True]


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_the_time_to_the_first_token_is_measured(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"answer": "Because."}, latency={"first": 0.4, "per_token": 0.1}))
    *items, result = QAAgent(CONFIG).run_stream(question="Why?")
    [[attempt]] = [call.attempts for call in result.calls]
    assert (result.metrics.first_token_ms, attempt.first_token_ms) == (400.0, 400.0)
    assert [round(item.at - items[0].at, 3) for item in items if isinstance(item, TextDelta)][:3] == [0.0, 0.1, 0.2]


@pytest.mark.kaizen_virtual
def test_the_time_to_the_first_token_of_a_run_holds_its_failed_attempts(kaizen_llm):
    kaizen_llm.fail("server_error").times(1)
    kaizen_llm.otherwise(Reply(data={"answer": "Because."}, latency={"first": 0.4, "per_token": 0.1}))
    *_, result = QAAgent(CONFIG).run_stream(question="Why?")
    [[failed, answered]] = [call.attempts for call in result.calls]
    assert (failed.first_token_ms, answered.first_token_ms, result.metrics.first_token_ms) == (None, 400.0, 1400.0)


@pytest.mark.kaizen_virtual
def test_request_timeout_is_for_the_first_token_and_each_pause(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"answer": "Because it is so."}, latency={"first": 29, "per_token": 29}))
    *_, result = QAAgent(CONFIG).run_stream(question="Why?")
    assert (result["answer"], result["_timing"] > 200_000) == ("Because it is so.", True)


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("streams.json", StreamCase))
@pytest.mark.kaizen_virtual
def test_what_goes_wrong_with_a_stream_comes_to_what_the_table_says(kaizen_llm, case):
    kaizen_llm.fail(case.fault, **case.details).times(1)
    kaizen_llm.otherwise({"answer": "Because it is so."})
    items, error = read_until_error(QAAgent(CONFIG | case.config).run_stream(question="Why?", restart=case.restart))
    assert (None if error is None else type(error).__name__) == case.error
    assert getattr(error, "received", None) == case.received
    assert [item.error for item in items if isinstance(item, Restarted)] == case.restarts
    kaizen_llm.assert_attempts(case.attempts)
    assert kaizen_llm.clock.elapsed == case.seconds


def test_the_table_has_every_fault_of_streams():
    told = {case.values[0].fault for case in cases("streams.json", StreamCase)}
    assert {name for name, fault in FAULTS.items() if fault.is_of_streams} - told == set()


def test_before_its_first_words_a_stream_fails_as_a_whole_reply_does(kaizen_llm):
    kaizen_llm.fail("authentication")
    with pytest.raises(errors.AuthenticationFailed):
        list(QAAgent(CONFIG).run_stream(question="Why?"))
    kaizen_llm.assert_attempts(1)


def test_a_reader_that_asks_for_it_is_told_that_a_cut_stream_begins_again(kaizen_llm):
    kaizen_llm.fail("stream_cut", after=6).times(1)
    kaizen_llm.otherwise({"answer": "Because."})
    items = [seen(item) for item in QAAgent({**CONFIG, "retry": {"base": 0}}).run_stream(question="Why?", restart=True)]
    [place] = [number for number, item in enumerate(items) if isinstance(item, tuple)]
    assert items[place] == (1, "ConnectionLost")
    assert items[place + 1 :] == [
        '{"',
        "answer",
        '":',
        ' "',
        "Because",
        {"answer": "Because"},
        '."',
        {"answer": "Because."},
        "}",
        {"answer": "Because."},
    ]
    kaizen_llm.assert_attempts(2)


def test_what_came_of_a_cut_stream_is_billed_and_said_to_be_estimated(kaizen_llm):
    kaizen_llm.fail("stream_cut", after=6).times(1)
    kaizen_llm.otherwise({"answer": "Because."})
    *_, result = QAAgent({**CONFIG, "retry": {"base": 0}}).run_stream(question="Why?", restart=True)
    [attempts] = [call.attempts for call in result.calls]
    assert [(attempt.error, attempt.estimated) for attempt in attempts] == [("ConnectionLost", True), (None, False)]
    assert [attempt.usage for attempt in attempts] == [exchange.usage for exchange in kaizen_llm.journal.exchanges]


def test_what_the_reader_was_told_is_never_taken_back(kaizen_llm):
    kaizen_llm.otherwise('{"answer": "No."} I mean: {"answer": "Yes."}')
    items, error = read_until_error(QAAgent(CONFIG).run_stream(question="Why?"))
    assert (partials(items)[-1], type(error)) == ({"answer": "No."}, errors.ReplyDoesNotFit)
    kaizen_llm.assert_attempts(1)


def test_a_reply_that_does_not_fit_is_asked_for_again_only_where_the_reader_is_told(kaizen_llm):
    kaizen_llm.script([{"answer": ["no"]}, {"answer": ["no"]}, {"answer": "yes"}])
    with pytest.raises(errors.ReplyDoesNotFit) as failed:
        list(QAAgent(CONFIG).run_stream(question="Why?"))
    assert failed.value.__notes__ == [
        "Not asked again: the reader of the stream had seen some of it; run_stream(restart=True) asks again."
    ]
    *items, result = QAAgent(CONFIG).run_stream(question="Why?", restart=True)
    assert [seen(item) for item in items if isinstance(item, Restarted)] == [(1, "ReplyDoesNotFit")]
    assert result["answer"] == "yes"


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_a_stream_that_is_left_is_closed_and_billed_for_what_came(kaizen_llm, as_taken):
    kaizen_llm.otherwise({"answer": "Because it is so."})
    budget = Budget(max_tokens=1_000, per="process")
    with QAAgent({**CONFIG, "budget": budget}).run_stream(question="Why?") as stream:
        for item in stream:
            if isinstance(item, PartialOutputs):
                break
    [exchange] = kaizen_llm.exchanges
    assert (exchange.outcome, exchange.usage.completion, budget.spent().tokens) == (
        "cancelled",
        len(['{"', "answer", '":', ' "', "Because"]),
        exchange.usage.total,
    )


@pytest.mark.asyncio
async def test_a_stream_that_is_left_in_a_loop_is_closed_and_billed_for_what_came(kaizen_llm, as_taken):
    kaizen_llm.otherwise({"answer": "Because it is so."})
    async with QAAgent(CONFIG).run_stream(question="Why?") as stream:
        async for item in stream:
            if isinstance(item, PartialOutputs):
                break
    [exchange] = kaizen_llm.exchanges
    assert (exchange.outcome, exchange.usage.completion) == ("cancelled", 5)


def test_an_observer_is_told_of_a_stream_that_is_left_and_of_its_bill(kaizen_llm, as_taken):
    class Recorder:
        events = ()

        def on_event(self, event):
            self.events += (event,)

    kaizen_llm.otherwise({"answer": "Because it is so."})
    recorder = Recorder()
    with QAAgent({**CONFIG, "observer": recorder}).run_stream(question="Why?") as stream:
        next(iter(stream))
    [ended] = [event for event in recorder.events if isinstance(event, RunEnded)]
    [exchange] = kaizen_llm.exchanges
    assert (ended.error, ended.attempts, ended.usage) == ("CancelledError", 1, exchange.usage)


def test_only_a_run_that_was_read_to_its_end_is_remembered(kaizen_llm):
    kaizen_llm.otherwise({"reply": "Hello to you."})
    agent = ChatAgent(MemoryConfig())
    with agent.run_stream("s", message="left") as stream:
        next(iter(stream))
    list(agent.run_stream("s", message="read"))
    list(agent.run_stream("s", message="again"))
    shown = [message.content for message in kaizen_llm.journal.requests[-1].messages if message.role != "system"]
    assert shown == ["message: read", '{"reply": "Hello to you."}', "message: again"]


def test_a_run_that_failed_amid_is_not_remembered(kaizen_llm):
    kaizen_llm.when(user="cut").fail("stream_cut", after=6)
    kaizen_llm.otherwise({"reply": "Hello to you."})
    agent = ChatAgent(MemoryConfig())
    with pytest.raises(errors.ConnectionLost):
        list(agent.run_stream("s", message="cut"))
    list(agent.run_stream("s", message="again"))
    assert [m.content for m in kaizen_llm.journal.requests[-1].messages if m.role != "system"] == ["message: again"]
