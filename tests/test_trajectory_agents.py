"""Agents with tools against the fake: its script goes on with their loop, its journal knows what they called."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Reply, Signature, virtual_time
from kaizen_eval.errors import RunError
from kaizen_eval.fake import BrokenArguments, RateLimit, Template, TruncatedJson, UnknownTool
from kaizen_eval.fake.journal.trajectory import of_journal, of_steps
from kaizen_eval.memory.base import Turn
from kaizen_eval.memory.buffer import BufferMemory
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.testing import assert_not_called_before, assert_tool_not_called, assert_tools_called


class Trip(Signature):
    """Book a trip."""

    wish: str = InputField()
    answer: str = OutputField()


def search(city: str, nights: int = 1) -> list[str]:
    """Find hotels."""
    return [f"Old {city}", f"{nights} nights"]


def book(hotel: str) -> dict[str, str]:
    """Book a hotel."""
    if not hotel.startswith("Old"):
        raise ValueError("there is no such hotel")
    return {"booked": hotel}


ROME = {"name": "search", "arguments": {"city": "Rome", "nights": 2}}
OLD_ROME = {"name": "book", "arguments": {"hotel": "Old Rome"}}
NO_HOTEL = {"name": "book", "arguments": {"hotel": "Nix"}}
WRONG = {"name": "search", "arguments": {"city": 3}}
DONE = {"answer": "Done."}


def agent(fake: FakeLLM, *, tools: Any = (search, book), **settings: Any) -> BaseAgent:
    config = {"max_turns": 10, "timeout": 7200} | settings.pop("config", {})
    return BaseAgent(config, provider=fake, signature=Trip, tools=list(tools), **settings)


def scripted(*steps: Any) -> FakeLLM:
    fake = FakeLLM()
    fake.when().steps([*steps, DONE])
    return fake


def calls(made) -> list[tuple[str, Any]]:
    return [(call.tool, call.arguments or call.text) for call in made]


def test_a_result_and_the_fake_tell_the_same_trajectory():
    fake = scripted(Reply(tool_calls=[ROME]), Reply("Let me book.", tool_calls=[NO_HOTEL, OLD_ROME]))
    with virtual_time():
        result = agent(fake).run(wish="Rome")
    wanted = [("search", {"city": "Rome"}), "book", ("book", {"hotel": re.compile("^Old")})]
    for told in (result, result.steps, result["_steps"], fake, fake.journal):
        assert_tools_called(told, wanted)
        assert_not_called_before(told, "book", "search")
        assert_tool_not_called(told, ("search", {"city": "Oslo"}))
    assert_tools_called(result, ["search", ("book", {"hotel": "Old Rome"})], outcome="ok")
    assert_tools_called(result, [("book", {"hotel": "Nix"})], outcome="error")


STEP = st.one_of(
    st.lists(st.sampled_from([ROME, OLD_ROME, NO_HOTEL, WRONG]), min_size=1, max_size=3).map(
        lambda called: Reply(tool_calls=called)
    ),
    st.sampled_from([BrokenArguments(), UnknownTool()]),
)
LOST = st.sampled_from([TruncatedJson(reply=Reply(tool_calls=[OLD_ROME])), RateLimit(retry_after=1)])


@given(st.lists(STEP, max_size=4), st.lists(LOST, max_size=2))
def test_what_the_journal_says_a_model_called_is_always_what_the_run_was_asked(steps, lost):
    fake = FakeLLM()
    for fault in lost:
        fake.fail(fault).times(1)
    fake.when().steps([*steps, DONE])
    with virtual_time():
        result = agent(fake, strategy=ToolLoopStrategy(max_repeats=None)).run(wish="Rome")
    assert calls(of_steps(result.steps)) == calls(of_journal(fake.journal))
    fake.assert_attempts(len(steps) + len(lost) + 1)
    fake.assert_calls(len(steps) + 1)
    fake.assert_sessions_isolated()


def test_steps_turns_and_results_go_on_through_a_session_whose_turns_hold_tools():
    fake = FakeLLM()
    fake.when(turn=1).steps([Reply(tool_calls=[ROME]), Reply(tool_calls=[OLD_ROME]), {"answer": "one"}])
    fake.when(turn=2, tool_result="Old Rome").reply({"answer": "two"})
    fake.when(turn=2).reply(tool_calls=[ROME])
    fake.when(turn=3).reply({"answer": "three"})
    with virtual_time():
        traveller = agent(fake)
        heard = [traveller.run(wish="Rome", session_id="a")["answer"] for _ in range(3)]
    assert heard == ["one", "two", "three"]
    fake.assert_tools_called(["search", "book", "search"], session="a")
    roles = [message.role[0] for message in fake.requests[-1].messages]
    assert "".join(roles) == "suatata" + "uata" + "u"


def test_steps_begin_again_with_each_turn():
    fake = scripted(Reply(tool_calls=[ROME]))
    with virtual_time():
        traveller = agent(fake)
        for _ in range(3):
            traveller.run(wish="Rome", session_id="a")
    fake.assert_tools_called(["search"] * 3)
    fake.assert_calls(6)


def test_states_and_counts_are_those_of_the_conversation_in_a_loop():
    fake = FakeLLM()
    fake.when(state="start").reply(tool_calls=[ROME]).to("searched")
    fake.when(state="searched", nth=1).reply(tool_calls=[OLD_ROME])
    fake.when(state="searched", nth=2).reply(DONE).to("start")
    with virtual_time():
        for session in (None, "a", "b"):
            agent(fake).run(wish="Rome", session_id=session)
    fake.assert_tools_called(["search", "book"] * 3)


def test_an_answer_that_does_not_fit_is_asked_for_again_within_the_steps():
    fake = scripted(Reply(tool_calls=[ROME]))
    fake.reset()
    fake.when(tool_result="Old Rome").reply("no JSON").times(1)
    fake.when(tool_result="Old Rome").reply(DONE)
    fake.otherwise(Reply(tool_calls=[ROME]))
    with virtual_time():
        agent(fake).run(wish="Rome")
    fake.assert_tools_called(["search"])
    fake.assert_calls(3)


@given(st.integers(0, 40))
def test_without_a_script_the_fake_calls_tools_that_are_offered_and_then_answers(seed):
    fake = FakeLLM(seed=seed)
    with virtual_time():
        result = agent(fake).run(wish="Rome")
    called = {call.tool for call in of_steps(result.steps)}
    assert called
    assert called <= {"search", "book"}
    assert_tools_called(result, [], order="any", outcome="refused")
    fake.assert_calls(2)


def test_a_run_that_failed_is_still_told_by_the_fake():
    fake = FakeLLM().otherwise(Reply(tool_calls=[ROME]))
    with virtual_time(), pytest.raises(RunError):
        agent(fake, strategy=ToolLoopStrategy(max_steps=2, max_repeats=None)).run(wish="Rome")
    fake.assert_tools_called(["search"] * 3)


def desk(fake: FakeLLM, **settings: Any) -> BaseAgent:
    """An agent that has another one for a tool."""
    booker = BaseAgent({"max_turns": 10}, provider=fake, signature=Booking, tools=[book], agent_id="booker", **settings)
    return agent(fake, tools=[search, booker.as_tool(name="ask_booker")], agent_id="desk")


class Booking(Signature):
    """You book."""

    hotel: str = InputField()
    told: str = OutputField()


ASK = {"name": "ask_booker", "arguments": {"hotel": "Old Rome"}}


def of_two(**settings: Any) -> FakeLLM:
    fake = FakeLLM()
    fake.when(system="You book").steps([Reply(tool_calls=[OLD_ROME]), {"told": "Booked."}])
    fake.when(system="Book a trip").steps([Reply(tool_calls=[ROME]), Reply(tool_calls=[ASK]), DONE])
    with virtual_time():
        result = desk(fake, **settings).run(wish="Rome", session_id="a")
    assert_tools_called(result, ["search", "ask_booker"])
    return fake


def test_an_agent_that_is_a_tool_stands_in_the_trajectory_of_the_session_and_in_its_own():
    fake = of_two()
    fake.assert_tools_called(["search", "ask_booker", "book"])
    fake.assert_tools_called(["search", "ask_booker", "book"], session="a")
    fake.assert_tools_called(["search", "ask_booker"], agent="desk")
    fake.assert_tools_called(["book"], agent=re.compile("^book"))
    fake.assert_not_called_before("book", "ask_booker")
    fake.assert_tool_not_called("book", agent="desk")


def test_an_agent_that_is_a_tool_hears_the_script_from_its_own_beginning():
    fake = FakeLLM()
    fake.when(system="You book", state="start").reply({"told": "Booked."}).to("booked")
    fake.when(system="Book a trip", state="start").reply(tool_calls=[ROME]).to("searched")
    fake.when(system="Book a trip", state="searched", nth=1).reply(tool_calls=[ASK])
    fake.when(system="Book a trip", state="searched", nth=2).reply(DONE)
    with virtual_time():
        desk(fake).run(wish="Rome", session_id="a")
    fake.assert_tools_called(["search", "ask_booker"])


def test_sessions_of_agents_that_are_tools_are_isolated_as_their_parents_are():
    fake = FakeLLM()
    fake.when(system="You book").steps([Reply(tool_calls=[OLD_ROME]), Template(data={"told": "{{ tool_result }}"})])
    fake.when(system="Book a trip").steps([Reply(tool_calls=[ROME, ASK]), Reply(tool_calls=[ASK]), DONE])

    async def all_at_once(traveller):
        sessions = ["a", "b", None, "c"] * 2
        await asyncio.gather(*(traveller.run_async(session, wish=f"Rome for {session}") for session in sessions))

    with virtual_time() as clock:
        clock.run(all_at_once(desk(fake)))
    fake.assert_sessions_isolated()
    fake.assert_tools_called(["search", "ask_booker", "book", "ask_booker", "book"] * 2, session="a", order="any")


class Asking(ToolLoopStrategy):
    """Asks another agent first, in a run that is told of no session."""

    async def execute(self, signature, inputs, config):
        helper = BaseAgent(provider=config.provider, signature=Booking, tools=[book], agent_id="helper")
        await helper.run_async(hotel="Old Rome")
        return await super().execute(signature, inputs, config)


def test_a_run_inside_of_a_sessions_run_is_the_sessions_also_where_it_has_none():
    fake = FakeLLM()
    fake.when(system="You book").steps([Reply(tool_calls=[OLD_ROME]), {"told": "Booked."}])
    fake.when(system="Book a trip").steps([Reply(tool_calls=[ROME]), DONE])
    with virtual_time():
        agent(fake, strategy=Asking()).run(wish="Rome", session_id="a")
    assert [exchange.session_id for exchange in fake.exchanges] == [None, None, "a", "a"]
    fake.assert_tools_called(["book", "search"], session="a")
    fake.assert_not_called_before("search", "book")


class OneForAll(BufferMemory):
    """A memory that keeps all sessions in one."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return await super().load("all")

    async def append(self, session_id: str, turn: Turn) -> None:
        await super().append("all", turn)


def who(name: str) -> str:
    """Who it is."""
    return f"{name} lives in the {len(name)}th house"


WHO = Template(tool_calls=[{"name": "who", "arguments": {"name": "{{ match.name }}"}}])
I_AM = re.compile("I am (?P<name>[a-z]+)")


def introduced(names: list[tuple[str, str]], memory: BufferMemory) -> FakeLLM:
    fake = FakeLLM()
    fake.when(user=I_AM).steps([WHO, DONE])
    with virtual_time():
        traveller = agent(fake, tools=[who], memory=memory)
        for session, name in names:
            traveller.run(wish=f"I am {name}", session_id=session)
    return fake


NAMES = st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["ann", "bob", "eve"])), min_size=2, max_size=5)


@given(NAMES)
def test_agents_with_tools_whose_sessions_are_apart_are_never_accused(names):
    introduced(names, BufferMemory()).assert_sessions_isolated()


@given(NAMES.filter(lambda names: len({name for _, name in names[:2]}) == 2 and names[0][0] != names[1][0]))
def test_a_memory_that_mixes_the_results_of_tools_is_always_found(names):
    fake = introduced(names, OneForAll())
    with pytest.raises(AssertionError) as caught:
        fake.assert_sessions_isolated()
    session, name = names[0]
    house = who(name)
    assert f"was shown {house!r}, which session {session!r} was told by a tool in turn 1" in str(caught.value)


def test_a_tool_that_tells_of_another_session_is_believed_and_its_model_is_not():
    """What a tool says is its business; what reaches a prompt without one is the agent's."""
    secret: list[str] = []

    def recall() -> str:
        """What was said."""
        return " ".join(secret)

    fake = FakeLLM()
    fake.when().steps([Reply(tool_calls=[{"name": "recall"}]), DONE])
    with virtual_time():
        for session in ("a", "b"):
            secret.append(f"the word of {session} is blue")
            agent(fake, tools=[recall]).run(wish=f"the word of {session} is blue", session_id=session)
    fake.assert_sessions_isolated()


def test_of_an_agent_that_asked_nothing_a_failure_says_who_did():
    fake = scripted(Reply(tool_calls=[ROME]))
    agent(fake, agent_id="clerk").run(wish="Rome")
    with pytest.raises(AssertionError, match=r"by agent 'clark' \(who asked nothing; 'clerk' did\) are not as wanted"):
        fake.assert_tools_called(["search"], agent="clark")
    with pytest.raises(AssertionError, match=r"by agent 'clerk' are not as wanted"):
        fake.assert_tools_called(["book"], agent="clerk")
    with pytest.raises(AssertionError, match=r"\(who asked nothing; nobody who says a name did\)"):
        FakeLLM().assert_tools_called(["book"], agent="clerk")
