"""Whatever goes wrong in a tool is one short sentence for the model, or an error of the run; never a secret."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest
from doubles import Scripted
from hypothesis import given
from hypothesis import strategies as st
from tool_doubles import calling
from toolbox_asking import called, executed, outcomes, said

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import (
    BudgetExceeded,
    Deadlock,
    HandOffCycle,
    InputError,
    RecordingError,
    RunTimeout,
    ScriptMiss,
    ServerFailed,
    ToolFailed,
    ToolServerFailed,
    UsageError,
)
from kaizen_eval.messages import ChatReply, ToolCall
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.tools import Tool, Toolbox, message_of
from kaizen_eval.tools.repeatable import repeatable

KEY = "key-0123456789"


class Odd(Exception):
    def __str__(self) -> str:
        raise RuntimeError("cannot be printed")


def raising(error: BaseException):
    """Tools, plain and not, that fail."""

    def plain() -> None:
        raise error

    async def later() -> None:
        raise error

    return plain, later


def told(error: BaseException, **config: Any) -> set[str]:
    """What the model is told of the failure, without the name of the tool."""
    plain, later = raising(error)
    steps = executed([plain, later], called("plain"), called("later", 2), **config)
    assert [step.outcome for step in steps] == ["error", "error"]
    return {step.error.partition(" failed: ")[2] or step.error for step in steps}


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (LookupError("no such city"), "LookupError: no such city"),
        (KeyError("city"), "KeyError: 'city'"),
        (ValueError(), "ValueError."),
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (TimeoutError("its own"), "TimeoutError: its own"),
        (SystemExit(2), "SystemExit: 2"),
        (ServerFailed("down", status=500), "ServerFailed: down"),
        (RunTimeout("an agent's own"), "RunTimeout: an agent's own"),
        (Odd(), "Odd."),
        (ValueError("half \ud800"), "ValueError: half ?"),
        (ExceptionGroup("several", [ValueError("one")]), "ValueError: one"),
        (
            ExceptionGroup("several", [ValueError("one"), ValueError("two")]),
            "ExceptionGroup: several (2 sub-exceptions)",
        ),
        (ToolFailed("Ask for a city, not a country."), "Ask for a city, not a country."),
        (ToolServerFailed("The server is gone."), "The server is gone."),
        (ToolFailed(""), "ToolFailed."),
    ],
    ids=repr,
)
def test_an_exception_is_told_by_its_type_and_its_message(error, sentence):
    assert told(error) == {sentence}


def test_of_a_long_message_the_beginning_is_told():
    assert told(ValueError("x" * 1000)) == {f"ValueError: {'x' * 300} …"}


@pytest.mark.parametrize("secret", [KEY, "sk-abcdefghijklmnop", "Bearer abcdef123456"])
def test_a_secret_is_never_told(secret):
    assert told(ValueError(f"refused {secret}!"), api_key=KEY) <= {
        "ValueError: refused [secret]!",
        "ValueError: refused Bearer [secret]",
    }


@pytest.mark.parametrize(
    ("words", "told_as"),
    [
        ("no postgres://bob:hunter2@db:5432/x", "no postgres://bob:[secret]@db:5432/x"),
        ("no redis://:hunter2@db", "no redis://:[secret]@db"),
        ("no DSN host=db PASSWORD='hunter 2' user=bob", "no DSN host=db PASSWORD=[secret] user=bob"),
        ("GET /x?token=hunter2&page=2", "GET /x?token=[secret]&page=2"),
        (f"no AKIA{'A1' * 8} here", "no [secret] here"),
        (f"no sk_live_{'a1' * 10} here", "no [secret] here"),
        (f"no project proj_{'a1' * 10}", f"no project proj_{'a1' * 10}"),
        (f"no ghp_{'a1' * 10}, sir", "no [secret], sir"),
        ("mail to bob@db:5432", "mail to bob@db:5432"),
        ("max_tokens=9 and password: too short", "max_tokens=9 and password: too short"),
    ],
)
def test_of_any_librarys_words_what_looks_like_a_secret_is_not_told(words, told_as):
    assert told(ValueError(words)) == {f"ValueError: {told_as}"}


def test_a_secret_at_the_end_of_a_long_message_is_not_told_by_half():
    [sentence] = told(ValueError("x" * 290 + KEY), api_key=KEY)
    assert (sentence.endswith(f"{'x' * 290}[secret]"), KEY[:4] in sentence) == (True, False)


def test_a_key_that_is_none_blots_nothing_out():
    assert told(ValueError("none was found"), api_key="none") == {"ValueError: none was found"}


@given(st.text(alphabet="ab \n{}[]\\\"'é😀\x00", max_size=400))
def test_whatever_a_tool_says_the_model_is_told_one_line_of_json(words):
    plain, _ = raising(ValueError(words))
    [text] = said([plain], called("plain"))
    sentence = json.loads(text)["error"]
    assert (len(sentence.splitlines()), len(sentence) <= 340) == (1, True)


@pytest.mark.parametrize(
    "error",
    [
        UsageError("wrong"),
        HandOffCycle("round and round"),
        InputError("no such input"),
        ScriptMiss("no rule"),
        BudgetExceeded("spent"),
        RecordingError("not recorded"),
        Deadlock("for ever"),
        KeyboardInterrupt(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", [0, 1], ids=["plain", "async"])
def test_what_no_model_can_do_anything_about_is_raised(error, kind):
    failing = raising(error)[kind]
    with pytest.raises(type(error)) as caught:
        executed([failing], called(failing.__name__))
    assert caught.value is error


def test_that_is_so_within_a_group_of_exceptions():
    async def many() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(raising(BudgetExceeded("spent"))[1]())

    with pytest.raises(BudgetExceeded):
        executed([many], called("many"))


def test_a_tool_that_is_cancelled_from_within_has_failed():
    async def lost() -> None:
        task = asyncio.ensure_future(asyncio.sleep(9))
        task.cancel()
        await task

    assert said([lost], called("lost")) == ['{"error": "lost failed: CancelledError: it was cancelled"}']


# Results


class Opaque: ...


def circle() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (Opaque(), "Unable to serialize unknown type: <class 'test_tools_failures.Opaque'>"),
        ({"a": [Opaque()]}, "Unable to serialize unknown type: <class 'test_tools_failures.Opaque'>"),
        (circle(), "it is nested too deeply, or holds itself"),
        (itertools.count(), "an iterator has no JSON form: count(0)"),
        ({"a": [itertools.count()]}, "an iterator has no JSON form: count(0)"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid utf-8"),
        ("\ud800", "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"),
    ],
    ids=["object", "within", "circle", "endless", "endless-within", "bytes", "surrogate"],
)
def test_a_result_that_has_no_json_form_is_told_with_the_reason(result, reason):
    async def give() -> Any:
        return result

    assert outcomes(executed([give], called("give"))) == [
        ("error", f"The result of give cannot be written as JSON: {reason}")
    ]


def test_a_result_that_is_too_large_is_told_by_its_size():
    async def give(n: int) -> str:
        return "x" * n

    assert outcomes(executed([Tool(give, max_result_chars=5)], called("give", n=5), called("give", 2, n=6))) == [
        ("ok", "xxxxx"),
        ("error", "The result of give has 6 characters, and at most 5 are passed on; ask for less."),
    ]


def test_the_size_of_a_result_is_that_of_its_json():
    async def give() -> list[str]:
        return ["é", "é"]

    assert [
        executed([Tool(give, max_result_chars=most)], called("give"))[0].outcome for most in (len('["é", "é"]'), 9)
    ] == ["ok", "error"]


# Calls that are no good


def test_an_unknown_tool_is_told_with_those_that_there_are():
    async def search() -> None: ...

    async def book() -> None: ...

    assert outcomes(executed([search, book], called("serch"), called("x" * 300, 2))) == [
        ("error", "There is no tool 'serch'; did you mean 'search'? There are: book, search."),
        (
            "error",
            f"There is no tool '{'x' * 30} … {'x' * 30}'. There are: book, search.",
        ),
    ]


def test_whatever_a_model_makes_up_it_is_told_a_short_sentence():
    long = "x" * 10**6
    steps = executed(
        [good], ToolCall("c1", long, "{}"), ToolCall("c2", "good", json.dumps({long: 1})), ToolCall("c3", "good", long)
    )
    assert [len(step.error) < 1_010 for step in steps] == [True, True, True]


def test_without_any_tool_that_is_told():
    assert outcomes(executed([], called("search"))) == [("error", "There is no tool 'search'. There is none at all.")]


def test_calls_beyond_the_most_are_not_executed():
    done = []

    async def note(n: int) -> None:
        done.append(n)

    steps = executed([note], *(called("note", n, n=n) for n in range(5)), at_most=3)
    sentence = "note was not executed: 5 calls were made at once, and only the first 3 are executed."
    assert (outcomes(steps), done) == ([("ok", None)] * 3 + [("error", sentence)] * 2, [0, 1, 2])


def test_a_call_that_stands_twice_in_a_reply_is_executed_once():
    done = []

    async def note(n: int) -> int:
        done.append(n)
        return n

    same = called("note", 1, n=1)
    steps = executed([note], same, same, called("note", 2, n=1), at_most=2)
    assert (outcomes(steps), done) == ([("ok", 1)] * 3, [1, 1])


def test_another_call_of_the_same_id_is_not_executed():
    done = []

    async def note(n: int) -> int:
        done.append(n)
        return n

    steps = executed([note], called("note", 1, n=1), called("note", 1, n=2))
    sentence = "note was not executed: another call of the same reply has the id c1; make a new call."
    assert (outcomes(steps), done) == ([("ok", 1), ("error", sentence)], [1])


def test_every_error_is_told_to_the_model_as_it_is_in_the_step():
    steps = executed([], called("search"))
    assert [json.loads(message_of(step).content) for step in steps] == [{"error": step.error} for step in steps]


TAKEN = st.sampled_from(["", "a", "b", "a_1_3", "call_1_2", "a_1_3_"])


def test_a_new_id_is_none_that_was_given():
    calls = [called("note", n=n) for n in range(3)]
    calls = [ToolCall(i, call.name, call.arguments) for i, call in zip(["a_1_3", "a", "a"], calls, strict=True)]
    assert [call.id for call in repeatable(calls, call=1)] == ["a_1_3", "a", "a_1_3_"]


@given(st.lists(st.tuples(TAKEN, st.integers(1, 2)), max_size=6))
def test_each_call_of_a_reply_has_an_id_of_its_own_when_it_is_repeated(asked):
    calls = [called("note", n=n) for _, n in asked]
    calls = [ToolCall(given_id, call.name, call.arguments) for (given_id, _), call in zip(asked, calls, strict=True)]
    found = repeatable(calls, call=1)
    assert len({call.id for call in found} - {""}) == len(found)
    assert [call.arguments for call in found] == [call.arguments for call in dict.fromkeys(calls)]
    assert repeatable(found, call=2) == found


NAMES = ["good", "late", "bad", "odd", "gone", "shy"]


async def good(n: int) -> int:
    return n


async def late(n: int) -> None:
    await asyncio.sleep(9)


async def bad(n: int) -> None:
    raise ValueError(n)


def odd(n: int) -> Any:
    return Opaque()


async def shy(n: int) -> int:
    return n


BOX = [good, Tool(late, timeout=1), bad, odd, Tool(shy, requires_approval=lambda _: False)]


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(['{"n": 1}', "{", '{"n": "x"}', "[]"])), max_size=8),
    st.integers(1, 4),
    st.integers(1, 9),
)
def test_every_call_has_one_answer_in_its_place_and_none_raises(asked, parallel, at_most):
    calls = [ToolCall(f"c{number}", name, text) for number, (name, text) in enumerate(asked)]
    steps = executed(BOX, *calls, parallel=parallel, at_most=at_most)
    assert [(step.id, step.tool) for step in steps] == [(call.id, call.name) for call in calls]
    assert [step.result for step in steps if step.outcome == "ok"] == [1] * sum(
        name == "good" and text == '{"n": 1}' for name, text in asked[:at_most]
    )
    assert all(isinstance(message_of(step).content, str) for step in steps)


def test_a_toolbox_may_serve_several_runs_at_once():
    box = Toolbox([good])
    assert [executed(box.tools.values(), called("good", n=n))[0].result for n in (1, 2)] == [1, 2]


def test_the_key_of_the_environment_is_not_told_either(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def fail() -> None:
        raise PermissionError(f"refused {KEY}")

    provider = Scripted(calling(called("fail")), ChatReply(text="Done."))
    with virtual_time():
        BaseAgent({"model": "m"}, provider=provider, tools=[fail]).run(question="?")
    assert provider.requests[-1].messages[-1].content == '{"error": "fail failed: PermissionError: refused [secret]"}'
