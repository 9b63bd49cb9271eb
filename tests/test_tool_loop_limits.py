"""Where a loop of tool calls ends without an answer: too many steps, or the same call again and again."""

from __future__ import annotations

import asyncio
import json

import pytest
from doubles import Scripted, answer
from hypothesis import given
from hypothesis import strategies as st
from tool_doubles import calling, fails, on_virtual_time, requested

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import RepeatedToolCall, StepLimitReached
from kaizen_eval.messages import ToolCall
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.progress import Progress
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy


class QA(Signature):
    """Answer briefly."""

    question: str = InputField()
    answer: str = OutputField()


class Looking:
    """A tool that keeps what it was asked."""

    def __init__(self):
        self.queries = []

    async def search(self, query: str) -> str:
        """Look something up."""
        self.queries.append(query)
        return "nothing"


def looped(*replies, **limits):
    """The error of a run, the queries that its tool was asked, and the requests."""
    looking, provider = Looking(), Scripted(*replies)
    strategy = ToolLoopStrategy(**limits)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, tools=[looking.search], strategy=strategy)
    error, _ = fails(subject.run_async(question="Why?"))
    return error, looking.queries, len(provider.requests)


def searching(*queries, number=1):
    return calling(*(requested("search", number + n, query=query) for n, query in enumerate(queries)))


def test_a_reply_that_calls_tools_after_the_last_step_ends_the_run_and_executes_nothing():
    error, queries, requests = looped(
        searching("a", "b"), searching("c", number=3), searching("d", number=4), max_steps=2
    )
    assert (type(error), error.steps, queries, requests) == (StepLimitReached, 2, ["a", "b", "c"], 3)
    assert str(error) == (
        "The model still called tools after max_steps=2 steps. Executed: search (3 times). Not executed: "
        "search. Give ToolLoopStrategy a higher max_steps, or let the signature's docstring say when to answer."
    )


def test_an_answer_after_the_last_step_is_in_time():
    looking = Looking()
    provider = Scripted(searching("a"), searching("b", number=2), answer(answer="42"))
    loop = ToolLoopStrategy(max_steps=2)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, tools=[looking.search], strategy=loop)
    result, _ = on_virtual_time(subject.run_async(question="Why?"))
    assert (result["answer"], looking.queries) == ("42", ["a", "b"])


def test_the_same_call_is_executed_so_often_and_then_ends_the_run():
    error, queries, requests = looped(*(searching("a", number=n) for n in range(5)))
    assert (type(error), error.tool, error.arguments) == (RepeatedToolCall, "search", '{"query": "a"}')
    assert (queries, requests) == (["a", "a"], 3)
    assert str(error) == (
        'The model made the call search({"query": "a"}) in 3 steps with the same arguments (max_repeats=3); this time '
        "it was not executed. What search returns does not bring the model on: let it say what to do next, or give "
        "ToolLoopStrategy a higher max_repeats (None for any number)."
    )


def test_calls_beside_the_repeated_one_are_not_executed_either():
    error, queries, _ = looped(searching("a"), searching("b", "a", number=2), max_repeats=2)
    assert (type(error), queries) == (RepeatedToolCall, ["a"])


def test_a_model_that_goes_round_between_two_calls_is_caught_too():
    replies = [searching("ab"[n % 2], number=n) for n in range(10)]
    error, queries, _ = looped(*replies)
    assert (type(error), queries) == (RepeatedToolCall, ["a", "b", "a", "b"])


def test_equal_calls_of_one_reply_count_once():
    error, queries, _ = looped(searching("a", "a", "a"), searching("a", number=4), searching("b"), max_steps=2)
    assert (type(error), queries) == (StepLimitReached, ["a"] * 4)


def test_with_no_limit_a_call_may_be_repeated_for_as_long_as_there_are_steps():
    error, queries, _ = looped(*(searching("a", number=n) for n in range(6)), max_repeats=None, max_steps=5)
    assert (type(error), queries) == (StepLimitReached, ["a"] * 5)


def test_of_one_replys_calls_so_many_are_executed_and_so_many_at_once():
    async def wait(seconds: int) -> int:
        """Wait."""
        await asyncio.sleep(seconds)
        return seconds

    calls = [requested("wait", number, seconds=number) for number in (1, 2, 3, 4, 5)]
    provider = Scripted(calling(*calls), answer(answer="42"))
    loop = ToolLoopStrategy(parallel=2, at_most=4)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, tools=[wait], strategy=loop)
    result, elapsed = on_virtual_time(subject.run_async(question="Why?"))
    assert ([step.outcome for step in result.steps[1:-1]], elapsed) == (["ok"] * 4 + ["error"], 6.0)


def test_limits_count_for_each_run_by_itself():
    looking = Looking()
    provider = Scripted(searching("a"), answer(answer="1"), searching("a"), answer(answer="2"), searching("a"))
    loop = ToolLoopStrategy(max_steps=1, max_repeats=2)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, tools=[looking.search], strategy=loop)
    for _ in range(2):
        on_virtual_time(subject.run_async(question="Why?"))
    assert looking.queries == ["a", "a"]


def test_long_arguments_are_shortened_in_the_message_and_whole_in_the_error():
    error, _, _ = looped(*(searching("x" * 1000, number=n) for n in range(2)), max_repeats=2)
    assert (len(str(error)) < 600, len(error.arguments) > 1000) == (True, True)


# --- when two calls are the same --------------------------------------------------------------------------------------


def same(first, second):
    progress = Progress(max_steps=10, max_repeats=2)
    try:
        for number, arguments in enumerate((first, second)):
            progress.goes_on_with([ToolCall(id=str(number), name="t", arguments=arguments)])
    except RepeatedToolCall:
        return True
    return False


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('{"a": 1, "b": [1, 2]}', ' {"b":[1,2],\n"a":1}'),
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": "é"}', '{"a": "\\u00e9"}'),
        ('{"a": broken', '{"a": broken'),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_layout_order_of_keys_and_ways_of_writing_make_no_difference(first, second):
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('{"a": 1}', '{"a": 2}'),
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": 1}', '{"a": true}'),
        ('{"a": [1, 2]}', '{"a": [2, 1]}'),
        ('{"a": null}', "{}"),
        ('{"a": broken', '{"a":  broken'),
        ('{"a": 1e999}', '{"a": 1}'),
        ('{"a": 9007199254740993}', '{"a": 9007199254740992}'),
    ],
)
def test_other_arguments_are_another_call(first, second):
    assert not same(first, second)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), json_values, max_size=4), st.randoms())
def test_a_call_is_always_the_same_however_its_arguments_are_laid_out(arguments, chance):
    items = list(arguments.items())
    chance.shuffle(items)
    assert same(json.dumps(arguments), json.dumps(dict(items), indent=2, ensure_ascii=False))


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), max_size=12), st.integers(2, 4))
def test_no_call_is_ever_executed_in_as_many_steps_as_max_repeats(steps, max_repeats):
    replies = [searching(*queries, number=10 * n) for n, queries in enumerate(steps)]
    looking, provider = Looking(), Scripted(*replies, answer(answer="42"))
    loop = ToolLoopStrategy(max_steps=20, max_repeats=max_repeats)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, tools=[looking.search], strategy=loop)
    expected = next((n for n in range(len(steps)) if _most(steps[: n + 1]) == max_repeats), len(steps))
    if expected == len(steps):
        on_virtual_time(subject.run_async(question="Why?"))
    else:
        fails(subject.run_async(question="Why?"))
    assert looking.queries == [query for queries in steps[:expected] for query in queries]


def _most(steps):
    """In how many of these steps the most frequent query stands."""
    return max(sum(query in queries for queries in steps) for query in "abc")
