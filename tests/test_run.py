"""One run: validation, memory, limits, result, all on a scripted provider and virtual time."""

from __future__ import annotations

import asyncio
import math
import pickle
from decimal import Decimal

import pytest
from doubles import BILLED, Recorder, Scripted, answer
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.config import Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import (
    AttemptTimeout,
    ContentFiltered,
    EmptyReply,
    InputError,
    OutputError,
    OutputTruncated,
    RateLimited,
    Refused,
    ReplyDoesNotFit,
    RequestRejected,
    RunTimeout,
    ServerFailed,
    UnexpectedToolCall,
    UsageError,
)
from kaizen_eval.events import WaitStarted
from kaizen_eval.memory import BufferMemory
from kaizen_eval.messages import ChatReply, Message, ToolCall, Usage
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import AnySignature, InputField, OutputField, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy


class QA(Signature):
    """Answer briefly."""

    question: str = InputField(description="What is asked")
    context: str = InputField(default="none")
    answer: str = OutputField(description="The answer")


DOWN = ServerFailed("down", status=500)
PRICES = {"m": Price("1", "2")}


def agent(provider, **config):
    return BaseAgent({"model": "m", "prices": PRICES, **config}, signature=QA, provider=provider)


def on_virtual_time(coroutine):
    """The coroutine's result and the virtual seconds that it took."""
    with virtual_time() as clock:
        return clock.run(coroutine), clock.elapsed


def run(subject, **inputs):
    return on_virtual_time(subject.run_async(**inputs))[0]


def fails(error, subject, **inputs):
    """The error and the virtual seconds after which it came."""
    with virtual_time() as clock, pytest.raises(error) as caught:
        clock.run(subject.run_async(**inputs))
    return caught.value, clock.elapsed


def test_a_result_holds_the_outputs_and_what_they_cost():
    result = run(agent(Scripted(answer(answer="42"), seconds=0.25)), question="6 x 7?")
    assert result == {
        "answer": "42",
        "_timing": 250.0,
        "_tokens": {"prompt": 10, "completion": 5, "total": 15, "cached": 0, "reasoning": 0},
        "_cost": 0.00002,
        "_attempts": 1,
        "_parse_tier": 1,
    }
    assert (result.outputs, result.metrics.cost) == ({"answer": "42"}, Decimal("0.00002"))


def test_the_request_holds_the_instructions_the_fields_and_every_input():
    provider = Scripted(answer(answer="42"))
    run(agent(provider, temperature=0.5, seed=7), question="6 x 7?")
    (request,) = provider.requests
    assert request.messages == (
        Message(
            "system",
            "Answer briefly.\n\nYou are given:\n- question: What is asked\n- context\n\n"
            "Answer with:\n- answer: The answer\n\nReply with one JSON object.",
        ),
        Message("user", "question: 6 x 7?\ncontext: none"),
    )
    assert (request.model, request.temperature, request.seed, request.output_mode) == ("m", 0.5, 7, "schema")


@pytest.mark.parametrize("inputs", [{}, {"question": 3}, {"question": "a", "unknown": 1}, {"quesiton": "a"}])
def test_wrong_inputs_raise_before_any_request(inputs):
    provider = Scripted(answer(answer="42"))
    error, _ = fails(ValueError, agent(provider), **inputs)
    assert (type(error), provider.requests) == (InputError, [])


def test_a_session_id_must_be_text():
    error, _ = fails(InputError, agent(Scripted(answer(answer="42"))), question="a", session_id=7)
    assert str(error) == "session_id must be a non-empty text or None, not 7."


def test_transient_failures_are_tried_again_until_one_attempt_succeeds():
    provider = Scripted(DOWN, DOWN, answer(answer="42"))
    subject = agent(provider, retry={"attempts": 3, "base": 1, "jitter": "none"})
    result, elapsed = on_virtual_time(subject.run_async(question="?"))
    assert (result["answer"], result["_attempts"], result["_timing"], elapsed) == ("42", 3, 3000.0, 3.0)


def test_after_the_last_attempt_the_original_error_is_raised_with_a_note():
    last = ServerFailed("third", status=503)
    provider = Scripted(DOWN, DOWN, last)
    error, _ = fails(ServerFailed, agent(provider, retry={"base": 1, "jitter": "none"}), question="?")
    assert error is last
    assert (error.__notes__, len(provider.requests)) == (["Gave up after 3 attempts over 3 s."], 3)


def test_a_rejected_request_is_never_sent_again():
    provider = Scripted(RequestRejected("no", status=400))
    fails(RequestRejected, agent(provider), question="?")
    assert len(provider.requests) == 1


def test_an_hour_of_retry_after_is_waited_for_when_it_fits_the_deadline():
    provider = Scripted(RateLimited("slow down", retry_after=3600), answer(answer="42"))
    assert on_virtual_time(agent(provider, timeout=7200).run_async(question="?"))[1] == 3600


def test_a_retry_after_beyond_the_deadline_raises_at_once():
    provider = Scripted(RateLimited("slow down", retry_after=3600))
    error, elapsed = fails(RateLimited, agent(provider, timeout=60), question="?")
    assert (elapsed, error.__notes__) == (
        0,
        [
            "No time for another attempt: the wait of 3600 s would pass the run's deadline.",
            "Gave up after 1 attempt over 0 s.",
        ],
    )


def test_a_seeded_jitter_repeats_itself():
    def waited():
        provider = Scripted(DOWN, DOWN, answer(answer="42"))
        return on_virtual_time(agent(provider, seed_jitter=3).run_async(question="?"))[1]

    assert waited() == waited() > 0


def test_each_wait_draws_its_own_jitter_also_from_a_seed():
    provider = Scripted(DOWN, DOWN, answer(answer="42"))
    retry = {"base": 1, "cap": 1}
    seen = Recorder()
    run(agent(provider, seed_jitter=3, retry=retry, observer=seen), question="?")
    first, second = (event.seconds for event in seen.events if isinstance(event, WaitStarted))
    assert first != second


def test_an_answer_after_the_attempts_time_is_none_even_if_the_provider_holds_on():
    class Stubborn(Scripted):
        async def complete(self, request):
            try:
                return await super().complete(request)
            except asyncio.CancelledError:
                return answer(answer="too late")

    error, elapsed = fails(AttemptTimeout, agent(Stubborn(DOWN, seconds=31), retries=0), question="?")
    assert (str(error), elapsed) == ("No answer within request_timeout (30 s).", 30.0)


def test_an_attempt_that_takes_too_long_is_cancelled_and_tried_again():
    provider = Scripted(answer(answer="42"), seconds=31)
    error, elapsed = fails(TimeoutError, agent(provider, retries=0), question="?")
    assert (type(error), elapsed, provider.cancelled) == (AttemptTimeout, 30, 1)


def test_the_runs_deadline_counts_from_entry_over_all_attempts():
    provider = Scripted(answer(answer="42"), seconds=1000)
    subject = agent(provider, timeout=45, retry={"base": 0})
    error, elapsed = fails(TimeoutError, subject, question="?")
    assert (type(error), str(error), elapsed, len(provider.requests)) == (
        RunTimeout,
        "The run did not finish within its timeout of 45 s.",
        45,
        2,
    )


def test_slow_but_in_time_succeeds():
    subject = agent(Scripted(answer(answer="42"), seconds=29.999))
    assert run(subject, question="?")["_timing"] == 29999.0


def test_a_strategy_that_swallows_the_cancellation_still_times_out():
    class Stubborn(Strategy):
        async def execute(self, signature, inputs, config):
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                return {"answer": "too late"}

    subject = BaseAgent({"timeout": 5}, signature=QA, strategy=Stubborn)
    assert fails(RunTimeout, subject, question="?")[1] == 5


def test_cancelling_the_caller_cancels_the_request():
    provider = Scripted(answer(answer="42"), seconds=10)

    async def scene():
        task = asyncio.ensure_future(agent(provider).run_async(question="?"))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert on_virtual_time(scene()) == (True, 1.0)
    assert provider.cancelled == 1


def test_a_reply_that_does_not_fit_is_asked_for_again_as_a_new_call():
    provider = Scripted(answer(wrong="?"), DOWN, answer(answer="42"))
    result = run(agent(provider), question="?")
    calls = [(call.number, [a.error for a in call.attempts]) for call in result.calls]
    assert calls == [(1, [None]), (2, ["ServerFailed", None])]
    assert result["_tokens"]["total"] == 30


def test_a_reply_that_never_fits_raises_after_the_last_new_call():
    provider = Scripted(answer(wrong="?"))
    error, _ = fails(ReplyDoesNotFit, agent(provider, output_retries=2), question="?")
    assert (len(provider.requests), error.__notes__) == (3, ["Asked 3 times; output_retries=2."])
    assert not isinstance(error, ValueError)


@pytest.mark.parametrize(
    ("reply", "error", "requests"),
    [
        (ChatReply(text='{"answer": "4', finish_reason="length", usage=BILLED), OutputTruncated, 1),
        (ChatReply(text=None, finish_reason="content_filter"), ContentFiltered, 1),
        (ChatReply(text=None, refusal="I will not"), Refused, 1),
        (ChatReply(text=""), EmptyReply, 2),
        (ChatReply(text=" \n"), EmptyReply, 2),
        (ChatReply(text=None, tool_calls=(ToolCall("1", "search", "{}"),)), UnexpectedToolCall, 2),
    ],
    ids=["length", "content filter", "refusal", "empty", "blank", "tool call"],
)
def test_a_reply_without_an_answer_never_becomes_a_result(reply, error, requests):
    provider = Scripted(reply)
    assert type(fails(error, agent(provider), question="?")[0]) is error
    assert len(provider.requests) == requests


@pytest.mark.parametrize(("usage", "after"), [(BILLED, f" after {BILLED.completion} tokens"), (Usage(), "")])
def test_a_cut_reply_says_after_how_much_if_anybody_knows(usage, after):
    provider = Scripted(ChatReply(text="4", finish_reason="length", usage=usage))
    error, _ = fails(OutputTruncated, agent(provider, max_tokens=9), question="?")
    assert str(error) == f"The reply was cut at max_tokens=9{after}; raise max_tokens or ask for less."


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=4))
def test_tokens_and_cost_always_sum_every_billed_attempt(calls):
    replies = [answer(Usage(p, c), answer="42") if ok else answer(Usage(p, c), no="?") for ok, p, c in calls]
    provider = Scripted(*replies, answer(Usage(1, 1), answer="42"))
    result = run(agent(provider, output_retries=9), question="?")
    billed = [r.usage for r in (*replies, answer(Usage(1, 1), answer="42"))][: len(provider.requests)]
    prompt, completion = sum(u.prompt for u in billed), sum(u.completion for u in billed)
    assert (result["_tokens"]["prompt"], result["_tokens"]["completion"]) == (prompt, completion)
    assert result.metrics.cost == (prompt * Decimal(1) + completion * Decimal(2)) / 10**6


def test_an_unknown_price_is_nan_and_none_and_never_zero():
    result = run(agent(Scripted(answer(answer="42")), model="no-such-model"), question="?")
    assert math.isnan(result["_cost"])
    assert result.metrics.cost is None


def test_a_session_is_shown_its_last_turns_in_order():
    provider = Scripted(answer(answer="yes"))
    subject = agent(provider, max_turns=2)
    for question in "abcd":
        run(subject, question=question, session_id="s")
    assert provider.asked() == [
        ("user", "question: b\ncontext: none"),
        ("assistant", '{"answer": "yes"}'),
        ("user", "question: c\ncontext: none"),
        ("assistant", '{"answer": "yes"}'),
        ("user", "question: d\ncontext: none"),
    ]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=8))
def test_a_request_always_holds_exactly_its_own_sessions_finished_turns(plan):
    outcomes = [answer(answer=str(n)) if ok else RequestRejected("no") for n, (_, ok) in enumerate(plan)]
    provider = Scripted(*outcomes, answer(answer="end"))
    subject = agent(provider, max_turns=3)

    async def all_of_them():
        for number, (session, _) in enumerate(plan):
            await asyncio.gather(subject.run_async(session, question=str(number)), return_exceptions=True)

    on_virtual_time(all_of_them())
    for number, (session, _) in enumerate(plan):
        earlier = [n for n in range(number) if plan[n] == (session, True)][-3:]
        said = [t for n in earlier for t in (f"question: {n}\ncontext: none", f'{{"answer": "{n}"}}')]
        assert [text for _, text in provider.asked(number)] == [*said, f"question: {number}\ncontext: none"]


def test_runs_of_one_session_wait_for_each_other_and_others_do_not():
    provider = Scripted(answer(answer="42"), seconds=1)
    subject = agent(provider, max_turns=5)

    async def scene():
        runs = [subject.run_async(session, question=q) for session, q in [("a", "1"), ("a", "2"), ("b", "3")]]
        return [result["_timing"] for result in await asyncio.gather(*runs)]

    assert on_virtual_time(scene()) == ([1000.0, 2000.0, 1000.0], 2.0)
    assert [len(provider.asked(n)) for n in range(3)] == [1, 1, 3]


def test_without_a_session_id_nothing_is_remembered():
    provider = Scripted(answer(answer="42"))
    subject = agent(provider, max_turns=5)
    results = [run(subject, question=q) for q in "ab"]
    assert (provider.asked(), "_session_id" in results[1], len(subject.memory)) == (
        [("user", "question: b\ncontext: none")],
        False,
        0,
    )


def test_the_session_id_is_in_the_result_only_when_memory_is_on():
    with_memory = run(agent(Scripted(answer(answer="42")), max_turns=1), question="?", session_id="s")
    without = run(agent(Scripted(answer(answer="42"))), question="?", session_id="s")
    assert (with_memory["_session_id"], "_session_id" in without) == ("s", False)


def test_two_agents_may_share_a_memory():
    memory = BufferMemory()
    first = BaseAgent({"model": "m"}, signature=QA, provider=Scripted(answer(answer="1")), memory=memory)
    provider = Scripted(answer(answer="2"))
    second = BaseAgent({"model": "m"}, signature=QA, provider=provider, memory=memory)
    run(first, question="a", session_id="s")
    run(second, question="b", session_id="s")
    assert [text for _, text in provider.asked()] == [
        "question: a\ncontext: none",
        '{"answer": "1"}',
        "question: b\ncontext: none",
    ]


def test_a_run_of_a_session_inside_a_run_of_the_same_session_is_refused():
    class Nested(AsyncSingleShotStrategy):
        async def execute(self, signature, inputs, config):
            return await subject.run_async("s", question="inner")

    subject = BaseAgent({"max_turns": 2}, signature=QA, strategy=Nested, provider=Scripted(answer(answer="42")))
    error, _ = fails(UsageError, subject, question="outer", session_id="s")
    assert "run_async" in str(error)


def test_another_agents_strategy_called_inside_a_run_sees_none_of_it():
    inner_provider = Scripted(answer(answer="inner"))
    inner = BaseAgent({"model": "n", "max_turns": 3}, signature=QA, provider=inner_provider)

    class Asks(AsyncSingleShotStrategy):
        async def execute(self, signature, inputs, config):
            await inner.strategy.execute(inner.signature, {"question": "help"}, inner.config)
            return await super().execute(signature, inputs, config)

    outer = BaseAgent(
        {"model": "m", "max_turns": 3, "prices": PRICES},
        signature=QA,
        strategy=Asks,
        provider=Scripted(answer(answer="42")),
    )
    run(outer, question="1", session_id="s")
    result = run(outer, question="2", session_id="s")
    assert inner_provider.asked() == [("user", "question: help\ncontext: none")]
    assert (result["_attempts"], inner_provider.requests[-1].session_id) == (1, None)


def test_an_agent_run_inside_another_inherits_its_deadline():
    inner = agent(Scripted(answer(answer="42"), seconds=1000), timeout=500, request_timeout=500)

    class Delegates(Strategy):
        async def execute(self, signature, inputs, config):
            return (await inner.run_async(**inputs)).outputs

    outer = BaseAgent({"timeout": 20}, signature=QA, strategy=Delegates)
    assert fails(RunTimeout, outer, question="?")[1] == 20


def test_a_strategy_executed_by_itself_keeps_retries_timeouts_and_checks():
    provider = Scripted(DOWN, answer(answer="42"))
    subject = agent(provider, retry={"base": 2, "jitter": "none"}, max_turns=3)
    outputs, elapsed = on_virtual_time(subject.strategy.execute(QA, {"question": "?"}, subject.config))
    assert (outputs, elapsed) == ({"answer": "42"}, 2.0)
    with virtual_time() as clock, pytest.raises(InputError):
        clock.run(subject.strategy.execute(QA, {}, subject.config))


def test_a_custom_strategys_steps_are_used():
    class Shouting(AsyncSingleShotStrategy):
        def preprocess(self, inputs):
            return {**inputs, "question": inputs["question"].upper()}

        def postprocess(self, result):
            return {**result, "answer": result["answer"] + "!"}

    provider = Scripted(answer(answer="yes"))
    subject = BaseAgent({"model": "m"}, signature=QA(), strategy=Shouting(), provider=provider)
    assert run(subject, question="ok?").outputs == {"answer": "yes!"}
    assert provider.asked() == [("user", "question: OK?\ncontext: none")]


@pytest.mark.parametrize("outputs", [{}, {"answer": 3}, {"answer": "yes", "mood": "good"}])
def test_outputs_of_a_strategy_that_do_not_fit_raise(outputs):
    class Wrong(Strategy):
        async def execute(self, signature, inputs, config):
            return outputs

    fails(ReplyDoesNotFit, BaseAgent(signature=QA, strategy=Wrong), question="?")


def test_a_strategy_that_returns_no_dict_is_told_so():
    class Wrong(Strategy):
        async def execute(self, signature, inputs, config):
            return "42"

    error, _ = fails(OutputError, BaseAgent(signature=QA, strategy=Wrong), question="?")
    assert str(error) == "Wrong.execute must return a dict of outputs, not str."


def test_a_strategy_whose_execute_is_no_coroutine_is_told_so():
    class Wrong(Strategy):
        def execute(self, signature, inputs, config):
            return {"answer": "42"}

    error, _ = fails(UsageError, BaseAgent(signature=QA, strategy=Wrong), question="?")
    assert str(error) == "Wrong.execute must be a coroutine function: write `async def execute(…)`."


def test_another_agents_result_serves_as_a_strategys_outputs():
    inner = agent(Scripted(answer(answer="42")))

    class Ask(Strategy):
        async def execute(self, signature, inputs, config):
            return await inner.run_async(**inputs)

    assert run(BaseAgent(signature=QA, strategy=Ask), question="?").outputs == {"answer": "42"}


def test_without_a_signature_any_inputs_give_a_response():
    provider = Scripted(ChatReply(text="Hello, Alice."))
    assert run(BaseAgent(provider=provider), name="Alice", age=7).outputs == {"response": "Hello, Alice."}
    assert provider.asked() == [("user", "name: Alice\nage: 7")]


def test_a_batch_keeps_the_order_and_the_limit():
    provider = Scripted(answer(answer="42"), seconds=1)
    items = [{"question": str(n)} for n in range(5)]
    results, elapsed = on_virtual_time(agent(provider).run_batch_async(items, max_concurrency=2))
    assert ([r["answer"] for r in results], elapsed) == (["42"] * 5, 3.0)


def test_a_batch_returns_errors_in_place_when_asked():
    provider = Scripted(answer(answer="42"))
    subject = agent(provider)
    items = [{"question": "a"}, {}, {"question": "b"}]
    results, _ = on_virtual_time(subject.run_batch_async(items, return_errors=True))
    assert [type(result).__name__ for result in results] == ["RunResult", "InputError", "RunResult"]


def test_a_batch_returns_errors_of_a_strategy_too():
    class Picky(Strategy):
        async def execute(self, signature, inputs, config):
            return {"answer": {"a": "42"}[inputs["question"]]}

    subject = BaseAgent(signature=QA, strategy=Picky)
    items = [{"question": "b"}, {"question": "a"}]
    (error, result), _ = on_virtual_time(subject.run_batch_async(items, return_errors=True))
    assert (repr(error), result.outputs) == ("KeyError('b')", {"answer": "42"})


def test_the_first_error_of_a_batch_cancels_the_rest():
    provider = Scripted(RequestRejected("no"), answer(answer="42"), seconds=1)
    items = [{"question": "a"}, {"question": "b"}, {"question": "c"}]
    with virtual_time() as clock, pytest.raises(RequestRejected):
        clock.run(agent(provider).run_batch_async(items, max_concurrency=1))
    assert (len(provider.requests), clock.elapsed) == (1, 1.0)


def test_a_result_survives_pickling():
    result = run(agent(Scripted(answer(answer="42"))), question="?")
    copy = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own bytes
    assert (copy, copy.metrics, copy.calls) == (result, result.metrics, result.calls)


def test_an_observer_sees_the_run_in_order():
    recorder = Recorder()
    provider = Scripted(DOWN, answer(no="?"), answer(answer="42"))
    run(agent(provider, observer=recorder), question="?")
    assert recorder.names() == [
        "RunStarted",
        "AttemptStarted",
        "AttemptEnded",
        "WaitStarted",
        "AttemptStarted",
        "AttemptEnded",
        "ReplyParsed",
        "AttemptStarted",
        "AttemptEnded",
        "ReplyParsed",
        "RunEnded",
    ]
    assert len({event.run_id for event in recorder.events}) == 1


def test_an_observer_that_crashes_does_not_disturb_the_run(caplog):
    class Crashing:
        def on_event(self, event):
            raise RuntimeError("boom")

    subject = agent(Scripted(answer(answer="42")), observer=Crashing())
    assert run(subject, question="?")["answer"] == "42"
    assert "the observer Crashing failed on RunStarted" in caplog.text


def test_extract_helpers_give_the_wished_type_or_the_default():
    subject = BaseAgent()
    result = {"tags": ("a", "b"), "n": 3.0, "x": "2.5", "yes": "true", "d": '{"a": 1}', "s": 7, "no": None}
    assert (
        subject.extract_list(result, "tags"),
        subject.extract_int(result, "n"),
        subject.extract_float(result, "x"),
        subject.extract_bool(result, "yes"),
        subject.extract_dict(result, "d"),
        subject.extract_str(result, "s"),
        subject.extract_list(result, "no", default=["-"]),
        subject.extract_int(result, "yes", default=9),
    ) == (["a", "b"], 3, 2.5, True, {"a": 1}, "7", ["-"], 9)


def test_a_reply_without_usage_has_an_unknown_cost():
    result = run(agent(Scripted(answer(Usage(), answer="42"))), question="?")
    assert (result.metrics.cost, result["_tokens"]["total"]) == (None, 0)


def test_calls_that_a_strategy_makes_at_the_same_time_are_told_apart():
    class Twice(AsyncSingleShotStrategy):
        async def execute(self, signature, inputs, config):
            both = [self.llm_call(signature, {"question": q}, config) for q in ("a", "b")]
            return (await asyncio.gather(*both))[0]

    recorder = Recorder()
    provider = Scripted(answer(no="?"), answer(answer="42"), seconds=1)
    run(BaseAgent({"observer": recorder}, signature=QA, strategy=Twice, provider=provider), question="?")
    parsed = [(e.call, e.error) for e in recorder.events if type(e).__name__ == "ReplyParsed"]
    assert parsed == [(1, "ReplyDoesNotFit"), (2, None), (3, None)]


def test_an_input_may_be_called_self():
    assert run(BaseAgent(provider=Scripted(ChatReply(text="hi"))), self="me").outputs == {"response": "hi"}


@pytest.mark.parametrize("signature", [QA, AnySignature])
def test_an_input_that_was_passed_without_its_name_is_not_taken_for_a_session(signature):
    provider = Scripted(answer(answer="42"))
    subject = BaseAgent(signature=signature, provider=provider)
    with pytest.raises(
        InputError, match="given a session_id \\('What is it\\?'\\) and no inputs; inputs go by name: run"
    ):
        on_virtual_time(subject.run_async("What is it?"))
    assert provider.requests == []


def test_a_session_id_reaches_the_journal_also_without_memory():
    provider = Scripted(answer(answer="42"))
    result = run(agent(provider), question="?", session_id="s")
    assert (provider.requests[0].session_id, "_session_id" in result) == ("s", False)


def test_a_timeout_tells_what_the_time_went_into():
    provider = Scripted(answer(answer="42"), seconds=1000)
    error, _ = fails(RunTimeout, agent(provider, timeout=45, retry={"base": 0}), question="?")
    assert error.__notes__ == ["Attempts: AttemptTimeout after 30 s, still unanswered after 15 s."]


def test_a_timeout_before_any_request_says_so():
    class Slow(Strategy):
        async def execute(self, signature, inputs, config):
            await asyncio.sleep(100)

    assert fails(RunTimeout, BaseAgent(signature=QA, strategy=Slow), question="?")[0].__notes__ == [
        "No request had been made."
    ]


@pytest.mark.parametrize(
    ("method", "note"),
    [
        ("load", "No request had been made. At the end it waited for its memory."),
        ("append", "Attempts: answered after 0 s. At the end it waited for its memory."),
    ],
)
def test_a_timeout_says_that_the_run_waited_for_its_memory(method, note):
    async def never(*_):
        await asyncio.sleep(1e6)

    stuck = type("Stuck", (BufferMemory,), {method: never})
    subject = BaseAgent({"model": "m"}, signature=QA, provider=Scripted(answer(answer="42")), memory=stuck())
    assert fails(RunTimeout, subject, session_id="s", question="?")[0].__notes__ == [note]


def test_a_provider_that_returns_something_else_is_named():
    class Wrong(Scripted):
        async def complete(self, request):
            return "42"

    error, _ = fails(UsageError, agent(Wrong()), question="?")
    assert str(error) == "Wrong.complete must return a ChatReply, not '42'."


def test_a_strategy_executed_by_itself_names_its_agent_to_observers():
    recorder = Recorder()
    subject = BaseAgent({"observer": recorder}, signature=QA, provider=Scripted(answer(answer="42")), agent_id="qa")
    on_virtual_time(subject.strategy.execute(QA, {"question": "?"}, subject.config))
    assert {event.agent_id for event in recorder.events} == {"qa"}


def test_a_run_of_defaults_alone_needs_no_inputs():
    class Defaults(Signature):
        topic: str = InputField(default="cats")
        answer: str = OutputField()

    provider = Scripted(answer(answer="42"))
    run(BaseAgent(signature=Defaults, provider=provider), session_id="s")
    assert provider.asked() == [("user", "topic: cats")]


def test_a_provider_that_is_not_async_is_told_so():
    class Sync(Scripted):
        def complete(self, request):
            return answer(answer="42")

    error, _ = fails(UsageError, agent(Sync()), question="?")
    assert str(error).startswith("Sync.complete must be `async def`; it returned ChatReply(text=")


def test_an_agent_whose_init_forgot_ours_is_told_so():
    class Forgetful(BaseAgent):
        def __init__(self):
            self.mine = 1

    with pytest.raises(AttributeError, match="Forgetful has no 'config': its __init__ must call super"):
        Forgetful().config  # noqa: B018 - reading is what is tested
    with pytest.raises(AttributeError, match="'Forgetful' object has no attribute 'yours'"):
        Forgetful().yours  # noqa: B018 - reading is what is tested


def test_a_strategy_executed_by_itself_takes_a_config_in_any_form():
    provider = Scripted(answer(answer="42"))
    executed = AsyncSingleShotStrategy().execute(QA, {"question": "?"}, {"provider": provider})
    assert on_virtual_time(executed)[0] == {"answer": "42"}


def test_a_memory_that_hands_out_more_is_shown_as_its_last_turns():
    memory = BufferMemory()
    provider = Scripted(answer(answer="yes"))
    subject = BaseAgent({"model": "m", "max_turns": 2}, signature=QA, provider=provider, memory=memory)
    for question in "abcd":
        run(subject, question=question, session_id="s")
    assert [text for role, text in provider.asked() if role == "user"] == [
        "question: b\ncontext: none",
        "question: c\ncontext: none",
        "question: d\ncontext: none",
    ]
