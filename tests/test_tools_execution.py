"""Tools are executed in order, side by side, within their time, and where they may do as they please."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import subprocess
import sys
import threading
from typing import Any

import pytest
from doubles import Recorder, Scripted
from hypothesis import given
from hypothesis import strategies as st
from toolbox_asking import called, executed, in_a_run, outcomes, said

from kaizen_eval import run_context
from kaizen_eval.budgets import Purse
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import BudgetExceeded, ConfigError, RunTimeout, ToolFailed
from kaizen_eval.events import ToolEnded, ToolStarted
from kaizen_eval.messages import ChatReply, Message
from kaizen_eval.metrics.steps import ToolStep
from kaizen_eval.tools import Tool, Toolbox, message_of


async def wait(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


def plain(n: int) -> int:
    return n


class Gauge:
    """A tool that knows how often it is under way at once."""

    def __init__(self):
        self.now = self.most = 0

    async def hold(self, seconds: float) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(seconds)
        self.now -= 1


def test_a_call_becomes_a_step():
    assert executed([wait], called("wait", seconds=1.5)) == [
        ToolStep(call=1, id="c1", tool="wait", arguments={"seconds": 1.5}, outcome="ok", result=1.5, at=0.0, ms=1500.0)
    ]


def test_calls_of_one_reply_are_executed_side_by_side_and_told_in_their_order():
    steps = executed([wait, plain], called("wait", 1, seconds=2), called("wait", 2, seconds=1), called("plain", 3, n=3))
    assert [(step.id, step.result, step.ms) for step in steps] == [("c1", 2, 2000.0), ("c2", 1, 1000.0), ("c3", 3, 0.0)]


def test_the_next_begins_when_a_place_is_free():
    steps = executed([wait], *(called("wait", n, seconds=n) for n in (1, 2, 3)), parallel=2)
    assert [(step.at, step.ms) for step in steps] == [(0.0, 1000.0), (0.0, 2000.0), (1000.0, 3000.0)]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(1, 5))
def test_there_are_never_more_under_way_than_may_be(seconds, parallel):
    gauge = Gauge()
    executed([gauge.hold], *(called("hold", n, seconds=s) for n, s in enumerate(seconds)), parallel=parallel)
    assert gauge.most <= min(parallel, len(seconds))


@pytest.mark.parametrize("settings", [{"parallel": 0}, {"at_most": 0}])
def test_no_place_at_all_is_refused(settings):
    with pytest.raises(ConfigError, match="must be at least 1, not 0"):
        executed([plain], called("plain", n=1), **settings)


def test_the_steps_are_the_runs_own_in_the_order_of_the_calls():
    async def twice(run):
        box = Toolbox([wait])
        first = await box.execute([called("wait", 1, seconds=2), called("wait", 2, seconds=1)], run, call=1)
        second = await box.execute([called("wait", 3, seconds=1)], run, call=2)
        return run.steps == [*first, *second], [(step.call, step.at) for step in run.steps]

    assert in_a_run(twice) == (True, [(1, 0.0), (1, 0.0), (2, 2000.0)])


# Where it is executed


def test_a_plain_function_is_executed_in_a_thread_of_its_own():
    def where() -> list[bool]:
        return [threading.current_thread() is threading.main_thread(), threading.current_thread().daemon]

    assert said([where], called("where")) == ["[false, true]"]


def test_a_coroutine_function_is_executed_on_the_runs_loop():
    async def where() -> bool:
        return asyncio.get_running_loop() is loop

    loop = None

    async def work(run):
        nonlocal loop
        loop = asyncio.get_running_loop()
        [step] = await Toolbox([where]).execute([called("where")], run, call=1)
        return step.result

    assert in_a_run(work) is True


async def later(n: int) -> int:
    return n


class Callable:
    async def __call__(self, n: int) -> int:
        return n


@pytest.mark.parametrize(
    "function",
    [later, functools.partial(later), Callable(), Callable().__call__],
    ids=["function", "partial", "object", "method"],
)
def test_whatever_is_a_coroutine_function_needs_no_thread(function):
    before = threading.active_count()
    made = Tool(function, name="later")
    assert (said([made], called("later", n=1)), threading.active_count() - before) == (["1"], 0)


def test_a_plain_function_may_give_something_to_await():
    def begin(n: int) -> Any:
        return later(n)

    assert said([begin], called("begin", n=1)) == ["1"]


VARIABLE = contextvars.ContextVar("VARIABLE", default="unset")


def test_a_thread_knows_the_context_of_the_run_and_cannot_change_it():
    def look() -> list[Any]:
        found = [VARIABLE.get(), run_context.active().run_id]
        VARIABLE.set("changed")
        return found

    async def work(run):
        VARIABLE.set("set")
        [step] = await Toolbox([look]).execute([called("look")], run, call=1)
        return step.result == ["set", run.run_id], VARIABLE.get()

    assert in_a_run(work) == (True, "set")


def test_an_agent_may_be_asked_with_run_inside_a_plain_tool():
    inner = BaseAgent({"model": "m"}, provider=Scripted(ChatReply(text="42"), seconds=3))

    def ask(question: str) -> str:
        return inner.run(question=question)["response"]

    [step] = executed([ask], called("ask", question="?"))
    assert (step.result, step.ms) == ("42", 3000.0)


def test_threads_are_kept_for_the_next_calls():
    names = []

    def note() -> None:
        names.append(threading.get_ident())

    async def work(run):
        for number in range(100):
            await Toolbox([note]).execute([called("note", number)], run, call=1)

    in_a_run(work)
    assert len(set(names)) <= 17  # so many are kept, and one says that it has ended a moment before it has


# Time


def test_a_tool_that_takes_too_long_is_cut_off():
    cut = []

    async def slow() -> None:
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            cut.append(True)
            raise

    [step] = executed([Tool(slow, timeout=2)], called("slow"))
    assert (step.outcome, step.error, step.ms, cut) == ("error", "slow did not end within 2 s.", 2000.0, [True])


def test_a_tool_that_swallows_its_cancellation_is_left_behind():
    async def stubborn() -> None:
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    [step] = executed([Tool(stubborn, timeout=2)], called("stubborn"))
    assert (step.error, step.ms) == ("stubborn did not end within 2 s.", 7000.0)


def test_a_tool_in_a_thread_that_never_returns_is_left_behind():
    never = threading.Event()

    def hang() -> None:
        never.wait()

    [step] = executed([Tool(hang, timeout=2)], called("hang"))
    never.set()
    assert (step.error, step.ms) == ("hang did not end within 2 s.", 2000.0)


@pytest.mark.parametrize("timeout", [None, 5, 5.5, 3600])
def test_the_runs_deadline_goes_before_the_timeout_of_a_tool(timeout):
    with pytest.raises(RunTimeout, match="within its timeout of 5 s"):
        executed([Tool(wait, timeout=timeout)], called("wait", seconds=9), timeout=5)


def test_the_deadline_ends_a_run_whose_tool_hangs_in_a_thread():
    never = threading.Event()

    def hang() -> None:
        never.wait()

    with pytest.raises(RunTimeout):
        executed([hang], called("hang"), timeout=5)
    never.set()


HANGS = """
import asyncio, threading, time
from kaizen_eval import BaseAgent, FakeLLM, Reply
from kaizen_eval.tools import Tool

def hang() -> None:
    while True:
        time.sleep(60)

fake = FakeLLM().script([Reply(tool_calls=[{"name": "hang", "arguments": {}}]), "Never mind."])
agent = BaseAgent(provider=fake, tools=[Tool(hang, timeout=0.05)])
print(%s["response"])
"""


@pytest.mark.parametrize("ask", ['agent.run(question="?")', 'asyncio.run(agent.run_async(question="?"))'])
def test_a_process_ends_although_a_tool_does_not(ask):
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", HANGS % ask], capture_output=True, text=True, timeout=50, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0,
        "Never mind.\n",
        "",
    )


# What is raised


def test_a_failure_that_is_raised_ends_the_others_first():
    ended = []

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError("none")

    async def other(seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.sleep(0.5)
            ended.append(seconds)

    with pytest.raises(ToolFailed) as caught:
        executed(
            [Tool(fail, on_error="raise"), other],
            called("fail"),
            called("other", 2, seconds=9),
            called("other", 3, seconds=8),
            parallel=2,
        )
    error = caught.value
    assert (str(error), error.tool, error.tool_call_id, repr(error.__cause__), ended) == (
        "fail failed: LookupError: none",
        "fail",
        "c1",
        "LookupError('none')",
        [9],
    )


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        ({"timeout": 1}, {"seconds": 9}, "wait did not end within 1 s."),
        (
            {"max_result_chars": 2},
            {"seconds": 0.25},
            "The result of wait has 4 characters, and at most 2 are passed on; ask for less.",
        ),
    ],
)
def test_with_raise_late_and_bad_results_are_raised(settings, arguments, message):
    with pytest.raises(ToolFailed) as caught:
        executed([Tool(wait, on_error="raise", **settings)], called("wait", **arguments))
    assert str(caught.value) == message


def test_with_raise_what_the_model_did_wrong_still_goes_back_to_it():
    steps = executed([Tool(plain, on_error="raise")], called("plain", n="x"), called("plan", 2, n=1))
    assert [step.outcome for step in steps] == ["error", "error"]


class Empty(Purse):
    def before_tool(self):
        raise BudgetExceeded("no tool calls left", limit="max_tool_calls")


def test_a_budget_is_asked_before_each_execution_and_not_told_to_the_model():
    done = []

    async def note() -> None:
        done.append(1)

    async def work(run):
        run.purse = Empty()
        refused = await Toolbox([note]).execute([called("nota")], run, call=1)
        with pytest.raises(BudgetExceeded):
            await Toolbox([note]).execute([called("note")], run, call=2)
        return [step.outcome for step in refused], done

    assert in_a_run(work) == (["error"], [])


def test_a_run_that_is_cancelled_cancels_its_tools_and_waits_for_them():
    ended = []

    async def slow() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            await asyncio.sleep(1)
            ended.append(asyncio.get_running_loop().time())

    async def work(run):
        task = asyncio.ensure_future(Toolbox([slow]).execute([called("slow")], run, call=1))
        await asyncio.sleep(2)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled(), ended

    assert in_a_run(work) == (True, [1003.0])


# Events


def told(recorder):
    return [
        (type(event).__name__, event.tool_call_id, event.ms if isinstance(event, ToolEnded) else event.arguments)
        for event in recorder.events
    ]


def test_observers_are_told_of_each_execution():
    recorder = Recorder()
    executed([wait], called("wait", 1, seconds=1), called("wait", 2, seconds=2), observer=recorder)
    assert told(recorder) == [
        ("ToolStarted", "c1", '{"seconds": 1}'),
        ("ToolStarted", "c2", '{"seconds": 2}'),
        ("ToolEnded", "c1", 1000.0),
        ("ToolEnded", "c2", 2000.0),
    ]


def test_of_a_call_that_is_not_executed_the_end_alone_is_told():
    recorder = Recorder()
    executed([wait], called("wait", seconds="1"), observer=recorder)
    [event] = recorder.events
    assert (type(event), event.error) == (
        ToolEnded,
        "wait was not executed: its arguments do not fit: seconds: expected a number, got '1'.",
    )


@pytest.mark.parametrize("work", [lambda: 1 / 0, lambda: (_ for _ in ()).throw(BudgetExceeded("none left"))])
def test_whatever_began_ends(work):
    recorder = Recorder()

    async def run_it() -> None:
        work()

    with pytest.raises((ToolFailed, BudgetExceeded)):
        executed([Tool(run_it, on_error="raise")], called("run_it"), observer=recorder)
    assert [type(event) for event in recorder.events] == [ToolStarted, ToolEnded]


class Reader:
    """The sink of a stream whose reader takes its time."""

    restart = False

    def __init__(self):
        self.seen = []

    async def put(self, event):
        await asyncio.sleep(1)
        self.seen.append(event)


def test_the_reader_of_a_stream_sees_the_same_and_is_waited_for():
    reader, recorder = Reader(), Recorder()

    async def work(run):
        run.sink = reader
        [step] = await Toolbox([wait]).execute([called("wait", seconds=1)], run, call=1)
        return step.ms

    assert in_a_run(work, observer=recorder) == 2000.0
    assert [type(event) for event in reader.seen] == [ToolStarted, ToolEnded]
    assert [vars_of(event) for event in reader.seen] == [vars_of(event) for event in recorder.events]


def vars_of(event):
    return {name: getattr(event, name) for name in type(event).__dataclass_fields__ if name != "at"}


# What the model reads


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("plain text", "plain text"),
        ("", ""),
        ("é 😀", "é 😀"),
        ({"é": [1, None, True]}, '{"é": [1, null, true]}'),
        (None, "null"),
        ([float("nan"), float("inf")], '["NaN", "Infinity"]'),
        ({1}, "[1]"),
        (b"bytes", "bytes"),
    ],
)
def test_a_text_is_told_as_it_is_and_anything_else_as_json(result, text):
    async def give() -> Any:
        return result

    [step] = executed([give], called("give"))
    assert message_of(step) == Message("tool", text, tool_call_id="c1")


def test_a_failure_is_told_as_an_object_with_an_error():
    async def give() -> Any:
        raise LookupError("é is unknown")

    assert said([give], called("give")) == ['{"error": "give failed: LookupError: é is unknown"}']


def test_a_result_is_a_copy():
    given_out = {"a": [1]}

    async def give() -> Any:
        return given_out

    [step] = executed([give], called("give"))
    given_out["a"].append(2)
    assert step.result == {"a": [1]}


def test_a_stop_iteration_is_a_failure_like_any_other():
    def first() -> Any:
        return next(iter([]))

    assert outcomes(executed([first], called("first"))) == [("error", "first failed: StopIteration.")]
