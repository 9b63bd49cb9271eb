"""Isolation of sessions whose agents use tools: their own results explain themselves, another session's never do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import pytest
from fake_asking import ask_all, outcome_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import RequestRejected
from kaizen_eval.fake import FakeLLM, Reply, Template
from kaizen_eval.messages import ChatReply, ChatRequest, Message, ToolCall
from kaizen_eval.resilience.clock import current_clock, virtual_time

LOOK_UP = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


def heard(fake: FakeLLM, request: ChatRequest) -> object:
    """The reply, or what was raised: on the clock in use, if there is one."""
    with nullcontext(current_clock()) if current_clock() else virtual_time() as clock:
        return clock.run(outcome_of(fake, request))


@dataclass
class Loop:
    """An agent of one session, outside of runs, that keeps what was said and asks with it."""

    fake: FakeLLM
    session: str | None
    tool: Callable[[ToolCall], str]
    said: list[Message] = field(default_factory=list)

    def ask(self, text: str, *, system: str = "Help.") -> None:
        self.said.append(Message("user", text))
        while True:
            messages = (Message("system", system), *self.said)
            request = ChatRequest(model="m", messages=messages, tools=(LOOK_UP,), session_id=self.session)
            reply = heard(self.fake, request)
            if isinstance(reply, RequestRejected):
                raise reply
            if isinstance(reply, ChatReply):
                self.said.append(Message("assistant", reply.text or "", reply.tool_calls))
                if not reply.tool_calls:
                    return
                self.said += [Message("tool", self.tool(call), (), call.id) for call in reply.tool_calls]


def calling(*, name: str = "{{ user }}", answer: str = "Done.", call_id: str = "") -> FakeLLM:
    """A fake whose model looks up what the user says, once, and then answers."""
    fake = FakeLLM()
    call = {"id": call_id, "name": "look_up", "arguments": {"name": name}}
    fake.when().steps([Template(tool_calls=[call]), Template(answer)])
    return fake


def leaks_in(fake: FakeLLM) -> str:
    """What the failing assertion says; empty when it holds."""
    try:
        fake.assert_sessions_isolated()
    except AssertionError as failed:
        return str(failed)
    return ""


def balance(call: ToolCall) -> str:
    return json.dumps({"name": json.loads(call.arguments)["name"], "balance": f"{len(call.arguments)} dollars"})


def test_results_of_ones_own_tools_are_no_leak_whatever_they_hold():
    fake = calling(answer="It is sunny in Rome.")
    for session, said, result in (("a", "Rome", "It is sunny."), ("b", "Oslo", "As in Rome: It is sunny in Rome.")):
        Loop(fake, session, lambda _, result=result: result).ask(said)
    assert leaks_in(fake) == ""


WORDS = ["Rome", "sunny", "sunny in Rome", '{"city": "Rome"}', "ok", "[1, 2]", "A line\nanother line", "Done."]
IDS = st.sampled_from(["", "call_1"])
TURNS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=6
)


@given(
    TURNS,
    IDS,
    st.sampled_from(["Done.", "{{ tool_result }}", "It says {{ tool_result }} on {{ user }}"]),
    st.booleans(),
)
def test_tool_loops_that_are_isolated_are_never_accused(turns, call_id, answer, is_faulty):
    fake = calling(answer=answer, call_id=call_id)
    if is_faulty:
        fake.fail("truncated_json").times(1)
    loops = {}
    for session, said, result in turns:
        loop = loops.setdefault(session, Loop(fake, session, str))
        loop.tool = lambda _, result=result: result
        loop.ask(said)
    assert leaks_in(fake) == ""


@pytest.mark.parametrize("call_id", ["", "call_1"])
def test_a_result_of_another_sessions_tool_is_found_and_traced(call_id):
    fake = calling(call_id=call_id)
    one, other = Loop(fake, "a", balance), Loop(fake, "b", balance)
    one.ask("Alice")
    other.said += one.said[1:3]  # the leak: another session's call and result
    other.ask("Bob")
    text = leaks_in(fake)
    assert (
        """\
  session 'b' was shown '{"name": "Alice", "balance": "17 dollars"}', which session 'a' was told by a tool in turn 1 \
(exchange 2).
    It is in message 3 of 4 of exchange 3, tool: '{"name": "Alice", "balance": "17 dollars"}'
"""
        in text
    )
    assert """session 'b' was shown '{"name": "Alice"}', which session 'a' was answered in turn 1""" in text


def test_another_sessions_result_in_place_of_ones_own_is_found():
    fake = calling(call_id="call_1")
    one, other = Loop(fake, "a", balance), Loop(fake, "b", balance)
    one.ask("Alice")
    other.ask("Bob")
    [place] = [place for place, message in enumerate(other.said) if message.role == "tool"]
    other.said[place] = Message("tool", balance(one.said[1].tool_calls[0]), (), "call_1")
    other.ask("Bob")
    assert 'session \'b\' was shown \'{"name": "Alice", "balance": "17 dollars"}\'' in leaks_in(fake)


def test_arguments_of_another_sessions_call_are_found():
    fake = calling(name="the {{ user }} of the house")
    one, other = Loop(fake, "a", balance), Loop(fake, "b", balance)
    one.ask("Alice")
    other.said += [
        Message("assistant", "", one.said[1].tool_calls),
        Message("tool", "hidden", (), one.said[2].tool_call_id),
    ]
    other.ask("Bob")
    told, where = leaks_in(fake).splitlines()[1:3]
    assert told.endswith("which session 'a' was answered in turn 1 (exchange 1).")
    assert where == ('    It is in message 2 of 4 of exchange 3, assistant: \'{"name": "the Alice of the house"}\'')


@pytest.mark.parametrize(("system", "user"), [("You serve 17 dollars.", "Bob"), ("Help.", "Has she 17 dollars?")])
def test_a_result_in_another_sessions_prompt_is_found(system, user):
    fake = calling()
    Loop(fake, "a", balance).ask("Alice")
    other = Loop(fake, "b", balance)
    other.said += [Message("user", user), Message("assistant", "Hm.")]
    other.ask("Go on", system=system)
    text = leaks_in(fake)
    assert "session 'b' was shown '17 dollars', which session 'a' was told by a tool in turn 1 (exchange 2)." in text


def test_one_line_of_a_result_that_is_no_json_is_found():
    fake = calling()
    Loop(fake, "a", lambda _: "Name: Alice\nBalance: 17 dollars\n").ask("A")
    Loop(fake, "b", lambda _: "none").ask("B", system="Help. Balance: 17 dollars")
    assert "session 'b' was shown 'Balance: 17 dollars', which session 'a' was told by a tool" in leaks_in(fake)


def test_a_call_that_its_agent_writes_otherwise_is_still_ones_own():
    fake = calling()
    one, other = Loop(fake, "a", str), Loop(fake, "b", str)
    one.ask("Alice")
    other.ask("Alice")
    [place] = [place for place, message in enumerate(other.said) if message.tool_calls]
    call = other.said[place].tool_calls[0]
    other.said[place] = Message("assistant", "", (ToolCall(call.id, call.name, '{"name":"Alice"}'),))
    other.ask("Thanks")
    assert leaks_in(fake) == ""


def test_the_same_call_beside_a_text_in_two_sessions_is_nobodys_leak():
    fake = FakeLLM()
    call = {"name": "look_up", "arguments": {"name": "the register"}}
    fake.when().steps([Reply("Let me see.", tool_calls=[call]), "Done."])
    for session in "ab":
        Loop(fake, session, lambda _: "none").ask(session)
    assert leaks_in(fake) == ""


def test_what_a_session_heard_from_its_tool_may_stand_in_what_it_asks_later():
    fake = calling()
    Loop(fake, "a", lambda _: "17 dollars").ask("Alice")
    other = Loop(fake, "b", lambda _: "17 dollars")
    other.ask("Bob")
    other.said += [Message("user", "So he has 17 dollars?"), Message("assistant", "Yes, 17 dollars.")]
    other.ask("Fine", system="Summary: 17 dollars.")
    assert leaks_in(fake) == ""


@pytest.mark.parametrize(("names", "is_leak"), [("ba", False), ("ab", True)])
def test_nobody_is_accused_of_a_result_that_came_later(names, is_leak):
    fake = calling()
    loops = {
        "a": lambda: Loop(fake, "a", lambda _: "17 dollars").ask("A"),
        "b": lambda: Loop(fake, "b", lambda _: "none").ask("B", system="Help with 17 dollars."),
    }
    with virtual_time() as clock:
        for name in names:
            clock.run(asyncio.sleep(1))
            loops[name]()
    assert bool(leaks_in(fake)) is is_leak


def test_calls_of_a_reply_that_was_lost_explain_nothing():
    fake = FakeLLM()
    lost = Reply(tool_calls=[ToolCall("call_9", "look_up", "{}")])
    fake.when(session="b").fail("truncated_json", reply=lost).times(1)
    fake.otherwise("Done.")
    ask_all(fake, ChatRequest(model="m", messages=(Message("user", "17 dollars"),), session_id="a"))
    ask_all(fake, ChatRequest(model="m", messages=(Message("user", "Hi"),), session_id="b", tools=(LOOK_UP,)))
    result = (Message("assistant", "", lost.tool_calls), Message("tool", "17 dollars", (), "call_9"))
    messages = (Message("user", "Hi"), *result)
    ask_all(fake, ChatRequest(model="m", messages=messages, session_id="b", tools=(LOOK_UP,)))
    assert "session 'b' was shown '17 dollars', which session 'a' asked in turn 1" in leaks_in(fake)


def test_a_long_result_of_brackets_alone_is_looked_at_in_no_time():
    fake = calling()
    for session in "ab":
        Loop(fake, session, lambda _: "[" * 1_000_000).ask("A")
    assert leaks_in(fake) == ""
