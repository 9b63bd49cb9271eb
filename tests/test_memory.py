"""BufferMemory keeps the last turns of the last sessions, apart from each other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.memory import BufferMemory, Memory, NoMemory, Turn
from kaizen_eval.messages import Message

sessions = st.sampled_from("abcd")


def turn(text: str) -> Turn:
    return Turn((Message("user", text), Message("assistant", f"re: {text}")))


def remember(memory: Memory, said: list[tuple[str, str]]) -> None:
    async def all_of_it() -> None:
        for session, text in said:
            await memory.append(session, turn(text))

    asyncio.run(all_of_it())


def recall(memory: Memory, session: str) -> tuple[Turn, ...]:
    return asyncio.run(memory.load(session))


@given(st.lists(st.tuples(sessions, st.text())), st.integers(1, 5))
def test_each_session_always_holds_exactly_its_own_last_turns_in_order(said, max_turns):
    memory = BufferMemory(max_turns=max_turns)
    remember(memory, said)
    for session in "abcd":
        own = [turn(text) for name, text in said if name == session]
        assert recall(memory, session) == tuple(own[-max_turns:])


@given(st.lists(st.tuples(sessions, st.text())), st.integers(1, 3))
def test_only_the_most_recently_used_sessions_are_ever_kept(said, max_sessions):
    memory = BufferMemory(max_sessions=max_sessions)
    remember(memory, said)
    recent = list(OrderedDict.fromkeys(session for session, _ in reversed(said)))
    assert {s for s in "abcd" if recall(memory, s)} == set(recent[:max_sessions])


def test_reading_a_session_counts_as_using_it():
    memory = BufferMemory(max_sessions=2)
    remember(memory, [("a", "1"), ("b", "2")])
    recall(memory, "a")
    remember(memory, [("c", "3")])
    assert [recall(memory, s) for s in "abc"] == [(turn("1"),), (), (turn("3"),)]


def test_equal_turns_are_kept_twice():
    memory = BufferMemory()
    remember(memory, [("a", "again"), ("a", "again")])
    assert recall(memory, "a") == (turn("again"), turn("again"))


def test_clearing_forgets_one_session_and_an_unknown_one_is_no_error():
    memory = BufferMemory()
    remember(memory, [("a", "1"), ("b", "2")])
    asyncio.run(memory.clear("a"))
    asyncio.run(memory.clear("nobody"))
    assert (recall(memory, "a"), recall(memory, "b"), len(memory)) == ((), (turn("2"),), 1)


def test_no_memory_remembers_nothing():
    memory = NoMemory()
    remember(memory, [("a", "1")])
    asyncio.run(memory.clear("a"))
    assert recall(memory, "a") == ()


@pytest.mark.parametrize("memory", [BufferMemory(), NoMemory()])
def test_both_are_memories(memory):
    assert isinstance(memory, Memory)


@pytest.mark.parametrize("bad", [{"max_turns": 0}, {"max_sessions": 0}, {"max_turns": "ten"}])
def test_a_bound_that_cannot_work_is_refused(bad):
    with pytest.raises(ConfigError, match=f"^{next(iter(bad))} "):
        BufferMemory(**bad)


def test_without_bounds_a_session_is_kept_whole_and_sessions_are_many():
    assert repr(BufferMemory()) == "BufferMemory(max_turns=None, max_sessions=10000)"


def test_an_agent_takes_no_memorys_class_for_a_memory():
    with pytest.raises(ConfigError, match=r"memory takes an instance, such as BufferMemory\(\), not the class itself"):
        BaseAgent(memory=BufferMemory)


class Choosy(BufferMemory):
    """Tells agents apart by their model."""

    def for_agent(self, config):
        return self if config.model == "good" else NoMemory()


def test_a_memory_may_show_each_agent_something_else():
    memory, llm = Choosy(), FakeLLM()
    for model in ("good", "bad", "good"):
        BaseAgent({"model": model}, provider=llm, memory=memory).run("s", question="Why?")
    assert [len(request.messages) for request in llm.journal.requests] == [1, 1, 3]


def test_turns_are_exchanged_all_or_not_at_all():
    memory = BufferMemory()
    remember(memory, [("a", "1"), ("a", "2"), ("a", "3")])
    exchanged = [asyncio.run(memory.replace("a", old, (turn("x"),))) for old in ((turn("2"),), (turn("1"), turn("2")))]
    assert (exchanged, recall(memory, "a")) == ([False, True], (turn("x"), turn("3")))


def test_of_a_session_that_nobody_knows_nothing_is_exchanged():
    memory = BufferMemory()
    assert (asyncio.run(memory.replace("a", (turn("1"),), ())), len(memory)) == (False, 0)
