"""A run that is read: items in order, in lockstep with the reader, and all that comes of leaving it."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import signal
import threading

import pytest
from doubles import Recorder, Scripted, Spoken, answer

from kaizen_eval import bridge, run_context
from kaizen_eval.budgets import Budget
from kaizen_eval.config import Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import (
    AttemptTimeout,
    BadResponse,
    BudgetExceeded,
    ConnectionLost,
    ContentFiltered,
    EmptyReply,
    InputError,
    OutputTruncated,
    ReplyDoesNotFit,
    RequestRejected,
    RunTimeout,
    ServerFailed,
    UsageError,
)
from kaizen_eval.events import AttemptEnded, RunEnded
from kaizen_eval.memory import BufferMemory
from kaizen_eval.messages import ChatDelta, Message, ToolCallDelta, Usage
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies import Strategy
from kaizen_eval.streamed import PartialOutputs, Restarted, TextDelta


class QA(Signature):
    """Answer briefly."""

    question: str = InputField()
    answer: str = OutputField()


END = ChatDelta(finish_reason="stop", usage=Usage(10, 5))
SAID = ['{"answer": "4', '2"}', END]
DOWN = ServerFailed("down", status=500)
PRICES = {"m": Price("1", "2")}


@pytest.fixture
def clock():
    with virtual_time() as clock:
        yield clock


def agent(provider, **config):
    settings = {"model": "m", "prices": PRICES, "retry": {"attempts": 3, "base": 1, "jitter": "none"}, **config}
    return BaseAgent(settings, signature=QA, provider=provider)


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
            return ("result", item.outputs)
        case _:
            return type(item).__name__


def read(subject, *, restart=False, **inputs):
    return [seen(item) for item in subject.run_stream(**{"question": "?", **inputs}, restart=restart)]


async def read_async(subject, *, restart=False, **inputs):
    return [seen(item) async for item in subject.run_stream(**{"question": "?", **inputs}, restart=restart)]


def told_until(error, stream):
    """What came before the error, and the error."""
    told = []
    with pytest.raises(error) as caught:
        told.extend(seen(item) for item in stream)
    return told, caught.value


TOLD = ['{"answer": "4', {"answer": "4"}, '2"}', {"answer": "42"}, ("result", {"answer": "42"})]


def test_the_items_are_deltas_and_partial_outputs_and_at_last_the_result(clock):
    assert read(agent(Spoken(SAID))) == TOLD


def test_it_is_read_alike_in_a_loop_of_the_readers_own(clock):
    assert clock.run(read_async(agent(Spoken(SAID)))) == TOLD


def test_it_is_read_alike_on_real_time():
    assert (read(agent(Spoken(SAID))), asyncio.run(read_async(agent(Spoken(SAID))))) == (TOLD, TOLD)


def test_each_event_says_of_which_run_and_call_it_is_and_when(clock):
    subject = BaseAgent(signature=QA, provider=Spoken([0.25, *SAID]), agent_id="me", memory=BufferMemory())
    first = next(iter(subject.run_stream("s", question="?")))
    run_id = first.run_id
    assert first == TextDelta(run_id=run_id, agent_id="me", session_id="s", at=1000.25, call=1, text='{"answer": "4')


def test_the_result_is_that_of_a_run_with_the_time_to_the_first_token(clock):
    *_, result = agent(Spoken(["", 0.25, *SAID[:1], 0.5, *SAID[1:]])).run_stream(question="?")
    assert result == {
        "answer": "42",
        "_timing": 750.0,
        "_tokens": {"prompt": 10, "completion": 5, "total": 15, "cached": 0, "reasoning": 0},
        "_cost": 0.00002,
        "_attempts": 1,
        "_parse_tier": 1,
    }
    [[attempt]] = [call.attempts for call in result.calls]
    assert (result.metrics.first_token_ms, attempt.first_token_ms, attempt.estimated) == (250.0, 250.0, False)


def test_a_run_that_nobody_reads_has_no_time_to_a_first_token():
    result = agent(Scripted(answer(answer="42"))).run(question="?")
    assert result.metrics.first_token_ms is None


def test_nothing_happens_before_the_first_item_is_asked_for(clock):
    seen_by = Recorder()
    provider = Spoken(SAID)
    stream = agent(provider, observer=seen_by).run_stream(question="?")
    iterator = iter(stream)
    assert (seen_by.events, provider.requests) == ([], [])
    next(iterator)
    assert len(provider.requests) == 1


def test_wrong_inputs_are_told_in_place_of_the_first_item(clock):
    provider = Spoken(SAID)
    stream = agent(provider).run_stream(qestion="?")
    assert (told_until(InputError, stream)[0], provider.requests) == ([], [])


def test_the_run_waits_while_its_reader_looks_at_an_item(clock):
    provider = Spoken(["a", "b", "c", END])
    subject = BaseAgent({"model": "m"}, provider=provider)
    taken = [list(provider.given) for item in subject.run_stream(question="?") if isinstance(item, TextDelta)]
    assert taken == [["a"], ["a", "b"], ["a", "b", "c"]]


def test_the_result_can_be_asked_for_again_afterwards(clock):
    stream = agent(Spoken(SAID)).run_stream(question="?")
    *_, last = stream
    assert stream.result is last


def test_there_is_no_result_before_the_end(clock):
    stream = agent(Spoken(SAID)).run_stream(question="?")

    def why():
        with pytest.raises(UsageError) as error:
            _ = stream.result
        return str(error.value)

    before = why()
    iterator = iter(stream)
    next(iterator)
    amid = why()
    stream.close()
    assert [before, amid, why()] == [
        "This stream has no result: nobody has read it; read it to its end first.",
        "This stream has no result: it has not been read to its end.",
        "This stream has no result: it was left before its end.",
    ]


def test_there_is_no_result_of_a_run_that_failed(clock):
    stream = agent(Spoken([RequestRejected("no")])).run_stream(question="?")
    told_until(RequestRejected, stream)
    with pytest.raises(UsageError, match="its run failed"):
        _ = stream.result


def test_items_can_be_asked_for_one_by_one_and_a_loop_goes_on_from_there(clock):
    stream = agent(Spoken(SAID)).run_stream(question="?")
    first = [seen(next(stream)), seen(next(stream))]
    assert ([*first, *map(seen, stream)], next(stream, "no more")) == (TOLD, "no more")


def test_in_a_loop_of_the_readers_own_as_well(clock):
    async def scene():
        stream = agent(Spoken(SAID)).run_stream(question="?")
        first = [seen(await anext(stream)), seen(await anext(stream))]
        return [*first, *[seen(item) async for item in stream]], await anext(stream, "no more")

    assert clock.run(scene()) == (TOLD, "no more")


def test_a_stream_that_was_asked_for_some_items_is_closed_with_its_block(clock):
    provider = Spoken(SAID)
    with agent(provider).run_stream(question="?") as stream:
        next(stream)
        was_open = provider.open
    assert (was_open, provider.open, next(stream, "no more")) == (1, 0, "no more")


def test_whoever_reads_with_next_does_not_read_with_anext(clock):
    async def scene():
        stream = agent(Spoken(SAID)).run_stream(question="?")
        await anext(stream)
        with pytest.raises(UsageError, match="is read once"):
            next(stream)
        await stream.aclose()

    clock.run(scene())


def test_a_stream_is_read_once(clock):
    stream = agent(Spoken(SAID)).run_stream(question="?")
    list(stream)
    for again in (iter, aiter):
        with pytest.raises(UsageError, match=r"read once; call run_stream\(\) again"):
            again(stream)


def test_an_input_that_would_be_lost_is_refused():
    class Service(Signature):
        restart: bool = InputField()
        done: bool = OutputField()

    with pytest.raises(UsageError, match=r"Service has an input 'restart', which .*; use run\(\)"):
        BaseAgent(signature=Service, provider=Spoken(SAID)).run_stream(restart=True)


# --- leaving ----------------------------------------------------------------------------------------------------------


def left(observer):
    """What the observer was told of a run that was left: its attempt's usage, and the run's error and cost."""
    [attempt] = [event for event in observer.events if isinstance(event, AttemptEnded)]
    [run] = [event for event in observer.events if isinstance(event, RunEnded)]
    return attempt.error, attempt.usage, run.error, run.cost


def test_a_break_closes_the_request_and_bills_what_came(clock):
    observer, provider = Recorder(), Spoken(SAID)
    for _ in agent(provider, observer=observer, structured_output="prompt").run_stream(question="?"):
        break
    error, usage, run_error, cost = left(observer)
    assert (provider.open, provider.given) == (0, ['{"answer": "4'])
    assert (error, run_error, usage.completion) == ("CancelledError", "CancelledError", 4)
    assert cost == PRICES["m"].input * usage.prompt / 1_000_000 + PRICES["m"].output * usage.completion / 1_000_000


def test_a_break_in_an_async_loop_closes_the_request(clock):
    observer, provider = Recorder(), Spoken(SAID)

    async def look():
        async for _ in agent(provider, observer=observer).run_stream(question="?"):
            break
        for _ in range(5):
            await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert clock.run(look()) == set()
    assert (provider.open, left(observer)[2]) == (0, "CancelledError")


def test_a_block_has_closed_the_request_when_it_is_left(clock):
    provider = Spoken(SAID)

    async def look():
        async with agent(provider).run_stream(question="?") as stream:
            iterator = aiter(stream)
            await anext(iterator)
            during = provider.open
        return during, provider.open, [item async for item in iterator]

    assert clock.run(look()) == (1, 0, [])


def test_a_block_around_a_blocking_loop_does_so_too(clock):
    provider = Spoken(SAID)
    with agent(provider).run_stream(question="?") as stream:
        iterator = iter(stream)
        next(iterator)
        during = provider.open
    assert (during, provider.open, list(iterator)) == (1, 0, [])


def test_a_stream_that_was_closed_before_its_first_item_asks_nothing(clock):
    provider = Spoken(SAID)
    stream = agent(provider).run_stream(question="?")
    stream.close()
    assert (list(stream), provider.requests) == ([], [])


def test_a_stream_that_is_over_may_be_closed_again(clock):
    stream = agent(Spoken(SAID)).run_stream(question="?")
    *_, last = stream
    stream.close()
    clock.run(stream.aclose())
    assert stream.result is last


def test_an_error_of_the_readers_own_ends_the_run_and_goes_on(clock):
    provider = Spoken(SAID)

    async def look():
        async with agent(provider).run_stream(question="?") as stream:
            async for _ in stream:
                raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        clock.run(look())
    assert provider.open == 0


def test_a_reader_that_is_cancelled_ends_the_run(clock):
    observer, provider = Recorder(), Spoken(["a", 60, "b", END])

    async def look():
        async with asyncio.timeout(1):
            await read_async(agent(provider, observer=observer))

    with pytest.raises(TimeoutError):
        clock.run(look())
    assert (provider.open, left(observer)[2], clock.elapsed) == (0, "CancelledError", 1)


def test_closing_waits_for_what_the_run_does_at_its_end(clock):
    ended = []

    class Tidy(Strategy):
        async def execute(self, signature, inputs, config):
            try:
                return await self.llm_call(signature, inputs, config)
            finally:
                await asyncio.sleep(3)
                ended.append(True)

    subject = BaseAgent({"model": "m"}, signature=QA, strategy=Tidy(), provider=Spoken(SAID))
    with subject.run_stream(question="?") as stream:
        next(iter(stream))
    assert (ended, clock.elapsed) == ([True], 3)


def test_a_run_that_holds_on_to_life_is_not_heard_again(clock):
    class Stubborn(Strategy):
        async def execute(self, signature, inputs, config):
            try:
                return await self.llm_call(signature, inputs, config)
            except asyncio.CancelledError:
                return await self.llm_call(signature, inputs, config)

    provider = Spoken(SAID)
    subject = BaseAgent({"model": "m"}, signature=QA, strategy=Stubborn(), provider=provider)
    with subject.run_stream(question="?") as stream:
        next(iter(stream))
    assert (provider.open, provider.given, clock.elapsed) == (0, ['{"answer": "4', '{"answer": "4'], 0)


def test_what_a_part_of_the_run_wanted_to_tell_and_was_cancelled_is_not_told(clock):
    """As where one of several tools raises: the others are cancelled before the reader comes to them."""

    class Several(Strategy):
        async def execute(self, signature, inputs, config):
            run = run_context.active()
            tellers = [asyncio.create_task(run.show(TextDelta, call=1, text=text)) for text in "abc"]
            await asyncio.sleep(0)
            tellers[1].cancel()
            await asyncio.wait(tellers)
            return {"answer": "42"}

    subject = BaseAgent({"model": "m"}, signature=QA, strategy=Several(), provider=Spoken(SAID))

    async def look():
        told = []
        async for item in subject.run_stream(question="?"):
            told.append(seen(item))
            await asyncio.sleep(1)
        return told

    assert clock.run(look()) == ["a", "c", ("result", {"answer": "42"})]


def test_what_outlives_its_run_tells_nobody_and_waits_for_nobody(clock):
    tellers = []

    class Careless(Strategy):
        async def execute(self, signature, inputs, config):
            run = run_context.active()
            tellers.extend(asyncio.create_task(run.show(TextDelta, call=1, text=text)) for text in "ab")
            await asyncio.sleep(1)
            return {"answer": "42"}

    subject = BaseAgent({"model": "m"}, signature=QA, strategy=Careless(), provider=Spoken(SAID))

    async def look():
        told = []
        async for item in subject.run_stream(question="?"):
            told.append(seen(item))
            await asyncio.sleep(2)
        await asyncio.wait(tellers)
        return told, [teller.cancelled() for teller in tellers]

    assert clock.run(look()) == (["a", ("result", {"answer": "42"})], [False, True])


def test_a_stream_that_is_read_in_one_loop_is_not_closed_by_blocking(clock):
    async def look():
        stream = agent(Spoken(SAID)).run_stream(question="?")
        iterator = aiter(stream)
        await anext(iterator)
        with pytest.raises(UsageError, match=r"close it with `await stream\.aclose\(\)`"):
            stream.close()
        await stream.aclose()
        return [item async for item in iterator]

    assert clock.run(look()) == []


def test_a_stream_that_is_read_by_blocking_may_be_closed_in_a_loop(clock):
    provider = Spoken(SAID)
    stream = agent(provider).run_stream(question="?")
    iterator = iter(stream)
    next(iterator)
    clock.run(stream.aclose())
    assert (provider.open, list(iterator)) == (0, [])


def test_a_stream_that_is_read_in_one_loop_may_be_closed_in_another():
    provider = Spoken(SAID)

    async def look():
        stream = agent(provider).run_stream(question="?")
        iterator = aiter(stream)
        await anext(iterator)
        await asyncio.to_thread(asyncio.run, stream.aclose())
        return provider.open, [item async for item in iterator]

    assert asyncio.run(look()) == (0, [])


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_the_run():
    class Slow(Spoken):
        began = threading.Event()

        async def stream(self, request):
            async for part in super().stream(request):
                yield part
                self.began.set()

    provider = Slow(["a", 3600])

    def press():
        provider.began.wait()
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        list(agent(provider).run_stream(question="?"))
    assert provider.open == 0


def test_an_error_that_comes_of_leaving_is_told_to_observers_alone(clock):
    class Clumsy(Strategy):
        async def execute(self, signature, inputs, config):
            try:
                return await self.llm_call(signature, inputs, config)
            finally:
                raise LookupError("lost")

    observer, loose = Recorder(), []
    config = {"model": "m", "observer": observer}
    subject = BaseAgent(config, signature=QA, strategy=Clumsy(), provider=Spoken(SAID))

    async def look():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: loose.append(context))
        async with subject.run_stream(question="?") as stream:
            await anext(aiter(stream))
        gc.collect()

    clock.run(look())
    assert ([event.error for event in observer.events if isinstance(event, RunEnded)], loose) == (["LookupError"], [])


def test_a_forgotten_iterator_ends_its_run_also_where_nobody_can_wait(clock):
    provider = Spoken(SAID)
    held = [iter(agent(provider).run_stream(question="?"))]
    next(held[0])

    async def forget():
        held.clear()
        gc.collect()
        for _ in range(5):
            await asyncio.sleep(0)

    bridge.run(forget())
    assert provider.open == 0


def test_closed_by_another_task_the_reader_comes_to_its_end(clock):
    async def look():
        stream = agent(Spoken(["a", 60, "b", END])).run_stream(question="?")
        reader = asyncio.create_task(_seen_of(stream))
        await asyncio.sleep(1)
        await stream.aclose()
        return await reader

    assert clock.run(look()) == ["a"]


async def _seen_of(stream):
    return [seen(item) async for item in stream]


# --- where it is read -------------------------------------------------------------------------------------------------


def test_a_blocking_loop_works_inside_a_running_loop(clock):
    async def look():
        return read(agent(Spoken(SAID)))

    assert clock.run(look()) == TOLD


def test_a_blocking_loop_on_the_packages_own_loop_is_refused(clock):
    async def look():
        with pytest.raises(UsageError, match="there, use `async for`"):
            iter(agent(Spoken(SAID)).run_stream(question="?"))

    bridge.run(look())


def test_threads_read_streams_of_their_own(clock):
    told = {}
    subject = agent(Spoken(SAID))

    def look(name):
        told[name] = read(subject)

    threads = [threading.Thread(target=look, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {"a": TOLD, "b": TOLD, "c": TOLD}


who = contextvars.ContextVar("who", default="nobody")


def test_the_runs_context_is_not_the_readers(clock):
    heard = []

    class Curious(Strategy):
        async def execute(self, signature, inputs, config):
            heard.append(who.get())
            who.set("the run")
            return await self.llm_call(signature, inputs, config)

    async def look():
        who.set("the reader")
        subject = BaseAgent({"model": "m"}, signature=QA, strategy=Curious(), provider=Spoken(SAID))
        return {(who.get(), run_context.active()) async for _ in subject.run_stream(question="?")}

    assert (clock.run(look()), heard) == ({("the reader", None)}, ["the reader"])


def test_what_an_agent_inside_of_the_run_says_is_not_told(clock):
    class Asking(Strategy):
        async def execute(self, signature, inputs, config):
            await inner.run_async(question="?")
            return await self.llm_call(signature, inputs, config)

    inner = BaseAgent({"model": "m"}, signature=QA, provider=Scripted(answer(answer="inner")))
    subject = BaseAgent({"model": "m"}, signature=QA, strategy=Asking(), provider=Spoken(SAID))
    assert read(subject) == TOLD


def test_an_agent_inside_of_a_run_can_be_read_there(clock):
    inner = agent(Spoken(SAID))
    heard = []

    class Reading(Strategy):
        async def execute(self, signature, inputs, config):
            heard.extend([seen(item) async for item in inner.run_stream(question="?")])
            return {"answer": "outer"}

    result = BaseAgent({"model": "m"}, signature=QA, strategy=Reading()).run(question="?")
    assert (result["answer"], heard) == ("outer", TOLD)


def test_each_call_of_a_strategy_is_told_under_its_number(clock):
    class Twice(Strategy):
        async def execute(self, signature, inputs, config):
            await self.llm_call(signature, inputs, config)
            return await self.llm_call(signature, inputs, config)

    subject = BaseAgent({"model": "m"}, signature=QA, strategy=Twice(), provider=Spoken(SAID))
    calls = [item.call for item in subject.run_stream(question="?") if isinstance(item, PartialOutputs)]
    assert calls == [1, 1, 2, 2]


def test_a_provider_that_cannot_stream_says_it_all_at_once(clock):
    assert read(agent(Scripted(DOWN, answer(answer="42")))) == [
        '{"answer": "42"}',
        {"answer": "42"},
        ("result", {"answer": "42"}),
    ]


def test_a_whole_reply_that_does_not_fit_was_never_told_and_is_asked_for_again(clock):
    assert read(agent(Scripted(answer(answer=[]), answer(answer="42")))) == [
        '{"answer": "42"}',
        {"answer": "42"},
        ("result", {"answer": "42"}),
    ]


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_what_fails_before_its_first_words_is_tried_again(clock):
    subject = agent(Spoken([DOWN], [ChatDelta(model="m"), ConnectionLost("cut")], SAID))
    assert (read(subject), clock.elapsed) == (TOLD, 3)


def test_what_fails_after_its_first_words_is_raised_with_what_had_come(clock):
    cut = ConnectionLost("cut")
    provider = Spoken(['{"answer": "4', cut], SAID)
    told, error = told_until(ConnectionLost, agent(provider).run_stream(question="?"))
    assert (told, error is cut, error.received, len(provider.requests)) == (TOLD[:2], True, '{"answer": "4', 1)
    assert error.__notes__[-2:] == [
        "Not tried again: the reader of the stream had seen some of the answer; run_stream(restart=True) tries again.",
        "Gave up after 1 attempt over 0 s.",
    ]


def test_a_reader_that_wants_to_know_is_told_that_it_is_tried_again(clock):
    provider = Spoken(['{"answer": "no', 1, DOWN], [DOWN], SAID)
    told = read(agent(provider), restart=True)
    assert told == ['{"answer": "no', {"answer": "no"}, (1, "ServerFailed"), *TOLD]
    assert clock.elapsed == 1 + 1 + 2


def test_a_rejected_request_is_not_tried_again_whatever_the_reader_wants(clock):
    provider = Spoken(["a", RequestRejected("no")])
    told_until(RequestRejected, agent(provider).run_stream(question="?", restart=True))
    assert len(provider.requests) == 1


def test_calls_of_tools_that_broke_off_unseen_are_tried_again(clock):
    half = ChatDelta(tool_calls=(ToolCallDelta(index=0, id="1", name="search", arguments='{"q'),))
    *told, result = agent(Spoken([1, half, 1, ConnectionLost("cut")], SAID)).run_stream(question="?")
    assert [*map(seen, told), seen(result)] == TOLD
    assert [attempt.first_token_ms for attempt in result.calls[0].attempts] == [1000, 0]


def test_a_reply_that_does_not_fit_is_not_asked_for_again_once_it_was_told(clock):
    provider = Spoken(['{"answer": []}', END], SAID)
    told, error = told_until(ReplyDoesNotFit, agent(provider).run_stream(question="?"))
    assert (told, len(provider.requests)) == (['{"answer": []}'], 1)
    assert error.__notes__ == [
        "Not asked again: the reader of the stream had seen some of it; run_stream(restart=True) asks again."
    ]


def test_a_reply_that_does_not_fit_is_asked_for_again_where_the_reader_is_told(clock):
    provider = Spoken([DOWN], ['{"answer": []}', END], SAID)
    told = read(agent(provider), restart=True)
    assert told == ['{"answer": []}', (2, "ReplyDoesNotFit"), *TOLD]


def test_an_empty_reply_was_never_told_and_is_asked_for_again(clock):
    assert read(agent(Spoken([END], SAID))) == TOLD


def test_the_last_reply_that_does_not_fit_is_raised(clock):
    provider = Spoken([END])
    _, error = told_until(EmptyReply, agent(provider).run_stream(question="?", restart=True))
    assert (error.__notes__, len(provider.requests)) == (["Asked 2 times; output_retries=1."], 2)


def test_a_reply_that_takes_back_what_was_told_does_not_fit(clock):
    provider = Spoken(['{"answer": "4"}', '{"answer": "2"}', END])
    _, error = told_until(ReplyDoesNotFit, agent(provider, output_retries=0).run_stream(question="?"))
    assert str(error) == (
        "The reply takes back the 'answer' that it had given to the reader of its stream: it holds more than one "
        "object with QA's outputs."
    )


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (ChatDelta(finish_reason="length"), OutputTruncated),
        (ChatDelta(finish_reason="content_filter"), ContentFiltered),
    ],
)
def test_how_a_reply_ends_is_judged_as_for_a_whole_one(clock, last, error):
    told, _ = told_until(error, agent(Spoken(["a", last])).run_stream(question="?", restart=True))
    assert told == ["a"]


def test_the_first_words_have_request_timeout_and_so_has_each_pause(clock):
    steady = [29, '{"answer": "4', 29, '2"}', 29, END]
    assert (read(agent(Spoken(steady), timeout=100)), clock.elapsed) == (TOLD, 87)


def test_no_first_words_within_request_timeout_are_tried_again(clock):
    assert (read(agent(Spoken([31], SAID))), clock.elapsed) == (TOLD, 31)


def test_a_stream_that_stands_still_is_given_up(clock):
    provider = Spoken(["a", 31, "b", END])
    told, error = told_until(AttemptTimeout, agent(provider).run_stream(question="?"))
    assert (told, error.received, provider.open, clock.elapsed) == (["a"], "a", 0, 30)
    assert str(error) == "The answer broke off: no more of it came within request_timeout (30 s)."


def test_a_provider_that_ignores_its_cancellation_is_late_all_the_same(clock):
    class Stubborn(Spoken):
        async def stream(self, request):
            try:
                await asyncio.sleep(31)
            except asyncio.CancelledError:
                yield ChatDelta(text="too late")

    _, error = told_until(AttemptTimeout, agent(Stubborn(), retries=0).run_stream(question="?"))
    assert (str(error), clock.elapsed) == ("No answer within request_timeout (30 s).", 30)


async def slowly(stream, seconds):
    told = []
    async for item in stream:
        told.append(seen(item))
        await asyncio.sleep(seconds)
    return told


def test_the_time_that_the_reader_takes_is_not_the_providers(clock):
    assert clock.run(slowly(agent(Spoken(SAID), timeout=1000).run_stream(question="?"), 100)) == TOLD


def test_the_time_that_the_reader_takes_is_the_runs(clock):
    with pytest.raises(RunTimeout, match="within its timeout of 60 s") as late:
        clock.run(slowly(agent(Spoken(SAID)).run_stream(question="?"), 50))
    assert clock.elapsed == 100
    assert late.value.__notes__ == [
        "Attempts: still unanswered after 60 s. At the end it waited for the reader of its stream."
    ]


def test_an_error_of_the_provider_keeps_what_it_says_had_come(clock):
    error = BadResponse("odd", received="ab")
    _, raised = told_until(BadResponse, agent(Spoken(["a", error])).run_stream(question="?"))
    assert raised.received == "ab"


def test_an_error_before_the_stream_began_received_nothing(clock):
    _, error = told_until(ServerFailed, agent(Spoken([ServerFailed("x")]), retries=0).run_stream(question="?"))
    assert error.received is None


@pytest.mark.parametrize(("given", "said"), [("text", "must give ChatDeltas, not 'text'"), (None, "async iterator")])
def test_a_provider_that_streams_something_else_is_refused(clock, given, said):
    class Odd(Scripted):
        async def _iterate(self):
            yield given

        def stream(self, request):
            return None if given is None else self._iterate()

    _, error = told_until(UsageError, agent(Odd()).run_stream(question="?"))
    assert said in str(error)


def test_a_stream_that_is_a_coroutine_is_refused_and_leaves_no_warning(clock):
    class Odd(Scripted):
        async def stream(self, request):
            return self

    _, error = told_until(UsageError, agent(Odd()).run_stream(question="?"))
    assert "as an `async def` with `yield` does" in str(error)


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_a_stream_that_broke_off_is_billed_by_our_own_count(clock):
    provider = Spoken(['{"answer": "4', ConnectionLost("cut")], SAID)
    *_, result = agent(provider).run_stream(question="?", restart=True)
    first, second = result.calls[0].attempts
    assert (first.error, first.estimated, first.usage.completion) == ("ConnectionLost", True, 4)
    assert (second.error, second.estimated, second.usage) == (None, False, Usage(10, 5))
    assert result["_tokens"]["completion"] == 9


def test_what_the_provider_says_goes_before_our_own_count(clock):
    provider = Spoken(["a", ChatDelta(usage=Usage(7, 1)), ConnectionLost("cut")], SAID)
    *_, result = agent(provider).run_stream(question="?", restart=True)
    first, _ = result.calls[0].attempts
    assert (first.usage, first.estimated) == (Usage(7, 1), False)


def test_an_attempt_of_which_nothing_came_is_billed_nothing(clock):
    *_, result = agent(Spoken([DOWN], SAID)).run_stream(question="?")
    first, _ = result.calls[0].attempts
    assert (first.usage, first.estimated, first.first_token_ms) == (None, False, None)


def test_the_first_words_of_a_run_count_also_when_they_were_void(clock):
    *_, result = agent(Spoken([2, "a", 3, DOWN], [5, *SAID])).run_stream(question="?", restart=True)
    assert result.metrics.first_token_ms == 2000
    assert [attempt.first_token_ms for attempt in result.calls[0].attempts] == [2000, 5000]


def test_the_time_to_the_first_words_of_a_run_has_the_failures_before_them_in_it(clock):
    *_, result = agent(Spoken([2, DOWN], [5, *SAID])).run_stream(question="?")
    assert result.metrics.first_token_ms == 2000 + 1000 + 5000


def test_a_stream_that_broke_off_is_billed_for_the_model_that_answered(clock):
    other = {**PRICES, "other": Price("3", "4")}
    provider = Spoken([ChatDelta(text="a", model="other"), ConnectionLost("cut")], SAID)
    *_, result = agent(provider, prices=other).run_stream(question="?", restart=True)
    assert [attempt.model for attempt in result.calls[0].attempts] == ["other", "m"]


def test_a_timeout_of_the_providers_own_is_raised_as_it_is(clock):
    for theirs in (AttemptTimeout("theirs"), TimeoutError("theirs")):
        _, error = told_until(type(theirs), agent(Spoken([theirs]), retries=0).run_stream(question="?"))
        assert error is theirs


def test_a_stream_that_was_left_is_taken_from_the_budget(clock):
    budget = Budget(max_tokens=15, per="process")
    subject = agent(Spoken(SAID), budget=budget)
    for _ in subject.run_stream(question="?"):
        break
    with pytest.raises(BudgetExceeded):
        list(subject.run_stream(question="?"))


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_only_a_run_that_was_read_to_its_end_is_remembered(clock):
    memory = BufferMemory()
    provider = Spoken(SAID)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, memory=memory)
    for _ in subject.run_stream("s", question="left"):
        break
    list(subject.run_stream("s", question="read"))
    list(subject.run_stream("s", question="again"))
    assert [m for m in provider.requests[-1].messages if m.role != "system"] == [
        Message("user", "question: read"),
        Message("assistant", '{"answer": "42"}'),
        Message("user", "question: again"),
    ]


def test_a_run_that_waits_for_a_stream_of_its_session_in_vain_says_so(clock):
    subject = BaseAgent({"model": "m", "max_turns": 5, "timeout": 9}, signature=QA, provider=Spoken(SAID))

    async def scene():
        async with subject.run_stream("s", question="?") as stream:
            async for _ in stream:
                await subject.run_async("s", question="And now?")

    with pytest.raises(RunTimeout) as late:
        clock.run(scene())
    assert late.value.__notes__ == ["No request had been made. At the end it waited for an earlier run of session 's'."]


def test_a_run_that_is_left_gives_its_session_free(clock):
    subject = BaseAgent({"model": "m", "max_turns": 5}, signature=QA, provider=Spoken(SAID))
    with subject.run_stream("s", question="left") as stream:
        next(iter(stream))
    assert read(subject, session_id="s")[-1] == ("result", {"answer": "42"})
